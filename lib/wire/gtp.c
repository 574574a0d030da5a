/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/*
 * GTP-U, 3GPP TS 29.281 section 5.1: version (3 bits), protocol type, 0, E, S, PN;
 * message; length of what follows; TEID.  With any of E, S, PN set four more
 * bytes, the last of them the type of an extension header.  The TEID is the receiver's, so it
 * is no realm.
 */
#define FLAGS_FIXED 0xf8
#define FLAGS_VERSION_1 0x30
#define HAS_EXTENSION 0x04
#define HAS_MORE 0x07
#define MESSAGE_DATA 255

/* Section 5.2.1: length in 4 bytes, contents, next type. */
static int extensions_skip(struct walk *walk, uint8_t type) {
  while (type != 0) {
    int missing = walk_need(walk, 4);
    if (missing) return missing;
    uint32_t size = walk->at[0] * 4u;
    if (size == 0) return walk_end(WEFT_IS_MALFORMED);
    if ((missing = walk_need(walk, size)) != 0) return missing;
    type = walk->at[size - 1];
    walk_skip(walk, size);
  }
  return 0;
}

/* What a bearer carries was agreed elsewhere: IP, mostly, or PPP, or Ethernet. */
static int gtp_carries(const struct walk *walk) {
  int missing = walk_have(walk, 2);
  if (missing) return missing;
  switch (walk->at[0] >> 4) {
  case 4: return WALK_IPV4;
  case 6: return WALK_IPV6;
  default: break;
  }
  if (load_be16(walk->at) == 0xff03) return WALK_PPP;
  int ethernet = walk_looks_ethernet(walk, 0);
  if (ethernet < 0) return ethernet;
  return ethernet ? WALK_ETHERNET : walk_end(WEFT_IS_OTHER);
}

int walk_gtp(struct walk *walk) {
  int missing = walk_have(walk, 8);
  if (missing) return missing;
  const uint8_t *header = walk->at;
  uint8_t flags = header[0];
  if ((flags & FLAGS_FIXED) != FLAGS_VERSION_1 || header[1] != MESSAGE_DATA)
    return walk_end(WEFT_IS_OTHER);
  uint32_t length = load_be16(header + 2);
  walk_skip(walk, 8);
  if (length != 0) walk_limit(walk, length);
  if (flags & HAS_MORE) {
    if ((missing = walk_need(walk, 4)) != 0) return missing;
    uint8_t type = flags & HAS_EXTENSION ? walk->at[3] : 0;
    walk_skip(walk, 4);
    if ((missing = extensions_skip(walk, type)) != 0) return missing;
  }
  return gtp_carries(walk);
}
