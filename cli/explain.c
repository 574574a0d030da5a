/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain.h"

#include <inttypes.h>
#include <stdio.h>

#include <weft/frame.h>

#include "output.h"
#include "run.h"
#include "stop.h"

/* The walks over the frames that were asked for, as they are written. */
struct walks {
  const struct args *args;
  struct output output;
  const struct weft_frame *frame;
  int counted; /* the verdict that the engine has on it: that of the datagram it completes */
  int depth;
  char end[64]; /* name and offset of the layer that the walk ended in */
  uint64_t shown;
};

enum { COLUMN = 8, NAME_COLUMN = 16, HEX_MAX = 16 };

/* ---- one frame ---- */

static void record_fields(const struct walks *w, const struct weft_layer *layer) {
  struct weft_record *r = w->output.record;
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
  weft_record_string(r, "counted", layer->verdict < 0 ? NULL : weft_verdict_name(w->counted));
}

static int on_record(const struct weft_layer *layer, void *user) {
  struct walks *w = user;
  w->depth++;
  weft_record_begin(w->output.record);
  record_fields(w, layer);
  weft_record_end(w->output.record);
  return 0;
}

/* A frame of a link type that is not read has no layers, but a line all the same. */
static void record_frame(struct walks *w) {
  static const struct weft_layer none = {.verdict = WEFT_IS_UNKNOWN_LINK};
  w->depth = 0;
  if (weft_explain(w->frame, on_record, w) >= 0 && w->depth == 0) on_record(&none, w);
}

/* The header, or what stands where one was looked for. */
static void text_bytes(struct walks *w, const struct weft_layer *layer) {
  struct weft_writer *writer = w->output.writer;
  uint32_t length = layer->header != 0 ? layer->header : layer->caplen;
  if (length != 0)
    weft_write_hex(writer, w->frame->data + layer->offset, length < HEX_MAX ? length : HEX_MAX);
  weft_write_string(writer, length > HEX_MAX ? "..\n" : "\n");
}

static int on_text(const struct weft_layer *layer, void *user) {
  struct walks *w = user;
  struct output *o = &w->output;
  output_number(o, layer->offset, COLUMN);
  output_number(o, layer->header, COLUMN);
  output_number(o, layer->caplen, COLUMN);
  output_number(o, layer->wirelen, COLUMN);
  output_left(o, layer->name, NAME_COLUMN);
  text_bytes(w, layer);
  snprintf(w->end, sizeof w->end, "%s at offset %" PRIu32, layer->name, layer->offset);
  return 0;
}

static void text_segment(struct weft_writer *writer, const struct weft_frame *frame) {
  char source[WEFT_ENDPOINT_STRLEN], target[WEFT_ENDPOINT_STRLEN], text[64];
  struct weft_segment segment;
  if (weft_decode(frame, &segment) != WEFT_IS_SEGMENT) return;
  weft_write_string(writer, weft_endpoint_format(&segment.tuple.source, source));
  weft_write_string(writer, " to ");
  weft_write_string(writer, weft_endpoint_format(&segment.tuple.target, target));
  snprintf(text, sizeof text, ", %" PRIu32 " bytes at offset %zu", segment.wirelen,
           (size_t)(segment.payload - frame->data));
  weft_write_string(writer, text);
  if (segment.caplen == segment.wirelen) return;
  snprintf(text, sizeof text, ", %" PRIu32 " of them captured", segment.caplen);
  weft_write_string(writer, text);
}

static const char *why(int verdict) {
  switch (verdict) {
  case WEFT_IS_SEGMENT: return "of a stream";
  case WEFT_IS_FRAGMENT: return "held until the datagram is whole";
  case WEFT_IS_OTHER: return "sound, but what it carries is not TCP";
  case WEFT_IS_TRUNCATED: return "cut short by the snapshot length";
  case WEFT_IS_MALFORMED: return "lengths or a version that cannot be";
  case WEFT_IS_BAD_CHECKSUM: return "dropped for it";
  case WEFT_IS_STRAY: return "of no connection, and opens none";
  case WEFT_IS_REFUSED: return "its receiver would not have taken it";
  default: return "not read by weft";
  }
}

static void text_reason(struct weft_writer *writer, int verdict) {
  weft_write_string(writer, weft_verdict_name(verdict));
  weft_write_string(writer, ": ");
  weft_write_string(writer, why(verdict));
}

