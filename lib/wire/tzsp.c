/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

#define TAG_PADDING 0
#define TAG_END 1

static int encapsulated(uint16_t protocol) {
  switch (protocol) {
  case 1: return WALK_ETHERNET;
  case 18: return WALK_WLAN;
  case 119: return WALK_PRISM;
  case 127: return WALK_AVS;
  default: return walk_end(WEFT_IS_OTHER);
  }
}

/* TaZmen Sniffer Protocol: version 1, type (0: received, 1: to be sent), what is
   within; then tags, of which only padding and the end have no length. */
int walk_tzsp(struct walk *walk) {
  int missing = walk_have(walk, 5);
  if (missing) return missing;
  uint16_t protocol = load_be16(walk->at + 2);
  if (walk->at[0] != 1 || walk->at[1] > 1) return walk_end(WEFT_IS_OTHER);
  walk_skip(walk, 4);
  for (;;) {
    if ((missing = walk_need(walk, 1)) != 0) return missing;
    uint8_t tag = walk->at[0];
    uint32_t size = 1;
    if (tag > TAG_END) {
      if ((missing = walk_need(walk, 2)) != 0) return missing;
      size = 2u + walk->at[1];
    }
    if ((missing = walk_need(walk, size)) != 0) return missing;
    walk_skip(walk, size);
    if (tag == TAG_END) return encapsulated(protocol);
  }
}
