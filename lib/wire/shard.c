/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/loads.h"
#include "wire/packet.h"

static uint64_t mix(uint64_t v) { /* every bit of the answer depends on every bit of `v` */
  v ^= v >> 32;
  v *= 0x9e3779b97f4a7c15;
  v ^= v >> 29;
  v *= 0xbf58476d1ce4e5b9;
  return v ^ v >> 32;
}

static uint64_t endpoint_hash(const struct weft_endpoint *endpoint) {
  return mix(mix(load_u64(endpoint->address) + endpoint->port) + load_u64(endpoint->address + 8));
}

uint32_t wire_shard(const struct weft_tuple *tuple) {
  /* A sum is the same both ways round, and unlike exclusive or it does not
     vanish for a host that speaks to itself.  The realm stays out of it: whoever says
     that it does not count (weft_options::realms) finds both directions together. */
  uint64_t both = endpoint_hash(&tuple->source) + endpoint_hash(&tuple->target);
  uint32_t hash = (uint32_t)mix(both);
  return hash != 0 ? hash : 1;
}

uint32_t weft_frame_shard(const struct weft_frame *frame) {
  struct weft_segment segment;
  if (weft_decode(frame, &segment) != WEFT_IS_SEGMENT) return 0;
  return wire_shard(&segment.tuple);
}
