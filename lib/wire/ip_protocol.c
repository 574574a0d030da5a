/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

int walk_protocol(const struct walk *walk, uint8_t protocol) {
  switch (protocol) {
  case 6: return WALK_TCP;
  case 17: return WALK_UDP; /* for the tunnels in it */
  case 4:                   /* IP in IP (RFC 2003, RFC 2473, RFC 4213) */
  case 94: return WALK_IPV4;
  case 41: return WALK_IPV6; /* 6in4, 6to4 */
  case 47: return WALK_GRE;
  case 50: return WALK_ESP;
  case 51: return WALK_AH;
  case 97: return WALK_ETHERIP;
  case 115: return WALK_L2TP_IP;
  case 137: return WALK_MPLS; /* RFC 4023 */
  default: break;
  }
  if (walk->version != 6) return walk_end(WEFT_IS_OTHER);
  switch (protocol) { /* IPv6 extension headers are protocols of IPv6 only */
  case 0:
  case 60:
  case 135: /* mobility (RFC 6275), host identity (RFC 7401), shim6 (RFC 5533): the same form */
  case 139:
  case 140: return WALK_IPV6_OPTIONS;
  case 43: return WALK_IPV6_ROUTING;
  case 44: return WALK_IPV6_FRAGMENT;
  default: return walk_end(WEFT_IS_OTHER);
  }
}

/* RFC 4302 section 2: what follows is as it was before, only vouched for. */
int walk_ah(struct walk *walk) {
  int missing = walk_need(walk, 12);
  if (missing) return missing;
  uint8_t next = walk->at[0];
  uint32_t size = (walk->at[1] + 2u) * 4;
  if (size < 12) return walk_end(WEFT_IS_MALFORMED);
  if ((missing = walk_need(walk, size)) != 0) return missing;
  walk_skip(walk, size);
  return walk_protocol(walk, next);
}

/* RFC 3378 section 3: version 3 and nothing, then Ethernet. */
int walk_etherip(struct walk *walk) {
  int missing = walk_need(walk, 2);
  if (missing) return missing;
  if (walk->at[0] >> 4 != 3) return walk_end(WEFT_IS_OTHER);
  walk_skip(walk, 2);
  return WALK_ETHERNET;
}

int walk_fragment(struct walk *walk, uint8_t protocol, uint32_t id, uint32_t offset, int more) {
  struct wire_fragment *ret = walk->fragment;
  walk_address_store(ret->source, walk->source, walk->version);
  walk_address_store(ret->target, walk->target, walk->version);
  ret->realm = walk->realm;
  ret->id = id;
  ret->version = walk->version;
  ret->protocol = protocol;
  ret->more = more != 0;
  ret->frame_flags = walk->frame_flags;
  ret->offset = offset;
  ret->wirelen = walk->wirelen;
  ret->caplen = walk->caplen;
  ret->payload = walk->at;
  ret->mark = *walk->mark;
  return walk_end(WEFT_IS_FRAGMENT);
}
