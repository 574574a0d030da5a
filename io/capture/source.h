/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_SOURCE_H
#define WEFTIO_CAPTURE_SOURCE_H

#include <weft/capture.h>

/*
 * Where a weft_capture gets its frames: a file, several files, an interface.
 * A kind of source is one table of functions and one function that makes it.
 */
struct source;
struct wishes;

struct source_ops {
  /* Fills up to `n` (>= 1) frames, in order, and returns how many; their marks
     count frames from 1 in this source.  0 is the end, or, when `live`, may
     mean that nothing came in time.  Negative as in weft_capture_next, and
     then only when there is no frame left to give.  The bytes of frames that
     are not WEFT_FRAME_STABLE live until the next call. */
  int (*next)(struct source *, struct weft_frame *ret, size_t n, struct weft_error *reterr);

  /* The same for frames that are at hand: nothing is waited for, no failure
     told, and the bytes of the frames given before stay where they are.  0:
     there are none.  NULL: there never are. */
  size_t (*more)(struct source *, struct weft_frame *ret, size_t n);

  /* Adds `position`, `total`, drops and `has_drops` to `ret`. */
  void (*inspect)(struct source *, struct weft_capture_info *ret);

  /* Releases everything, `source` included. */
  void (*close)(struct source *);
};

struct source {
  const struct source_ops *ops;
  int live; /* 0 from `next` is only an end when `ended` says so */
  int ended;
  int drains;  /* when stopped, what was there before still comes; then it ends by itself */
  int reopens; /* a file that can be opened again, from its start */
};

/* Each makes a source or says in `reterr` why not; `ret` is then left alone.
   `wishes` are borrowed until the source is closed. */
int source_file(const char *path, struct wishes *wishes, struct source **ret,
                struct weft_error *reterr);
int source_live(const char *interface_name, const struct weft_live_options *options,
                struct wishes *wishes, struct source **ret, struct weft_error *reterr);

/* The same for bytes in memory, which are borrowed: what tests and fuzzing
   use.  With `piece` 0 they are taken as a mapped file is; otherwise as from a
   pipe that gives `piece` bytes at a time. */
int source_memory(const char *name, const uint8_t *bytes, size_t size, size_t piece,
                  struct source **ret, struct weft_error *reterr);

/* A weft_capture over `source`, which it closes.  With NULL, one that is to
   get its source later. */
struct weft_capture *capture_over(struct source *source);

#endif
