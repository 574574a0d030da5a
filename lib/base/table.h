/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_TABLE_H
#define WEFT_BASE_TABLE_H

#include "base/mem.h"

/*
 * From a 32-bit hash to 32-bit indexes: open addressing, linear probing, the
 * hash beside the index in eight bytes, so that a look-up touches one cache
 * line and compares objects only where all hash bits agree.  What the indexes
 * mean, and which of several with one hash is meant, the caller decides:
 *
 *     struct table_cursor at;
 *     for (uint32_t i = table_first(t, hash, &at); i != TABLE_NONE; i = table_next(t, &at))
 *       if (object i is the one) ...
 *
 * It grows a few slots at a time, each insertion or removal moving some, so no
 * call pauses; it does not shrink.  Always true: an entry is in `now` or in `old`, never in
 * both; slots of `old` below `moved` hold none.
 */
#define TABLE_NONE UINT32_MAX

/* In `old` a moved or removed entry leaves this behind, so that searches go on
   past it; `now` never holds one, removal there closes the hole. */
#define TABLE_MOVED UINT64_C(0xffffffff)

struct table_slots {
  uint64_t *slots; /* hash << 32 | index + 1; 0: empty; TABLE_MOVED: was one */
  uint32_t mask;
};

struct table {
  struct mem *mem;
  struct table_slots now, old;
  uint32_t count, moved;
};

struct table_cursor {
  const struct table_slots *in;
  uint32_t hash, at;
};

/* Room for `slots_min` slots, a power of two.  WEFT_E_NOMEM. */
int table_init(struct table *, struct mem *, uint32_t slots_min);
void table_done(struct table *);

/* WEFT_E_NOMEM only when the table is full and cannot grow. */
int table_insert(struct table *, uint32_t hash, uint32_t index);

/* The entry must be there. */
void table_remove(struct table *, uint32_t hash, uint32_t index);

/* The most memory a table with so many entries can take. */
uint64_t table_memory_max(uint32_t slots_min, uint64_t entries);

/* Asks for the cache line where the search for `hash` begins. */
static inline void table_prefetch(const struct table *table, uint32_t hash) {
  __builtin_prefetch(&table->now.slots[hash & table->now.mask]);
}

/* The next entry with the cursor's hash, TABLE_NONE when there is none. */
static inline uint32_t table_scan(const struct table *table, struct table_cursor *cursor) {
  for (;;) {
    const struct table_slots *in = cursor->in;
    for (uint64_t entry; (entry = in->slots[cursor->at]) != 0;) {
      cursor->at = (cursor->at + 1) & in->mask;
      if ((uint32_t)(entry >> 32) == cursor->hash && entry != TABLE_MOVED)
        return (uint32_t)entry - 1;
    }
    if (in == &table->old || !table->old.slots) return TABLE_NONE;
    cursor->in = &table->old;
    cursor->at = cursor->hash & table->old.mask;
  }
}

static inline uint32_t table_first(const struct table *table, uint32_t hash,
                                   struct table_cursor *cursor) {
  *cursor = (struct table_cursor){&table->now, hash, hash & table->now.mask};
  return table_scan(table, cursor);
}

static inline uint32_t table_next(const struct table *table, struct table_cursor *cursor) {
  return table_scan(table, cursor);
}

#endif
