/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_STREAM_SPANS_H
#define WEFT_STREAM_SPANS_H

#include "reasm/segs.h"

/* Spans being gathered for one delivery, each with the block its bytes lie in
   (NULL: in a frame).  Both arrays share one allocation that only grows. */
struct spans {
  struct weft_span *span;
  struct block **block;
  uint32_t count, room;
};

/* WEFT_E_NOMEM. */
int spans_init(struct spans *, struct mem *);
void spans_done(struct spans *, struct mem *);

/* WEFT_E_NOMEM: nothing was added, what was gathered stays. */
int spans_add(struct spans *, struct mem *, struct weft_span span, struct block *block);

uint64_t spans_memory_max(uint64_t spans);

#endif
