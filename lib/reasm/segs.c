/* SPDX-License-Identifier: BSD-2-Clause */
#include "reasm/segs.h"

#include <string.h>

enum { PIECES_SHIFT = 6, INDEX_MIN = 8 };
_Static_assert((int)INDEX_MIN <= (int)SEGS_INDEX_FULL, "the index of one piece");

int segs_pool_init(struct segs_pool *pool, struct mem *mem, uint32_t pieces_max) {
  memset(pool, 0, sizeof *pool);
  pool->mem = mem;
  pool->pieces_max = pieces_max;
  slab_init(&pool->pieces, mem, sizeof(struct piece), PIECES_SHIFT);
  blocks_init(&pool->blocks, mem);
  pool->scratch = mem_alloc(mem, ((size_t)pieces_max + 1) * sizeof *pool->scratch);
  return pool->scratch ? 0 : WEFT_E_NOMEM;
}

void segs_pool_done(struct segs_pool *pool) {
  slab_done(&pool->pieces);
  blocks_done(&pool->blocks);
  mem_free(pool->mem, pool->scratch, ((size_t)pool->pieces_max + 1) * sizeof *pool->scratch);
  pool->scratch = NULL;
}

uint64_t segs_memory_max(uint32_t pieces_max, uint64_t cost_max) {
  uint64_t pieces = cost_max / segs_cost(0);
  return cost_max + BLOCKS_SPARE_MAX + ((uint64_t)pieces_max + 1) * sizeof(struct segs_entry) +
         slab_memory_max(sizeof(struct piece), PIECES_SHIFT, pieces + 1) -
         pieces * sizeof(struct piece);
}

struct block *arrival_copy(struct segs_pool *pool, const struct arrival *a) {
  uint64_t end = a->limit == a->to ? a->to - a->fin : a->limit;
  return block_new(&pool->blocks, a->bytes, (uint32_t)(end - a->from));
}

/* What the segment counts for; a part split off counts as much again, since
   it may be the one that keeps the whole block alive. */
static uint64_t piece_cost(const struct piece *piece) {
  return segs_cost(piece->bytes ? piece->to - piece->from : 0);
}

static void piece_charge(struct segs *segs, struct segs_pool *pool, const struct piece *piece) {
  uint64_t cost = piece_cost(piece), payload = piece_length(piece);
  segs->cost += cost;
  pool->cost += cost;
  segs->payload += payload;
  pool->payload += payload;
  if (pool->cost > pool->cost_peak) pool->cost_peak = pool->cost;
  if (pool->payload > pool->payload_peak) pool->payload_peak = pool->payload;
}

/* Lets go of a piece, whose index entry the caller has dealt with. */
static void piece_free(struct segs *segs, struct segs_pool *pool, uint32_t index) {
  struct piece *piece = piece_at(pool, index);
  uint64_t cost = piece_cost(piece), payload = piece_length(piece);
  segs->cost -= cost;
  pool->cost -= cost;
  segs->payload -= payload;
  pool->payload -= payload;
  if (piece->block) block_release(&pool->blocks, piece->block);
  slab_release(&pool->pieces, index);
}

static void piece_cut(struct segs *segs, struct segs_pool *pool, struct piece *piece,
                      uint64_t start, uint64_t end) {
  uint64_t before = piece_length(piece);
  piece->start = start;
  piece->end = end;
  segs->payload -= before - piece_length(piece);
  pool->payload -= before - piece_length(piece);
}

/* How far a piece's start lies behind an offset; negative: in front of it.
   Starts within one direction lie less than 2^31 apart: a window is 2^30. */
static int32_t entry_distance(const struct segs_entry *entry, uint64_t offset) {
  return (int32_t)(entry->start - (uint32_t)offset);
}

/* The last entry that starts at or before `offset`, which the first one does. */
static uint32_t index_search(const struct segs_entry *entries, uint32_t count, uint64_t offset) {
  uint32_t low = 0;
  while (count > 1) {
    uint32_t half = count / 2;
    if (entry_distance(&entries[low + half], offset) <= 0) low += half;
    count -= half;
  }
  return low;
}

