/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/* RFC 8200 section 3. */
int walk_ipv6(struct walk *walk) {
  int missing = walk_need(walk, 40);
  if (missing) return missing;
  const uint8_t *header = walk->at;
  if (header[0] >> 4 != 6) return walk_end(WEFT_IS_MALFORMED);
  walk_skip(walk, 40);
  /* 0: a jumbogram (RFC 2675), or sent in one piece to a card that cuts it up.
     Either way the frame's length is the packet's. */
  uint32_t length = load_be16(header + 4);
  if (length != 0)
    walk_limit(walk, length);
  else if (walk->wirelen > WALK_OFFLOAD_MAX)
    walk_limit(walk, WALK_OFFLOAD_MAX);
  walk->version = 6;
  walk->sums->ip4 = NULL;
  walk->source = header + 8;
  walk->target = header + 24;
  return header[6] == walk->straight_protocol ? walk_tcp(walk) : walk_protocol(walk, header[6]);
}

/* The size of the extension header here, all of it captured, or how the walk
   ends.  RFC 8200 section 4: next header, length in 8 bytes without the first 8. */
static int extension_size(const struct walk *walk) {
  int missing = walk_need(walk, 8);
  if (missing) return missing;
  uint32_t size = (walk->at[1] + 1u) * 8;
  missing = walk_need(walk, size);
  return missing ? missing : (int)size;
}

int walk_ipv6_options(struct walk *walk) {
  int size = extension_size(walk);
  if (size < 0) return size;
  uint8_t next = walk->at[0];
  walk_skip(walk, (uint32_t)size);
  return walk_protocol(walk, next);
}

/* While segments are left, the header's target is only the next hop; the
   connection is with the last one, and the checksum too (RFC 8200 section 8.1). */
static const uint8_t *routing_target(const uint8_t *header, uint32_t size) {
  uint8_t type = header[2], left = header[3];
  if (left == 0 || size < 24) return NULL;
  switch (type) {
  case 0: /* RFC 2460 section 4.4 */
  case 2: /* RFC 6275 section 6.4 */ return header + size - 16;
  case 4: /* RFC 8754 section 2: last hop first */ return header + 8;
  default: return NULL;
  }
}

int walk_ipv6_routing(struct walk *walk) {
  int size = extension_size(walk);
  if (size < 0) return size;
  const uint8_t *header = walk->at, *target = routing_target(header, (uint32_t)size);
  if (target) walk->target = target;
  walk_skip(walk, (uint32_t)size);
  return walk_protocol(walk, header[0]);
}

/* How the walk ends for a first fragment that does not hold every header up to
   TCP's, all of it: it is refused (RFC 8200 section 4.5), as it would hide the
   ports.  0 when it does, and where the chain itself does not fit: Linux
   judges only what it can follow. */
static int first_fragment_refuse(const struct walk *walk, uint8_t protocol) {
  uint32_t position = 0;
  while (protocol == 0 || protocol == 43 || protocol == 60) {
    if (walk->wirelen < position + 8) return 0;
    if (walk->caplen < position + 8) return walk_end(WEFT_IS_TRUNCATED);
    protocol = walk->at[position];
    position += (walk->at[position + 1] + 1u) * 8;
  }
  return protocol == 6 && position + 20 > walk->wirelen ? walk_end(WEFT_IS_MALFORMED) : 0;
}

/* RFC 8200 section 4.5. */
int walk_ipv6_fragment(struct walk *walk) {
  int missing = walk_need(walk, 8);
  if (missing) return missing;
  const uint8_t *header = walk->at;
  uint32_t offset = load_be16(header + 2) & ~7u;
  int more = header[3] & 1;
  uint8_t next = header[0];
  walk_skip(walk, 8);
  if (offset == 0 && !more) /* RFC 6946: atomic, never anything but whole */
    return walk_protocol(walk, next);
  /* What a datagram carries, its first fragment says: others may say anything. */
  if (offset == 0 && walk_protocol(walk, next) < 0) return walk_end(WEFT_IS_OTHER);
  int refused = offset == 0 ? first_fragment_refuse(walk, next) : 0;
  if (refused) return refused;
  return walk_fragment(walk, next, load_be32(header + 4), offset, more);
}
