/* SPDX-License-Identifier: BSD-2-Clause */
#include <weft/capture.h>

#include <stdlib.h>
#include <string.h>

#include "capture/dedup.h"
#include "capture/fault.h"
#include "capture/filter.h"
#include "capture/merge.h"
#include "capture/paths.h"
#include "capture/sort.h"
#include "capture/source.h"
#include "capture/wishes.h"

struct weft_capture {
  struct source *source;
  struct filter *filter;
  uint64_t frames, filtered;
  int ended;
  struct wishes wishes;
};

/* More at once only costs cache. */
#define BATCH_MAX 4096

static struct weft_capture *capture_new(const char *name, struct weft_error *reterr) {
  struct weft_capture *capture = calloc(1, sizeof(*capture));
  if (!capture) {
    fault_memory(reterr, name);
  } else if (stop_init(&capture->wishes.stop) != 0) {
    fault_system(reterr, "%s: no descriptor left to wait with", name);
    free(capture);
    capture = NULL;
  }
  return capture;
}

/* The source was made, or not: `rc`. */
static int capture_ready(struct weft_capture *capture, int rc, struct weft_capture **ret) {
  if (rc < 0) {
    weft_capture_close(capture);
    return rc;
  }
  *ret = capture;
  return 0;
}

struct weft_capture *capture_over(struct source *source) {
  struct weft_capture *capture = capture_new("capture", NULL);
  if (capture) capture->source = source;
  return capture;
}

/* Takes over the paths. */
static int capture_open_paths(struct weft_capture *capture, struct paths *paths,
                              struct weft_error *reterr) {
  if (paths->count > 1 && capture->wishes.follow)
    return fault(reterr, WEFT_E_INVAL, "%s and %zu more: only one file can be followed",
                 paths->at[0].name, paths->count - 1);
  if (paths->count > 1) return source_merge(paths, &capture->wishes, &capture->source, reterr);
  return source_file(paths->at[0].name, &capture->wishes, &capture->source, reterr);
}

/* Windows over the source, both in time of the capture. */
static int capture_add_windows(struct weft_capture *capture, weft_duration sort_window,
                               weft_duration dedup_window, struct weft_error *reterr) {
  int rc = 0;
  if (dedup_window > 0) rc = source_dedup(capture->source, dedup_window, &capture->source, reterr);
  if (rc >= 0 && sort_window > 0)
    rc = source_sort(capture->source, sort_window, &capture->wishes, &capture->source, reterr);
  return rc;
}

static int windows_negative(const char *name, weft_duration sort_window, weft_duration dedup_window,
                            struct weft_error *reterr) {
  if (sort_window >= 0 && dedup_window >= 0) return 0;
  return fault(reterr, WEFT_E_INVAL, "%s: a window of time cannot be negative", name);
}

static int capture_open_all(struct weft_capture *capture, const char *const *names, size_t n,
                            const struct weft_capture_options *options, struct weft_error *reterr) {
  struct paths paths;
  capture->wishes.follow = options->follow;
  capture->wishes.on_warning = options->on_warning;
  capture->wishes.user = options->user;
  int rc = paths_expand(names, n, &paths, reterr);
  if (rc < 0) return rc;
  rc = capture_open_paths(capture, &paths, reterr);
  paths_done(&paths);
  if (rc < 0) return rc;
  return capture_add_windows(capture, options->sort_window, options->dedup_window, reterr);
}

int weft_capture_files(const char *const *names, size_t n,
                       const struct weft_capture_options *options, struct weft_capture **ret,
                       struct weft_error *reterr) {
  struct weft_capture_options all = {.size = sizeof(all)};
  if (n == 0) return fault(reterr, WEFT_E_INVAL, "no capture file was named");
  /* Fields newer than this library, or than the caller, are not in both. */
  if (options) {
    if (options->size > sizeof(all))
      return fault(reterr, WEFT_E_UNKNOWN, "%s: options newer than this library", names[0]);
    memcpy(&all, options, options->size);
  }
  int wrong = windows_negative(names[0], all.sort_window, all.dedup_window, reterr);
  if (wrong) return wrong;
  struct weft_capture *capture = capture_new(names[0], reterr);
  if (!capture) return reterr ? reterr->status : WEFT_E_NOMEM;
  return capture_ready(capture, capture_open_all(capture, names, n, &all, reterr), ret);
}

