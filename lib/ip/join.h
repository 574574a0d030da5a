/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_IP_JOIN_H
#define WEFT_IP_JOIN_H

#include "base/mem.h"
#include "ip/parts.h"
#include "wire/packet.h"

/*
 * A datagram out of its fragments, which cover all of it and may overlap.  They lie
 * on a grid of 8 bytes, so who wins is decided for each of the 8192 units; only
 * a datagram's end may lie within one.
 *
 *   arrived        A-----------|                     by policy "last":  AABBBBCC
 *                      B---------------|             by policy "first": AAAABBCC
 *                                      C-------|
 */

/* A fragment that waits for the others, with a copy of its bytes. */
struct held_fragment {
  struct held_fragment *next; /* that arrived after it */
  uint32_t start, end;        /* in the datagram, as sent; start < end, a multiple of 8 but for
                                 the datagram's end */
  uint32_t caplen;            /* of these, captured; the first ones */
  uint32_t nparts;            /* at least 1: the first begins with the bytes */
  struct parts_entry parts[]; /* and behind them the bytes */
};

/* What is kept of a fragment's payload, its first end - start bytes.  `inside` says of
   a fragment that lies in the datagram last joined which frames brought that; others
   came in one.  NULL without memory. */
struct held_fragment *held_fragment_new(struct mem *, const struct wire_fragment *,
                                        const struct parts *inside, uint32_t start, uint32_t end);
void held_fragment_free(struct mem *, struct held_fragment *);

/* The memory that it takes, and that one made with the same arguments would. */
size_t held_fragment_size(const struct held_fragment *);
size_t held_fragment_need(const struct wire_fragment *, const struct parts *inside, uint32_t start,
                          uint32_t end);

enum { DATAGRAM_BYTES_MAX = 65535, DATAGRAM_UNITS_MAX = 8192 };

/* Where datagrams are joined, one at a time. */
struct join {
  struct parts parts; /* of the datagram joined last */
  uint8_t bytes[DATAGRAM_BYTES_MAX];
  const struct held_fragment *owner[DATAGRAM_UNITS_MAX];
  /* One for each run of units, unless datagrams within datagrams were cut up as
     finely: then the last frames share the mark of the one before them. */
  struct parts_entry part[DATAGRAM_UNITS_MAX];
};

/* Puts `length` bytes together out of a list in the order of arrival; `policy`
   (enum weft_fragment_policy) decides overlaps.  Returns how many are there in front of
   the first that was not captured. */
uint32_t join_fragments(struct join *, const struct held_fragment *first, uint32_t length,
                        unsigned policy);

#endif
