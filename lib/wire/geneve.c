/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/*
 * RFC 8926 section 3.4: version (2 bits), options in 4 bytes (6 bits), flags, type,
 * network (3), 0, options.
 */
int walk_geneve(struct walk *walk) {
  int missing = walk_have(walk, 8);
  if (missing) return missing;
  const uint8_t *header = walk->at;
  if (header[0] >> 6 != 0 || (header[1] & 0x3f) != 0 || header[7] != 0)
    return walk_end(WEFT_IS_OTHER);
  uint16_t type = load_be16(header + 2);
  uint32_t size = 8 + (header[0] & 0x3f) * 4u;
  if ((missing = walk_have(walk, size)) != 0) return missing;
  walk_enter(walk, TUNNEL_GENEVE, load_be32(header + 4) >> 8);
  walk_skip(walk, size);
  return walk_ethertype(type);
}
