/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_MEM_H
#define WEFT_BASE_MEM_H

#include <stdint.h>

#include <weft/base.h>

enum { CACHE_LINE = 64 };

/*
 * The one place memory comes from.  Every allocation of an engine, or of a
 * weft_http, goes through its `struct mem`, which counts it: so bounds are
 * exact, and a test can make each allocation fail in turn.
 */
struct mem {
  struct weft_allocator allocator;
  uint64_t used, peak;
  uint64_t max; /* allocations that would pass it fail; 0: no bound */
  uint64_t refused;
};

/* `allocator` may be NULL: malloc and free. */
void mem_init(struct mem *, const struct weft_allocator *allocator, uint64_t max);

/* NULL when the allocator has none or `max` would be passed.  Not zeroed. */
void *mem_alloc(struct mem *, size_t size);
void *mem_alloc_zero(struct mem *, size_t size);

/* `size` is what was asked for.  NULL is fine. */
void mem_free(struct mem *, void *memory, size_t size);

/* A larger (or smaller) copy in place of `memory`; NULL and nothing changes
   on failure. */
void *mem_resize(struct mem *, void *memory, size_t old_size, size_t new_size);

/* Where the first cache line at or behind `memory` begins. */
static inline void *mem_on_line(void *memory) {
  return (uint8_t *)memory + (-(uintptr_t)memory & (CACHE_LINE - 1));
}

#endif
