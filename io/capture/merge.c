/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several files as one, in order of time.  Each has a few frames read ahead;
 * the file whose next frame is the earliest gives it, by a heap of files
 * ordered by that frame's time and, for equal times, by which was named first.
 *
 *     file 0   | 10 12 15 ..      heap:   1 (9)        waiting: 3 (20), 4 (30)
 *     file 1   | 9 14 ..                 /    \
 *     file 2   | 11 11 ..           0 (10)    2 (11)
 *
 * Files take turns being open: at first each is only looked into, for the time
 * of its first frame, and then waits until that time has come.  So of a
 * thousand files that a rotation left no two are open at once.  What cannot be
 * opened twice, such as a pipe, stays open.
 *
 * A file whose own times go back is followed as it is: nothing is sorted
 * inside a file.  A file that fails is finished; its frames count, and the
 * first failure is told when all the others have ended.
 */
#include "capture/merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/fault.h"
#include "capture/paths.h"
#include "capture/source.h"
#include "capture/wishes.h"

#define AHEAD 64

struct merged {
  const char *path;
  uint16_t index;           /* that frames of it tell */
  weft_time first;          /* when its first frame was captured */
  struct source *source;    /* NULL: not open */
  struct weft_frame *ahead; /* NULL: not open */
  int count, next;          /* of `ahead`: filled, given */
  uint64_t total;           /* its size, 0 when unknown */
};

struct merge {
  struct source source;
  struct wishes *wishes;
  struct paths paths;
  struct merged *merged;   /* those with frames in them, by `first` */
  size_t nmerged, waiting; /* `waiting` and those after it are still to be begun */
  size_t *heap, nheap;     /* of indexes; the earliest first */
  int starving;            /* the one at the top must be read before the heap is right */
  uint64_t frames;
  int failures, opened;
  struct weft_error first_failure;
  struct weft_capture_info gone; /* of files that were closed */
};

