/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_FLOW_FLOWS_H
#define WEFT_FLOW_FLOWS_H

#include "base/hash.h"
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

/* WEFT_E_NOMEM. */
int flows_init(struct flows *, struct mem *, const uint64_t seed[2], uint32_t object_size,
               uint32_t objects_max);
void flows_done(struct flows *);
uint64_t flows_memory_max(uint32_t object_size, uint32_t objects_max);

/* Equal for a tuple and its reverse. */
uint32_t flows_hash(const struct flows *, const struct weft_tuple *);

/* The object of these addresses, or FLOWS_NONE; *ret_reverse tells whether the
   tuple's source is the object's target. */
uint32_t flows_find(const struct flows *, const struct weft_tuple *, uint32_t hash,
                    int *ret_reverse);

/* Asks for the cache lines of the object that `hash` most likely means; the
   table's own should have been asked for before. */
void flows_prefetch(const struct flows *, uint32_t hash);

/* A new object for these addresses, which must have none; its other bytes are
   undefined.  FLOWS_NONE without memory. */
uint32_t flows_add(struct flows *, const struct weft_tuple *, uint32_t hash);

/* Lets go of an object. */
void flows_remove(struct flows *, uint32_t index);

static inline void *flows_at(const struct flows *flows, uint32_t index) {
  return slab_at(&flows->slab, index);
}

#endif
