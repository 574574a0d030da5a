/* SPDX-License-Identifier: BSD-2-Clause */
#include "reasm/segs.h"

#include <assert.h>
#include <string.h>

enum { PIECES_SHIFT = 6, INDEX_MIN = 8 };

/* A piece, its part of an index that is at least an eighth full, its block's header,
   and the allocator's own. */
enum { INDEX_FULL = 8 };
enum {
  PIECE_COST =
      sizeof(struct piece) + INDEX_FULL * sizeof(struct segs_entry) + sizeof(struct block) + 16
};
_Static_assert((int)INDEX_MIN <= (int)INDEX_FULL, "the index of one piece");
_Static_assert(sizeof(struct piece) == 72, "docs/memory.md says so");

uint64_t segs_cost(uint64_t payload) { return payload + PIECE_COST; }

int segs_pool_init(struct segs_pool *pool, struct mem *mem, uint32_t pieces_max) {
  memset(pool, 0, sizeof *pool);
  pool->mem = mem;
  pool->pieces_max = pieces_max;
  slab_init(&pool->pieces, mem, sizeof(struct piece), PIECES_SHIFT);
  pool->scratch = mem_alloc(mem, ((size_t)pieces_max + 1) * sizeof *pool->scratch);
  return pool->scratch ? 0 : WEFT_E_NOMEM;
}

void segs_pool_done(struct segs_pool *pool) {
  slab_done(&pool->pieces);
  mem_free(pool->mem, pool->scratch, ((size_t)pool->pieces_max + 1) * sizeof *pool->scratch);
  pool->scratch = NULL;
}

uint64_t segs_memory_max(uint32_t pieces_max, uint64_t cost_max) {
  return cost_max + ((uint64_t)pieces_max + 1) * sizeof(struct segs_entry) +
         slab_memory_max(sizeof(struct piece), PIECES_SHIFT, cost_max / PIECE_COST + 1) -
         cost_max / PIECE_COST * sizeof(struct piece);
}

struct block *block_new(struct segs_pool *pool, const uint8_t *bytes, uint32_t size) {
  struct block *block = mem_alloc(pool->mem, sizeof *block + size);
  if (!block) return NULL;
  block->refs = 1;
  block->size = size;
  memcpy(block->bytes, bytes, size);
  return block;
}

void block_release(struct segs_pool *pool, struct block *block) {
  if (block && --block->refs == 0) mem_free(pool->mem, block, sizeof *block + block->size);
}

struct piece *segs_at(const struct segs *segs, const struct segs_pool *pool, uint32_t i) {
  assert(i < segs->count);
  return slab_at(&pool->pieces, segs->index[segs->first + i].piece);
}

struct piece *segs_first(const struct segs *segs, const struct segs_pool *pool) {
  return segs_at(segs, pool, 0);
}

/* What the segment counts for; a part split off counts as much again, since
   it may be the one that keeps the whole block alive. */
static uint64_t piece_cost(const struct piece *piece) {
  return segs_cost(piece->bytes ? piece->to - piece->from : 0);
}

static void pool_charge(struct segs *segs, struct segs_pool *pool, const struct piece *piece) {
  segs->cost += piece_cost(piece);
  pool->cost += piece_cost(piece);
  segs->payload += piece_length(piece);
  pool->payload += piece_length(piece);
  if (pool->cost > pool->cost_peak) pool->cost_peak = pool->cost;
  if (pool->payload > pool->payload_peak) pool->payload_peak = pool->payload;
}

/* Lets go of a piece, whose index entry the caller has dealt with. */
static void piece_free(struct segs *segs, struct segs_pool *pool, uint32_t index) {
  struct piece *piece = slab_at(&pool->pieces, index);
  segs->cost -= piece_cost(piece);
  pool->cost -= piece_cost(piece);
  segs->payload -= piece_length(piece);
  pool->payload -= piece_length(piece);
  block_release(pool, piece->block);
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

uint32_t segs_find(const struct segs *segs, const struct segs_pool *pool, uint64_t offset) {
  uint32_t low = 0, high = segs->count;
  if (!high) return 0;
  if (segs_at(segs, pool, high - 1)->end <= offset) return high;
  /* Starts within one direction lie less than 2^31 apart: a window is 2^30. */
  const struct segs_entry *entries = segs->index + segs->first;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if ((int32_t)(entries[middle].start - (uint32_t)offset) <= 0)
      low = middle + 1;
    else
      high = middle;
  }
  /* `low` starts beyond; the one before it may still reach past the offset. */
  return low > 0 && segs_at(segs, pool, low - 1)->end > offset ? low - 1 : low;
}

