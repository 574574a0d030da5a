/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

#define HEADER_WORDS(header) (load_be32(header) >> 19 & 31)
#define IS_NATIVE 0x100 /* 802.11 as it was in the air, else Ethernet */
#define IS_FRAGMENT 0x080
#define KEEP_ALIVE 0x008

/* CAPWAP data, RFC 5415 section 4.3: version and type (0: a header follows, 1: DTLS), length in 4
   bytes, radio, binding, flags; fragment; what the flags say, within the length. */
int walk_capwap(struct walk *walk) {
  int missing = walk_have(walk, 8);
  if (missing) return missing;
  uint32_t first = load_be32(walk->at), size = HEADER_WORDS(walk->at) * 4;
  if (first >> 24 != 0 || size < 8 || first & (IS_FRAGMENT | KEEP_ALIVE))
    return walk_end(WEFT_IS_OTHER);
  if ((missing = walk_have(walk, size)) != 0) return missing;
  walk_skip(walk, size);
  return first & IS_NATIVE ? WALK_WLAN : WALK_ETHERNET;
}
