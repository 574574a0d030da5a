/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/*
 * What drivers put before an 802.11 frame to say how it was received.
 */

#define HAS_TIME 0x1
#define HAS_FLAGS 0x2
#define HAS_EXTENDED 0x80000000
#define FLAG_CHECK_SEQUENCE 0x10
#define FLAG_PADDED 0x20

/* radiotap.org, "flags": after all words that say which fields are there, and the
   time, which is aligned to 8. */
static uint8_t radiotap_flags(const uint8_t *header, uint32_t size) {
  uint32_t present = load_le32(header + 4), position = 8;
  uint32_t more = present;
  while (more & HAS_EXTENDED) {
    if (position + 4 > size) return 0;
    more = load_le32(header + position);
    position += 4;
  }
  if (!(present & HAS_FLAGS)) return 0;
  if (present & HAS_TIME) position = (position + 7) / 8 * 8 + 8;
  return position < size ? header[position] : 0;
}

/* The check sequence at the end is cut off here, since nothing within may have a length. */
int walk_radiotap(struct walk *walk) {
  int missing = walk_need(walk, 8);
  if (missing) return missing;
  const uint8_t *header = walk->at;
  uint32_t size = load_le16(header + 2);
  if (header[0] != 0 || size < 8) return walk_end(WEFT_IS_MALFORMED);
  if ((missing = walk_need(walk, size)) != 0) return missing;
  uint8_t flags = radiotap_flags(header, size);
  walk_skip(walk, size);
  if (flags & FLAG_CHECK_SEQUENCE && walk->wirelen >= 4) walk_limit(walk, walk->wirelen - 4);
  return flags & FLAG_PADDED ? WALK_WLAN_PADDED : WALK_WLAN;
}

static int capture_header(struct walk *walk, uint32_t size) {
  if (size < 8) return walk_end(WEFT_IS_MALFORMED);
  return walk_past(walk, size, WALK_WLAN);
}

/* Magic and version, length, both in network order; the rest does not matter here. */
int walk_avs(struct walk *walk) {
  int missing = walk_need(walk, 8);
  if (missing) return missing;
  return capture_header(walk, load_be32(walk->at + 4));
}

/* Message code, length, in the order of the machine that captured; some drivers
   write the AVS header under this link type. */
int walk_prism(struct walk *walk) {
  int missing = walk_need(walk, 8);
  if (missing) return missing;
  if (load_be32(walk->at) >> 12 == 0x80211) return WALK_AVS;
  uint32_t size = load_le32(walk->at + 4);
  return capture_header(walk, size <= 0xffff ? size : load_be32(walk->at + 4));
}

/* Per-packet information: version, flags, length, link type, all little-endian. */
int walk_ppi(struct walk *walk) {
  int missing = walk_need(walk, 8);
  if (missing) return missing;
  uint32_t size = load_le16(walk->at + 2), linktype = load_le32(walk->at + 4);
  if (size < 8) return walk_end(WEFT_IS_MALFORMED);
  if ((missing = walk_need(walk, size)) != 0) return missing;
  walk_skip(walk, size);
  return linktype <= 0xffff ? walk_linktype((uint16_t)linktype) : walk_end(WEFT_IS_UNKNOWN_LINK);
}
