/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/*
 * Link layers that are seldom met today.
 */

/* Frame Relay, RFC 2427 section 4: address (2 bytes, the last bit of the second set), control, NLPID;
   some routers put an Ethernet type after the address instead. */
int walk_frame_relay(struct walk *walk) {
  int missing = walk_need(walk, 4);
  if (missing) return missing;
  const uint8_t *header = walk->at;
  if (header[0] & 1 || !(header[1] & 1)) return walk_end(WEFT_IS_OTHER);
  uint16_t word = load_be16(header + 2);
  if (word == 0x0300) { /* a byte that aligns SNAP */
    if ((missing = walk_need(walk, 10)) != 0) return missing;
    uint16_t type = load_be16(header + 8);
    if (header[4] != 0x80) return walk_end(WEFT_IS_OTHER);
    walk_skip(walk, 10);
    return walk_ethertype(type);
  }
  walk_skip(walk, 4);
  switch (word) {
  case 0x03cc: return WALK_IPV4;
  case 0x038e: return WALK_IPV6;
  default: return walk_ethertype(word);
  }
}

#define ROUTED 0x80

/* IEEE 802.5: access, control, target, source, and if its first bit is set a route, whose
   first byte ends in its length. */
int walk_token_ring(struct walk *walk) {
  int missing = walk_need(walk, 14);
  if (missing) return missing;
  uint32_t size = 14;
  if (walk->at[8] & ROUTED) {
    if ((missing = walk_need(walk, 16)) != 0) return missing;
    size += walk->at[14] & 31u;
  }
  return walk_past(walk, size, WALK_SNAP);
}

/* Control, target, source. */
int walk_fddi(struct walk *walk) { return walk_past(walk, 13, WALK_SNAP); }

#define ARCNET_IP_RFC1051 240
#define ARCNET_IP_RFC1201 212

/* Behind the addresses.  RFC 1201 section 2: type, split flag, sequence; a packet in several
   frames has another flag and is not put together here. */
static int arcnet_type(struct walk *walk, uint32_t position) {
  int missing = walk_need(walk, position + 1);
  if (missing) return missing;
  uint8_t type = walk->at[position];
  if (type == ARCNET_IP_RFC1051) {
    walk_skip(walk, position + 1);
    return WALK_IPV4;
  }
  if (type != ARCNET_IP_RFC1201) return walk_end(WEFT_IS_OTHER);
  if ((missing = walk_need(walk, position + 4)) != 0) return missing;
  uint8_t split = walk->at[position + 1];
  walk_skip(walk, position + 4);
  return split == 0 ? WALK_IPV4 : walk_end(WEFT_IS_OTHER);
}

int walk_arcnet(struct walk *walk) { return arcnet_type(walk, 2); }

/* An offset between addresses and type. */
int walk_arcnet_linux(struct walk *walk) { return arcnet_type(walk, 4); }
