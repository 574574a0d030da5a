/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

#define HAS_CHECKSUM 0x8000
#define HAS_ROUTING 0x4000
#define HAS_KEY 0x2000
#define HAS_SEQUENCE 0x1000
#define HAS_ACKNOWLEDGEMENT 0x0080 /* version 1 */
#define VERSION 0x0007

#define TYPE_BRIDGED 0x6558
#define TYPE_ERSPAN 0x88be
#define TYPE_ERSPAN3 0x22eb
#define TYPE_WCCP 0x883e

/* RFC 1701: source routes, each a family (2), offset, length and that many
   bytes, up to one of family and length 0. */
static int routes_skip(struct walk *walk) {
  for (;;) {
    int missing = walk_need(walk, 4);
    if (missing) return missing;
    uint16_t family = load_be16(walk->at);
    uint32_t size = 4u + walk->at[3];
    if ((missing = walk_need(walk, size)) != 0) return missing;
    walk_skip(walk, size);
    if (family == 0 && size == 4) return 0;
  }
}

static int gre_carries(uint16_t flags, uint16_t type) {
  switch (type) {
  case TYPE_ERSPAN: /* type I has neither number nor header */
    return flags & HAS_SEQUENCE ? WALK_ERSPAN : WALK_ETHERNET;
  case TYPE_ERSPAN3: return WALK_ERSPAN;
  case TYPE_WCCP: return WALK_WCCP;
  default: break;
  }
  /* Access points of one make number their tunnels here. */
  return type >> 8 == 0x82 ? WALK_WLAN : walk_ethertype(type);
}

/* RFC 2784, RFC 2890.  A key is the same both ways, except where Ethernet is bridged: its last
   byte is then NVGRE's flow (RFC 7637 section 3.2), and switches that mirror a port give what it
   sends and what it receives different keys. */
static int gre_version_0(struct walk *walk, uint16_t flags, uint16_t type) {
  int missing;
  uint32_t key_at = flags & (HAS_CHECKSUM | HAS_ROUTING) ? 8 : 4;
  uint32_t size = key_at + (flags & HAS_KEY ? 4 : 0) + (flags & HAS_SEQUENCE ? 4 : 0);
  if ((missing = walk_need(walk, size)) != 0) return missing;
  if (flags & HAS_KEY && type != TYPE_BRIDGED)
    walk_enter(walk, TUNNEL_GRE, load_be32(walk->at + key_at));
  walk_skip(walk, size);
  if (flags & HAS_ROUTING && (missing = routes_skip(walk)) != 0) return missing;
  return gre_carries(flags, type);
}

/* RFC 2637 section 4.1, PPTP: the key is the length and the receiver's call. */
static int gre_version_1(struct walk *walk, uint16_t flags) {
  uint32_t size = 8u + (flags & HAS_SEQUENCE ? 4 : 0) + (flags & HAS_ACKNOWLEDGEMENT ? 4 : 0);
  int missing = walk_need(walk, size);
  if (missing) return missing;
  uint32_t length = load_be16(walk->at + 4);
  walk_skip(walk, size);
  if (!(flags & HAS_SEQUENCE) || length == 0) return walk_end(WEFT_IS_OTHER); /* no payload */
  walk_limit(walk, length);
  return WALK_PPP;
}

int walk_gre(struct walk *walk) {
  int missing = walk_need(walk, 4);
  if (missing) return missing;
  uint16_t flags = load_be16(walk->at), type = load_be16(walk->at + 2);
  switch (flags & VERSION) {
  case 0: return gre_version_0(walk, flags, type);
  case 1: return gre_version_1(walk, flags);
  default: return walk_end(WEFT_IS_OTHER);
  }
}

/* Web caching: IP, or in version 2 four bytes before it, which begin with flags
   that no IP header begins with. */
int walk_wccp(struct walk *walk) {
  int missing = walk_need(walk, 4);
  if (missing) return missing;
  uint8_t first = walk->at[0];
  if (!(first >= 0x45 && first <= 0x4f) && first >> 4 != 6) walk_skip(walk, 4);
  return WALK_IP;
}
