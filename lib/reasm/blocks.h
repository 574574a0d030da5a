/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_REASM_BLOCKS_H
#define WEFT_REASM_BLOCKS_H

#include "base/mem.h"

/*
 * Bytes that no frame keeps alive, counted by who refers to them.  They come
 * and go with packets out of order, mostly of one size or another: some of those
 * let go of are kept for the next of that size.
 *
 * Always true: a spare block is on the list of its size, and `spare` is the
 * memory of them all, at most BLOCKS_SPARE_MAX.
 */
struct block {
  uint32_t refs;
  uint32_t size;
  uint8_t bytes[];
};

/* Blocks of up to BLOCK_SIZES units, header included, may be spare. */
enum { BLOCK_UNIT = 16, BLOCK_SIZES = 96, BLOCKS_SPARE_MAX = 128 << 10 };

/* What a block takes beside its bytes is at most this. */
enum { BLOCK_EXTRA = sizeof(struct block) + BLOCK_UNIT - 1 };

struct block_spare {
  struct block_spare *next;
};

struct blocks {
  struct mem *mem;
  uint64_t spare;
  struct block_spare *lists[BLOCK_SIZES + 1]; /* by size in units */
};

void blocks_init(struct blocks *, struct mem *);

/* Releases the spare ones; the others must have been let go of. */
void blocks_done(struct blocks *);

/* A copy of the bytes, referred to once by the caller.  NULL without memory. */
struct block *block_new(struct blocks *, const uint8_t *bytes, uint32_t size);

/* Lets go of a reference; NULL is fine. */
void block_release(struct blocks *, struct block *);

#endif
