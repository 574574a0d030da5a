/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_SLAB_H
#define WEFT_BASE_SLAB_H

#include "base/mem.h"

/*
 * Objects of one size, known by a 32-bit index that stays theirs until they
 * are released.  They lie in chunks; a chunk whose objects are all released
 * goes back to the allocator, so memory falls again after a peak.
 *
 * Always true: the used objects of a chunk plus its free list are all of it;
 * a chunk is on the list of chunks with room exactly when it has a free object.
 */
#define SLAB_NONE UINT32_MAX

struct slab_chunk {
  uint8_t *objects; /* NULL while the chunk is given back; on a cache line */
  void *memory;     /* what they lie in */
  uint32_t used;
  uint32_t fresh;      /* objects from this place on have never been used */
  uint32_t free;       /* first released object, by its place in the chunk */
  uint32_t next, prev; /* of the chunks with room, or, given back, of the spare numbers */
};

struct slab {
  struct mem *mem;
  struct slab_chunk *chunks;
  uint32_t nchunks, chunks_max;
  uint32_t object_size;
  uint32_t cold_size; /* of each object's second part */
  uint32_t shift;     /* 2^shift objects in a chunk */
  uint32_t roomy;     /* list of chunks with room */
  uint32_t spare;     /* list of chunk numbers without memory */
  uint32_t used;
};

/* Objects of `object_size` bytes (at least 4),
   2^shift of them in a chunk.  Allocates nothing yet. */
void slab_init(struct slab *, struct mem *, uint32_t object_size, uint32_t shift);

/* Objects in two parts: the first ones lie together, so that they share no
   cache line with the second ones, which are seldom touched. */
void slab_init_cold(struct slab *, struct mem *, uint32_t object_size, uint32_t cold_size,
                    uint32_t shift);

/* Releases all memory; the objects are gone.  A zeroed slab is fine. */
void slab_done(struct slab *);

/* The index of a new object, its bytes undefined; SLAB_NONE without memory. */
uint32_t slab_take(struct slab *);

void slab_release(struct slab *, uint32_t index);

/* Asks for the cache lines of what slab_take will give next. */
void slab_prefetch(const struct slab *);

/* The most memory that `objects` at once can take; `object_size` is that of
   both parts together. */
uint64_t slab_memory_max(uint32_t object_size, uint32_t shift, uint64_t objects);

static inline void *slab_at(const struct slab *slab, uint32_t index) {
  return slab->chunks[index >> slab->shift].objects +
         (size_t)(index & ((1u << slab->shift) - 1)) * slab->object_size;
}

/* The second part of an object, from the first; the sizes are slab_init_cold's. */
static inline void *slab_cold_of(const void *object, uint32_t index, uint32_t shift,
                                 uint32_t object_size, uint32_t cold_size) {
  size_t place = index & ((1u << shift) - 1);
  return (uint8_t *)(uintptr_t)object - place * object_size + ((size_t)object_size << shift) +
         place * cold_size;
}

static inline void *slab_cold_at(const struct slab *slab, uint32_t index) {
  return slab_cold_of(slab_at(slab, index), index, slab->shift, slab->object_size, slab->cold_size);
}

#endif