/* Whether the at-th entry is that one; there may be no such place. */
static int index_is(const struct segs_entry *entries, uint32_t count, uint32_t at,
                    uint64_t offset) {
  return at < count && entry_distance(&entries[at], offset) <= 0 &&
         (at + 1 == count || entry_distance(&entries[at + 1], offset) > 0);
}

uint32_t segs_find(struct segs *segs, const struct segs_pool *pool, uint64_t offset) {
  uint32_t count = segs->count, at = segs->hint;
  if (!count) return 0;
  const struct segs_entry *entries = segs->index + segs->first;
  /* Often the same place again, or one beside it. */
  if (!index_is(entries, count, at, offset)) {
    if (piece_at(pool, entries[count - 1].piece)->end <= offset) return count;
    if (entry_distance(&entries[0], offset) >= 0) return 0;
    if (index_is(entries, count, at + 1, offset))
      at++;
    else if (index_is(entries, count, at - 1, offset))
      at--;
    else
      at = index_search(entries, count, offset);
    segs->hint = at;
  }
  /* What comes next starts beyond; this one may still reach past the offset. */
  return segs_at(segs, pool, at)->end > offset ? at : at + 1;
}

/* Told from the index alone, as far as it can: pieces lie apart in memory. */
struct segs_range segs_overlapped(struct segs *segs, const struct segs_pool *pool, uint64_t start,
                                  uint64_t limit) {
  uint32_t low = segs_find(segs, pool, start), high = low;
  if (low == segs->count) return (struct segs_range){low, high};
  const struct segs_entry *entries = segs->index + segs->first;
  if (high < segs->count && entry_distance(&entries[high], start) <= 0) high++;
  while (high < segs->count && (uint32_t)entry_distance(&entries[high], start) < limit - start)
    high++;
  return (struct segs_range){low, high};
}

/* Another room for the entries, which stand in its middle afterwards. */
static int index_resize(struct segs *segs, struct segs_pool *pool, uint32_t room) {
  struct segs_entry *index = blocks_alloc(&pool->blocks, room * sizeof *index);
  if (!index) return WEFT_E_NOMEM;
  uint32_t first = (room - segs->count) / 2;
  if (segs->count) memcpy(index + first, segs->index + segs->first, segs->count * sizeof *index);
  blocks_free(&pool->blocks, segs->index, segs->room * sizeof *index);
  segs->index = index;
  segs->first = first;
  segs->room = room;
  return 0;
}

/* Room for `more` further entries, and as much again: so there is a quarter of
   the room free on either side once the entries stand in the middle. */
static int index_reserve(struct segs *segs, struct segs_pool *pool, uint32_t more) {
  if (segs->count + more <= segs->room / 2) return 0;
  uint32_t room = segs->room ? segs->room : INDEX_MIN;
  while (room / 2 < segs->count + more) room *= 2;
  return index_resize(segs, pool, room);
}

/* Gives back what few entries do not need: else many directions that were full
   once would keep more memory than their pieces are charged for.  Without memory
   for a smaller one the larger stays. */
static void index_shrink(struct segs *segs, struct segs_pool *pool) {
  uint32_t room = segs->room;
  while (room > INDEX_MIN && segs->count < room / SEGS_INDEX_FULL) room /= 2;
  if (room != segs->room) (void)index_resize(segs, pool, room);
}

/* Makes `removed` entries from the at-th on into `added` ones of undefined
   content, moving whichever side is shorter.  Room must have been reserved. */
static struct segs_entry *index_splice(struct segs *segs, uint32_t at, uint32_t removed,
                                       uint32_t added) {
  uint32_t tail = segs->count - at - removed, count = segs->count - removed + added;
  int front = at < tail;
  if (front ? segs->first + removed < added : segs->first + count > segs->room) {
    uint32_t first = (segs->room - segs->count) / 2;
    memmove(segs->index + first, segs->index + segs->first, segs->count * sizeof *segs->index);
    segs->first = first;
  }
  struct segs_entry *begin = segs->index + segs->first;
  if (front) {
    segs->first = segs->first + removed - added;
    memmove(segs->index + segs->first, begin, at * sizeof *begin);
  } else if (tail) {
    memmove(begin + at + added, begin + at + removed, tail * sizeof *begin);
  }
  segs->count = count;
  return segs->index + segs->first + at;
}

