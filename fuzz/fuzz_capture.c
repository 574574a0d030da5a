/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capture files of all formats, compressed or not.  Properties:
 *
 *  - a file in memory and the same file coming in small pieces give the same
 *    frames, and end with the same words after the same frame; of damaged
 *    compressed data both only end with failure, for it depends on the pieces how
 *    soon a decoder sees the damage and so what is found behind it;
 *  - frames are numbered from 1, hold no more bytes than were on the wire, and
 *    lie inside the file when they say they are stable;
 *  - once at its end, a capture stays there;
 *  - put in order within a window that takes them all, the same number of frames
 *    come in order of time, and of equal times in that of their numbers.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "capture/sort.h"
#include "capture/source.h"
#include "capture/unpack.h"
#include "capture/wishes.h"

#define BATCH 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition) \
  do { \
    if (!(condition)) abort(); \
  } while (0)

/* A capture that is read frame by frame, whatever its batches are. */
struct reading {
  struct weft_capture *capture;
  struct weft_frame frames[BATCH];
  int count, next, status;
  uint64_t number;
  struct weft_error error;
};

static void reading_open(struct reading *reading, const uint8_t *data, size_t size, size_t piece) {
  struct source *source;
  memset(reading, 0, sizeof(*reading));
  reading->status = source_memory("input", data, size, piece, &source, &reading->error);
  if (reading->status < 0) return;
  reading->capture = capture_over(source);
  REQUIRE(reading->capture);
}

/* The next frame, or NULL and `status` says how it ended. */
static const struct weft_frame *reading_next(struct reading *reading) {
  if (reading->status < 0 || !reading->capture) return NULL;
  if (reading->next == reading->count) {
    reading->next = 0;
    reading->count = weft_capture_next(reading->capture, reading->frames, BATCH, &reading->error);
    REQUIRE(reading->count <= BATCH);
    if (reading->count <= 0) {
      reading->status = reading->count;
      reading->count = 0;
      REQUIRE(weft_capture_ended(reading->capture));
      REQUIRE(weft_capture_next(reading->capture, reading->frames, BATCH, NULL) == 0);
      return NULL;
    }
  }
  const struct weft_frame *frame = &reading->frames[reading->next++];
  REQUIRE(frame->mark.frame == ++reading->number);
  REQUIRE(frame->caplen <= frame->wirelen);
  REQUIRE(frame->mark.time != WEFT_TIME_NONE);
  return frame;
}

static void compare(const struct weft_frame *a, const struct weft_frame *b) {
  REQUIRE(!a == !b);
  if (!a) return;
  REQUIRE(a->caplen == b->caplen && a->wirelen == b->wirelen && a->linktype == b->linktype);
  REQUIRE(a->mark.time == b->mark.time && a->interface_id == b->interface_id);
  REQUIRE(a->caplen == 0 || memcmp(a->data, b->data, a->caplen) == 0);
}

static void check_sorted(const uint8_t *data, size_t size, uint64_t expected, int status) {
  static const struct wishes wishes;
  struct source *source, *sorted;
  struct weft_frame frames[BATCH];
  struct weft_mark last = {INT64_MIN, 0};
  uint64_t count = 0;
  int n;
  if (source_memory("input", data, size, 0, &source, NULL) < 0) return;
  REQUIRE(source_sort(source, INT64_MAX, &wishes, &sorted, NULL) == 0);
  struct weft_capture *capture = capture_over(sorted);
  for (; (n = weft_capture_next(capture, frames, BATCH, NULL)) > 0; count += (uint64_t)n)
    for (int i = 0; i < n; i++) {
      struct weft_mark mark = frames[i].mark;
      REQUIRE(mark.time > last.time || (mark.time == last.time && mark.frame > last.frame));
      last = mark;
    }
  REQUIRE(n == status && count == expected);
  weft_capture_close(capture);
}

/* How the capture ends, read to its end. */
static int drain(const uint8_t *data, size_t size, size_t piece, uint64_t *ret_frames) {
  struct reading reading;
  reading_open(&reading, data, size, piece);
  while (reading_next(&reading)) continue;
  *ret_frames = reading.number;
  weft_capture_close(reading.capture);
  return reading.status;
}

static void check_equal(const uint8_t *data, size_t size, size_t piece) {
  struct reading whole, pieces;
  const struct weft_frame *a, *b;
  reading_open(&whole, data, size, 0);
  reading_open(&pieces, data, size, piece);
  do {
    a = reading_next(&whole);
    b = reading_next(&pieces);
    compare(a, b);
    if (a && a->flags & WEFT_FRAME_STABLE)
      REQUIRE(a->data >= data && a->data + a->caplen <= data + size);
  } while (a);
  REQUIRE(whole.status == pieces.status);
  REQUIRE(whole.status == 0 || strcmp(whole.error.text, pieces.error.text) == 0);
  weft_capture_close(whole.capture);
  weft_capture_close(pieces.capture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  uint64_t frames, frames_of_pieces;
  size_t piece = 1 + size % 61;
  int status = drain(data, size, 0, &frames);
  if (status < 0 && unpack_recognises(data, size))
    REQUIRE(drain(data, size, piece, &frames_of_pieces) == status);
  else
    check_equal(data, size, piece);
  check_sorted(data, size, frames, status);
  return 0;
}
