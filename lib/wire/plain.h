/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_WIRE_PLAIN_H
#define WEFT_WIRE_PLAIN_H

#include "base/loads.h"
#include "wire/packet.h"

/*
 * The frame that nearly all frames are, taken apart in one go: Ethernet, IPv4
 * without options, whole, TCP with no options or with timestamps alone as hosts
 * lay them out (RFC 7323 appendix A).  Answers as wire_decode does for these,
 * and 0 for all others, which wire_decode is then asked about.
 */
static inline int wire_plain(const struct weft_frame *frame, struct wire_packet *ret) {
  enum { ETHERNET = 14, IPV4 = 20, TCP = 20, TIMESTAMPS = 12 };
  const uint8_t *ip = frame->data + ETHERNET, *tcp = ip + IPV4;
  if (frame->linktype != 1 || frame->caplen < ETHERNET + IPV4 + TCP) return 0;
  /* EtherType 0x0800, version 4, five words of header. */
  if (load_be16(frame->data + 12) != 0x0800 || ip[0] != 0x45 || ip[9] != 6) return 0;
  if (load_be16(ip + 6) & 0x3fff) return 0;
  uint32_t total = load_be16(ip + 2), header = (uint32_t)(tcp[12] >> 4) * 4;
  if (header != TCP && header != TCP + TIMESTAMPS) return 0;
  if (total < IPV4 + header || ETHERNET + total > frame->wirelen) return 0;
  if (ETHERNET + IPV4 + header > frame->caplen) return 0;
  struct weft_segment *s = &ret->segment;
  s->options = 0;
  s->ts_value = s->ts_echo = 0;
  if (header != TCP) {
    if (load_be32(tcp + TCP) != 0x0101080a) return 0;
    s->options = WEFT_TCPOPT_TIMESTAMP;
    s->ts_value = load_be32(tcp + TCP + 4);
    s->ts_echo = load_be32(tcp + TCP + 8);
  }
  uint32_t captured = frame->caplen - ETHERNET;
  if (captured > total) captured = total;
  s->size = sizeof *s;
  static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  memcpy(s->tuple.source.address, mapped, sizeof mapped);
  memcpy(s->tuple.source.address + 12, ip + 12, 4);
  memcpy(s->tuple.target.address, mapped, sizeof mapped);
  memcpy(s->tuple.target.address + 12, ip + 16, 4);
  s->tuple.source.port = load_be16(tcp);
  s->tuple.target.port = load_be16(tcp + 2);
  s->tuple.source.reserved = s->tuple.target.reserved = 0;
  s->tuple.realm = 0;
  s->mark = frame->mark;
  s->payload = tcp + header;
  s->caplen = captured - IPV4 - header;
  s->wirelen = total - IPV4 - header;
  s->seq = load_be32(tcp + 4);
  s->ack = load_be32(tcp + 8);
  s->window = load_be16(tcp + 14);
  s->urgent = load_be16(tcp + 18);
  s->tcp_flags = tcp[13];
  s->frame_flags = (uint8_t)frame->flags;
  s->window_shift = 0;
  s->checksum = WEFT_CHECKSUM_UNCHECKED;
  s->mss = 0;
  s->nsack = 0;
  ret->sums.ip4 = ip;
  ret->sums.tcp = tcp;
  ret->sums.tcp_wirelen = total - IPV4;
  ret->sums.tcp_caplen = captured - IPV4;
  return 1;
}

#endif
