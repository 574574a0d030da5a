/* SPDX-License-Identifier: BSD-2-Clause */
#include "flow/flows.h"

#include <assert.h>

enum { TABLE_MIN = 1024 };

int flows_init(struct flows *flows, struct mem *mem, const uint64_t seed[2],
               const uint32_t sizes[SLAB_PARTS], uint32_t shift) {
  assert(sizes[SLAB_HOT] >= sizeof(struct flow4) && sizes[SLAB_COLD] >= sizeof(struct weft_tuple));
  flows->key = hash_key_make(seed);
  slab_init_parts(&flows->slab, mem, sizes, shift);
  return table_init(&flows->table, mem, TABLE_MIN);
}

void flows_done(struct flows *flows) {
  slab_done(&flows->slab);
  table_done(&flows->table);
}

uint64_t flows_memory_max(uint32_t object_size, uint32_t shift, uint32_t objects_max) {
  return slab_memory_max(object_size, shift, objects_max) +
         table_memory_max(TABLE_MIN, objects_max);
}

uint32_t flows_find(const struct flows *flows, const struct weft_tuple *tuple, uint32_t hash,
                    int *ret_reverse) {
  struct table_cursor cursor;
  uint32_t index = table_first(&flows->table, hash, &cursor);
  for (; index != TABLE_NONE; index = table_next(&flows->table, &cursor)) {
    int match = flows_match(flows, index, tuple);
    if (match == FLOWS_OTHER) continue;
    *ret_reverse = match == FLOWS_REVERSE;
    return index;
  }
  return FLOWS_NONE;
}

uint32_t flows_add4(struct flows *flows, const struct flow4 *f, uint32_t hash) {
  uint32_t index = slab_take(&flows->slab);
  if (index == SLAB_NONE) return FLOWS_NONE;
  if (table_insert(&flows->table, hash, index)) {
    slab_release(&flows->slab, index);
    return FLOWS_NONE;
  }
  *flows_key(flows, index) = *f;
  return index;
}

uint32_t flows_add(struct flows *flows, const struct weft_tuple *tuple, uint32_t hash) {
  struct flow4 f = flow4_of(tuple);
  uint32_t index = flows_add4(flows, &f, hash);
  if (index != FLOWS_NONE && !f.source) *flows_tuple(flows, index) = *tuple;
  return index;
}

void flows_remove(struct flows *flows, uint32_t index) {
  table_remove(&flows->table, flows_hash_of(flows, index), index);
  slab_release(&flows->slab, index);
}
