/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/* No-operation twice, then a timestamp: what nearly every segment of an
   established connection carries (RFC 7323 appendix A). */
#define NOP_NOP_TIMESTAMP 0x0101080au

static void endpoint_store(struct weft_endpoint *ret, const uint8_t *address, int version,
                           uint16_t port) {
  walk_address_store(ret->address, address, version);
  ret->port = port;
  ret->reserved = 0;
}

static void options_read(const uint8_t *options, uint32_t length, struct weft_segment *ret) {
  ret->window_shift = 0;
  ret->mss = 0;
  ret->options = 0;
  ret->nsack = 0;
  ret->ts_value = ret->ts_echo = 0;
  if (length == 0) return;
  if (length == 12 && load_be32(options) == NOP_NOP_TIMESTAMP) {
    ret->options = WEFT_TCPOPT_TIMESTAMP;
    ret->ts_value = load_be32(options + 4);
    ret->ts_echo = load_be32(options + 8);
    return;
  }
  tcp_options_read(options, length, ret);
}

/* The ports, both numbers, the header's length and the flags; and all that is
   always there. */
enum { TCP_NEEDED = 14, TCP_FIXED = 20 };

/* Behind the flags what was cut off can be done without: the window is then the
   largest, nothing is urgent.  IPv6 on Ethernet with a snapshot length of 68
   leaves just the flags. */
static __attribute__((noinline)) int tcp_cut(struct walk *walk) {
  uint8_t header[TCP_FIXED];
  if (walk->caplen < TCP_NEEDED || walk->wirelen < TCP_FIXED) return walk_need(walk, TCP_FIXED);
  memset(header + 14, 0xff, 2);
  memset(header + 16, 0, 4);
  memcpy(header, walk->at, walk->caplen < 16 ? TCP_NEEDED : walk->caplen);
  struct walk filled = *walk;
  filled.at = header;
  filled.caplen = TCP_FIXED;
  int verdict = walk_tcp(&filled);
  if (verdict != walk_end(WEFT_IS_SEGMENT)) return verdict;
  walk->segment->payload = walk->at + walk->caplen;
  walk->sums->tcp = walk->at;
  walk->sums->tcp_caplen = walk->caplen;
  return verdict;
}

/* RFC 9293 section 3.1.  Options and payload may be cut off. */
int walk_tcp(struct walk *walk) {
  if (walk->caplen < TCP_FIXED) return tcp_cut(walk);
  const uint8_t *header = walk->at;
  uint32_t caplen = walk->caplen, wirelen = walk->wirelen;
  uint32_t size = (header[12] >> 4) * 4u;
  if (size < TCP_FIXED || size > wirelen) return walk_end(WEFT_IS_MALFORMED);
  uint32_t present = size < caplen ? size : caplen;
  struct weft_segment *ret = walk->segment;
  ret->size = sizeof *ret;
  endpoint_store(&ret->tuple.source, walk->source, walk->version, load_be16(header));
  endpoint_store(&ret->tuple.target, walk->target, walk->version, load_be16(header + 2));
  ret->tuple.realm = walk->realm;
  ret->mark = *walk->mark;
  ret->payload = header + present;
  ret->caplen = caplen - present;
  ret->wirelen = wirelen - size;
  ret->seq = load_be32(header + 4);
  ret->ack = load_be32(header + 8);
  ret->window = load_be16(header + 14);
  ret->urgent = load_be16(header + 18);
  ret->tcp_flags = header[13];
  ret->frame_flags = walk->frame_flags;
  ret->checksum = WEFT_CHECKSUM_UNCHECKED;
  struct wire_sums *sums = walk->sums;
  sums->tcp = header;
  sums->tcp_caplen = caplen;
  sums->tcp_wirelen = wirelen;
  options_read(header + TCP_FIXED, present - TCP_FIXED, ret);
  return walk_end(WEFT_IS_SEGMENT);
}
