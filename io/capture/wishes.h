/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_WISHES_H
#define WEFTIO_CAPTURE_WISHES_H

#include <weft/capture.h>

#include "capture/stop.h"

/*
 * What the user of a capture wants of everything below it.  Belongs to the
 * capture; sources borrow it.
 */
struct wishes {
  struct stop stop;
  int follow;                          /* files grow: their ends are waited at */
  int inputs;                          /* open now: the more, the smaller their buffers */
  int quiet;                           /* no warnings: whoever looks now will look again */
  weft_capture_warning_fn *on_warning; /* may be NULL */
  void *user;
};

/* Tells of what did no great harm; nothing where nobody listens. */
void wishes_warn(const struct wishes *, int status, uint64_t position, uint64_t frame,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
