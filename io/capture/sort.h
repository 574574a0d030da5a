/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_SORT_H
#define WEFTIO_CAPTURE_SORT_H

#include <weft/capture.h>

struct source;
struct wishes;

/* The frames of `under` in order of time, as far as none is more than `window`
   behind one that came before it; of a live source none waits longer than the
   window either.  They keep their numbers.  At most
   SORT_BYTES_MAX are held: beyond that the earliest leaves early, and a warning
   says so once.  On success `under` belongs to it. */
#define SORT_BYTES_MAX ((size_t)256 << 20)
int source_sort(struct source *under, weft_duration window, const struct wishes *wishes,
                struct source **ret, struct weft_error *reterr);

#endif
