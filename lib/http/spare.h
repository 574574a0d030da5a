/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_SPARE_H
#define WEFT_HTTP_SPARE_H

#include "base/mem.h"

/*
 * Objects of one size of which few are in use at a time: those given back are
 * kept at hand, up to a number, and the one given back last is taken first, for
 * it is in the cache.
 */
struct http_spare {
  struct mem *mem; /* borrowed */
  void *first;     /* each begins with the address of the next */
  uint32_t size;   /* of an object: a pointer at least */
  uint32_t kept, kept_max;
};

void http_spare_init(struct http_spare *, struct mem *, uint32_t size, uint32_t kept_max);

/* Frees those at hand. */
void http_spare_done(struct http_spare *);

/* Undefined bytes, or NULL without memory. */
void *http_spare_take(struct http_spare *);

/* NULL is fine. */
void http_spare_give(struct http_spare *, void *object);

#endif
