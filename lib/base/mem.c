/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Large pieces lie on huge pages where the system gives them: what is looked up
   at random then misses the caches, but not the page tables as well. */
enum { HUGE_PAGE = 2 << 20 };

static void *libc_alloc(void *context, size_t size) {
  (void)context;
  if (size < HUGE_PAGE) return malloc(size);
  void *memory;
  if (posix_memalign(&memory, HUGE_PAGE, size)) return NULL;
#ifdef MADV_HUGEPAGE
  madvise(memory, size & ~(size_t)(HUGE_PAGE - 1), MADV_HUGEPAGE);
#endif
  return memory;
}

static void libc_free(void *context, void *memory, size_t size) {
  (void)context;
  (void)size;
  free(memory);
}

void mem_init(struct mem *mem, const struct weft_allocator *allocator, uint64_t max) {
  memset(mem, 0, sizeof *mem);
  mem->allocator = allocator ? *allocator : (struct weft_allocator){libc_alloc, libc_free, NULL};
  mem->max = max;
}

void *mem_alloc(struct mem *mem, size_t size) {
  assert(size > 0);
  if (mem->max && (size > mem->max || mem->used > mem->max - size)) {
    mem->refused++;
    return NULL;
  }
  void *memory = mem->allocator.alloc(mem->allocator.context, size);
  if (!memory) return NULL;
  mem->used += size;
  if (mem->used > mem->peak) mem->peak = mem->used;
  return memory;
}

void *mem_alloc_zero(struct mem *mem, size_t size) {
  void *memory = mem_alloc(mem, size);
  if (memory) memset(memory, 0, size);
  return memory;
}

void mem_free(struct mem *mem, void *memory, size_t size) {
  if (!memory) return;
  assert(mem->used >= size);
  mem->used -= size;
  mem->allocator.free(mem->allocator.context, memory, size);
}

void *mem_resize(struct mem *mem, void *memory, size_t old_size, size_t new_size) {
  void *larger = mem_alloc(mem, new_size);
  if (!larger) return NULL;
  if (memory) {
    memcpy(larger, memory, old_size < new_size ? old_size : new_size);
    mem_free(mem, memory, old_size);
  }
  return larger;
}
