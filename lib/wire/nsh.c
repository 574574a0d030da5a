/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/* VXLAN-GPE's numbers are the same (RFC 8300 section 2.2). */
int walk_nsh_protocol(uint8_t protocol) {
  switch (protocol) {
  case 1: return WALK_IPV4;
  case 2: return WALK_IPV6;
  case 3: return WALK_ETHERNET;
  case 4: return WALK_NSH;
  case 5: return WALK_MPLS;
  default: return walk_end(WEFT_IS_OTHER);
  }
}

/* RFC 8300 section 2.2: version (2 bits), O, unassigned, time to live (6), length in 4 bytes (6);
   metadata type; next protocol; service path.  A path leads one way, so it is no realm. */
int walk_nsh(struct walk *walk) {
  int missing = walk_need(walk, 8);
  if (missing) return missing;
  uint8_t protocol = walk->at[3];
  uint32_t size = (load_be16(walk->at) & 0x3f) * 4u;
  if (walk->at[0] >> 6 != 0) return walk_end(WEFT_IS_OTHER);
  if (size < 8) return walk_end(WEFT_IS_MALFORMED);
  if ((missing = walk_need(walk, size)) != 0) return missing;
  walk_skip(walk, size);
  return walk_nsh_protocol(protocol);
}
