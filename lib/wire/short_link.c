/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/*
 * Link types that put a header of one length in front of a layer read elsewhere
 * (https://www.tcpdump.org/linktypes.html).
 */

/* Whether it was received or sent, then what the name says. */
int walk_ppp_direction(struct walk *walk) { return walk_past(walk, 1, WALK_PPP); }
int walk_chdlc_direction(struct walk *walk) { return walk_past(walk, 1, WALK_CISCO_HDLC); }
int walk_frelay_direction(struct walk *walk) { return walk_past(walk, 1, WALK_FRAME_RELAY); }

/* Direction, then the 15 bytes that a compressing driver works on. */
int walk_slip(struct walk *walk) { return walk_past(walk, 16, WALK_IP); }

/* RFC 2625 section 3.3: target and source, 8 bytes each. */
int walk_ip_fc(struct walk *walk) { return walk_past(walk, 16, WALK_SNAP); }

/* A header of `size` bytes with an Ethernet type at `at`. */
static int header_typed(struct walk *walk, uint32_t size, uint32_t at) {
  int missing = walk_need(walk, size);
  if (missing) return missing;
  uint16_t type = load_be16(walk->at + at);
  walk_skip(walk, size);
  return walk_ethertype(type);
}

/* Apple's IP over IEEE 1394: target and source, 8 bytes each. */
int walk_ip_1394(struct walk *walk) { return header_typed(walk, 18, 16); }

/* InfiniBand: target and source, 20 bytes each, and RFC 4391 section 6: the type, 2 bytes
   reserved. */
int walk_ipoib(struct walk *walk) { return header_typed(walk, 44, 40); }

#define SUNATM_LANE 1
#define SUNATM_LLC 2

/* What the circuit carries in the low half of the first byte, circuit (3); LAN
   emulation puts its client's number (2) before the Ethernet frame. */
int walk_sunatm(struct walk *walk) {
  int missing = walk_need(walk, 4);
  if (missing) return missing;
  unsigned kind = walk->at[0] & 15u;
  if (kind == SUNATM_LANE) return walk_past(walk, 6, WALK_ETHERNET);
  walk_skip(walk, 4);
  return kind == SUNATM_LLC ? WALK_SNAP : walk_end(WEFT_IS_OTHER);
}

/* Hilscher netANALYZER: its own header; "transparent" also the preamble. */
int walk_netanalyzer(struct walk *walk) { return walk_past(walk, 4, WALK_ETHERNET); }
int walk_netanalyzer_raw(struct walk *walk) { return walk_past(walk, 12, WALK_ETHERNET); }

#define SMD_EXPRESS 0xd5 /* IEEE 802.3br: a whole frame follows, not the part of one */

/* Ethernet from its preamble (7 bytes and a delimiter) on. */
int walk_mpacket(struct walk *walk) {
  int missing = walk_need(walk, 8);
  if (missing) return missing;
  uint8_t delimiter = walk->at[7];
  walk_skip(walk, 8);
  return delimiter == SMD_EXPRESS ? WALK_ETHERNET : walk_end(WEFT_IS_OTHER);
}
