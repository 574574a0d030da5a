/* SPDX-License-Identifier: BSD-2-Clause */
#include "frames.h"

#include <assert.h>
#include <string.h>

struct writer {
  uint8_t *at;
};

static void put8(struct writer *w, unsigned v) { *w->at++ = (uint8_t)v; }

static void put16(struct writer *w, unsigned v) {
  put8(w, v >> 8);
  put8(w, v);
}

static void put32(struct writer *w, uint32_t v) {
  put16(w, v >> 16);
  put16(w, v & 0xffff);
}

static void put_bytes(struct writer *w, const void *data, size_t length) {
  if (length) memcpy(w->at, data, length);
  w->at += length;
}

static void set16(uint8_t *at, unsigned v) {
  at[0] = (uint8_t)(v >> 8);
  at[1] = (uint8_t)v;
}

uint32_t test_checksum_add(uint32_t sum, const uint8_t *data, size_t length) {
  for (size_t i = 0; i < length; i++) {
    sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
    if (sum >> 31) sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

uint16_t test_checksum_end(uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

static int is_v4(const struct weft_endpoint *e) {
  static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
  return memcmp(e->address, mapped, sizeof mapped) == 0;
}

/* RFC 9293 section 3.2; each option padded to a whole number of words. */
static void put_options(struct writer *w, const struct weft_segment *s) {
  if (s->options & WEFT_TCPOPT_MSS) put32(w, 0x02040000u | s->mss);
  if (s->options & WEFT_TCPOPT_WSCALE) put32(w, 0x01030300u | s->window_shift);
  if (s->options & WEFT_TCPOPT_SACK_PERMITTED) put32(w, 0x01010402u);
  if (s->options & WEFT_TCPOPT_TIMESTAMP) {
    put32(w, 0x0101080au);
    put32(w, s->ts_value);
    put32(w, s->ts_echo);
  }
  if (s->options & WEFT_TCPOPT_SACK) {
    put32(w, 0x01010500u | (2u + 8u * s->nsack));
    for (unsigned i = 0; i < 2u * s->nsack; i++) put32(w, s->sack[i]);
  }
  if (s->options & WEFT_TCPOPT_MD5) {
    put32(w, 0x01011312u);
    put_bytes(w, "0123456789abcdef", 16);
  }
}

static void put_tcp(struct writer *w, const struct weft_segment *s) {
  uint8_t *start = w->at;
  put16(w, s->tuple.source.port);
  put16(w, s->tuple.target.port);
  put32(w, s->seq);
  put32(w, s->ack);
  put16(w, s->tcp_flags);
  put16(w, s->window);
  put16(w, 0);
  put16(w, s->urgent);
  put_options(w, s);
  assert(w->at - start <= 60);
  start[12] = (uint8_t)((w->at - start) / 4 << 4);
  put_bytes(w, s->payload, s->caplen);
}

static uint32_t pseudo_sum(const struct weft_segment *s, uint32_t length) {
  size_t skip = is_v4(&s->tuple.source) ? 12 : 0;
  uint8_t tail[4] = {(uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length, 6};
  uint32_t sum = test_checksum_add(0, s->tuple.source.address + skip, 16 - skip);
  sum = test_checksum_add(sum, s->tuple.target.address + skip, 16 - skip);
  /* Length and protocol, each as a 16-bit number at the end of its field. */
  sum += tail[0];
  return sum + ((uint32_t)tail[1] << 8 | tail[2]) + tail[3];
}

static void put_ip(struct writer *w, const struct weft_segment *s, size_t tcp_length) {
  uint8_t *start = w->at;
  if (!is_v4(&s->tuple.source)) {
    put32(w, 0x60000000u);
    put16(w, (unsigned)tcp_length);
    put16(w, 6u << 8 | 64);
    put_bytes(w, s->tuple.source.address, 16);
    put_bytes(w, s->tuple.target.address, 16);
    return;
  }
  put16(w, 0x4500);
  put16(w, (unsigned)tcp_length + 20);
  put32(w, 0x00014000u);
  put32(w, 0x40060000u);
  put_bytes(w, s->tuple.source.address + 12, 4);
  put_bytes(w, s->tuple.target.address + 12, 4);
  set16(start + 10, test_checksum_end(test_checksum_add(0, start, 20)));
}

static void put_ethernet(struct writer *w, const struct weft_segment *s) {
  put_bytes(w, "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01", 12);
  put16(w, is_v4(&s->tuple.source) ? 0x0800 : 0x86dd);
}

struct weft_frame test_frame(const struct weft_segment *s, uint16_t linktype,
                             uint8_t buffer[TEST_FRAME_MAX]) {
  uint8_t tcp[TEST_FRAME_MAX];
  struct writer t = {tcp};
  assert(s->caplen <= 65000 && s->wirelen >= s->caplen);
  put_tcp(&t, s);
  size_t length = (size_t)(t.at - tcp), missing = s->wirelen - s->caplen;
  uint32_t sum = pseudo_sum(s, (uint32_t)(length + missing));
  set16(tcp + 16, test_checksum_end(test_checksum_add(sum, tcp, length)));
  if (s->checksum == WEFT_CHECKSUM_BAD) tcp[16] ^= 0x40;

  struct writer w = {buffer};
  if (linktype == TEST_LINK_ETHERNET) put_ethernet(&w, s);
  put_ip(&w, s, length + missing);
  put_bytes(&w, tcp, length);
  uint32_t caplen = (uint32_t)(w.at - buffer);
  return (struct weft_frame){.data = buffer,
                             .caplen = caplen,
                             .wirelen = caplen + (uint32_t)missing,
                             .mark = s->mark,
                             .linktype = linktype,
                             .flags = s->frame_flags};
}
