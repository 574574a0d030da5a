/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/* RFC 1661 section 2, and in HDLC-like framing ff 03 before it (RFC 1662
   section 3.1).  A protocol whose first byte is odd has only that one. */
int walk_ppp(struct walk *walk) {
  int missing = walk_need(walk, 2);
  if (missing) return missing;
  if (load_be16(walk->at) == 0xff03) walk_skip(walk, 2);
  if ((missing = walk_need(walk, 2)) != 0) return missing;
  int compressed = walk->at[0] & 1;
  uint16_t protocol = compressed ? walk->at[0] : load_be16(walk->at);
  walk_skip(walk, compressed ? 1 : 2);
  switch (protocol) {
  case 0x21: return WALK_IPV4;
  case 0x57: return WALK_IPV6;
  case 0x0281: return WALK_MPLS;
  default: return walk_end(WEFT_IS_OTHER);
  }
}

/* A serial line: PPP, or the Cisco HDLC that its driver speaks as well, known by
   its address: one station's or everybody's. */
int walk_ppp_hdlc(struct walk *walk) {
  int missing = walk_need(walk, 2);
  if (missing) return missing;
  uint16_t begin = load_be16(walk->at);
  return begin == 0x0f00 || begin == 0x8f00 ? WALK_CISCO_HDLC : WALK_PPP;
}

/* RFC 2516 section 4: version and type (both 1), code (0: a session's data),
   session, length of what follows. */
int walk_pppoe(struct walk *walk) {
  int missing = walk_need(walk, 6);
  if (missing) return missing;
  const uint8_t *header = walk->at;
  uint32_t length = load_be16(header + 4);
  if (header[0] != 0x11) return walk_end(WEFT_IS_MALFORMED);
  if (header[1] != 0) return walk_end(WEFT_IS_OTHER);
  walk_skip(walk, 6);
  walk_limit(walk, length);
  return WALK_PPP;
}
