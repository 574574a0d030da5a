/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_HOARD_H
#define WEFTIO_CAPTURE_HOARD_H

#include <weft/frame.h>

/*
 * Copies of frames' bytes that are kept for a while and released about in the
 * order they came: they lie in chunks, and a chunk is freed when the last frame
 * in it was released.
 */
struct chunk;

struct hoard {
  struct chunk *filling; /* NULL: none */
  size_t bytes;          /* in all chunks */
};

/* Copies the bytes of `frame`, unless they are stable, and points it to them.
   The chunk to be released later, which may be NULL with stable bytes and
   empty frames; *ok is 0 when there was no memory. */
struct chunk *hoard_keep(struct hoard *, struct weft_frame *frame, int *ok);
void hoard_release(struct hoard *, struct chunk *); /* NULL is fine */

/* Once everything was released. */
void hoard_done(struct hoard *);

#endif
