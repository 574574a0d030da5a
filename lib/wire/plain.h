/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_WIRE_PLAIN_H
#define WEFT_WIRE_PLAIN_H

#include "base/loads.h"
#include "base/mapped.h"
#include "wire/packet.h"

/*
 * The frame that nearly all frames are: Ethernet, IPv4 without options or
 * fragments, TCP with its options whole.  Such a frame's numbers lie at fixed
 * places, so what is asked of it is read from where it is, when it is asked.
 * Each answers as wire_decode does; of all other frames wire_decode is asked.
 */
enum { PLAIN_ETHERNET = 14, PLAIN_IPV4 = 20, PLAIN_TCP = 20, PLAIN_TIMESTAMPS = 12 };

static inline const uint8_t *plain_ip(const struct weft_frame *frame) {
  return frame->data + PLAIN_ETHERNET;
}

static inline const uint8_t *plain_tcp(const struct weft_frame *frame) {
  return plain_ip(frame) + PLAIN_IPV4;
}

/* Of the TCP header. */
static inline uint32_t plain_header(const struct weft_frame *frame) {
  return plain_tcp(frame)[12] >> 2 & 0x3cu;
}

/* No options, or timestamps alone as hosts lay them out (RFC 7323 appendix A). */
static inline int plain_options_usual(const struct weft_frame *frame, uint32_t header) {
  /* Without a branch; where there are no options, other bytes are read for them. */
  unsigned none = header == PLAIN_TCP, twelve = header == PLAIN_TCP + PLAIN_TIMESTAMPS;
  uint32_t first = load_u32(plain_tcp(frame) + header - PLAIN_TIMESTAMPS);
  return none | (twelve & (first == net32(0x0101080a)));
}

/* What is asked of a frame first. */
struct plain_look {
  uint32_t header, payload; /* bytes of the TCP header, and those sent behind it */
  uint8_t tcp_flags;
  /* ACK and perhaps PSH or FIN are its only flags, its options are usual, and nothing of it was
     cut off. */
  uint8_t ordinary;
};

/* 0: the frame is not one.  The others below ask that it is. */
static inline int plain_look(const struct weft_frame *frame, struct plain_look *ret) {
  const uint8_t *ip = plain_ip(frame);
  if (frame->linktype != 1 || frame->caplen < PLAIN_ETHERNET + PLAIN_IPV4 + PLAIN_TCP) return 0;
  /* EtherType 0x0800, version 4, five words of header; no fragment; protocol 6. */
  if ((load_u32(frame->data + 12) & net32(0xffffff00)) != net32(0x08004500)) return 0;
  if ((load_u32(ip + 6) & net32(0x3fff00ff)) != net32(6)) return 0;
  uint32_t total = load_be16(ip + 2), header = plain_header(frame);
  uint32_t captured = frame->caplen - PLAIN_ETHERNET;
  int32_t payload = (int32_t)(total - PLAIN_IPV4 - header);
  if (header < PLAIN_TCP || payload < 0 || PLAIN_ETHERNET + total > frame->wirelen) return 0;
  unsigned whole = captured >= total;
  if (!whole && captured < PLAIN_IPV4 + header) return 0;
  uint8_t flags = plain_tcp(frame)[13];
  ret->header = header;
  ret->payload = (uint32_t)payload;
  ret->tcp_flags = flags;
  ret->ordinary = ((flags & ~(unsigned)(WEFT_TCP_PSH | WEFT_TCP_FIN)) == WEFT_TCP_ACK) &
                  plain_options_usual(frame, header) & whole;
  return 1;
}

static inline int plain_is(const struct weft_frame *frame) {
  struct plain_look look;
  return plain_look(frame, &look);
}

static inline void plain_tuple(const struct weft_frame *frame, struct weft_tuple *ret) {
  const uint8_t *ip = plain_ip(frame), *tcp = plain_tcp(frame);
  mapped_endpoint(load_u32(ip + 12), load_be16(tcp), &ret->source);
  mapped_endpoint(load_u32(ip + 16), load_be16(tcp + 2), &ret->target);
  ret->realm = 0;
}

/* What options alone fill in of `ret`. */
static inline void plain_options(const struct weft_frame *frame, uint32_t header,
                                 struct weft_segment *ret) {
  const uint8_t *options = plain_tcp(frame) + PLAIN_TCP;
  ret->window_shift = 0;
  ret->mss = 0;
  ret->nsack = 0;
  ret->options = 0;
  ret->ts_value = ret->ts_echo = 0;
  if (header == PLAIN_TCP) return;
  if (!plain_options_usual(frame, header)) {
    tcp_options_read(options, header - PLAIN_TCP, ret);
    return;
  }
  ret->options = WEFT_TCPOPT_TIMESTAMP;
  ret->ts_value = load_be32(options + 4);
  ret->ts_echo = load_be32(options + 8);
}

/* All of `ret` but its tuple. */
static inline void plain_segment(const struct weft_frame *frame, struct weft_segment *ret) {
  const uint8_t *tcp = plain_tcp(frame);
  uint32_t header = plain_header(frame), total = load_be16(plain_ip(frame) + 2);
  uint32_t captured = frame->caplen - PLAIN_ETHERNET;
  if (captured > total) captured = total;
  ret->size = sizeof *ret;
  ret->mark = frame->mark;
  ret->payload = tcp + header;
  ret->caplen = captured - PLAIN_IPV4 - header;
  ret->wirelen = total - PLAIN_IPV4 - header;
  ret->seq = load_be32(tcp + 4);
  ret->ack = load_be32(tcp + 8);
  ret->window = load_be16(tcp + 14);
  ret->urgent = load_be16(tcp + 18);
  ret->tcp_flags = tcp[13];
  ret->frame_flags = (uint8_t)frame->flags;
  ret->checksum = WEFT_CHECKSUM_UNCHECKED;
  plain_options(frame, header, ret);
}

/* What wire_decode makes of the frame, where it is a plain one; 0 where not. */
static inline int wire_plain(const struct weft_frame *frame, struct wire_packet *ret) {
  if (!plain_is(frame)) return 0;
  plain_segment(frame, &ret->segment);
  plain_tuple(frame, &ret->segment.tuple);
  uint32_t header = plain_header(frame);
  ret->sums.ip4 = plain_ip(frame);
  ret->sums.tcp = plain_tcp(frame);
  ret->sums.tcp_wirelen = ret->segment.wirelen + header;
  ret->sums.tcp_caplen = ret->segment.caplen + header;
  return 1;
}

#endif
