/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IO_SINK_WRITER_H
#define IO_SINK_WRITER_H

#include <weft/writer.h>

#include "sink/format.h"

/*
 * The buffer behind weft_writer, for sinks that write at a cursor of their own.
 * Always true: buffer <= at <= end.
 */
struct weft_writer {
  char *at, *end, *buffer;
  struct format_clock clock;
  int fd, owned; /* owned: opened here, so closed here */
  int os_error;
  char name[256];
};

/* As much as a pipe holds, and little enough to stay in a near cache meanwhile. */
#define WRITER_BYTES ((size_t)64 * 1024)

/* Hands everything to the system, or throws it away after a failure: room is
   made either way. */
void writer_drain(struct weft_writer *);

/* A place for up to `n` bytes, n <= WRITER_BYTES; they count once `at` has moved
   past them. */
static inline char *writer_room(struct weft_writer *w, size_t n) {
  if ((size_t)(w->end - w->at) < n) writer_drain(w);
  return w->at;
}

#endif
