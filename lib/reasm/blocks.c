/* SPDX-License-Identifier: BSD-2-Clause */
#include "reasm/blocks.h"

#include <string.h>

_Static_assert((int)BLOCK_UNIT >= (int)sizeof(struct block_spare), "it takes the block's place");

static uint32_t block_units(uint32_t size) {
  return (uint32_t)((sizeof(struct block) + (uint64_t)size + BLOCK_UNIT - 1) / BLOCK_UNIT);
}

void blocks_init(struct blocks *blocks, struct mem *mem) {
  memset(blocks, 0, sizeof *blocks);
  blocks->mem = mem;
}

/* The first spare block of that size, which there must be. */
static void *spare_take(struct blocks *blocks, uint32_t units) {
  struct block_spare *spare = blocks->lists[units];
  blocks->lists[units] = spare->next;
  blocks->spare -= (uint64_t)units * BLOCK_UNIT;
  return spare;
}

void blocks_done(struct blocks *blocks) {
  for (uint32_t units = 0; units <= BLOCK_SIZES; units++)
    while (blocks->lists[units])
      mem_free(blocks->mem, spare_take(blocks, units), (size_t)units * BLOCK_UNIT);
}

struct block *block_new(struct blocks *blocks, const uint8_t *bytes, uint32_t size) {
  uint32_t units = block_units(size);
  struct block *block = units <= BLOCK_SIZES && blocks->lists[units]
                            ? spare_take(blocks, units)
                            : mem_alloc(blocks->mem, (size_t)units * BLOCK_UNIT);
  if (!block) return NULL;
  block->refs = 1;
  block->size = size;
  memcpy(block->bytes, bytes, size);
  return block;
}

void block_release(struct blocks *blocks, struct block *block) {
  if (!block || --block->refs > 0) return;
  uint32_t units = block_units(block->size);
  uint64_t memory = (uint64_t)units * BLOCK_UNIT;
  if (units > BLOCK_SIZES || blocks->spare + memory > BLOCKS_SPARE_MAX) {
    mem_free(blocks->mem, block, memory);
    return;
  }
  struct block_spare *spare = (void *)block;
  spare->next = blocks->lists[units];
  blocks->lists[units] = spare;
  blocks->spare += memory;
}
