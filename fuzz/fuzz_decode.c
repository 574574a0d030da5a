/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One frame, whole and cut short:
 *
 *   - what is said of it lies inside it, and no more was captured than sent;
 *   - the public and the internal decoder agree, and so does the walk that explains, whose layers
 *     lie one within another;
 *   - cut at the snapshot length it is the same segment with less payload, or
 *     truncated, and never anything else;
 *   - the short way for plain frames (wire/plain.h) finds the same;
 *   - addresses survive being written and read.
 *
 * Input: link type (one of the table below), bytes not captured, bytes to cut, frame.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/packet.h"
#include "wire/plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth) {
  if (!truth) abort();
}

static void check_inside(const struct weft_frame *frame, const uint8_t *bytes, uint32_t caplen,
                         uint32_t wirelen) {
  require(caplen <= wirelen);
  require(bytes >= frame->data && bytes <= frame->data + frame->caplen);
  require(caplen <= (size_t)(frame->data + frame->caplen - bytes));
}

static void check_address(const uint8_t address[16]) {
  char text[WEFT_ENDPOINT_STRLEN];
  uint8_t again[16];
  require(weft_address_parse(weft_address_format(address, text), again) == 0);
  require(!memcmp(address, again, 16));
}

static void check_segment(const struct weft_frame *frame, const struct wire_packet *packet) {
  const struct weft_segment *segment = &packet->segment;
  check_inside(frame, segment->payload, segment->caplen, segment->wirelen);
  check_inside(frame, packet->sums.tcp, packet->sums.tcp_caplen, packet->sums.tcp_wirelen);
  require(segment->nsack <= 4);
  check_address(segment->tuple.source.address);
  check_address(segment->tuple.target.address);
  struct weft_segment public;
  require(weft_decode(frame, &public) == WEFT_IS_SEGMENT);
  require(!memcmp(&public.tuple, &segment->tuple, sizeof public.tuple));
  require(public.payload == segment->payload && public.seq == segment->seq &&
          public.caplen == segment->caplen && public.wirelen == segment->wirelen);
  require(weft_frame_checksum(frame) == wire_checksum(packet));
  require(wire_checksum(packet) != WEFT_CHECKSUM_UNCHECKED);
  require(weft_frame_shard(frame) != 0);
}

static void check_fragment(const struct weft_frame *frame, const struct wire_packet *packet) {
  const struct wire_fragment *fragment = &packet->fragment;
  check_inside(frame, fragment->payload, fragment->caplen, fragment->wirelen);
  require(fragment->offset % 8 == 0 && (fragment->offset > 0 || fragment->more));
  require(packet->sums.tcp == NULL);
  (void)wire_checksum(packet);
  struct wire_fragment whole = *fragment;
  struct wire_packet inside;
  whole.offset = whole.more = 0;
  int verdict = wire_decode_datagram(&whole, &inside);
  if (verdict == WEFT_IS_SEGMENT)
    check_inside(frame, inside.segment.payload, inside.segment.caplen, inside.segment.wirelen);
}

struct steps {
  const struct weft_frame *frame;
  uint32_t offset;
  int verdict, count;
};

static int check_layer(const struct weft_layer *layer, void *user) {
  struct steps *steps = user;
  require(steps->verdict == -1 && ++steps->count <= 3 * 64);
  require(layer->name != NULL && layer->offset >= steps->offset);
  require(layer->caplen <= layer->wirelen);
  require(layer->offset + (uint64_t)layer->caplen <= steps->frame->caplen);
  require(layer->header <= layer->caplen);
  steps->offset = layer->offset + layer->header;
  steps->verdict = layer->verdict;
  return 0;
}

static void check_explained(const struct weft_frame *frame, int verdict) {
  struct steps steps = {.frame = frame, .verdict = -1};
  require(weft_explain(frame, check_layer, &steps) == verdict);
  require(steps.verdict == verdict || (steps.count == 0 && verdict == WEFT_IS_UNKNOWN_LINK));
}

/* Cutting takes bytes away and adds no knowledge. */
static void check_cut(const struct weft_frame *frame, int verdict, const struct wire_packet *packet,
                      uint32_t cut) {
  struct weft_frame shorter = *frame;
  struct wire_packet less;
  shorter.caplen -= cut;
  int said = wire_decode(&shorter, &less);
  if (said == WEFT_IS_TRUNCATED) return;
  require(said == verdict);
  if (said == WEFT_IS_FRAGMENT)
    require(less.fragment.wirelen == packet->fragment.wirelen &&
            less.fragment.offset == packet->fragment.offset);
  if (said != WEFT_IS_SEGMENT) return;
  require(!memcmp(&less.segment.tuple, &packet->segment.tuple, sizeof packet->segment.tuple));
  require(less.segment.seq == packet->segment.seq);
  require(less.segment.wirelen == packet->segment.wirelen);
  require(less.segment.caplen <= packet->segment.caplen);
  require((less.segment.options & ~packet->segment.options) == 0);
}

/* The short way takes few frames, and those as the long one does. */
static void check_plain(const struct weft_frame *frame, int verdict,
                        const struct wire_packet *packet) {
  struct wire_packet plain;
  if (!wire_plain(frame, &plain)) return;
  const struct weft_segment *a = &plain.segment, *b = &packet->segment;
  require(verdict == WEFT_IS_SEGMENT && a->size == b->size);
  require(!memcmp(&a->tuple, &b->tuple, sizeof a->tuple));
  require(a->mark.frame == b->mark.frame && a->mark.time == b->mark.time);
  require(a->payload == b->payload && a->caplen == b->caplen && a->wirelen == b->wirelen);
  require(a->seq == b->seq && a->ack == b->ack && a->window == b->window);
  require(a->urgent == b->urgent && a->tcp_flags == b->tcp_flags);
  require(a->frame_flags == b->frame_flags && a->window_shift == b->window_shift);
  require(a->checksum == b->checksum && a->mss == b->mss && a->options == b->options);
  require(a->nsack == b->nsack && a->ts_value == b->ts_value && a->ts_echo == b->ts_echo);
  require(wire_checksum(&plain) == wire_checksum(packet));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const uint16_t linktypes[] = {1,   0,   101, 108, 113, 228, 229, 276, 12,  14,  9999, 9,
                                       51,  104, 105, 127, 119, 163, 192, 117, 109, 226, 239,  258,
                                       178, 179, 180, 181, 107, 6,   10,  7,   129, 204, 100};
  if (size < 3) return 0;
  uint32_t length = (uint32_t)(size - 3);
  struct weft_frame frame = {.data = data + 3,
                             .caplen = length,
                             .wirelen = length + data[1],
                             .mark = {.time = 1, .frame = 2},
                             .linktype = linktypes[data[0] % (sizeof linktypes / 2)]};
  struct wire_packet packet;
  int verdict = wire_decode(&frame, &packet);
  require(verdict >= WEFT_IS_SEGMENT && verdict <= WEFT_IS_UNKNOWN_LINK);
  check_explained(&frame, verdict);
  check_plain(&frame, verdict, &packet);
  if (verdict == WEFT_IS_SEGMENT) check_segment(&frame, &packet);
  if (verdict == WEFT_IS_FRAGMENT) check_fragment(&frame, &packet);
  check_cut(&frame, verdict, &packet, data[2] < length ? data[2] : length);
  return 0;
}
