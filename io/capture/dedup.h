/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_DEDUP_H
#define WEFTIO_CAPTURE_DEDUP_H

#include <weft/capture.h>

struct source;

/* The frames of `under` without those that have the link type, both lengths and
   every byte of one, given or not, that came before it and whose time is at
   most `window` away.  What they are compared with is bounded: beyond
   DEDUP_BYTES_MAX the oldest is forgotten.  On success `under` belongs to it. */
#define DEDUP_BYTES_MAX ((size_t)64 << 20)
int source_dedup(struct source *under, weft_duration window, struct source **ret,
                 struct weft_error *reterr);

#endif
