/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream/fragments.h"

#include "stream/engine.h"
#include "wire/packet.h"

/*
 * A segment whose bytes came in several frames is one segment with one time,
 * that of the frame which completed it; only its spans tell the frames apart.
 * deliver.c and payload.c ask weft_engine::parts for that, and the short ways, which
 * do not, are closed as long as there are any.
 */

int fragments_take(struct defrag *defrag, const struct weft_options *options,
                   struct wire_packet *packet) {
  int verdict = WEFT_IS_FRAGMENT;
  while (verdict == WEFT_IS_FRAGMENT) {
    struct wire_fragment datagram;
    if (options->checksum && wire_checksum(packet) == WEFT_CHECKSUM_BAD)
      return WEFT_IS_BAD_CHECKSUM;
    packet->fragment.realm = realm_of(options, packet->fragment.realm);
    int whole = defrag_push(defrag, &packet->fragment, &datagram);
    if (whole < 0) return whole;
    if (whole == 0) return WEFT_IS_FRAGMENT;
    verdict = wire_decode_datagram(&datagram, packet);
  }
  if (verdict == WEFT_IS_SEGMENT) {
    struct weft_segment *segment = &packet->segment;
    segment->tuple.realm = realm_of(options, segment->tuple.realm);
    if (options->checksum) segment->checksum = (uint8_t)wire_checksum(packet);
  }
  return verdict;
}

void fragments_stats(const struct defrag *defrag, struct weft_stats *ret) {
  const struct defrag_stats *own = &defrag->stats;
  ret->limit_fragments = own->evicted;
  ret->datagrams = own->whole;
  ret->datagrams_discarded = own->discarded;
  ret->datagrams_expired = own->expired;
  ret->fragments_ignored = own->ignored;
  ret->fragments_overlapping = own->overlapping;
  ret->fragments_tiny = own->tiny;
  ret->fragments_over_header = own->over_header;
}

static int parts_begin(struct weft_engine *e, const struct parts *parts) {
  int plain = e->plain;
  e->parts = *parts;
  e->plain = 0;
  return plain;
}

static void parts_end(struct weft_engine *e, int plain) {
  e->parts = (struct parts){NULL, 0, NULL};
  e->plain = plain;
}

int engine_push_parts(struct weft_engine *e, const struct weft_segment *segment,
                      const struct parts *parts) {
  if (e->busy) return WEFT_E_BUSY;
  int plain = parts_begin(e, parts);
  int result = weft_engine_push_segment(e, segment);
  parts_end(e, plain);
  return result;
}

int engine_fragment(struct weft_engine *e, struct wire_packet *packet) {
  int verdict = fragments_take(&e->defrag, &e->options, packet);
  if (verdict < 0) {
    engine_fail(e, verdict);
    return WEFT_IS_FRAGMENT;
  }
  if (verdict != WEFT_IS_SEGMENT) return verdict;
  const struct weft_segment *segment = &packet->segment;
  uint32_t hash = flows_hash(&e->flows, &segment->tuple);
  int plain = parts_begin(e, defrag_parts(&e->defrag));
  verdict = engine_segment(e, segment, hash, FLOWS_NONE);
  parts_end(e, plain);
  return verdict;
}
