/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_STREAM_POISON_H
#define WEFT_STREAM_POISON_H

#include <weft/stream.h>

/*
 * The `poison` build option: delivered bytes and spans are copied into fresh
 * pages that are unmapped when the callback has returned, so whoever uses
 * them after their time is stopped on the spot.  Elsewhere this costs nothing.
 */
struct poison {
  void *pages;
  size_t size;
};

#ifdef WEFT_POISON
/* Makes `data` point to copies.  WEFT_E_NOMEM. */
int poison_cover(struct poison *, struct weft_data *data);
void poison_uncover(struct poison *);
#else
static inline int poison_cover(struct poison *poison, struct weft_data *data) {
  (void)poison;
  (void)data;
  return 0;
}
static inline void poison_uncover(struct poison *poison) { (void)poison; }
#endif

#endif