/* ---- insertion ------------------------------------------------------ */

/* One insertion under way: `scratch` collects the entries that will stand in
   place of the pieces that the arrival overlaps. */
struct insertion {
  struct segs *segs;
  struct segs_pool *pool;
  const struct arrival *arrival;
  struct piece like; /* what new pieces of the arrival have in common */
  unsigned policy;
  struct segs_range range; /* the overlapped pieces */
  uint32_t count;          /* entries in scratch */
  uint32_t own;            /* new pieces of the arrival */
  uint32_t split;          /* new pieces of what was held */
  uint32_t lost;           /* pieces that lose something */
  uint64_t cursor;         /* numbers of the arrival below it are settled */
  int counting;            /* first pass: only count */
};

static void piece_like(struct piece *piece, const struct arrival *a, struct block *block) {
  piece->from = a->from;
  piece->to = a->to & INT64_MAX;
  piece->fin = a->fin & 1;
  piece->bytes = a->bytes;
  piece->block = a->bytes ? block : NULL;
  piece->mark = a->mark;
}

/* The same of an arrival whose bytes lie in a copy. */
static void piece_copied(struct piece *piece, const struct arrival *a, struct block **copy) {
  piece_like(piece, a, copy ? *copy : NULL);
  if (piece->block) piece->bytes = piece->block->bytes;
}

static void insertion_keep(struct insertion *in, uint32_t piece, uint64_t start) {
  if (!in->counting) in->pool->scratch[in->count] = (struct segs_entry){(uint32_t)start, piece};
  in->count++;
}

/* One of those that pieces_reserve took. */
static uint32_t pieces_unreserve(struct segs_pool *pool) {
  uint32_t index = pool->reserved;
  assert(index != SLAB_NONE);
  pool->reserved = (uint32_t)piece_at(pool, index)->start;
  return index;
}

/* A new piece that owns [start, end) of what `like` describes. */
static uint32_t piece_make(struct segs *segs, struct segs_pool *pool, const struct piece *like,
                           uint64_t start, uint64_t end) {
  uint32_t index = pieces_unreserve(pool);
  struct piece *piece = piece_at(pool, index);
  *piece = *like;
  piece->start = start;
  piece->end = end;
  if (piece->block) piece->block->refs++;
  piece_charge(segs, pool, piece);
  return index;
}

/* What of the arrival lies between its cursor and `end` is its own. */
static void insertion_new(struct insertion *in, uint64_t end) {
  uint64_t start = in->cursor;
  if (start >= end) return;
  in->cursor = end;
  in->own++;
  if (in->counting)
    in->count++;
  else
    insertion_keep(in, piece_make(in->segs, in->pool, &in->like, start, end), start);
}

/* Settles the numbers that the arrival and one held piece have in common. */
static void insertion_meet(struct insertion *in, struct segs_entry entry) {
  struct piece *held = piece_at(in->pool, entry.piece);
  const struct arrival *a = in->arrival;
  uint64_t held_end = held->end;
  if (!arrival_wins(in->policy, a, held)) {
    insertion_new(in, held->start);
    insertion_keep(in, entry.piece, held->start);
    in->cursor = held_end;
    return;
  }
  int left = held->start < in->cursor;
  int right = held_end > a->limit;
  in->lost++;
  if (left) insertion_keep(in, entry.piece, held->start);
  if (right) {
    insertion_new(in, a->limit);
    if (left) in->split++;
    if (in->counting)
      in->count++;
    else if (left)
      insertion_keep(in, piece_make(in->segs, in->pool, held, a->limit, held_end), a->limit);
    else
      insertion_keep(in, entry.piece, a->limit);
  }
  if (in->counting) return;
  if (left)
    piece_cut(in->segs, in->pool, held, held->start, a->start);
  else if (right)
    piece_cut(in->segs, in->pool, held, a->limit, held_end);
  else
    piece_free(in->segs, in->pool, entry.piece);
}