/* Another room for the entries, which stand in its middle afterwards. */
static int index_resize(struct segs *segs, struct segs_pool *pool, uint32_t room) {
  struct segs_entry *index = mem_alloc(pool->mem, room * sizeof *index);
  if (!index) return WEFT_E_NOMEM;
  uint32_t first = (room - segs->count) / 2;
  if (segs->count) memcpy(index + first, segs->index + segs->first, segs->count * sizeof *index);
  mem_free(pool->mem, segs->index, segs->room * sizeof *index);
  segs->index = index;
  segs->first = first;
  segs->room = room;
  return 0;
}

/* Room for `more` further entries, and as much again: so there is a quarter of
   the room free on either side once the entries stand in the middle. */
static int index_reserve(struct segs *segs, struct segs_pool *pool, uint32_t more) {
  uint32_t room = segs->room ? segs->room : INDEX_MIN;
  while (room / 2 < segs->count + more) room *= 2;
  return room == segs->room ? 0 : index_resize(segs, pool, room);
}

/* Gives back what few entries do not need: else many directions that were full
   once would keep more memory than their pieces are charged for.  Without memory
   for a smaller one the larger stays. */
static void index_shrink(struct segs *segs, struct segs_pool *pool) {
  uint32_t room = segs->room;
  while (room > INDEX_MIN && segs->count < room / INDEX_FULL) room /= 2;
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
  } else {
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
  struct block *block;
  unsigned policy;
  uint32_t low, high; /* the overlapped pieces */
  uint32_t count;     /* entries in scratch */
  uint32_t made;      /* new pieces */
  uint64_t cursor;    /* numbers of the arrival below it are settled */
  int counting;       /* first pass: only count */
};

static void insertion_keep(struct insertion *in, uint32_t piece, uint64_t start) {
  if (!in->counting) in->pool->scratch[in->count] = (struct segs_entry){(uint32_t)start, piece};
  in->count++;
}

/* One of those that pieces_reserve took. */
static uint32_t pieces_unreserve(struct segs_pool *pool) {
  uint32_t index = pool->reserved;
  assert(index != SLAB_NONE);
  pool->reserved = (uint32_t)((const struct piece *)slab_at(&pool->pieces, index))->start;
  return index;
}

/* A new piece that owns [start, end) of what `like` describes. */
static uint32_t insertion_piece(struct insertion *in, const struct piece *like, uint64_t start,
                                uint64_t end) {
  uint32_t index = pieces_unreserve(in->pool);
  struct piece *piece = slab_at(&in->pool->pieces, index);
  *piece = *like;
  piece->start = start;
  piece->end = end;
  if (piece->block) piece->block->refs++;
  pool_charge(in->segs, in->pool, piece);
  return index;
}

static void insertion_new(struct insertion *in, uint64_t end) {
  const struct arrival *a = in->arrival;
  uint64_t start = in->cursor;
  if (start >= end) return;
  in->cursor = end;
  in->made++;
  if (in->counting) {
    in->count++;
    return;
  }
  struct piece like = {.from = a->from,
                       .to = a->to,
                       .bytes = a->bytes,
                       .block = a->bytes ? in->block : NULL,
                       .mark = a->mark,
                       .fin = a->fin};
  insertion_keep(in, insertion_piece(in, &like, start, end), start);
}

static int insertion_wins(const struct insertion *in, const struct piece *held) {
  const struct arrival *a = in->arrival;
  /* Bytes beat the knowledge that there were some. */
  if (!a->bytes != !held->bytes) return a->bytes != NULL;
  return overlap_new_wins(in->policy, a->from, a->to, held->from, held->to);
}

