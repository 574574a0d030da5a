/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_REASM_BLOCKS_H
#define WEFT_REASM_BLOCKS_H

#include "base/mem.h"

/*
 * Bytes that no frame keeps alive, counted by who refers to them, and other memory that comes
 * and goes with packets out of order.  It is mostly of one size or another: some of what is
 * let go of is kept for the next of that size.
 *
 * Always true: spare memory is on the list of its size, and `spare` is the
 * size of it all, at most BLOCKS_SPARE_MAX.
 */
struct block {
  uint32_t refs;
  uint32_t size;
  uint8_t bytes[];
};

/* Memory of up to BLOCK_SIZES units, a block's header included, may be spare. */
enum { BLOCK_UNIT = 16, BLOCK_SIZES = 96, BLOCKS_SPARE_MAX = 512 << 10 };

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

/* Releases what is spare; the rest must have been let go of. */
void blocks_done(struct blocks *);

/* Memory for that many bytes, rounded up to units.  NULL when there is none. */
void *blocks_alloc(struct blocks *, uint64_t size);

/* `size` is what was asked for.  NULL is fine. */
void blocks_free(struct blocks *, void *memory, uint64_t size);

/* A copy of the bytes, referred to once by the caller.  NULL without memory. */
struct block *block_new(struct blocks *, const uint8_t *bytes, uint32_t size);

/* Lets go of a reference; NULL is fine. */
void block_release(struct blocks *, struct block *);

#endif
