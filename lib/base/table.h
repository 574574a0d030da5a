/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_TABLE_H
#define WEFT_BASE_TABLE_H

#if defined __SSE2__
#  include <emmintrin.h>
#endif

#include "base/mem.h"
#include "base/prefetch.h"

/*
 * From a 32-bit hash to 32-bit indexes: eight slots in a cache line, the hash beside the index,
 * all eight compared at once, so that a look-up touches one line, takes no branch that depends on
 * the place, and compares objects only where all hash bits agree.  What the indexes
 * mean, and which of several with one hash is meant, the caller decides:
 *
 *     struct table_cursor at;
 *     for (uint32_t i = table_first(t, hash, &at); i != TABLE_NONE; i = table_next(t, &at))
 *       if (object i is the one) ...
 *
 * An entry lies in the line its hash says, its home, or, where that is full, in the next one
 * with room.  A line is filled from its first slot on, without holes, so the last slot tells
 * whether it is full, and a search goes on past full lines only.
 *
 * It grows a few lines at a time, each insertion or removal moving some, so no
 * call pauses; it does not shrink.  Always true: an entry is in `now` or in `old`, never in
 * both; lines of `old` below `moved` hold none.
 */
#define TABLE_NONE UINT32_MAX
#define TABLE_FAR (UINT32_MAX - 1) /* no index either */

enum { TABLE_LINE = 8 };

/* In a full line of `old` a moved or removed entry leaves this behind, so that searches go
   on past it; `now` never holds one, removal there closes the hole. */
#define TABLE_MOVED UINT32_MAX

struct table_line {
  uint32_t hash[TABLE_LINE];
  uint32_t name[TABLE_LINE]; /* index + 1; 0: empty; TABLE_MOVED: was one */
};
_Static_assert(sizeof(struct table_line) == CACHE_LINE, "as it says");

struct table_lines {
  struct table_line *lines; /* on a cache line; NULL: there are none */
  void *memory;             /* what they lie in */
  uint32_t mask;
};

struct table {
  struct mem *mem;
  struct table_lines now, old;
  uint32_t count, moved;
};

struct table_cursor {
  const struct table_lines *in;
  uint32_t hash, line;
  uint32_t matches; /* a bit for each slot of the line that is still to be given */
};

/* Room for `slots_min` slots, a power of two, at least 16.  WEFT_E_NOMEM. */
int table_init(struct table *, struct mem *, uint32_t slots_min);
void table_done(struct table *);

/* The index must not be in it.  WEFT_E_NOMEM only when the table is full and cannot grow. */
int table_insert(struct table *, uint32_t hash, uint32_t index);

/* The entry must be there. */
void table_remove(struct table *, uint32_t hash, uint32_t index);

/* The most memory a table with so many entries can take. */
uint64_t table_memory_max(uint32_t slots_min, uint64_t entries);

/* Asks for the cache line where the search for `hash` begins. */
static inline void table_prefetch(const struct table *table, uint32_t hash) {
  prefetch(&table->now.lines[hash & table->now.mask]);
}

/* A bit for each of the eight that is `value`. */
static inline uint32_t table_matches(const uint32_t values[TABLE_LINE], uint32_t value) {
#if defined __SSE2__
  const __m128i *halves = (const __m128i *)(const void *)values;
  __m128i wanted = _mm_set1_epi32((int)value);
  __m128i low = _mm_cmpeq_epi32(_mm_load_si128(halves), wanted);
  __m128i high = _mm_cmpeq_epi32(_mm_load_si128(halves + 1), wanted);
  __m128i words = _mm_packs_epi32(low, high);
  return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(words, _mm_setzero_si128()));
#else
  uint32_t matches = 0;
  for (uint32_t i = 0; i < TABLE_LINE; i++) matches |= (uint32_t)(values[i] == value) << i;
  return matches;
#endif
}

/* The next entry with the cursor's hash, TABLE_NONE when there is none. */
static inline uint32_t table_next(const struct table *table, struct table_cursor *cursor) {
  for (;;) {
    const struct table_line *line = &cursor->in->lines[cursor->line];
    while (cursor->matches) {
      uint32_t name = line->name[__builtin_ctz(cursor->matches)];
      cursor->matches &= cursor->matches - 1;
      if (name && name != TABLE_MOVED) return name - 1;
    }
    if (line->name[TABLE_LINE - 1]) {
      cursor->line = (cursor->line + 1) & cursor->in->mask;
    } else {
      if (cursor->in == &table->old || !table->old.lines) return TABLE_NONE;
      cursor->in = &table->old;
      cursor->line = cursor->hash & table->old.mask;
    }
    cursor->matches = table_matches(cursor->in->lines[cursor->line].hash, cursor->hash);
  }
}

static inline uint32_t table_first(const struct table *table, uint32_t hash,
                                   struct table_cursor *cursor) {
  uint32_t line = hash & table->now.mask;
  *cursor = (struct table_cursor){&table->now, hash, line,
                                  table_matches(table->now.lines[line].hash, hash)};
  return table_next(table, cursor);
}

/* table_first where it is not in the first line that it looks at. */
uint32_t table_seek_far(const struct table *, uint32_t hash);

/* table_first as far as the first line tells; TABLE_FAR: not yet. */
static inline uint32_t table_seek_near(const struct table *table, uint32_t hash) {
  const struct table_line *line = &table->now.lines[hash & table->now.mask];
  uint32_t matches = table_matches(line->hash, hash);
  uint32_t name = matches ? line->name[__builtin_ctz(matches)] : 0;
  if (name) return name - 1;
  /* Without holes: what matches an empty slot is left over, and so would all behind it be. */
  if (!line->name[TABLE_LINE - 1] && !table->old.lines) return TABLE_NONE;
  return TABLE_FAR;
}

/* Asks for the line where the search goes on, most likely, after TABLE_FAR. */
static inline void table_prefetch_far(const struct table *table, uint32_t hash) {
  const struct table_line *line = &table->now.lines[hash & table->now.mask];
  if (line->name[TABLE_LINE - 1])
    prefetch(&table->now.lines[(hash + 1) & table->now.mask]);
  else
    prefetch(&table->old.lines[hash & table->old.mask]);
}

/* table_first, for whoever does not go on from there. */
static inline uint32_t table_seek(const struct table *table, uint32_t hash) {
  uint32_t index = table_seek_near(table, hash);
  return index == TABLE_FAR ? table_seek_far(table, hash) : index;
}

#endif
