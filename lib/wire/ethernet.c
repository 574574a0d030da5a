/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/* IEEE 802.3 clause 3.2.6: up to 1500 the field after the addresses is the
   length of what follows, from 1536 it is a type; between, nothing. */
#define ETHERNET_LENGTH_MAX 1500

int walk_ethertype(uint16_t ethertype) {
  if (ethertype == 0x86dd) return WALK_IPV6; /* spared the search below */
  switch (ethertype) {
  case 0x0800: return WALK_IPV4;
  case 0x8100: /* 802.1Q */
  case 0x88a8: /* 802.1ad, QinQ */
  case 0x9100: /* QinQ before the standard */
  case 0x9200: return WALK_VLAN;
  case 0x8847:
  case 0x8848: return WALK_MPLS;
  case 0x8864: return WALK_PPPOE;
  case 0x880b: return WALK_PPP;
  case 0x6558: return WALK_ETHERNET; /* transparent bridging: GRE, GENEVE */
  case 0x88e7: return WALK_BACKBONE;
  case 0x8903: return WALK_FABRICPATH;
  case 0x22f3: return WALK_TRILL;
  case 0x8909: return WALK_METADATA;
  case 0x894f: return WALK_NSH;
  default: return walk_end(WEFT_IS_OTHER);
  }
}

/* What the type field just stepped over says. */
static int type_or_length(struct walk *walk, uint16_t type) {
  if (type > ETHERNET_LENGTH_MAX) return walk_ethertype(type);
  if (type <= walk->wirelen) /* else as some tools write it: no length at all */
    walk_limit(walk, type);
  return WALK_SNAP;
}

int walk_ethernet(struct walk *walk) {
  int missing = walk_need(walk, 14);
  if (missing) return missing;
  uint16_t type = load_be16(walk->at + 12);
  walk_skip(walk, 14);
  return type == walk->straight_type ? walk_ipv4(walk) : type_or_length(walk, type);
}

/* The tag (2 bytes) and the type of what it tags. */
int walk_vlan(struct walk *walk) {
  int missing = walk_need(walk, 4);
  if (missing) return missing;
  uint16_t type = load_be16(walk->at + 2);
  walk_skip(walk, 4);
  return type_or_length(walk, type);
}

/* 802.2: DSAP, SSAP, control.  AA AA 03 is followed by SNAP, that is three
   bytes that name a registry and a type from it (RFC 1042); 06 06 03 by IP. */
int walk_snap(struct walk *walk) {
  int missing = walk_need(walk, 3);
  if (missing) return missing;
  uint32_t llc = load_be16(walk->at) << 8 | walk->at[2];
  if (llc == 0x060603) {
    walk_skip(walk, 3);
    return WALK_IPV4;
  }
  if (llc != 0xaaaa03) return walk_end(WEFT_IS_OTHER);
  if ((missing = walk_need(walk, 8)) != 0) return missing;
  uint32_t registry = load_be32(walk->at + 2) & 0xffffff;
  uint16_t type = load_be16(walk->at + 6);
  walk_skip(walk, 8);
  /* 0000f8: bridged by 802.1H. */
  return registry == 0 || registry == 0x0000f8 ? walk_ethertype(type) : walk_end(WEFT_IS_OTHER);
}

int walk_looks_ethernet(const struct walk *walk, uint32_t offset) {
  if (walk->wirelen < offset + 18) return 0;
  if (walk->caplen < offset + 18) return walk_end(WEFT_IS_TRUNCATED);
  uint8_t version = walk->at[offset + 14] >> 4;
  switch (load_be16(walk->at + offset + 12)) {
  case 0x0800: return version == 4;
  case 0x86dd: return version == 6;
  case 0x8100:
  case 0x88a8: return walk_ethertype(load_be16(walk->at + offset + 16)) > 0;
  case 0x8847:
  case 0x8864: return 1;
  default: return 0;
  }
}