/* Settles the numbers that the arrival and one held piece have in common. */
static void insertion_meet(struct insertion *in, struct segs_entry entry) {
  struct piece *held = slab_at(&in->pool->pieces, entry.piece);
  const struct arrival *a = in->arrival;
  uint64_t held_end = held->end;
  if (!insertion_wins(in, held)) {
    insertion_new(in, held->start);
    insertion_keep(in, entry.piece, held->start);
    in->cursor = held_end;
    return;
  }
  int left = held->start < in->cursor;
  int right = held_end > a->limit;
  if (left) insertion_keep(in, entry.piece, held->start);
  if (right) {
    insertion_new(in, a->limit);
    if (left) in->made++;
    if (in->counting) {
      in->count++;
    } else if (left) {
      insertion_keep(in, insertion_piece(in, held, a->limit, held_end), a->limit);
    } else {
      insertion_keep(in, entry.piece, a->limit);
    }
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
  in->count = in->made = 0;
  in->cursor = in->arrival->start;
  for (uint32_t i = in->low; i < in->high; i++)
    insertion_meet(in, in->segs->index[in->segs->first + i]);
  insertion_new(in, in->arrival->limit);
}

/* Takes `count` pieces out of the slab for the insertion that follows, which uses
   them all, or none.  Released again, they would not be certain: the slab may give
   an empty chunk back. */
static int pieces_reserve(struct segs_pool *pool, uint32_t count) {
  for (pool->reserved = SLAB_NONE; count > 0; count--) {
    uint32_t index = slab_take(&pool->pieces);
    if (index == SLAB_NONE) break;
    ((struct piece *)slab_at(&pool->pieces, index))->start = pool->reserved;
    pool->reserved = index;
  }
  if (!count) return 0;
  while (pool->reserved != SLAB_NONE) slab_release(&pool->pieces, pieces_unreserve(pool));
  return WEFT_E_NOMEM;
}

/* Both, or nothing: an empty struct segs owns no memory. */
static int segs_reserve(struct segs *segs, struct segs_pool *pool, uint32_t entries,
                        uint32_t pieces) {
  int status = index_reserve(segs, pool, entries);
  if (!status) status = pieces_reserve(pool, pieces);
  if (status && !segs->count) segs_clear(segs, pool);
  return status;
}

int segs_insert(struct segs *segs, struct segs_pool *pool, unsigned policy,
                const struct arrival *arrival, struct block *block) {
  assert(arrival->from <= arrival->start && arrival->start < arrival->limit);
  struct insertion in = {segs, pool, arrival, block, policy, .low = 0};
  in.low = in.high = segs_find(segs, pool, arrival->start);
  while (in.high < segs->count && segs_at(segs, pool, in.high)->start < arrival->limit) in.high++;
  insertion_run(&in, 1);
  uint32_t removed = in.high - in.low, added = in.count;
  if (segs->count - removed + added > pool->pieces_max) return SEGS_FULL;
  int status = segs_reserve(segs, pool, added > removed ? added - removed : 0, in.made);
  if (status) return status;
  insertion_run(&in, 0);
  struct segs_entry *entries = index_splice(segs, in.low, removed, added);
  if (added) memcpy(entries, pool->scratch, added * sizeof *entries);
  index_shrink(segs, pool);
  assert(segs_is_valid(segs, pool));
  return 0;
}

int segs_append(struct segs *segs, struct segs_pool *pool, const struct arrival *arrival,
                struct block *block) {
  int status = segs_reserve(segs, pool, 1, 1);
  if (status) return status;
  struct insertion in = {segs, pool, arrival, block, .cursor = arrival->start};
  insertion_new(&in, arrival->limit);
  *index_splice(segs, segs->count, 0, 1) = pool->scratch[0];
  assert(segs_is_valid(segs, pool));
  return 0;
}

/* ---- letting go ----------------------------------------------------- */

void segs_drop_first(struct segs *segs, struct segs_pool *pool) {
  assert(segs->count > 0);
  piece_free(segs, pool, segs->index[segs->first].piece);
  segs->first++;
  if (--segs->count == 0)
    segs_clear(segs, pool);
  else
    index_shrink(segs, pool);
}

void segs_trim(struct segs *segs, struct segs_pool *pool, uint64_t offset) {
  while (segs->count) {
    struct piece *piece = segs_first(segs, pool);
    if (piece->end > offset) {
      if (piece->start < offset) {
        piece_cut(segs, pool, piece, offset, piece->end);
        segs->index[segs->first].start = (uint32_t)offset;
      }
      break;
    }
    segs_drop_first(segs, pool);
  }
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

void segs_clear(struct segs *segs, struct segs_pool *pool) {
  for (uint32_t i = 0; i < segs->count; i++)
    piece_free(segs, pool, segs->index[segs->first + i].piece);
  mem_free(pool->mem, segs->index, segs->room * sizeof *segs->index);
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
