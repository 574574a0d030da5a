/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/*
 * Layer 2 tunnelling.  Session numbers are the receiver's, so they are no realm.
 *
 * Version 2 (RFC 2661 section 3.1): flags and version, then as the flags say length,
 * always tunnel and session, Ns and Nr, offset and as many bytes; then PPP.
 *
 * Version 3 (RFC 3931 section 4.1): over UDP flags, version and two bytes, over IP
 * nothing; session, then a cookie of 0, 4 or 8 bytes and perhaps 4 of a sublayer.
 * Which of these, and what is carried, was agreed beforehand, so it is found by looking.
 */
#define IS_CONTROL 0x8000
#define HAS_LENGTH 0x4000
#define HAS_SEQUENCE 0x0800
#define HAS_OFFSET 0x0200
#define RESERVED 0x34f0

static int l2tp2(struct walk *walk, uint16_t flags) {
  uint32_t at = 2, size;
  int missing;
  if (flags & RESERVED) return walk_end(WEFT_IS_OTHER);
  if (flags & HAS_LENGTH) at += 2;
  size = at + 4 + (flags & HAS_SEQUENCE ? 4 : 0) + (flags & HAS_OFFSET ? 2 : 0);
  if ((missing = walk_have(walk, size)) != 0) return missing;
  uint32_t length = flags & HAS_LENGTH ? load_be16(walk->at + 2) : 0;
  if (flags & HAS_OFFSET) size += load_be16(walk->at + size - 2);
  if (length != 0) {
    if (length < size) return walk_end(WEFT_IS_OTHER);
    walk_limit(walk, length);
  }
  if ((missing = walk_have(walk, size)) != 0) return missing;
  walk_skip(walk, size);
  return walk->wirelen == 0 ? walk_end(WEFT_IS_OTHER) : WALK_PPP; /* empty: only numbers */
}

/* The layer that may begin so far from here, 0 or negative. */
static int l2tp3_guess(const struct walk *walk, uint32_t offset) {
  const uint8_t *bytes = walk->at + offset;
  int ethernet = walk_looks_ethernet(walk, offset);
  if (ethernet) return ethernet < 0 ? ethernet : WALK_ETHERNET;
  uint32_t first = load_be32(bytes);
  if (first == 0xff030021 || first == 0xff030057) return WALK_PPP;
  if (first == 0x0f000800) return WALK_CISCO_HDLC;
  /* A version alone is too little: IPv4 has the length that is there, or less. */
  if (bytes[0] == 0x45 && load_be16(bytes + 2) + offset == walk->wirelen) return WALK_IPV4;
  if (bytes[0] >> 4 == 6 && load_be16(bytes + 4) + 40 + offset == walk->wirelen) return WALK_IPV6;
  return WALK_NONE;
}

static int l2tp3_session(struct walk *walk) {
  int missing = walk_have(walk, 4 + 12 + 18);
  if (missing) return missing;
  if (load_be32(walk->at) == 0) return walk_end(WEFT_IS_OTHER); /* control */
  for (uint32_t cookie = 4; cookie <= 16; cookie += 4) {
    int layer = l2tp3_guess(walk, cookie);
    if (layer == WALK_NONE) continue;
    if (layer > 0) walk_skip(walk, cookie);
    return layer;
  }
  return walk_end(WEFT_IS_OTHER);
}

int walk_l2tp(struct walk *walk) {
  int missing = walk_have(walk, 4);
  if (missing) return missing;
  uint16_t flags = load_be16(walk->at);
  if (flags & IS_CONTROL) return walk_end(WEFT_IS_OTHER);
  switch (flags & 15) {
  case 2: return l2tp2(walk, flags);
  case 3: walk_skip(walk, 4); return l2tp3_session(walk);
  default: return walk_end(WEFT_IS_OTHER);
  }
}

int walk_l2tp_ip(struct walk *walk) { return l2tp3_session(walk); }
