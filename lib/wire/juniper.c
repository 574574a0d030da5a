/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

#define MAGIC 0x4d4743
#define NO_LINK_LAYER 0x02
#define HAS_EXTENSION 0x80

/* Junos: magic, flags, an extension with its length before it; then the link layer, or without one
   four bytes and IP. */
static int juniper_header(struct walk *walk, int link) {
  int missing = walk_need(walk, 4);
  if (missing) return missing;
  uint32_t size = 4;
  uint8_t flags = walk->at[3];
  if (load_be32(walk->at) >> 8 != MAGIC) return walk_end(WEFT_IS_MALFORMED);
  if (flags & HAS_EXTENSION) {
    if ((missing = walk_need(walk, 6)) != 0) return missing;
    size += 2u + load_be16(walk->at + 4);
  }
  if (flags & NO_LINK_LAYER) size += 4;
  if ((missing = walk_need(walk, size)) != 0) return missing;
  walk_skip(walk, size);
  return flags & NO_LINK_LAYER ? WALK_IP : link;
}

int walk_juniper_ether(struct walk *walk) { return juniper_header(walk, WALK_ETHERNET); }

int walk_juniper_ppp(struct walk *walk) { return juniper_header(walk, WALK_PPP); }

int walk_juniper_chdlc(struct walk *walk) { return juniper_header(walk, WALK_CISCO_HDLC); }

int walk_juniper_frelay(struct walk *walk) { return juniper_header(walk, WALK_FRAME_RELAY); }