int weft_capture_open(const char *path, struct weft_capture **ret, struct weft_error *reterr) {
  return weft_capture_files(&path, 1, NULL, ret, reterr);
}

int weft_capture_merge(const char *const *paths, size_t npaths, struct weft_capture **ret,
                       struct weft_error *reterr) {
  return weft_capture_files(paths, npaths, NULL, ret, reterr);
}

int weft_capture_live(const char *interface_name, const struct weft_live_options *options,
                      struct weft_capture **ret, struct weft_error *reterr) {
  struct weft_live_options all = {.size = sizeof(all)};
  /* Fields newer than this library, or than the caller, are not in both. */
  if (options) {
    if (options->size > sizeof(all))
      return fault(reterr, WEFT_E_UNKNOWN, "%s: options newer than this library", interface_name);
    memcpy(&all, options, options->size);
  }
  int rc = windows_negative(interface_name, all.sort_window, all.dedup_window, reterr);
  if (rc < 0) return rc;
  struct weft_capture *capture = capture_new(interface_name, reterr);
  if (!capture) return reterr ? reterr->status : WEFT_E_NOMEM;
  capture->wishes.on_warning = all.on_warning;
  capture->wishes.user = all.user;
  rc = source_live(interface_name, &all, &capture->wishes, &capture->source, reterr);
  if (rc >= 0) rc = capture_add_windows(capture, all.sort_window, all.dedup_window, reterr);
  return capture_ready(capture, rc, ret);
}

int weft_capture_filter(struct weft_capture *capture, const char *expression,
                        struct weft_error *reterr) {
  struct filter *filter = NULL;
  int rc = filter_new(expression, &filter, reterr);
  if (rc < 0) return rc;
  filter_free(capture->filter);
  capture->filter = filter;
  return 0;
}

/* The source has no more: by itself, by failing with `rc`, or by being stopped,
   which may look like either. */
static int capture_end(struct weft_capture *capture, int rc, struct weft_error *reterr) {
  capture->ended = 1;
  if (stop_asked(&capture->wishes.stop)) return 0;
  if (rc == 0 && capture->filter) return filter_verdict(capture->filter, reterr);
  return rc;
}

int weft_capture_next(struct weft_capture *capture, struct weft_frame *ret, size_t n,
                      struct weft_error *reterr) {
  struct source *source = capture->source;
  if (n > BATCH_MAX) n = BATCH_MAX;
  if (capture->ended || n == 0) return 0;
  do {
    if (stop_asked(&capture->wishes.stop) && !source->drains)
      return capture_end(capture, 0, reterr);
    int rc = source->ops->next(source, ret, n, reterr);
    if (rc < 0 || (rc == 0 && (!source->live || source->ended)))
      return capture_end(capture, rc, reterr);
    capture->frames += (uint64_t)rc;
    if (capture->filter && rc > 0) {
      int kept = filter_apply(capture->filter, ret, rc);
      capture->filtered += (uint64_t)(rc - kept);
      rc = kept;
    }
    if (rc > 0) return rc;
  } while (!source->live);
  return 0;
}

int weft_capture_ended(const struct weft_capture *capture) { return capture->ended; }

void weft_capture_stop(struct weft_capture *capture) { stop_ask(&capture->wishes.stop); }

void weft_capture_inspect(struct weft_capture *capture, struct weft_capture_info *ret) {
  *ret = (struct weft_capture_info){.size = sizeof(*ret),
                                    .frames = capture->frames,
                                    .filtered = capture->filtered,
                                    .live = capture->source->live};
  capture->source->ops->inspect(capture->source, ret);
  ret->frames += ret->duplicates;
}

void weft_capture_close(struct weft_capture *capture) {
  if (!capture) return;
  if (capture->source) capture->source->ops->close(capture->source);
  filter_free(capture->filter);
  stop_done(&capture->wishes.stop);
  free(capture);
}
