/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_FLOW_FLOWS_H
#define WEFT_FLOW_FLOWS_H

#include "base/hash.h"
#include "base/loads.h"
#include "base/slab.h"
#include "base/table.h"

/*
 * Connections by address.  Objects of the caller's size whose first member is
 * a struct weft_tuple, source the client; found by the tuple of a segment of
 * either direction.
 */
struct flows {
  struct slab slab;
  struct table table;
  struct hash_key key;
};

#define FLOWS_NONE SLAB_NONE

/* Sizes and shift as in slab_init_cold.  WEFT_E_NOMEM. */
int flows_init(struct flows *, struct mem *, const uint64_t seed[2], uint32_t object_size,
               uint32_t cold_size, uint32_t shift);
void flows_done(struct flows *);
uint64_t flows_memory_max(uint32_t object_size, uint32_t shift, uint32_t objects_max);

/* The object of these addresses, or FLOWS_NONE; *ret_reverse tells whether the
   tuple's source is the object's target. */
uint32_t flows_find(const struct flows *, const struct weft_tuple *, uint32_t hash,
                    int *ret_reverse);

/* A new object for these addresses, which must have none; its other bytes are
   undefined.  FLOWS_NONE without memory. */
uint32_t flows_add(struct flows *, const struct weft_tuple *, uint32_t hash);

/* Lets go of an object. */
void flows_remove(struct flows *, uint32_t index);

static inline void *flows_at(const struct flows *flows, uint32_t index) {
  return slab_at(&flows->slab, index);
}

static inline uint64_t endpoint_hash(const struct hash_key *key, const struct weft_endpoint *e) {
  return hash_fold(load_u64(e->address) ^ key->word[0], load_u64(e->address + 8) ^ key->word[1]) ^
         (e->port + UINT64_C(1)) * key->word[2];
}

/* Equal for a tuple and its reverse. */
static inline uint32_t flows_hash(const struct flows *flows, const struct weft_tuple *tuple) {
  const struct hash_key *key = &flows->key;
  /* A sum does not care which end is which. */
  uint64_t both = endpoint_hash(key, &tuple->source) + endpoint_hash(key, &tuple->target);
  return (uint32_t)hash_fold(both ^ tuple->realm, key->word[3] | 1);
}

static inline int endpoint_equal(const struct weft_endpoint *a, const struct weft_endpoint *b) {
  return !((load_u64(a->address) ^ load_u64(b->address)) |
           (load_u64(a->address + 8) ^ load_u64(b->address + 8)) | (uint64_t)(a->port ^ b->port));
}

/* Whether a segment's tuple is of an object's connection, and which way. */
enum flows_match { FLOWS_OTHER, FLOWS_ALONG, FLOWS_REVERSE };
static inline enum flows_match flows_match(const struct weft_tuple *own,
                                           const struct weft_tuple *tuple) {
  if (own->realm != tuple->realm) return FLOWS_OTHER;
  if (endpoint_equal(&own->source, &tuple->source) && endpoint_equal(&own->target, &tuple->target))
    return FLOWS_ALONG;
  if (endpoint_equal(&own->source, &tuple->target) && endpoint_equal(&own->target, &tuple->source))
    return FLOWS_REVERSE;
  return FLOWS_OTHER;
}

/* The first object whose hash agrees, its addresses not looked at, and its
   cache lines asked for; the table's own should have been asked for before. */
static inline uint32_t flows_guess(const struct flows *flows, uint32_t hash) {
  struct table_cursor cursor;
  uint32_t index = table_first(&flows->table, hash, &cursor);
  if (index == TABLE_NONE) return FLOWS_NONE;
  const uint8_t *object = flows_at(flows, index);
  for (uint32_t line = 0; line < flows->slab.object_size; line += 64)
    __builtin_prefetch(object + line, 1);
  return index;
}

#endif
