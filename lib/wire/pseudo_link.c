/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/*
 * Headers that a system's own capture points put before a packet: of firewalls, IPsec and
 * loopback devices.
 */

/* OpenBSD's pf: length without padding to 4, family, action, reason, interface. */
int walk_pflog(struct walk *walk) {
  int missing = walk_need(walk, 4);
  if (missing) return missing;
  uint32_t size = (walk->at[0] + 3u) & ~3u;
  return size < 4 ? walk_end(WEFT_IS_MALFORMED) : walk_past(walk, size, WALK_IP);
}

/* OpenBSD's IPsec interface: family, SPI, flags. */
int walk_enc(struct walk *walk) { return walk_past(walk, 12, WALK_IP); }

/* Solaris: version, family, hook, length, interfaces (8), zones (8). */
int walk_ipnet(struct walk *walk) { return walk_past(walk, 24, WALK_IP); }

#define NFLOG_PAYLOAD 9
#define FAMILY_IPV4 2
#define FAMILY_IPV6 10

/* Linux netfilter: family, version, resource; then length, type and contents, padded to 4, in
   the order of the machine that captured.  Types are small numbers, so one of a
   type's bytes is 0. */
int walk_nflog(struct walk *walk) {
  int missing = walk_need(walk, 4);
  if (missing) return missing;
  uint8_t family = walk->at[0];
  if (family != FAMILY_IPV4 && family != FAMILY_IPV6) return walk_end(WEFT_IS_OTHER);
  walk_skip(walk, 4);
  while (walk->wirelen > 0) {
    if ((missing = walk_need(walk, 4)) != 0) return missing;
    int little = walk->at[3] == 0;
    uint32_t size = little ? load_le16(walk->at) : load_be16(walk->at);
    uint32_t type = little ? load_le16(walk->at + 2) : load_be16(walk->at + 2);
    if (size < 4) return walk_end(WEFT_IS_MALFORMED);
    if (type == NFLOG_PAYLOAD) {
      walk_skip(walk, 4);
      walk_limit(walk, size - 4);
      return family == FAMILY_IPV4 ? WALK_IPV4 : WALK_IPV6;
    }
    size = (size + 3) & ~3u;
    if ((missing = walk_need(walk, size)) != 0) return missing;
    walk_skip(walk, size);
  }
  return walk_end(WEFT_IS_OTHER);
}

#define PKTAP_PACKET 1

/* Darwin: length, record type, link type, and more within the length; little-endian. */
int walk_pktap(struct walk *walk) {
  int missing = walk_need(walk, 12);
  if (missing) return missing;
  uint32_t size = load_le32(walk->at), type = load_le32(walk->at + 4);
  uint32_t linktype = load_le32(walk->at + 8);
  if (size < 12) return walk_end(WEFT_IS_MALFORMED);
  if ((missing = walk_need(walk, size)) != 0) return missing;
  walk_skip(walk, size);
  if (type != PKTAP_PACKET) return walk_end(WEFT_IS_OTHER);
  return linktype <= 0xffff ? walk_linktype((uint16_t)linktype) : walk_end(WEFT_IS_UNKNOWN_LINK);
}
