/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

#define AUTHENTICATION 0x0001
#define ORIGIN 0x0000

/* RFC 4380 section 5.1.1: authentication (its two lengths, contents, 8 bytes and 1), then
   the origin (6), each announced by its type and each only maybe there; then IPv6. */
int walk_teredo(struct walk *walk) {
  int missing = walk_have(walk, 4);
  if (missing) return missing;
  if (load_be16(walk->at) == AUTHENTICATION) {
    uint32_t size = 4u + walk->at[2] + walk->at[3] + 9;
    if ((missing = walk_have(walk, size)) != 0) return missing;
    walk_skip(walk, size);
    if ((missing = walk_have(walk, 2)) != 0) return missing;
  }
  if (load_be16(walk->at) == ORIGIN) {
    if ((missing = walk_have(walk, 8)) != 0) return missing;
    walk_skip(walk, 8);
  }
  if ((missing = walk_have(walk, 40)) != 0) return missing;
  return walk->at[0] >> 4 == 6 ? WALK_IPV6 : walk_end(WEFT_IS_OTHER);
}
