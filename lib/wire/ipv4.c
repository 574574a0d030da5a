/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

#define MORE_FRAGMENTS 0x2000
#define FRAGMENT_OFFSET 0x1fff

static int ipv4_fragment(struct walk *walk, const uint8_t *header, uint16_t position) {
  uint8_t protocol = header[9];
  if (walk_protocol(walk, protocol) < 0)
    return walk_end(WEFT_IS_OTHER); /* whole or not, it leads to no TCP */
  return walk_fragment(walk, protocol, load_be16(header + 4), (position & FRAGMENT_OFFSET) * 8u,
                       position & MORE_FRAGMENTS);
}

/* RFC 791 section 3.1. */
int walk_ipv4(struct walk *walk) {
  int missing = walk_need(walk, 20);
  if (missing) return missing;
  const uint8_t *header = walk->at;
  uint32_t size = (header[0] & 15) * 4u, total = load_be16(header + 2);
  if (header[0] >> 4 != 4 || size < 20) return walk_end(WEFT_IS_MALFORMED);
  /* 0: sent in one piece to a card that cuts it up and writes the lengths. */
  if (total != 0) {
    if (total < size) return walk_end(WEFT_IS_MALFORMED);
    walk_limit(walk, total);
  } else if (walk->wirelen > WALK_OFFLOAD_MAX) {
    walk_limit(walk, WALK_OFFLOAD_MAX);
  }
  if ((missing = walk_need(walk, size)) != 0) return missing;
  walk_skip(walk, size);
  walk->version = 4;
  walk->sums->ip4 = header;
  walk->source = header + 12;
  walk->target = header + 16;
  uint16_t position = load_be16(header + 6) & (MORE_FRAGMENTS | FRAGMENT_OFFSET);
  if (position != 0) return ipv4_fragment(walk, header, position);
  return header[9] == walk->straight_protocol ? walk_tcp(walk) : walk_protocol(walk, header[9]);
}
