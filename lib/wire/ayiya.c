/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/* draft-massar-v6ops-ayiya section 4: sizes of identity (power of two) and signature (in 4
   bytes), methods, operation (1: forward), next header, time (4), identity,
   signature. */
int walk_ayiya(struct walk *walk) {
  int missing = walk_have(walk, 8);
  if (missing) return missing;
  const uint8_t *header = walk->at;
  uint8_t next = header[3];
  uint32_t size = 8 + (1u << (header[0] >> 4)) + (header[1] >> 4) * 4u;
  if ((header[2] & 15) != 1 || (next != 4 && next != 41)) return walk_end(WEFT_IS_OTHER);
  if ((missing = walk_have(walk, size)) != 0) return missing;
  walk_skip(walk, size);
  return next == 4 ? WALK_IPV4 : WALK_IPV6;
}
