/* SPDX-License-Identifier: BSD-2-Clause */
#include "allocator.h"

#include <stdlib.h>
#include <string.h>

/* In front of each block, as large as malloc aligns. */
union head {
  size_t size;
  max_align_t align;
};

static int is_to_fail(const struct test_allocator *memory) {
  if (!memory->fail_at) return 0;
  return memory->calls == memory->fail_at ||
         (memory->fail_after && memory->calls > memory->fail_at);
}

static void *test_alloc(void *context, size_t size) {
  struct test_allocator *memory = context;
  memory->calls++;
  if (is_to_fail(memory)) return NULL;
  union head *head = malloc(sizeof *head + size);
  if (!head) return NULL;
  head->size = size;
  /* Fresh memory is no zeroes: what reads it unset shows. */
  memset(head + 1, 0xa5, size);
  memory->live++;
  memory->bytes += size;
  if (memory->bytes > memory->peak) memory->peak = memory->bytes;
  return head + 1;
}

static void test_free(void *context, void *block, size_t size) {
  struct test_allocator *memory = context;
  if (!block) return;
  union head *head = (union head *)block - 1;
  if (head->size != size) memory->wrong_sizes++;
  memory->live--;
  memory->bytes -= head->size;
  memset(block, 0x5a, head->size);
  free(head);
}

struct weft_allocator test_allocator_of(struct test_allocator *memory) {
  return (struct weft_allocator){test_alloc, test_free, memory};
}
