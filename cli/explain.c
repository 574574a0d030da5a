/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain.h"

#include <stdio.h>
#include <string.h>

#include <weft/frame.h>

/* The walk over one frame, as it is written. */
struct walk_output {
  struct output *output;
  const struct weft_frame *frame;
  int depth;
  const struct weft_layer *last; /* the one it ended in; only while on_layer runs */
};

enum { COLUMN = 9, HEX_MAX = 16 };

static const uint8_t *layer_bytes(const struct walk_output *w, const struct weft_layer *layer) {
  return w->frame->data + layer->offset;
}

/* How much of a layer is shown: its header, or where there is none what stands in its place. */
static uint32_t layer_shown(const struct weft_layer *layer) {
  uint32_t length = layer->header != 0 ? layer->header : layer->caplen;
  return length < HEX_MAX ? length : HEX_MAX;
}

static void record_layer(const struct walk_output *w, const struct weft_layer *layer) {
  struct weft_record *r = w->output->record;
  weft_record_uint(r, "frame", w->frame->mark.frame);
  weft_record_uint(r, "linktype", w->frame->linktype);
  weft_record_uint(r, "depth", (uint64_t)w->depth);
  weft_record_string(r, "layer", layer->name);
  weft_record_uint(r, "offset", layer->offset);
  weft_record_uint(r, "header", layer->header);
  weft_record_uint(r, "captured", layer->caplen);
  weft_record_uint(r, "sent", layer->wirelen);
  weft_record_uint(r, "realm", layer->realm);
  weft_record_string(r, "verdict", layer->verdict < 0 ? NULL : weft_verdict_name(layer->verdict));
}

static int on_record(const struct weft_layer *layer, void *user) {
  struct walk_output *w = user;
  w->depth++;
  weft_record_begin(w->output->record);
  record_layer(w, layer);
  weft_record_end(w->output->record);
  return 0;
}

static int on_text(const struct weft_layer *layer, void *user) {
  struct walk_output *w = user;
  struct output *o = w->output;
  char name[24];
  snprintf(name, sizeof name, "%*s%s", 2 * w->depth++, "", layer->name);
  output_number(o, layer->offset, COLUMN);
  output_number(o, layer->header, COLUMN);
  output_number(o, layer->caplen, COLUMN);
  output_number(o, layer->wirelen, COLUMN);
  output_left(o, layer->name, 18);
  weft_write_hex(o->writer, layer_bytes(w, layer), layer_shown(layer));
  if (layer->header > HEX_MAX) weft_write_string(o->writer, "..");
  weft_write_char(o->writer, '\n');
  return 0;
}
