/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several sources as one, in order of time.  Each has a few frames read ahead;
 * the source whose next frame is the earliest gives it, by a heap of sources
 * ordered by that frame's time and, for equal times, by which was named first.
 *
 *     source 0   | 10 12 15 ..      heap:   1 (9)
 *     source 1   | 9 14 ..                 /    \
 *     source 2   | 11 11 ..           0 (10)    2 (11)
 *
 * A file whose own times go back is followed as it is: nothing is sorted
 * inside a file.  A source that fails is finished; its frames count, and the
 * first failure is told when all the others have ended.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/fault.h"
#include "capture/source.h"

#define AHEAD 64

struct merged {
  struct source *source;
  int count, next; /* of `ahead`: filled, given */
  struct weft_frame ahead[AHEAD];
};

struct merge {
  struct source source;
  size_t nmerged, nheap;
  uint64_t frames;
  int failures;
  struct weft_error first_failure;
  size_t *heap;    /* of indexes; the earliest first */
  size_t starving; /* the source at the top must be read before the heap is right; SIZE_MAX */
  struct merged *merged;
};

static int merge_earlier(const struct merge *merge, size_t a, size_t b) {
  weft_time at = merge->merged[a].ahead[merge->merged[a].next].mark.time;
  weft_time bt = merge->merged[b].ahead[merge->merged[b].next].mark.time;
  return at != bt ? at < bt : a < b;
}

static void merge_sift_down(struct merge *merge, size_t hole) {
  size_t *heap = merge->heap, moving = heap[hole];
  for (size_t child; (child = 2 * hole + 1) < merge->nheap; hole = child) {
    if (child + 1 < merge->nheap && merge_earlier(merge, heap[child + 1], heap[child])) child++;
    if (!merge_earlier(merge, heap[child], moving)) break;
    heap[hole] = heap[child];
  }
  heap[hole] = moving;
}

/* Reads ahead in one source: 1; 0: it has ended. */
static int merge_read(struct merge *merge, size_t index) {
  struct merged *merged = &merge->merged[index];
  struct weft_error error;
  merged->next = 0;
  merged->count = merged->source->ops->next(merged->source, merged->ahead, AHEAD, &error);
  if (merged->count > 0) return 1;
  if (merged->count < 0 && merge->failures++ == 0) merge->first_failure = error;
  return 0;
}

/* The first look into every source, by which the heap is built. */
static void merge_start(struct merge *merge) {
  merge->starving = SIZE_MAX;
  for (size_t i = 0; i < merge->nmerged; i++)
    if (merge_read(merge, i)) merge->heap[merge->nheap++] = i;
  for (size_t i = merge->nheap / 2; i-- > 0;) merge_sift_down(merge, i);
}

/* The source at the top has given all it had read ahead. */
static void merge_feed(struct merge *merge) {
  if (!merge_read(merge, merge->heap[0])) merge->heap[0] = merge->heap[--merge->nheap];
  merge->starving = SIZE_MAX;
  if (merge->nheap) merge_sift_down(merge, 0);
}

static int merge_end(struct merge *merge, struct weft_error *reterr) {
  merge->source.ended = 1;
  if (merge->failures && reterr) *reterr = merge->first_failure;
  if (merge->failures > 1 && reterr) {
    size_t used = strlen(reterr->text);
    snprintf(reterr->text + used, sizeof(reterr->text) - used,
             " (%d of the %zu files are damaged; the others were read whole)", merge->failures,
             merge->nmerged);
  }
  return merge->failures ? merge->first_failure.status : 0;
}

static int merge_next(struct source *source, struct weft_frame *ret, size_t n,
                      struct weft_error *reterr) {
  struct merge *merge = (struct merge *)source;
  size_t count = 0;
  if (!merge->heap) return 0;
  while (count < n) {
    if (merge->starving != SIZE_MAX) {
      /* Reading takes the bytes of its earlier frames away, unless they are
         stable: then those must have been used first. */
      if (count && !(ret[count - 1].flags & WEFT_FRAME_STABLE)) break;
      merge_feed(merge);
    }
    if (!merge->nheap) break;
    size_t index = merge->heap[0];
    struct merged *merged = &merge->merged[index];
    ret[count] = merged->ahead[merged->next++];
    ret[count].mark.frame = ++merge->frames;
    ret[count].interface_id = (uint32_t)index << 16 | (ret[count].interface_id & 0xffff);
    count++;
    if (merged->next == merged->count)
      merge->starving = index;
    else
      merge_sift_down(merge, 0);
  }
  return count ? (int)count : merge_end(merge, reterr);
}

static void merge_inspect(struct source *source, struct weft_capture_info *ret) {
  const struct merge *merge = (const struct merge *)source;
  for (size_t i = 0; i < merge->nmerged; i++)
    merge->merged[i].source->ops->inspect(merge->merged[i].source, ret);
}

static void merge_close(struct source *source) {
  struct merge *merge = (struct merge *)source;
  for (size_t i = 0; i < merge->nmerged; i++)
    if (merge->merged[i].source) merge->merged[i].source->ops->close(merge->merged[i].source);
  free(merge->merged);
  free(merge->heap);
  free(merge);
}

int source_merge(const char *const *paths, size_t npaths, struct stop *stop, struct source **ret,
                 struct weft_error *reterr) {
  static const struct source_ops ops = {merge_next, merge_inspect, merge_close};
  struct merge *merge = calloc(1, sizeof(*merge));
  if (!merge) return fault_memory(reterr, paths[0]);
  merge->source.ops = &ops;
  merge->merged = calloc(npaths, sizeof(*merge->merged));
  merge->heap = calloc(npaths, sizeof(*merge->heap));
  int rc = merge->merged && merge->heap ? 0 : fault_memory(reterr, paths[0]);
  for (; rc >= 0 && merge->nmerged < npaths; merge->nmerged += rc >= 0)
    rc = source_file(paths[merge->nmerged], stop, &merge->merged[merge->nmerged].source, reterr);
  if (rc < 0) {
    merge_close(&merge->source);
    return rc;
  }
  merge_start(merge);
  *ret = &merge->source;
  return 0;
}
