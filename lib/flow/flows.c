/* SPDX-License-Identifier: BSD-2-Clause */
#include "flow/flows.h"

#include <assert.h>

#include "base/loads.h"

enum { TABLE_MIN = 1024, CHUNK_SHIFT_MAX = 10 };

/* Small engines take small chunks. */
static uint32_t chunk_shift(uint32_t objects_max) {
  uint32_t shift = 0;
  while (shift < CHUNK_SHIFT_MAX && (1u << shift) < objects_max) shift++;
  return shift;
}

int flows_init(struct flows *flows, struct mem *mem, const uint64_t seed[2], uint32_t object_size,
               uint32_t objects_max) {
  flows->key = hash_key_make(seed);
  slab_init(&flows->slab, mem, object_size, chunk_shift(objects_max));
  return table_init(&flows->table, mem, TABLE_MIN);
}

void flows_done(struct flows *flows) {
  slab_done(&flows->slab);
  table_done(&flows->table);
}

uint64_t flows_memory_max(uint32_t object_size, uint32_t objects_max) {
  return slab_memory_max(object_size, chunk_shift(objects_max), objects_max) +
         table_memory_max(TABLE_MIN, objects_max);
}

static inline uint64_t endpoint_hash(const struct hash_key *key, const struct weft_endpoint *e) {
  return hash_fold(load_u64(e->address) ^ key->word[0], load_u64(e->address + 8) ^ key->word[1]) ^
         (e->port + UINT64_C(1)) * key->word[2];
}

uint32_t flows_hash(const struct flows *flows, const struct weft_tuple *tuple) {
  const struct hash_key *key = &flows->key;
  /* A sum does not care which end is which. */
  uint64_t both = endpoint_hash(key, &tuple->source) + endpoint_hash(key, &tuple->target);
  return (uint32_t)hash_fold(both ^ tuple->realm, key->word[3] | 1);
}

static inline int endpoint_equal(const struct weft_endpoint *a, const struct weft_endpoint *b) {
  return !((load_u64(a->address) ^ load_u64(b->address)) |
           (load_u64(a->address + 8) ^ load_u64(b->address + 8)) | (uint64_t)(a->port ^ b->port));
}

uint32_t flows_find(const struct flows *flows, const struct weft_tuple *tuple, uint32_t hash,
                    int *ret_reverse) {
  struct table_cursor cursor;
  uint32_t index = table_first(&flows->table, hash, &cursor);
  for (; index != TABLE_NONE; index = table_next(&flows->table, &cursor)) {
    const struct weft_tuple *own = flows_at(flows, index);
    if (own->realm != tuple->realm) continue;
    if (endpoint_equal(&own->source, &tuple->source) &&
        endpoint_equal(&own->target, &tuple->target)) {
      *ret_reverse = 0;
      return index;
    }
    if (endpoint_equal(&own->source, &tuple->target) &&
        endpoint_equal(&own->target, &tuple->source)) {
      *ret_reverse = 1;
      return index;
    }
  }
  return FLOWS_NONE;
}

void flows_prefetch(const struct flows *flows, uint32_t hash) {
  struct table_cursor cursor;
  uint32_t index = table_first(&flows->table, hash, &cursor);
  if (index == TABLE_NONE) return;
  const uint8_t *object = flows_at(flows, index);
  for (uint32_t line = 0; line < flows->slab.object_size; line += 64)
    __builtin_prefetch(object + line, 1);
}

uint32_t flows_add(struct flows *flows, const struct weft_tuple *tuple, uint32_t hash) {
  uint32_t index = slab_take(&flows->slab);
  if (index == SLAB_NONE) return FLOWS_NONE;
  if (table_insert(&flows->table, hash, index)) {
    slab_release(&flows->slab, index);
    return FLOWS_NONE;
  }
  *(struct weft_tuple *)flows_at(flows, index) = *tuple;
  return index;
}

void flows_remove(struct flows *flows, uint32_t index) {
  table_remove(&flows->table, flows_hash(flows, flows_at(flows, index)), index);
  slab_release(&flows->slab, index);
}
