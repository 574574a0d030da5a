/* SPDX-License-Identifier: BSD-2-Clause */
#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "progress.h"
#include "stop.h"

enum { BATCH = 256 };

/* A frame may still be on its way through the kernel, or in the window it is sorted in,
   when a read times out: the engine's clock stays so far behind the wall's. */
#define LIVE_SLACK (WEFT_SECOND / 2)

static int input_refused(const struct weft_error *error, int otherwise) {
  complain("%s", error->text);
  return error->status == WEFT_E_INVAL ? EXIT_USAGE : otherwise;
}

static void on_warning(const struct weft_error *warning, void *user) {
  const struct args *a = user;
  if (!a->quiet) complain("%s", warning->text);
}

static int open_live(struct run *r, struct weft_error *error) {
  const struct args *a = r->args;
  struct weft_live_options live = {
      .size = sizeof live,
      .filter = a->filter,
      .snaplen = a->snaplen,
      .no_promiscuous = a->no_promiscuous,
      .sort_window = a->sort_window,
      .dedup_window = a->dedup_window,
      .on_warning = on_warning,
      .user = (void *)a,
  };
  return weft_capture_live(a->interface_name, &live, &r->capture, error);
}

static int open_files(struct run *r, struct weft_error *error) {
  const struct args *a = r->args;
  struct weft_capture_options options = {
      .size = sizeof options,
      .follow = a->follow,
      .sort_window = a->sort_window,
      .dedup_window = a->dedup_window,
      .on_warning = on_warning,
      .user = (void *)a,
  };
  int status = weft_capture_files(a->files, a->nfiles, &options, &r->capture, error);
  if (status < 0 || a->filter == NULL) return status;
  status = weft_capture_filter(r->capture, a->filter, error);
  if (status < 0) weft_capture_close(r->capture);
  return status;
}

/* Numbers of connections are the same in every subcommand, so every one opens
   them alike: on any segment. */
static int open_engine(struct run *r, const struct weft_stream_ops *ops) {
  struct weft_options options = r->args->engine;
  int live = r->args->interface_name != NULL;
  options.opens = WEFT_OPENS_ANY;
  options.idle_wait = r->args->idle_wait != 0 ? r->args->idle_wait : live ? 120 * WEFT_SECOND : 0;
  int status = weft_engine_new(&options, ops, r->user, &r->engine);
  if (status < 0) complain("cannot begin: %s", weft_strerror(status));
  return status;
}

int run_open(struct run *r, const struct args *args, const struct weft_stream_ops *ops,
             void *user) {
  struct weft_error error = {.text = ""};
  *r = (struct run){.args = args, .user = user};
  int live = args->interface_name != NULL;
  int status = live ? open_live(r, &error) : open_files(r, &error);
  if (status < 0) return input_refused(&error, EXIT_INPUT);
  if (open_engine(r, ops) < 0) {
    weft_capture_close(r->capture);
    return EXIT_USAGE;
  }
  stop_watch(live || args->follow ? r->capture : NULL);
  progress_begin(!live && !args->follow && !args->quiet);
  if (live && !args->quiet) complain("capturing on %s", args->interface_name);
  return EXIT_OK;
}

void run_close(struct run *r) {
  stop_watch(NULL);
  weft_engine_free(r->engine);
  weft_capture_close(r->capture);
}

/* ---- the loop ---- */

static int run_flush(struct run *r) {
  if (r->flush == NULL || r->pending(r->user) == 0) return 0;
  progress_clear();
  return r->flush(r->user) < 0 ? STOP_OUTPUT : 0;
}

/* Memory that ran out is the engine's to say in gaps and statistics; it goes on. */
static int push(struct run *r, const struct weft_frame *frames, size_t n) {
  r->frames += n;
  if (r->see != NULL) r->see(r->see_user, frames, n);
  while (n > 0) {
    size_t taken = 0;
    int status = weft_engine_push_batch(r->engine, frames, n, &taken);
    if (status >= 0) return 0;
    if (status != WEFT_E_NOMEM || taken == 0) return status;
    frames += taken;
    n -= taken;
  }
  return 0;
}

