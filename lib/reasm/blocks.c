/* SPDX-License-Identifier: BSD-2-Clause */
#include "reasm/blocks.h"

#include <string.h>

_Static_assert((int)BLOCK_UNIT >= (int)sizeof(struct block_spare), "it takes the block's place");

static uint64_t units_of(uint64_t size) { return (size + BLOCK_UNIT - 1) / BLOCK_UNIT; }

static uint64_t block_size(uint32_t size) { return sizeof(struct block) + (uint64_t)size; }

void blocks_init(struct blocks *blocks, struct mem *mem) {
  memset(blocks, 0, sizeof *blocks);
  blocks->mem = mem;
}

/* The first spare piece of that size, which there must be. */
static void *spare_take(struct blocks *blocks, uint64_t units) {
  struct block_spare *spare = blocks->lists[units];
  blocks->lists[units] = spare->next;
  blocks->spare -= units * BLOCK_UNIT;
  return spare;
}

void blocks_done(struct blocks *blocks) {
  for (uint32_t units = 0; units <= BLOCK_SIZES; units++)
    while (blocks->lists[units])
      mem_free(blocks->mem, spare_take(blocks, units), (size_t)units * BLOCK_UNIT);
}

void *blocks_alloc(struct blocks *blocks, uint64_t size) {
  uint64_t units = units_of(size);
  if (units <= BLOCK_SIZES && blocks->lists[units]) return spare_take(blocks, units);
  return mem_alloc(blocks->mem, (size_t)units * BLOCK_UNIT);
}

void blocks_free(struct blocks *blocks, void *memory, uint64_t size) {
  uint64_t units = units_of(size), bytes = units * BLOCK_UNIT;
  if (!memory) return;
  if (units > BLOCK_SIZES || blocks->spare + bytes > BLOCKS_SPARE_MAX) {
    mem_free(blocks->mem, memory, (size_t)bytes);
    return;
  }
  struct block_spare *spare = memory;
  spare->next = blocks->lists[units];
  blocks->lists[units] = spare;
  blocks->spare += bytes;
}

struct block *block_new(struct blocks *blocks, const uint8_t *bytes, uint32_t size) {
  struct block *block = blocks_alloc(blocks, block_size(size));
  if (!block) return NULL;
  block->refs = 1;
  block->size = size;
  memcpy(block->bytes, bytes, size);
  return block;
}

void block_release(struct blocks *blocks, struct block *block) {
  if (block && --block->refs == 0) blocks_free(blocks, block, block_size(block->size));
}
