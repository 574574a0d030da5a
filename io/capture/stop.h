/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_STOP_H
#define WEFTIO_CAPTURE_STOP_H

#include <stdatomic.h>

/*
 * A request to end that a signal handler can make.  The flag alone would be
 * lost on a reader that looks at it and then goes to sleep; the pipe stays
 * readable, so a poll that waits on it as well wakes whenever the request comes.
 */
struct stop {
  atomic_int asked;
  int pipe[2]; /* -1: nobody waits */
};

/* 0, or -1 with errno when there is no descriptor left. */
int stop_init(struct stop *);
void stop_done(struct stop *);

/* Async-signal-safe; leaves errno alone. */
void stop_ask(struct stop *);

static inline int stop_asked(const struct stop *stop) {
  return atomic_load_explicit(&stop->asked, memory_order_relaxed);
}

/* Waits until `fd` can be read: 1; `timeout_ms` (-1: no end) passed: 0;
   stopped, or a signal came: 0; failure: -1 with errno.  `fd` -1 only waits. */
int stop_wait(struct stop *, int fd, int timeout_ms);

#endif
