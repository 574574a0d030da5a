/* SPDX-License-Identifier: BSD-2-Clause */
#include "pcap_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <weft/frame.h>

enum { BUFFER_SIZE = 4 * 1024 * 1024, ETHERNET = 14, IP = 20, TCP = 20 };

static void fail(const char *path) {
  fprintf(stderr, "generate: %s: %s\n", path, strerror(errno));
  exit(1);
}

static void flush(struct pcap_out *out) {
  for (size_t done = 0; done < out->used;) {
    ssize_t n = write(out->fd, out->buffer + done, out->used - done);
    if (n < 0) fail(out->path);
    done += (size_t)n;
  }
  out->used = 0;
}

void pcap_out_open(struct pcap_out *out, const char *path) {
  static const uint32_t header[6] = {0xa1b23c4d, 0x00040002, 0, 0, 262144, 1};
  *out = (struct pcap_out){.path = path, .bytes = sizeof header};
  out->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  out->buffer = malloc(BUFFER_SIZE);
  if (out->fd < 0 || out->buffer == NULL) fail(path);
  memcpy(out->buffer, header, sizeof header);
  out->used = sizeof header;
}

void pcap_out_close(struct pcap_out *out) {
  flush(out);
  if (close(out->fd) != 0) fail(out->path);
  free(out->buffer);
}

static void put16(uint8_t *to, uint32_t value) {
  to[0] = (uint8_t)(value >> 8);
  to[1] = (uint8_t)value;
}

static void put32(uint8_t *to, uint32_t value) {
  put16(to, value >> 16);
  put16(to + 2, value);
}

/* RFC 1071: in host order, eight bytes at a time; the carries come back in. */
static uint64_t sum_bytes(uint64_t sum, const uint8_t *bytes, size_t length) {
  for (; length >= 4; bytes += 4, length -= 4) {
    uint32_t word;
    memcpy(&word, bytes, 4);
    sum += word;
  }
  uint8_t rest[4] = {0};
  memcpy(rest, bytes, length);
  uint32_t word;
  memcpy(&word, rest, 4);
  return sum + word;
}

static void put_sum(uint8_t *to, uint64_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  uint16_t folded = (uint16_t)~sum;
  memcpy(to, &folded, 2);
}

static size_t put_options(uint8_t *to, const struct out_segment *s) {
  static const uint8_t syn[20] = {2, 4, 1460 >> 8, 1460 & 0xff, 4, 2, 8, 10, 0, 0,
                                  0, 0, 0,         0,           0, 0, 1, 3,  3, 7};
  static const uint8_t timestamps[12] = {1, 1, 8, 10};
  int opens = s->flags & WEFT_TCP_SYN;
  size_t length = opens ? sizeof syn : sizeof timestamps;
  size_t at = opens ? 8 : 4;
  memcpy(to, opens ? syn : timestamps, length);
  put32(to + at, s->ts_value);
  put32(to + at + 4, s->ts_echo);
  return length;
}

size_t out_frame_build(uint8_t frame[OUT_FRAME_MAX], const struct out_segment *s) {
  uint8_t *ip = frame + ETHERNET, *tcp = ip + IP;
  size_t header = TCP + put_options(tcp + TCP, s);
  size_t total = IP + header + s->length;
  memset(frame, 0, ETHERNET + IP + TCP);
  memcpy(frame, s->from_server ? "\2\0\0\0\0\1\2\0\0\0\0\2\10" : "\2\0\0\0\0\2\2\0\0\0\0\1\10", 13);
  ip[0] = 0x45;
  put16(ip + 2, (uint32_t)total);
  ip[6] = 0x40;
  ip[8] = 64;
  ip[9] = 6;
  put32(ip + 12, s->from_server ? s->server : s->client);
  put32(ip + 16, s->from_server ? s->client : s->server);
  put_sum(ip + 10, sum_bytes(0, ip, IP));

  put16(tcp, s->from_server ? s->server_port : s->client_port);
  put16(tcp + 2, s->from_server ? s->client_port : s->server_port);
  put32(tcp + 4, s->seq);
  if (s->flags & WEFT_TCP_ACK) put32(tcp + 8, s->ack);
  tcp[12] = (uint8_t)(header / 4 << 4);
  tcp[13] = s->flags;
  put16(tcp + 14, 0xfaf0);
  memcpy(tcp + header, s->payload ? s->payload : tcp, s->payload ? s->length : 0);
  uint8_t pseudo[4] = {0, 6};
  put16(pseudo + 2, (uint32_t)(header + s->length));
  put_sum(tcp + 16,
          sum_bytes(sum_bytes(sum_bytes(0, ip + 12, 8), pseudo, 4), tcp, header + s->length));
  return ETHERNET + total;
}

void pcap_out_write(struct pcap_out *out, int64_t time_ns, const struct out_segment *segment) {
  if (out->used + 16 + OUT_FRAME_MAX > BUFFER_SIZE) flush(out);
  uint8_t *record = out->buffer + out->used;
  size_t length = out_frame_build(record + 16, segment);
  uint32_t header[4] = {(uint32_t)(time_ns / 1000000000), (uint32_t)(time_ns % 1000000000),
                        (uint32_t)length, (uint32_t)length};
  memcpy(record, header, sizeof header);
  out->used += 16 + length;
  out->bytes += 16 + length;
}
