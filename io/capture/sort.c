/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A heap of frames by time, those of equal time as they came.  The earliest
 * leaves when one has been seen that is `window` later, for then nothing
 * earlier is to come, or when there is no more.  Of a live source time passes
 * also while nothing comes: the latest frame's and what has passed since it came.
 */
#include "capture/sort.h"

#include <stdlib.h>
#include <time.h>

#include "capture/fault.h"
#include "capture/hoard.h"
#include "capture/source.h"
#include "capture/wishes.h"

#define BATCH 64

struct sorted {
  struct weft_frame frame;
  struct chunk *chunk;
};

struct sort {
  struct source source;
  struct source *under;
  const struct wishes *wishes;
  weft_duration window;
  weft_time latest;
  weft_time came;       /* live: when `latest` did, by a clock that only goes on */
  weft_duration passed; /* since then */
  struct sorted *heap;
  size_t count, room;
  struct hoard hoard;
  struct chunk *given[BATCH]; /* of the frames of the last call */
  int ngiven;
  int rc, warned;
  struct weft_error error;
};

static int sorted_earlier(const struct sorted *a, const struct sorted *b) {
  if (a->frame.mark.time != b->frame.mark.time) return a->frame.mark.time < b->frame.mark.time;
  return a->frame.mark.frame < b->frame.mark.frame;
}

static void sort_insert(struct sort *sort, const struct sorted *moving) {
  size_t hole = sort->count++;
  for (; hole && sorted_earlier(moving, &sort->heap[(hole - 1) / 2]); hole = (hole - 1) / 2)
    sort->heap[hole] = sort->heap[(hole - 1) / 2];
  sort->heap[hole] = *moving;
}

static struct sorted sort_take(struct sort *sort) {
  struct sorted first = sort->heap[0], moving = sort->heap[--sort->count];
  size_t hole = 0;
  for (size_t child; (child = 2 * hole + 1) < sort->count; hole = child) {
    if (child + 1 < sort->count && sorted_earlier(&sort->heap[child + 1], &sort->heap[child]))
      child++;
    if (!sorted_earlier(&sort->heap[child], &moving)) break;
    sort->heap[hole] = sort->heap[child];
  }
  sort->heap[hole] = moving;
  return first;
}

static int sort_is_full(struct sort *sort) {
  if (sort->hoard.bytes + sort->room * sizeof(*sort->heap) <= SORT_BYTES_MAX) return 0;
  if (!sort->warned)
    wishes_warn(sort->wishes, 0, 0, sort->heap[0].frame.mark.frame,
                "more than %zu MiB of frames lie within the window to sort in: from frame %llu "
                "on some leave it early; choose a shorter one",
                SORT_BYTES_MAX >> 20, (unsigned long long)sort->heap[0].frame.mark.frame);
  sort->warned = 1;
  return 1;
}

/* The earliest frame may leave. */
static int sort_is_due(struct sort *sort) {
  if (sort->count == 0) return 0;
  if (sort->source.ended) return 1;
  return sort->latest - sort->heap[0].frame.mark.time >= sort->window - sort->passed ||
         sort_is_full(sort);
}

static int sort_keep(struct sort *sort, const struct weft_frame *frame) {
  struct sorted sorted = {.frame = *frame};
  int ok;
  if (sort->count == sort->room) {
    size_t room = sort->room ? sort->room * 2 : 1024;
    struct sorted *larger = realloc(sort->heap, room * sizeof(*larger));
    if (!larger) return 0;
    sort->heap = larger;
    sort->room = room;
  }
  sorted.chunk = hoard_keep(&sort->hoard, &sorted.frame, &ok);
  if (!ok) return 0;
  if (frame->mark.time > sort->latest || sort->latest == WEFT_TIME_NONE) {
    sort->latest = frame->mark.time;
    sort->came = WEFT_TIME_NONE;
  }
  sort_insert(sort, &sorted);
  return 1;
}

/* Of a live source: what has passed since `latest` came. */
static void sort_watch(struct sort *sort) {
  struct timespec clock;
  clock_gettime(CLOCK_MONOTONIC, &clock);
  weft_time now = (weft_time)clock.tv_sec * WEFT_SECOND + clock.tv_nsec;
  if (sort->came == WEFT_TIME_NONE) sort->came = now;
  sort->passed = now - sort->came;
}

/* Takes in what `under` gives: 1; 0: nothing came in time, or no more comes.  Its
   failure is told when all before it was given. */
static int sort_fill(struct sort *sort) {
  struct weft_frame frames[BATCH];
  int n = sort->under->ops->next(sort->under, frames, BATCH, &sort->error);
  for (int i = 0; i < n; i++)
    if (!sort_keep(sort, &frames[i])) n = fault_memory(&sort->error, "the window to sort in");
  if (sort->source.live) sort_watch(sort);
  if (n > 0) return 1;
  sort->source.ended = n < 0 || !sort->source.live || sort->under->ended;
  sort->rc = n;
  return 0;
}

static int sort_next(struct source *source, struct weft_frame *ret, size_t n,
                     struct weft_error *reterr) {
  struct sort *sort = (struct sort *)source;
  int count = 0;
  if (n > BATCH) n = BATCH;
  while (sort->ngiven) hoard_release(&sort->hoard, sort->given[--sort->ngiven]);
  while (!sort_is_due(sort) && !sort->source.ended)
    if (!sort_fill(sort)) break;
  for (; count < (int)n && sort_is_due(sort); count++) {
    struct sorted first = sort_take(sort);
    ret[count] = first.frame;
    sort->given[sort->ngiven++] = first.chunk;
  }
  if (count == 0 && sort->rc < 0 && reterr) *reterr = sort->error;
  return count ? count : sort->rc;
}

static void sort_inspect(struct source *source, struct weft_capture_info *ret) {
  struct sort *sort = (struct sort *)source;
  sort->under->ops->inspect(sort->under, ret);
}

static void sort_close(struct source *source) {
  struct sort *sort = (struct sort *)source;
  while (sort->ngiven) hoard_release(&sort->hoard, sort->given[--sort->ngiven]);
  while (sort->count) hoard_release(&sort->hoard, sort->heap[--sort->count].chunk);
  hoard_done(&sort->hoard);
  free(sort->heap);
  sort->under->ops->close(sort->under);
  free(sort);
}

int source_sort(struct source *under, weft_duration window, const struct wishes *wishes,
                struct source **ret, struct weft_error *reterr) {
  static const struct source_ops ops = {sort_next, NULL, sort_inspect, sort_close};
  struct sort *sort = calloc(1, sizeof(*sort));
  if (!sort) return fault_memory(reterr, "the window to sort in");
  sort->source = (struct source){.ops = &ops, .drains = under->drains, .live = under->live};
  sort->under = under;
  sort->wishes = wishes;
  sort->window = window;
  sort->latest = WEFT_TIME_NONE;
  *ret = &sort->source;
  return 0;
}
