/* SPDX-License-Identifier: BSD-2-Clause */
#include "allocator.h"

#include <stdlib.h>
#include <string.h>

/* In front of each block, as large as malloc aligns. */
union test_block {
  struct {
    size_t size;
    union test_block *next; /* in the hoard */
  };
  max_align_t align;
};
enum { FREED = 0x5a };

static int is_to_fail(const struct test_allocator *memory) {
  if (!memory->fail_at) return 0;
  return memory->calls == memory->fail_at ||
         (memory->fail_after && memory->calls > memory->fail_at);
}

static void *test_alloc(void *context, size_t size) {
  struct test_allocator *memory = context;
  memory->calls++;
  if (is_to_fail(memory)) return NULL;
  union test_block *head = malloc(sizeof *head + size);
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
  union test_block *head = (union test_block *)block - 1;
  if (head->size != size) memory->wrong_sizes++;
  memory->live--;
  memory->bytes -= head->size;
  memset(block, FREED, head->size);
  if (memory->hoards) {
    head->next = memory->hoard;
    memory->hoard = head;
  } else {
    free(head);
  }
}

uint64_t test_allocator_end(struct test_allocator *memory) {
  uint64_t written = 0;
  while (memory->hoard) {
    union test_block *head = memory->hoard;
    const uint8_t *bytes = (const uint8_t *)(head + 1);
    size_t i = 0;
    while (i < head->size && bytes[i] == FREED) i++;
    written += i < head->size;
    memory->hoard = head->next;
    free(head);
  }
  return written;
}

struct weft_allocator test_allocator_of(struct test_allocator *memory) {
  return (struct weft_allocator){test_alloc, test_free, memory};
}