static int merge_earlier(const struct merge *merge, size_t a, size_t b) {
  const struct merged *left = &merge->merged[a], *right = &merge->merged[b];
  weft_time at = left->ahead[left->next].mark.time, bt = right->ahead[right->next].mark.time;
  return at != bt ? at < bt : left->index < right->index;
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

static void merge_insert(struct merge *merge, size_t moving) {
  size_t *heap = merge->heap, hole = merge->nheap++;
  for (; hole && merge_earlier(merge, moving, heap[(hole - 1) / 2]); hole = (hole - 1) / 2)
    heap[hole] = heap[(hole - 1) / 2];
  heap[hole] = moving;
}

static void merge_failed(struct merge *merge, const struct weft_error *error) {
  if (merge->failures++ == 0) merge->first_failure = *error;
}

static void merged_close(struct merge *merge, struct merged *merged) {
  if (merged->source) {
    merged->source->ops->inspect(merged->source, &merge->gone);
    merged->source->ops->close(merged->source);
  }
  free(merged->ahead);
  merged->source = NULL;
  merged->ahead = NULL;
}

static int merged_open(struct merge *merge, struct merged *merged, struct weft_error *reterr) {
  merged->ahead = calloc(AHEAD, sizeof(*merged->ahead));
  if (!merged->ahead) return fault_memory(reterr, merged->path);
  return source_file(merged->path, merge->wishes, &merged->source, reterr);
}

/* What a file has at hand, if anything: then the bytes of its earlier frames stay. */
static int merged_more(struct merged *merged) {
  size_t count = merged->source->ops->more
                     ? merged->source->ops->more(merged->source, merged->ahead, AHEAD)
                     : 0;
  if (count == 0) return 0;
  merged->next = 0;
  merged->count = (int)count;
  return 1;
}

/* Reads ahead in a file: 1; 0: it has ended. */
static int merged_read(struct merge *merge, struct merged *merged) {
  struct weft_error error;
  merged->next = 0;
  merged->count = merged->source->ops->next(merged->source, merged->ahead, AHEAD, &error);
  if (merged->count > 0) return 1;
  if (merged->count < 0) merge_failed(merge, &error);
  return 0;
}

/* ---- the first look ---- */

/* A file that lies where files were looked for, and is no capture. */
static int merge_pass_over(struct merge *merge, const struct path *path, int rc,
                           const struct weft_error *error) {
  if (rc != WEFT_E_FORMAT || !path->found) return 0;
  wishes_warn(merge->wishes, rc, 0, 0, "%s; passed over", error->text);
  return 1;
}

/* Closes a file that was only looked into; it is as if it had not been read. */
static void merged_put_off(struct merged *merged) {
  merged->source->ops->close(merged->source);
  free(merged->ahead);
  merged->source = NULL;
  merged->ahead = NULL;
}

/* Opens one file and learns when it begins; one without a frame is done with. */
static int merge_look(struct merge *merge, const struct path *path, size_t index,
                      struct weft_error *reterr) {
  struct merged *merged = &merge->merged[merge->nmerged];
  struct weft_capture_info info = {0};
  struct weft_error error = {.text = ""};
  *merged = (struct merged){.path = path->name, .index = (uint16_t)index};
  int rc = merged_open(merge, merged, &error);
  if (rc < 0) {
    merged_close(merge, merged);
    if (merge_pass_over(merge, path, rc, &error)) return 0;
    if (reterr) *reterr = error;
    return rc;
  }
  merge->opened++;
  merged->source->ops->inspect(merged->source, &info);
  merged->total = info.total;
  merge->wishes->quiet = merged->source->reopens;
  int begins = merged_read(merge, merged);
  merge->wishes->quiet = 0;
  if (!begins) {
    merged_close(merge, merged);
    return 0;
  }
  merged->first = merged->ahead[0].mark.time;
  if (merged->source->reopens) merged_put_off(merged);
  merge->nmerged++;
  return 0;
}

static int merged_compare(const void *a, const void *b) {
  const struct merged *left = a, *right = b;
  if (left->first != right->first) return left->first < right->first ? -1 : 1;
  return left->index < right->index ? -1 : 1;
}

static int merge_look_at_all(struct merge *merge, struct weft_error *reterr) {
  size_t n = merge->paths.count;
  merge->merged = calloc(n, sizeof(*merge->merged));
  merge->heap = calloc(n, sizeof(*merge->heap));
  if (!merge->merged || !merge->heap) return fault_memory(reterr, merge->paths.at[0].name);
  for (size_t i = 0; i < n; i++) {
    int rc = merge_look(merge, &merge->paths.at[i], i, reterr);
    if (rc < 0) return rc;
  }
  if (!merge->opened)
    return fault(reterr, WEFT_E_FORMAT, "%s and %zu more: none of them is a capture file",
                 merge->paths.at[0].name, n - 1);
  qsort(merge->merged, merge->nmerged, sizeof(*merge->merged), merged_compare);
  return 0;
}

/* ---- giving frames ---- */

/* Has the first frames of a file at hand: 1; 0: it has none, or none any more. */
static int merged_begin(struct merge *merge, struct merged *merged) {
  struct weft_error error;
  if (merged->source) return 1; /* since the first look */
  if (merged_open(merge, merged, &error) >= 0) return merged_read(merge, merged);
  merge_failed(merge, &error);
  return 0;
}

/* Begins the files whose time has come. */
static void merge_begin(struct merge *merge) {
  for (; merge->waiting < merge->nmerged; merge->waiting++) {
    struct merged *merged = &merge->merged[merge->waiting];
    if (merge->nheap) {
      const struct merged *top = &merge->merged[merge->heap[0]];
      if (merged->first > top->ahead[top->next].mark.time) return;
    }
    if (merged_begin(merge, merged))
      merge_insert(merge, merge->waiting);
    else
      merged_close(merge, merged);
  }
}

/* The file at the top has given all it had read ahead.  0: reading on would
   take the bytes of its earlier frames away, and some of them were not used yet. */
static int merge_feed(struct merge *merge, int used) {
  struct merged *merged = &merge->merged[merge->heap[0]];
  if (!merged_more(merged)) {
    if (!used) return 0;
    if (!merged_read(merge, merged)) {
      merged_close(merge, merged);
      merge->heap[0] = merge->heap[--merge->nheap];
    }
  }
  merge->starving = 0;
  if (merge->nheap) merge_sift_down(merge, 0);
  return 1;
}

static int merge_end(struct merge *merge, struct weft_error *reterr) {
  merge->source.ended = 1;
  if (merge->failures && reterr) *reterr = merge->first_failure;
  if (merge->failures > 1 && reterr) {
    size_t used = strlen(reterr->text);
    snprintf(reterr->text + used, sizeof(reterr->text) - used,
             " (%d of the %d files are damaged; the others were read whole)", merge->failures,
             merge->opened);
  }
  return merge->failures ? merge->first_failure.status : 0;
}

static int merge_next(struct source *source, struct weft_frame *ret, size_t n,
                      struct weft_error *reterr) {
  struct merge *merge = (struct merge *)source;
  size_t count = 0;
  while (count < n) {
    if (merge->starving && !merge_feed(merge, count == 0)) break;
    merge_begin(merge);
    if (!merge->nheap) break;
    struct merged *merged = &merge->merged[merge->heap[0]];
    ret[count] = merged->ahead[merged->next++];
    ret[count].mark.frame = ++merge->frames;
    ret[count].interface_id = (uint32_t)merged->index << 16 | (ret[count].interface_id & 0xffff);
    count++;
    merge->starving = merged->next == merged->count;
    if (!merge->starving) merge_sift_down(merge, 0);
  }
  return count ? (int)count : merge_end(merge, reterr);
}

/* ---- the source ---- */

static void merge_inspect(struct source *source, struct weft_capture_info *ret) {
  const struct merge *merge = (const struct merge *)source;
  struct weft_capture_info all = merge->gone;
  for (size_t i = 0; i < merge->nmerged; i++) {
    const struct merged *merged = &merge->merged[i];
    if (merged->source)
      merged->source->ops->inspect(merged->source, &all);
    else if (i >= merge->waiting)
      all.total += merged->total;
  }
  ret->position += all.position;
  ret->total += all.total;
  ret->kernel_dropped += all.kernel_dropped;
  ret->interface_dropped += all.interface_dropped;
  ret->has_drops |= all.has_drops;
}

static void merge_close(struct source *source) {
  struct merge *merge = (struct merge *)source;
  for (size_t i = 0; i < merge->nmerged; i++) merged_close(merge, &merge->merged[i]);
  paths_done(&merge->paths);
  free(merge->merged);
  free(merge->heap);
  free(merge);
}

int source_merge(struct paths *paths, struct wishes *wishes, struct source **ret,
                 struct weft_error *reterr) {
  static const struct source_ops ops = {merge_next, NULL, merge_inspect, merge_close};
  struct merge *merge = calloc(1, sizeof(*merge));
  if (!merge) return fault_memory(reterr, paths->at[0].name);
  merge->source.ops = &ops;
  merge->wishes = wishes;
  merge->paths = *paths;
  *paths = (struct paths){0};
  int rc = merge_look_at_all(merge, reterr);
  if (rc < 0)
    merge_close(&merge->source);
  else
    *ret = &merge->source;
  return rc;
}
