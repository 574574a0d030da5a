/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/*
 * IEEE 802.11 section 9.2.  Frame control: version (2 bits), type (2), subtype (4), then flags.
 *
 *     control | duration | address 1, 2, 3 | sequence | address 4 | QoS | HT control
 *        2         2             18             2          6         2        4
 *
 * Address 4 is there between access points, QoS with that subtype bit, HT control with QoS and
 * the order flag.
 */
#define VERSION_AND_TYPE 0x0f
#define DATA 0x08
#define SUBTYPE_NO_DATA 0x40
#define SUBTYPE_QOS 0x80

#define TO_SYSTEM 0x01
#define FROM_SYSTEM 0x02
#define MORE_FRAGMENTS 0x04
#define PROTECTED 0x40
#define ORDER 0x80

#define QOS_AMSDU 0x80

static uint32_t header_size(uint8_t type, uint8_t flags) {
  uint32_t size = 24;
  if ((flags & (TO_SYSTEM | FROM_SYSTEM)) == (TO_SYSTEM | FROM_SYSTEM)) size += 6;
  if (!(type & SUBTYPE_QOS)) return size;
  return size + (flags & ORDER ? 6 : 2);
}

static int wlan(struct walk *walk, int padded) {
  int missing = walk_need(walk, 2);
  if (missing) return missing;
  /* Controllers of one make send numbers on in the other byte order. */
  int swapped =
      (walk->at[0] & VERSION_AND_TYPE) != DATA && (walk->at[1] & VERSION_AND_TYPE) == DATA;
  uint8_t type = walk->at[swapped], flags = walk->at[!swapped];
  if ((type & VERSION_AND_TYPE) != DATA || type & SUBTYPE_NO_DATA || flags & PROTECTED)
    return walk_end(WEFT_IS_OTHER);
  uint32_t size = header_size(type, flags);
  if ((missing = walk_need(walk, size)) != 0) return missing;
  const uint8_t *header = walk->at, *qos = header + size - (flags & ORDER ? 6 : 2);
  if (padded) size = (size + 3) & ~3u;
  if ((missing = walk_need(walk, size)) != 0) return missing;
  walk_skip(walk, size);
  /* In the air IP is hardly ever in pieces of this kind, so they are not put together. */
  if (flags & MORE_FRAGMENTS || header[22 + swapped] & 15) return walk_end(WEFT_IS_OTHER);
  return type & SUBTYPE_QOS && qos[0] & QOS_AMSDU ? WALK_AMSDU : WALK_SNAP;
}

int walk_wlan(struct walk *walk) { return wlan(walk, 0); }

int walk_wlan_padded(struct walk *walk) { return wlan(walk, 1); }

/* Section 9.3.2.2: several, each target, source, length, contents, and padding.  A frame
   makes one segment here, so only the first is read. */
int walk_amsdu(struct walk *walk) {
  int missing = walk_need(walk, 14);
  if (missing) return missing;
  uint32_t length = load_be16(walk->at + 12);
  walk_skip(walk, 14);
  walk_limit(walk, length);
  return WALK_SNAP;
}
