/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/slab.h"

#include <assert.h>
#include <string.h>

/* The chunk table doubles; it starts with this many entries. */
enum { CHUNKS_MIN = 8 };

void slab_init(struct slab *slab, struct mem *mem, uint32_t object_size, uint32_t shift) {
  slab_init_parts(slab, mem, (uint32_t[SLAB_PARTS]){object_size}, shift);
}

void slab_init_parts(struct slab *slab, struct mem *mem, const uint32_t sizes[SLAB_PARTS],
                     uint32_t shift) {
  assert(sizes[SLAB_HOT] >= sizeof(uint32_t));
  memset(slab, 0, sizeof *slab);
  slab->mem = mem;
  slab->shift = shift;
  slab->mask = (1u << shift) - 1;
  for (int part = 0; part < SLAB_PARTS; part++) {
    slab->sizes[part] = sizes[part];
    slab->starts[part] = part ? slab->starts[part - 1] + ((size_t)sizes[part - 1] << shift) : 0;
  }
  slab->roomy = slab->spare = SLAB_NONE;
}

/* Objects, the owner in front of them, and what it takes to begin them on a
   cache line. */
static size_t chunk_bytes(const struct slab *slab) {
  const enum slab_part last = SLAB_PARTS - 1;
  return slab->starts[last] + ((size_t)slab->sizes[last] << slab->shift) + 2 * CACHE_LINE;
}

void slab_done(struct slab *slab) {
  if (!slab->mem) return;
  for (uint32_t i = 0; i < slab->nchunks; i++)
    mem_free(slab->mem, slab->chunks[i].memory, chunk_bytes(slab));
  mem_free(slab->mem, slab->chunks, slab->chunks_max * sizeof *slab->chunks);
  struct slab empty;
  slab_init_parts(&empty, slab->mem, slab->sizes, slab->shift);
  empty.owner = slab->owner;
  *slab = empty;
}

static void roomy_add(struct slab *slab, uint32_t number) {
  struct slab_chunk *chunk = &slab->chunks[number];
  chunk->prev = SLAB_NONE;
  chunk->next = slab->roomy;
  if (chunk->next != SLAB_NONE) slab->chunks[chunk->next].prev = number;
  slab->roomy = number;
}

static void roomy_remove(struct slab *slab, uint32_t number) {
  struct slab_chunk *chunk = &slab->chunks[number];
  if (chunk->prev != SLAB_NONE)
    slab->chunks[chunk->prev].next = chunk->next;
  else
    slab->roomy = chunk->next;
  if (chunk->next != SLAB_NONE) slab->chunks[chunk->next].prev = chunk->prev;
}

/* A chunk number without memory: a spare one, or the next. */
static uint32_t chunk_number(struct slab *slab) {
  if (slab->spare != SLAB_NONE) return slab->spare;
  if (slab->nchunks == slab->chunks_max) {
    uint32_t larger = slab->chunks_max ? slab->chunks_max * 2 : CHUNKS_MIN;
    struct slab_chunk *chunks =
        mem_resize(slab->mem, slab->chunks, slab->chunks_max * sizeof *slab->chunks,
                   larger * sizeof *slab->chunks);
    if (!chunks) return SLAB_NONE;
    slab->chunks = chunks;
    slab->chunks_max = larger;
  }
  slab->chunks[slab->nchunks] = (struct slab_chunk){.next = slab->spare};
  slab->spare = slab->nchunks++;
  return slab->spare;
}

static uint32_t chunk_add(struct slab *slab) {
  uint32_t number = chunk_number(slab);
  if (number == SLAB_NONE) return SLAB_NONE;
  struct slab_chunk *chunk = &slab->chunks[number];
  void *memory = mem_alloc(slab->mem, chunk_bytes(slab));
  if (!memory) return SLAB_NONE;
  slab->spare = chunk->next;
  chunk->memory = memory;
  chunk->objects = mem_on_line((uint8_t *)memory + sizeof slab->owner);
  ((void **)(void *)chunk->objects)[-1] = slab->owner;
  chunk->used = chunk->fresh = 0;
  chunk->free = SLAB_NONE;
  roomy_add(slab, number);
  return number;
}

static int chunk_is_full(const struct slab *slab, const struct slab_chunk *chunk) {
  return chunk->free == SLAB_NONE && chunk->fresh == 1u << slab->shift;
}

uint32_t slab_take(struct slab *slab) {
  uint32_t number = slab->roomy;
  if (number == SLAB_NONE) number = chunk_add(slab);
  if (number == SLAB_NONE) return SLAB_NONE;
  struct slab_chunk *chunk = &slab->chunks[number];
  uint32_t place = chunk->free;
  /* Memory that was never used is left alone as long as it can be. */
  if (place == SLAB_NONE)
    place = chunk->fresh++;
  else
    memcpy(&chunk->free, chunk->objects + (size_t)place * slab->sizes[SLAB_HOT],
           sizeof chunk->free);
  chunk->used++;
  slab->used++;
  if (chunk_is_full(slab, chunk)) roomy_remove(slab, number);
  return number << slab->shift | place;
}

void slab_release(struct slab *slab, uint32_t index) {
  uint32_t number = index >> slab->shift, place = index & slab->mask;
  struct slab_chunk *chunk = &slab->chunks[number];
  assert(chunk->used > 0);
  memcpy(chunk->objects + (size_t)place * slab->sizes[SLAB_HOT], &chunk->free, sizeof chunk->free);
  if (chunk_is_full(slab, chunk)) roomy_add(slab, number);
  chunk->free = place;
  slab->used--;
  if (--chunk->used > 0) return;
  /* Keep one empty chunk, so that one object coming and going costs no
     allocation each time. */
  if (slab->roomy == number && chunk->next == SLAB_NONE) return;
  roomy_remove(slab, number);
  mem_free(slab->mem, chunk->memory, chunk_bytes(slab));
  chunk->objects = chunk->memory = NULL;
  chunk->next = slab->spare;
  slab->spare = number;
}

uint64_t slab_memory_max(uint32_t object_size, uint32_t shift, uint64_t objects) {
  uint64_t chunks = (objects + (1u << shift) - 1) >> shift, entries = CHUNKS_MIN;
  while (entries < chunks) entries *= 2;
  /* While the chunk table grows, its old half is there as well. */
  return chunks * (((uint64_t)object_size << shift) + 2 * CACHE_LINE) +
         (entries + entries / 2) * sizeof(struct slab_chunk);
}
