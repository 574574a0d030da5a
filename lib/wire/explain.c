/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

static const char *const names[WALK_LAYER_COUNT] = {
#define WALK_WORDS(NAME, name, words) [WALK_##NAME] = words,
    WALK_LAYERS(WALK_WORDS)
#undef WALK_WORDS
};

/* The bytes of the layer that began so far into the frame.  TCP steps over nothing: its
   segment says where the payload begins. */
static uint32_t header_size(const struct walk *walk, const struct weft_frame *frame, int layer,
                            int next, uint32_t offset) {
  const uint8_t *end = walk->at;
  if (layer == WALK_TCP && next == walk_end(WEFT_IS_SEGMENT)) end = walk->segment->payload;
  return (uint32_t)(end - frame->data) - offset;
}

/* Steps that a walk nobody watches makes without asking, and so does not count. */
static int is_straight(int from, int to) {
  return (from == WALK_ETHERNET && to == WALK_IPV4) ||
         ((from == WALK_IPV4 || from == WALK_IPV6) && to == WALK_TCP);
}

int weft_explain(const struct weft_frame *frame, weft_layer_fn *on_layer, void *user) {
  struct wire_packet packet;
  struct wire_fragment fragment;
  struct walk walk = {.sums = &packet.sums, .segment = &packet.segment, .fragment = &fragment};
  int layer = walk_begin(&walk, frame), next, counted = 1;
  walk.straight_type = STRAIGHT_NEVER_TYPE;
  walk.straight_protocol = STRAIGHT_NEVER_PROTOCOL;
  for (; layer >= 0; layer = next) {
    struct weft_layer said = {
        .size = sizeof said,
        .name = names[layer],
        .offset = (uint32_t)(walk.at - frame->data),
        .caplen = walk.caplen,
        .wirelen = walk.wirelen,
    };
    next = walk_step(&walk, layer);
    if (next >= 0 && !is_straight(layer, next) && ++counted > WALK_LAYERS_MAX)
      next = walk_end(WEFT_IS_MALFORMED);
    said.header = header_size(&walk, frame, layer, next, said.offset);
    said.realm = walk.realm;
    said.verdict = next < 0 ? -1 - next : -1;
    int status = on_layer(&said, user);
    if (status < 0) return status;
  }
  return -1 - layer;
}
