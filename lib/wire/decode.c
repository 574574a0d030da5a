/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include <assert.h>

static int (*const layers[WALK_LAYER_COUNT])(struct walk *) = {
#define WALK_ENTRY(NAME, name, words) [WALK_##NAME] = walk_##name,
    WALK_LAYERS(WALK_ENTRY)
#undef WALK_ENTRY
};

int walk_step(struct walk *walk, int layer) {
  assert(layer > 0 && layer < WALK_LAYER_COUNT);
  int next = layers[layer](walk);
  assert(walk->caplen <= walk->wirelen);
  return next;
}

static int walk_run(struct walk *walk, int layer) {
  for (int i = 0; i < WALK_LAYERS_MAX; i++) {
    if (layer < 0) return -1 - layer;
    layer = walk_step(walk, layer);
  }
  return layer < 0 ? -1 - layer : WEFT_IS_MALFORMED;
}

int walk_begin(struct walk *walk, const struct weft_frame *frame) {
  walk->at = frame->data;
  walk->caplen = frame->caplen;
  walk->wirelen = frame->wirelen < frame->caplen ? frame->caplen : frame->wirelen;
  walk->sums->ip4 = walk->sums->tcp = NULL;
  walk->realm = 0;
  walk->straight_type = STRAIGHT_TYPE;
  walk->straight_protocol = STRAIGHT_PROTOCOL;
  walk->version = 0;
  walk->frame_flags = (uint8_t)frame->flags;
  walk->mark = &frame->mark;
  return walk_linktype(frame->linktype);
}

int wire_decode(const struct weft_frame *frame, struct wire_packet *ret) {
  struct walk walk;
  walk.sums = &ret->sums;
  walk.segment = &ret->segment;
  walk.fragment = &ret->fragment;
  return walk_run(&walk, walk_begin(&walk, frame));
}

int wire_decode_datagram(const struct wire_fragment *whole, struct wire_packet *ret) {
  struct wire_fragment datagram = *whole; /* which may be in `ret` */
  struct walk walk = {
      .at = datagram.payload,
      .caplen = datagram.caplen,
      .wirelen = datagram.wirelen,
      .source = datagram.version == 4 ? datagram.source + 12 : datagram.source,
      .target = datagram.version == 4 ? datagram.target + 12 : datagram.target,
      .realm = datagram.realm,
      .straight_type = STRAIGHT_TYPE,
      .straight_protocol = STRAIGHT_PROTOCOL,
      .version = datagram.version,
      .frame_flags = datagram.frame_flags,
      .mark = &datagram.mark,
      .sums = &ret->sums,
      .segment = &ret->segment,
      .fragment = &ret->fragment,
  };
  assert(datagram.offset == 0 && !datagram.more && datagram.caplen <= datagram.wirelen);
  ret->sums.ip4 = ret->sums.tcp = NULL;
  return walk_run(&walk, walk_protocol(&walk, datagram.protocol));
}

int weft_decode(const struct weft_frame *frame, struct weft_segment *ret) {
  struct wire_fragment fragment;
  struct wire_sums sums;
  struct walk walk;
  walk.sums = &sums;
  walk.segment = ret;
  walk.fragment = &fragment;
  return walk_run(&walk, walk_begin(&walk, frame));
}
