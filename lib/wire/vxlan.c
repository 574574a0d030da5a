/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

#define HAS_PROTOCOL 0x04 /* VXLAN-GPE */
#define HAS_NETWORK 0x08
#define GPE_VERSION 0x30

/*
 * RFC 7348 section 5, and with the protocol bit draft-ietf-nvo3-vxlan-gpe section 3:
 *
 *     flags | (group policy's, 2) | next protocol | network (3) | 0
 */
static int vxlan_is_plausible(const uint8_t *header) {
  return (header[0] & (HAS_NETWORK | HAS_PROTOCOL)) && !(header[0] & GPE_VERSION) && header[7] == 0;
}

int walk_vxlan(struct walk *walk) {
  int missing = walk_have(walk, 8);
  if (missing) return missing;
  const uint8_t *header = walk->at;
  if (!vxlan_is_plausible(header)) return walk_end(WEFT_IS_OTHER);
  if (header[0] & HAS_NETWORK) walk_enter(walk, TUNNEL_VXLAN, load_be32(header + 4) >> 8);
  walk_skip(walk, 8);
  return header[0] & HAS_PROTOCOL ? walk_nsh_protocol(header[3]) : WALK_ETHERNET;
}