static weft_time wall_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (weft_time)t.tv_sec * WEFT_SECOND + t.tv_nsec;
}

/* On a quiet link time passes all the same.  *checked is when idle
   connections were last looked for. */
static int run_tick(struct run *r, int quiet, weft_time *checked) {
  weft_time now = wall_clock() - LIVE_SLACK - r->args->sort_window;
  int status = quiet ? weft_engine_advance(r->engine, now) : 0;
  weft_duration every = r->args->idle_check != 0 ? r->args->idle_check : 60 * WEFT_SECOND;
  weft_duration wait = r->args->idle_wait != 0 ? r->args->idle_wait : 120 * WEFT_SECOND;
  if (*checked == WEFT_TIME_NONE) *checked = now;
  if (status < 0 || wait == WEFT_FOREVER || now - *checked < every) return status;
  *checked = now;
  return weft_engine_flush(r->engine, WEFT_TIME_NONE, now - wait, NULL);
}

static void run_progress(struct run *r) {
  if (!progress_due()) return;
  struct weft_capture_info info = {.size = sizeof info};
  weft_capture_inspect(r->capture, &info);
  progress_step(info.position, info.total);
}

static size_t batch_size(const struct run *r) {
  uint64_t count = r->args->count;
  return count != 0 && count - r->frames < BATCH ? (size_t)(count - r->frames) : BATCH;
}

/* Until the end, a stop or a failure: 0, negative from a callback, or a
   negative status of the capture with *ret_damaged set. */
static int run_frames(struct run *r, struct weft_error *error, int *ret_damaged) {
  struct weft_frame frames[BATCH];
  struct weft_capture_info info = {.size = sizeof info};
  weft_time checked = WEFT_TIME_NONE;
  weft_capture_inspect(r->capture, &info);
  int drains = info.live || r->args->follow; /* ends by itself when stopped */
  int prompt = info.live || info.total == 0; /* somebody waits for each result */
  for (size_t n; (n = batch_size(r)) > 0 && (drains || !stop_asked());) {
    int got = weft_capture_next(r->capture, frames, n, error);
    if (got < 0) {
      *ret_damaged = 1;
      return got;
    }
    if (got == 0 && (!info.live || weft_capture_ended(r->capture))) return 0;
    int status = got > 0 ? push(r, frames, (size_t)got) : 0;
    if (status == 0 && info.live) status = run_tick(r, got == 0, &checked);
    if (status == 0 && prompt) status = run_flush(r);
    if (status < 0) return status;
    run_progress(r);
  }
  return 0;
}

static void say_drops(struct run *r) {
  struct weft_capture_info info = {.size = sizeof info};
  weft_capture_inspect(r->capture, &info);
  if (r->args->quiet) return;
  if (info.live)
    complain("%" PRIu64 " frames captured, %" PRIu64 " dropped by the kernel, %" PRIu64
             " dropped by the interface",
             r->frames, info.kernel_dropped, info.interface_dropped);
  else if (info.has_drops && info.kernel_dropped + info.interface_dropped > 0)
    complain("the capture says that it lacks frames: %" PRIu64 " dropped by the kernel, %" PRIu64
             " by the interface",
             info.kernel_dropped, info.interface_dropped);
}

int run_all(struct run *r) {
  struct weft_error error = {.text = ""};
  int damaged = 0;
  int status = run_frames(r, &error, &damaged);
  progress_clear();
  if (status == 0 || damaged) {
    int finished = weft_engine_finish(r->engine);
    if (finished < 0 && !damaged) status = finished;
  }
  say_drops(r);
  if (stop_asked() && !r->args->quiet && r->args->interface_name == NULL && !r->args->follow)
    complain("interrupted: this is what %" PRIu64 " frames gave", r->frames);
  if (damaged) return input_refused(&error, r->frames > 0 ? EXIT_DAMAGED : EXIT_INPUT);
  if (status >= 0 || status == STOP_OUTPUT || status == STOP_ENOUGH) return EXIT_OK;
  complain("stopped after %" PRIu64 " frames: %s", r->frames, weft_strerror(status));
  return EXIT_INPUT;
}
