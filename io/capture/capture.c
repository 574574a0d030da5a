/* SPDX-License-Identifier: BSD-2-Clause */
#include <weft/capture.h>

#include <stdlib.h>
#include <string.h>

#include "capture/fault.h"
#include "capture/filter.h"
#include "capture/source.h"
#include "capture/stop.h"

struct weft_capture {
  struct source *source;
  struct filter *filter;
  uint64_t frames, filtered;
  int ended;
  struct stop stop;
};

/* More at once only costs cache. */
#define BATCH_MAX 4096

static struct weft_capture *capture_new(const char *name, struct weft_error *reterr) {
  struct weft_capture *capture = calloc(1, sizeof(*capture));
  if (!capture) {
    fault_memory(reterr, name);
  } else if (stop_init(&capture->stop) != 0) {
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

int weft_capture_open(const char *path, struct weft_capture **ret, struct weft_error *reterr) {
  struct weft_capture *capture = capture_new(path, reterr);
  if (!capture) return reterr ? reterr->status : WEFT_E_NOMEM;
  return capture_ready(capture, source_file(path, &capture->stop, &capture->source, reterr), ret);
}

int weft_capture_merge(const char *const *paths, size_t npaths, struct weft_capture **ret,
                       struct weft_error *reterr) {
  if (npaths == 0) return fault(reterr, WEFT_E_INVAL, "no capture file was named");
  if (npaths == 1) return weft_capture_open(paths[0], ret, reterr);
  struct weft_capture *capture = capture_new(paths[0], reterr);
  if (!capture) return reterr ? reterr->status : WEFT_E_NOMEM;
  return capture_ready(capture,
                       source_merge(paths, npaths, &capture->stop, &capture->source, reterr), ret);
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
  struct weft_capture *capture = capture_new(interface_name, reterr);
  if (!capture) return reterr ? reterr->status : WEFT_E_NOMEM;
  return capture_ready(
      capture, source_live(interface_name, &all, &capture->stop, &capture->source, reterr), ret);
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
  if (stop_asked(&capture->stop)) return 0;
  if (rc == 0 && capture->filter) return filter_verdict(capture->filter, reterr);
  return rc;
}

int weft_capture_next(struct weft_capture *capture, struct weft_frame *ret, size_t n,
                      struct weft_error *reterr) {
  struct source *source = capture->source;
  if (n > BATCH_MAX) n = BATCH_MAX;
  if (capture->ended || n == 0) return 0;
  do {
    if (stop_asked(&capture->stop)) return capture_end(capture, 0, reterr);
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

void weft_capture_stop(struct weft_capture *capture) { stop_ask(&capture->stop); }

void weft_capture_inspect(struct weft_capture *capture, struct weft_capture_info *ret) {
  *ret = (struct weft_capture_info){.size = sizeof(*ret),
                                    .frames = capture->frames,
                                    .filtered = capture->filtered,
                                    .live = capture->source->live};
  capture->source->ops->inspect(capture->source, ret);
}

void weft_capture_close(struct weft_capture *capture) {
  if (!capture) return;
  if (capture->source) capture->source->ops->close(capture->source);
  filter_free(capture->filter);
  stop_done(&capture->stop);
  free(capture);
}