/* What the frame is, and what became of it, where that is something else. */
static void text_verdict(struct walks *w, int verdict) {
  struct weft_writer *writer = w->output.writer;
  weft_write_string(writer, weft_verdict_name(verdict));
  weft_write_string(writer, ": ");
  if (verdict == WEFT_IS_SEGMENT) {
    text_segment(writer, w->frame);
    if (w->counted != verdict) weft_write_string(writer, ": ");
  } else {
    weft_write_string(writer, w->end);
    weft_write_string(writer, ": ");
    if (w->counted == verdict) weft_write_string(writer, why(verdict));
  }
  if (w->counted != verdict) {
    int completes = verdict == WEFT_IS_FRAGMENT && w->counted != WEFT_IS_BAD_CHECKSUM;
    weft_write_string(writer, completes ? "the datagram it completes is " : "counted as ");
    text_reason(writer, w->counted);
  }
  weft_write_char(writer, '\n');
}

static void text_frame(struct walks *w) {
  struct weft_writer *writer = w->output.writer;
  char line[128];
  if (w->shown > 0) weft_write_char(writer, '\n');
  snprintf(line, sizeof line,
           "frame %" PRIu64 ", link type %u, %" PRIu32 " of %" PRIu32 " bytes captured\n",
           w->frame->mark.frame, (unsigned)w->frame->linktype, w->frame->caplen, w->frame->wirelen);
  weft_write_string(writer, line);
  weft_write_string(writer, "  offset   header captured     sent layer            bytes\n");
  snprintf(w->end, sizeof w->end, "link type %u", (unsigned)w->frame->linktype);
  text_verdict(w, weft_explain(w->frame, on_text, w));
}

/* ---- the capture ---- */

static int is_wanted(const struct walks *w) {
  if (w->args->explain_frame != 0) return w->frame->mark.frame == w->args->explain_frame;
  return w->counted == w->args->explain_verdict;
}

/* Returns 1 when there is no more to be shown. */
static int frame_take(struct walks *w, struct weft_engine *engine, const struct weft_frame *frame) {
  int counted = weft_engine_push(engine, frame);
  w->frame = frame;
  w->counted = counted < 0 ? WEFT_IS_FRAGMENT : counted; /* lost for want of memory */
  if (!is_wanted(w)) return 0;
  if (w->output.record != NULL)
    record_frame(w);
  else
    text_frame(w);
  w->shown++;
  return w->args->explain_frame != 0;
}

static int frames_take(struct walks *w, struct run *run, uint64_t *ret_frames) {
  struct weft_error error = {.text = ""};
  struct weft_frame frames[64];
  int ended = 0;
  while (!ended && !stop_asked()) {
    int got = weft_capture_next(run->capture, frames, sizeof frames / sizeof *frames, &error);
    if (got < 0) {
      complain("%s", error.text);
      return *ret_frames > 0 ? EXIT_DAMAGED : EXIT_INPUT;
    }
    if (got == 0 && weft_capture_ended(run->capture)) break;
    for (int i = 0; i < got && !ended; i++) {
      if (w->args->count != 0 && *ret_frames == w->args->count) return EXIT_OK;
      ++*ret_frames;
      ended = frame_take(w, run->engine, &frames[i]);
    }
  }
  return EXIT_OK;
}

static void header_write(struct walks *w) {
  static const struct weft_frame nowhere;
  static const struct weft_layer nothing = {.verdict = -1};
  if (w->output.record == NULL) return;
  w->frame = &nowhere;
  weft_record_begin_header(w->output.record);
  record_fields(w, &nothing);
  weft_record_end(w->output.record);
}

int explain_all(const struct args *a, const struct weft_stream_ops *ops, void *user) {
  struct walks w = {.args = a};
  struct run run;
  uint64_t frames = 0;
  int status = run_open(&run, a, ops, user);
  if (status != EXIT_OK) return status;
  status = output_open(&w.output, a);
  if (status == EXIT_OK) {
    header_write(&w);
    status = frames_take(&w, &run, &frames);
  }
  if (status == EXIT_OK && a->explain_frame != 0 && w.shown == 0) {
    complain("no frame %" PRIu64 ": there are %" PRIu64, a->explain_frame, frames);
    status = EXIT_INPUT;
  }
  run_close(&run);
  return output_close(&w.output, status);
}
