/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

#define BOTTOM_OF_STACK 0x100

/* Ethernet, with a control word or without. */
static int pseudowire(struct walk *walk, uint8_t first_digit) {
  int bare = walk_looks_ethernet(walk, 0);
  if (bare) return bare < 0 ? bare : WALK_ETHERNET;
  if (first_digit != 0) return walk_end(WEFT_IS_OTHER);
  return walk_past(walk, 4, WALK_ETHERNET);
}

/* RFC 3032 section 2.1: labels of 4 bytes, the last one marked.  Nothing says what follows;
   IP shows by its version, and a pseudowire's control word begins with four
   zero bits so as not to look like it (RFC 4385 section 3).  The labels are no
   realm: the two directions of a connection have different ones. */
int walk_mpls(struct walk *walk) {
  uint32_t label;
  do {
    int missing = walk_need(walk, 4);
    if (missing) return missing;
    label = load_be32(walk->at);
    walk_skip(walk, 4);
  } while (!(label & BOTTOM_OF_STACK));
  int missing = walk_need(walk, 1);
  if (missing) return missing;
  uint8_t version = walk->at[0] >> 4;
  if (version == 4 || version == 6) return version == 4 ? WALK_IPV4 : WALK_IPV6;
  return pseudowire(walk, version);
}
