/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_REASM_SEGS_H
#define WEFT_REASM_SEGS_H

#include <assert.h>

#include "base/prefetch.h"
#include "base/slab.h"
#include "reasm/blocks.h"
#include "reasm/overlap.h"

/*
 * Segments of one direction that wait beyond a hole, or were delivered and are
 * kept.  A segment is held as one or more pieces:
 *
 *     as sent        from |=======================F| to      F: the FIN's number
 *     owned now              start |=======| end
 *
 * Always true: pieces are sorted by start and share no number; each lies
 * inside the range its segment was sent with, which it remembers, because who
 * wins an overlap is judged on that (reasm/overlap.h) and not on what earlier
 * overlaps left of it.
 *
 * The index is an array of (low bits of start, piece), open at both ends, so
 * that a search touches few cache lines and taking the first one is free.
 */

struct piece {
  uint64_t start, end; /* owned */
  uint64_t from;       /* as sent: [from, to) */
  uint64_t to : 63;
  uint64_t fin : 1;     /* `to` - 1 is the FIN's number */
  const uint8_t *bytes; /* of `from`; NULL: sent but not captured (snapshot length) */
  struct block *block;  /* NULL: borrowed from a stable frame */
  struct weft_mark mark;
};
_Static_assert(sizeof(struct piece) == 64, "one cache line, docs/memory.md");

struct segs_entry {
  uint32_t start; /* low 32 bits */
  uint32_t piece; /* in segs_pool.pieces */
};

struct segs {
  struct segs_entry *index;
  uint32_t first, count, room; /* index[first .. first + count) of index[0 .. room) */
  uint32_t hint;               /* where the last search ended; any number will do */
  uint64_t cost;               /* of all pieces, see segs_cost */
  uint64_t payload;            /* bytes of stream that they own */
};

/* What the directions of one engine share. */
struct segs_pool {
  struct mem *mem;
  struct slab pieces;
  struct blocks blocks;
  struct segs_entry *scratch;
  uint32_t pieces_max; /* in one struct segs */
  uint32_t reserved;   /* chain of pieces by `start`, taken for the insertion under way */
  uint64_t cost, cost_peak;
  uint64_t payload, payload_peak; /* bytes of stream that pieces own */
};

/* A segment, or the part of it that can be inserted. */
struct arrival {
  uint64_t from, to;    /* as sent */
  uint64_t start;       /* numbers below belong to the past; from <= start < to */
  uint64_t limit;       /* numbers from here on are another arrival's; start < limit <= to */
  const uint8_t *bytes; /* of `from`; NULL: not captured */
  struct weft_mark mark;
  uint8_t fin;
};

/* WEFT_E_NOMEM. */
int segs_pool_init(struct segs_pool *, struct mem *, uint32_t pieces_max);
void segs_pool_done(struct segs_pool *);

/* What holding a piece of that many payload bytes counts for against the
   bounds: never less than the memory it takes, which is the piece, its part of
   an index that is at least an eighth full, and its block.  The same for borrowed and
   copied bytes, so that a file and a pipe give the same result. */
enum { SEGS_INDEX_FULL = 8, SEGS_ROUNDED = 32 };
_Static_assert((int)SEGS_ROUNDED >= (int)BLOCK_EXTRA, "docs/memory.md says what it is for");
static inline uint64_t segs_cost(uint64_t payload) {
  return payload + sizeof(struct piece) + SEGS_INDEX_FULL * sizeof(struct segs_entry) +
         SEGS_ROUNDED;
}

/* The most memory the pool and all its segs take while the cost stays below
   `cost_max`. */
uint64_t segs_memory_max(uint32_t pieces_max, uint64_t cost_max);

/* A copy of all that was captured of an arrival, from `from` to `limit`, referred to
   once by the caller.  NULL without memory. */
struct block *arrival_copy(struct segs_pool *, const struct arrival *);

