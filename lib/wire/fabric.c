/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/*
 * Ethernet within Ethernet, as switches carry it to one another.
 */

/* IEEE 802.1ah: service tag. */
int walk_backbone(struct walk *walk) { return walk_past(walk, 4, WALK_ETHERNET); }

/* Cisco: tree (10 bits) and time to live (6). */
int walk_fabricpath(struct walk *walk) { return walk_past(walk, 2, WALK_ETHERNET); }

/* RFC 6325 section 3: version (2 bits), reserved (2), multicast, options in 4 bytes (5), hops (6);
   nicknames of egress and ingress. */
int walk_trill(struct walk *walk) {
  int missing = walk_need(walk, 6);
  if (missing) return missing;
  if (walk->at[0] >> 6 != 0) return walk_end(WEFT_IS_OTHER);
  return walk_past(walk, 6 + (load_be16(walk->at) >> 6 & 31) * 4u, WALK_ETHERNET);
}

/* Cisco: version, length in 4 bytes, that many with a security group; then a type. */
int walk_metadata(struct walk *walk) {
  int missing = walk_need(walk, 2);
  if (missing) return missing;
  uint32_t size = 2 + walk->at[1] * 4u;
  if ((missing = walk_need(walk, size + 2)) != 0) return missing;
  uint16_t type = load_be16(walk->at + size);
  walk_skip(walk, size + 2);
  return walk_ethertype(type);
}
