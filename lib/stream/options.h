/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_STREAM_OPTIONS_H
#define WEFT_STREAM_OPTIONS_H

#include "base/mem.h"
#include "stream/engine.h"

/* struct rare comes in chunks of this many, as a power of two. */
enum { RARES_SHIFT = 6 };

/* Copies a caller's struct that begins with `size` into one of ours: what it
   does not have is zero; WEFT_E_UNKNOWN when it sets what we do not have. */
int options_copy(void *ours, size_t our_size, const void *given, size_t given_size);

/* Checks the options and fills in the defaults.  WEFT_E_INVAL, WEFT_E_UNKNOWN. */
int options_take(const struct weft_options *given, struct weft_options *ret);

/* Makes copies of what the options point to; and frees them. */
int options_own(struct weft_options *, struct mem *);
void options_disown(struct weft_options *, struct mem *);

/* How connections are laid out. */
uint32_t conns_shift(const struct weft_options *);

/* weft_engine_memory_max for options that options_take has made. */
uint64_t engine_memory_max(const struct weft_options *);

#endif
