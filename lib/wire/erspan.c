/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/*
 * Mirrored Ethernet in GRE (draft-foschiano-erspan section 4).  Type II, version 1: version and
 * VLAN (2 bytes), session (2), index (4).  Type III, version 2: the same, a time
 * stamp (4), a group tag (2), and
 *
 *     P |frame type (5)| hardware (6) | direction | granularity (2) | O
 *
 * of which O announces 8 more bytes.  Each direction may be mirrored in a session of
 * its own, so the session is no realm.
 */
#define FRAME_TYPE(word) ((word) >> 10 & 31)
#define FRAME_IS_ETHERNET 0
#define FRAME_IS_IP 2
#define HAS_SUBHEADER 1

static int erspan3(struct walk *walk) {
  int missing = walk_need(walk, 12);
  if (missing) return missing;
  uint16_t word = load_be16(walk->at + 10);
  uint32_t size = word & HAS_SUBHEADER ? 20 : 12;
  if ((missing = walk_need(walk, size)) != 0) return missing;
  walk_skip(walk, size);
  switch (FRAME_TYPE(word)) {
  case FRAME_IS_ETHERNET: return WALK_ETHERNET;
  case FRAME_IS_IP: return WALK_IP;
  default: return walk_end(WEFT_IS_OTHER);
  }
}

int walk_erspan(struct walk *walk) {
  int missing = walk_need(walk, 8);
  if (missing) return missing;
  switch (walk->at[0] >> 4) {
  case 1: walk_skip(walk, 8); return WALK_ETHERNET;
  case 2: return erspan3(walk);
  default: return walk_end(WEFT_IS_OTHER);
  }
}
