/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_WIRE_PACKET_H
#define WEFT_WIRE_PACKET_H

#include <weft/frame.h>

/*
 * A frame taken apart as far as one frame alone allows.  wire_decode answers a
 * verdict (enum weft_verdict):
 *
 *   WEFT_IS_SEGMENT    `segment` is complete
 *   WEFT_IS_FRAGMENT   `fragment` is: hand it to ip/defrag.h, and what comes out
 *                      of that to wire_decode_datagram
 *   others             nothing is
 *
 * All pointers point into the frame (or datagram) and live as long as it.
 */

/* One IP fragment (RFC 791 section 3.2, RFC 8200 section 4.5), or a datagram put
   together from several: then `offset` and `more` are 0. */
struct wire_fragment {
  uint8_t source[16], target[16]; /* v4-mapped for IPv4 */
  uint32_t realm;
  uint32_t id;
  uint8_t version;  /* 4 or 6 */
  uint8_t protocol; /* what the datagram carries; IPv6: next header of the fragment header */
  uint8_t more;     /* the M flag */
  uint8_t frame_flags;
  uint32_t offset;  /* bytes; a multiple of 8 */
  uint32_t wirelen; /* bytes of the datagram that this fragment carries */
  uint32_t caplen;  /* of these, captured; the first ones */
  const uint8_t *payload;
  struct weft_mark mark;
};

/* Where the checksums are that wire_checksum verifies. */
struct wire_sums {
  const uint8_t *ip4; /* innermost IPv4 header, all of it captured; NULL: IPv6, or a datagram */
  const uint8_t *tcp; /* TCP header; NULL for a fragment */
  uint32_t tcp_wirelen, tcp_caplen; /* TCP header and payload */
};

struct wire_packet {
  union {
    struct weft_segment segment;
    struct wire_fragment fragment;
  };
  struct wire_sums sums;
};

/* Pure: no state, no allocation, any thread.  `ret` means something only after the
   verdicts WEFT_IS_SEGMENT and WEFT_IS_FRAGMENT.  Of segment.sack only the
   first 2 * nsack elements are written. */
int wire_decode(const struct weft_frame *, struct wire_packet *ret);

/* A whole datagram's payload, as ip/defrag.h puts it together: `whole` gives the
   addresses, realm, version and protocol; `payload`, `caplen`, `wirelen` and
   `mark` are the datagram's.  The same verdicts: a fragmented tunnel may carry
   a fragment, which goes to ip/defrag.h in its turn.  That ends, since each
   turn takes a header away. */
int wire_decode_datagram(const struct wire_fragment *whole, struct wire_packet *ret);

/* The checksums of what wire_decode or wire_decode_datagram made: for a segment
   what weft_frame_checksum says, for a fragment that of its IPv4 header. */
int wire_checksum(const struct wire_packet *);

/* Reads TCP options from `length` captured bytes into a segment that has none so far.  One that
   is malformed, or cut off, ends the reading: those before it count. */
void tcp_options_read(const uint8_t *options, uint32_t length, struct weft_segment *ret);

/* What weft_frame_shard says of a frame with a segment of these addresses. */
uint32_t wire_shard(const struct weft_tuple *);

#endif
