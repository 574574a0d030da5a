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

/* An object has up to three parts.  In a chunk the first parts of all objects lie
   together, then the second ones, then the third: parts that are used at
   different times share no cache line, and small ones share it with others
   of their kind. */
enum slab_part { SLAB_HOT, SLAB_COLD, SLAB_LINKS, SLAB_PARTS };

struct slab_chunk {
  uint8_t *objects; /* NULL while the chunk is given back; on a cache line, behind the owner */
  void *memory;     /* what they lie in */
  uint32_t used;
  uint32_t fresh;      /* objects from this place on have never been used */
  uint32_t free;       /* first released object, by its place in the chunk */
  uint32_t next, prev; /* of the chunks with room, or, given back, of the spare numbers */
};

struct slab {
  struct mem *mem;
  void *owner; /* whoever an object should know by its address: slab_owner_of */
  struct slab_chunk *chunks;
  uint32_t nchunks, chunks_max;
  uint32_t sizes[SLAB_PARTS]; /* of each object's parts */
  size_t starts[SLAB_PARTS];  /* where in a chunk those of its first object are */
  uint32_t shift, mask;       /* 2^shift objects in a chunk; mask + 1 of them */
  uint32_t roomy;             /* list of chunks with room */
  uint32_t spare;             /* list of chunk numbers without memory */
  uint32_t used;
};

/* Objects of `object_size` bytes (at least 4),
   2^shift of them in a chunk.  Allocates nothing yet. */
void slab_init(struct slab *, struct mem *, uint32_t object_size, uint32_t shift);

/* Objects of several parts, 0 bytes for one that they do not have. */
void slab_init_parts(struct slab *, struct mem *, const uint32_t sizes[SLAB_PARTS], uint32_t shift);

/* Releases all memory; the objects are gone.  A zeroed slab is fine. */
void slab_done(struct slab *);

/* The index of a new object, its bytes undefined; SLAB_NONE without memory. */
uint32_t slab_take(struct slab *);

void slab_release(struct slab *, uint32_t index);

/* The place in the first chunk with room that slab_take will give next.  To fetch it. */
static inline uint32_t slab_place_next(const struct slab_chunk *);

/* The most memory that `objects` at once can take; `object_size` is that of
   all parts together. */
uint64_t slab_memory_max(uint32_t object_size, uint32_t shift, uint64_t objects);

static inline void *slab_part_at(const struct slab *slab, uint32_t index, enum slab_part part) {
  return slab->chunks[index >> slab->shift].objects + slab->starts[part] +
         (size_t)(index & slab->mask) * slab->sizes[part];
}

static inline void *slab_at(const struct slab *slab, uint32_t index) {
  return slab_part_at(slab, index, SLAB_HOT);
}

/* The same, where the compiler knows the size of the first part, which is where a chunk begins. */
static inline void *slab_at_sized(const struct slab *slab, uint32_t index, uint32_t size) {
  return slab->chunks[index >> slab->shift].objects + (size_t)(index & slab->mask) * size;
}

static inline uint32_t slab_place_next(const struct slab_chunk *chunk) {
  return chunk->free == SLAB_NONE ? chunk->fresh : chunk->free;
}

/* slab_part_at, where the compiler knows the size of the part. */
static inline void *slab_part_sized(const struct slab *slab, uint32_t index, enum slab_part part,
                                    uint32_t size) {
  return slab->chunks[index >> slab->shift].objects + slab->starts[part] +
         (size_t)(index & slab->mask) * size;
}

/* The second part of an object, from the first; the sizes are slab_init_parts's. */
static inline void *slab_cold_of(const void *object, uint32_t index, uint32_t shift,
                                 uint32_t object_size, uint32_t cold_size) {
  size_t place = index & ((1u << shift) - 1);
  return (uint8_t *)(uintptr_t)object - place * object_size + ((size_t)object_size << shift) +
         place * cold_size;
}

/* What `owner` was when the object's chunk was made: it may be set once, before the first
   slab_take.  Read from memory that all objects of a chunk share. */
static inline void *slab_owner_of(const void *object, uint32_t index, uint32_t shift,
                                  uint32_t object_size) {
  const uint8_t *objects =
      (const uint8_t *)object - (size_t)(index & ((1u << shift) - 1)) * object_size;
  return ((void *const *)(const void *)objects)[-1];
}

#endif