static void insertion_run(struct insertion *in, int counting) {
  in->counting = counting;
  in->count = in->own = in->split = in->lost = 0;
  in->cursor = in->arrival->start;
  for (uint32_t i = in->range.low; i < in->range.high; i++)
    insertion_meet(in, in->segs->index[in->segs->first + i]);
  insertion_new(in, in->arrival->limit);
}

/* Takes `count` pieces out of the slab for the insertion that follows, which uses
   them all, or none.  Released again, they would not be certain: the slab may give
   an empty chunk back. */
static int pieces_reserve(struct segs_pool *pool, uint32_t count) {
  for (pool->reserved = SLAB_NONE; count > 0; count--) {
    uint32_t index = slab_take(&pool->pieces);
    if (index == SLAB_NONE) return WEFT_E_NOMEM;
    piece_at(pool, index)->start = pool->reserved;
    pool->reserved = index;
  }
  return 0;
}

/* All that an insertion needs, or nothing: entries, pieces and a copy of `copied`
   if it is not NULL.  An empty struct segs owns no memory. */
static int segs_reserve(struct segs *segs, struct segs_pool *pool, uint32_t entries,
                        uint32_t pieces, const struct arrival *copied, struct block **copy) {
  int status = index_reserve(segs, pool, entries);
  pool->reserved = SLAB_NONE;
  if (!status) status = pieces_reserve(pool, pieces);
  if (!status && copied && copied->bytes && copy && !*copy) {
    *copy = arrival_copy(pool, copied);
    if (!*copy) status = WEFT_E_NOMEM;
  }
  if (!status) return 0;
  while (pool->reserved != SLAB_NONE) slab_release(&pool->pieces, pieces_unreserve(pool));
  if (!segs->count) segs_clear(segs, pool);
  return status;
}

/* A piece for all of an arrival that shares nothing with any other, and a copy of it as for
   segs_insert; SLAB_NONE without memory. */
static inline uint32_t piece_whole(struct segs_pool *pool, const struct arrival *a,
                                   struct block **copy) {
  uint32_t index = slab_take(&pool->pieces);
  if (index == SLAB_NONE) return SLAB_NONE;
  if (copy && a->bytes && !*copy && !(*copy = arrival_copy(pool, a))) {
    slab_release(&pool->pieces, index);
    return SLAB_NONE;
  }
  struct piece *piece = piece_at(pool, index);
  piece_copied(piece, a, copy);
  piece->start = a->start;
  piece->end = a->limit;
  if (piece->block) piece->block->refs++;
  return index;
}

/* Where nothing is held yet, in front of the at-th piece. */
static inline int insert_between(struct segs *segs, struct segs_pool *pool, uint32_t at,
                                 const struct arrival *a, struct block **copy) {
  if (index_reserve(segs, pool, 1)) return WEFT_E_NOMEM;
  uint32_t index = piece_whole(pool, a, copy);
  if (index == SLAB_NONE) {
    if (!segs->count) segs_clear(segs, pool);
    return WEFT_E_NOMEM;
  }
  piece_charge(segs, pool, piece_at(pool, index));
  *index_splice(segs, at, 0, 1) = (struct segs_entry){(uint32_t)a->start, index};
  return 0;
}

int segs_insert_between(struct segs *segs, struct segs_pool *pool, uint32_t at,
                        const struct arrival *a, int lasts) {
  struct block *block = NULL;
  int status = insert_between(segs, pool, at, a, lasts ? NULL : &block);
  if (block) block_release(&pool->blocks, block);
  assert(segs_is_valid(segs, pool));
  return status;
}

/* Where the pieces of `range` have something of it. */
static int insert_across(struct segs *segs, struct segs_pool *pool, unsigned policy,
                         const struct arrival *a, struct block **copy, struct segs_range range) {
  struct insertion in = {
      .segs = segs, .pool = pool, .arrival = a, .policy = policy, .range = range};
  insertion_run(&in, 1);
  if (!in.own && !in.lost) return 0;
  uint32_t removed = range.high - range.low, added = in.count;
  if (segs->count - removed + added > pool->pieces_max) return SEGS_FULL;
  int status = segs_reserve(segs, pool, added > removed ? added - removed : 0, in.own + in.split,
                            in.own ? a : NULL, copy);
  if (status) return status;
  piece_copied(&in.like, a, copy);
  insertion_run(&in, 0);
  struct segs_entry *entries = index_splice(segs, range.low, removed, added);
  if (added) memcpy(entries, pool->scratch, added * sizeof *entries);
  index_shrink(segs, pool);
  return 0;
}