/* Holds what the arrival wins under `policy` against the pieces there are, and
   takes from those what they lose.  `copy` NULL: its bytes stay where they are.
   Else they do not, and pieces refer to *copy, which is arrival_copy of them, or
   NULL and is made as soon as anything of them is to be held; the caller lets go
   of it.  Returns 0, WEFT_E_NOMEM, or SEGS_FULL when there would be more than
   pieces_max pieces; then nothing has changed. */
int segs_insert(struct segs *, struct segs_pool *, unsigned policy, const struct arrival *,
                struct block **copy);
#define SEGS_FULL 1

/* Adds behind all others without asking a policy.  `block`, when not NULL, is
   what the arrival's bytes lie in; the new piece refers to it.  0 or
   WEFT_E_NOMEM; not bounded by pieces_max. */
int segs_append(struct segs *, struct segs_pool *, const struct arrival *, struct block *block);

static inline struct piece *piece_at(const struct segs_pool *pool, uint32_t index) {
  return slab_at_sized(&pool->pieces, index, sizeof(struct piece));
}

/* The i-th piece; there must be one. */
static inline struct piece *segs_at(const struct segs *segs, const struct segs_pool *pool,
                                    uint32_t i) {
  assert(i < segs->count);
  return piece_at(pool, segs->index[segs->first + i].piece);
}

/* Asks for the ends of the index. */
static inline void segs_prefetch(const struct segs *segs) {
  if (!segs->count) return;
  prefetch(segs->index + segs->first);
  prefetch(segs->index + segs->first + segs->count - 1);
}

/* Then for the pieces there: what comes next is compared with them. */
static inline void segs_prefetch_ends(const struct segs *segs, const struct segs_pool *pool) {
  if (!segs->count) return;
  prefetch(segs_at(segs, pool, 0));
  prefetch(segs_at(segs, pool, segs->count - 1));
}

/* The first one; there must be one. */
static inline struct piece *segs_first(const struct segs *segs, const struct segs_pool *pool) {
  return segs_at(segs, pool, 0);
}

/* The first i with piece end > offset; `count` when there is none. */
uint32_t segs_find(struct segs *, const struct segs_pool *, uint64_t offset);

/* The pieces [low, high) are those that have numbers of [start, limit). */
struct segs_range {
  uint32_t low, high;
};
struct segs_range segs_overlapped(struct segs *, const struct segs_pool *, uint64_t start,
                                  uint64_t limit);

/* segs_insert for an arrival that shares nothing with any piece, in front of the at-th
   of which it belongs: segs_overlapped said so.  `lasts` tells whether its bytes
   stay where they are; else they are copied.  0 or WEFT_E_NOMEM; not bounded by
   pieces_max. */
int segs_insert_between(struct segs *, struct segs_pool *, uint32_t at, const struct arrival *,
                        int lasts);

/* Lets go of the first `count` pieces. */
void segs_drop(struct segs *, struct segs_pool *, uint32_t count);

/* Lets go of everything below `offset`. */
void segs_trim(struct segs *, struct segs_pool *, uint64_t offset);

/* Makes `offset`, at or below the first start, the new 0. */
void segs_rebase(struct segs *, struct segs_pool *, uint64_t offset);

/* Lets go of everything, index included. */
void segs_release(struct segs *, struct segs_pool *);
static inline void segs_clear(struct segs *segs, struct segs_pool *pool) {
  if (segs->room) segs_release(segs, pool);
}

/* The invariant above, for assertions and tests. */
int segs_is_valid(const struct segs *, const struct segs_pool *);

/* Who wins the numbers that an arrival and a piece have in common.  Bytes beat
   the knowledge that there were some; else the policy says. */
static inline int arrival_wins(unsigned policy, const struct arrival *a, const struct piece *held) {
  if (!a->bytes != !held->bytes) return a->bytes != NULL;
  return overlap_new_wins(policy, a->from, a->to, held->from, held->to);
}

/* Payload bytes a piece owns that were captured. */
static inline uint64_t piece_length(const struct piece *piece) {
  uint64_t end = piece->end == piece->to ? piece->to - piece->fin : piece->end;
  return end - piece->start;
}

#endif
