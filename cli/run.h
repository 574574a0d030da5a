/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "args.h"
#include "errors.h"

/*
 * From the frames of the input through an engine to a subcommand's callbacks:
 * what every subcommand does alike.
 */

/* What a callback returns to stop. */
enum { STOP_OUTPUT = WEFT_E_USER, STOP_ENOUGH = WEFT_E_USER - 1 };

struct run {
  const struct args *args;
  struct weft_capture *capture;
  struct weft_engine *engine;
  /* Where results go, so that they are seen in time.  flush returns < 0 once
     the output has failed. */
  int (*flush)(void *user);
  size_t (*pending)(void *user);
  void *user;
  /* Sees every frame before the engine does; may be NULL. */
  void (*see)(void *see_user, const struct weft_frame *, size_t nframes);
  void *see_user;
  uint64_t frames; /* taken so far */
};

/* Opens input and engine.  EXIT_OK, or another status after saying why.
   `user` is both that of `ops` and of the run. */
int run_open(struct run *, const struct args *, const struct weft_stream_ops *, void *user);

/* Reads all of it and finishes the engine.  Returns enum exit_status, without
   EXIT_OUTPUT: the output's owner knows. */
int run_all(struct run *);

/* Frees the engine, so that connections get on_close, and closes the input. */
void run_close(struct run *);

#endif