int segs_insert(struct segs *segs, struct segs_pool *pool, unsigned policy, const struct arrival *a,
                struct block **copy) {
  assert(a->from <= a->start && a->start < a->limit);
  struct segs_range range = segs_overlapped(segs, pool, a->start, a->limit);
  int status = SEGS_FULL;
  if (range.low != range.high)
    status = insert_across(segs, pool, policy, a, copy, range);
  else if (segs->count < pool->pieces_max)
    status = insert_between(segs, pool, range.low, a, copy);
  assert(segs_is_valid(segs, pool));
  return status;
}

int segs_append(struct segs *segs, struct segs_pool *pool, const struct arrival *arrival,
                struct block *block) {
  int status = segs_reserve(segs, pool, 1, 1, NULL, NULL);
  if (status) return status;
  struct piece like;
  piece_like(&like, arrival, block);
  uint32_t index = piece_make(segs, pool, &like, arrival->start, arrival->limit);
  *index_splice(segs, segs->count, 0, 1) = (struct segs_entry){(uint32_t)arrival->start, index};
  assert(segs_is_valid(segs, pool));
  return 0;
}

/* ---- letting go ----------------------------------------------------- */

void segs_drop(struct segs *segs, struct segs_pool *pool, uint32_t count) {
  assert(segs->count >= count);
  const struct segs_entry *entries = segs->index + segs->first;
  for (uint32_t i = 0; i < count; i++) piece_free(segs, pool, entries[i].piece);
  segs->first += count;
  segs->count -= count;
  if (!segs->count)
    segs_clear(segs, pool);
  else
    index_shrink(segs, pool);
}

void segs_trim(struct segs *segs, struct segs_pool *pool, uint64_t offset) {
  uint32_t below = 0;
  while (below < segs->count && segs_at(segs, pool, below)->end <= offset) below++;
  if (below) segs_drop(segs, pool, below);
  if (!segs->count) return;
  struct piece *piece = segs_first(segs, pool);
  if (piece->start >= offset) return;
  piece_cut(segs, pool, piece, offset, piece->end);
  segs->index[segs->first].start = (uint32_t)offset;
}

void segs_rebase(struct segs *segs, struct segs_pool *pool, uint64_t offset) {
  for (uint32_t i = 0; i < segs->count; i++) {
    struct piece *piece = segs_at(segs, pool, i);
    uint64_t before = piece->from < offset ? offset - piece->from : 0;
    uint64_t cost = piece_cost(piece);
    if (piece->bytes) piece->bytes += before;
    piece->from += before - offset;
    piece->to -= offset;
    piece->start -= offset;
    piece->end -= offset;
    segs->index[segs->first + i].start = (uint32_t)piece->start;
    /* A head that was cut off counts no longer. */
    segs->cost -= cost - piece_cost(piece);
    pool->cost -= cost - piece_cost(piece);
  }
  assert(segs_is_valid(segs, pool));
}

void segs_release(struct segs *segs, struct segs_pool *pool) {
  for (uint32_t i = 0; i < segs->count; i++)
    piece_free(segs, pool, segs->index[segs->first + i].piece);
  blocks_free(&pool->blocks, segs->index, segs->room * sizeof *segs->index);
  assert(segs->cost == 0);
  memset(segs, 0, sizeof *segs);
}

int segs_is_valid(const struct segs *segs, const struct segs_pool *pool) {
  uint64_t end = 0, cost = 0;
  for (uint32_t i = 0; i < segs->count; i++) {
    const struct piece *piece = segs_at(segs, pool, i);
    if (piece->start < end && i > 0) return 0;
    if (piece->start >= piece->end || piece->start < piece->from || piece->end > piece->to)
      return 0;
    if ((uint32_t)piece->start != segs->index[segs->first + i].start) return 0;
    end = piece->end;
    cost += piece_cost(piece);
  }
  return cost == segs->cost && segs->first + segs->count <= segs->room;
}
