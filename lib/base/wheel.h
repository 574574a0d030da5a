/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_WHEEL_H
#define WEFT_BASE_WHEEL_H

#include "base/slab.h"

/*
 * Which objects of a slab are due to be looked at, by time, to the tick.  An
 * object is put where its deadline was when somebody last looked; activity
 * that moves the deadline only writes a time stamp.  When the tick comes, the
 * owner computes the true deadline and puts the object there again, or acts.
 *
 * Deadlines beyond the wheel's span wait in its farthest slot.  Objects of one
 * slot come out in the order they went in.
 */
enum { WHEEL_SLOTS = 2048, WHEEL_TICK_SHIFT = 27 }; /* 0.134 s a tick, 275 s around */
#define WHEEL_HEAD UINT32_C(0x80000000)

/* Lies in that part of the object, at `link_offset`. */
struct wheel_link {
  uint32_t next, prev; /* an index, or WHEEL_HEAD | slot at either end */
};

struct wheel {
  struct slab *slab;
  enum slab_part part; /* of an object, in which the link lies */
  size_t link_offset;
  int64_t tick; /* slots up to and including this one have been emptied */
  uint32_t count;
  /* next: first, prev: last; behind the slots the list of what has come due. */
  struct wheel_link heads[WHEEL_SLOTS + 1];
  uint64_t busy[WHEEL_SLOTS / 64]; /* a bit for each slot with objects */
};

void wheel_init(struct wheel *, struct slab *, enum slab_part, size_t link_offset);

/* What time it is; before the first wheel_put, while the wheel is empty. */
void wheel_start(struct wheel *, int64_t now);

/* The object must not be in the wheel. */
void wheel_put(struct wheel *, uint32_t index, int64_t due);

/* The object must be in the wheel. */
void wheel_remove(struct wheel *, uint32_t index);

/* Takes out the next object whose slot's tick has passed at `now`, SLAB_NONE
   when there is none.  What is put back meanwhile is not taken again, but for
   the slot that `now` lies in, whose objects, due or not, come out with
   `exact`: hold those that are not due (wheel_hold) until all have been taken. */
uint32_t wheel_take(struct wheel *, int64_t now, int exact);

/* Chains objects that are in no wheel: *chain starts as SLAB_NONE. */
static inline void wheel_hold(struct wheel *wheel, uint32_t index, uint32_t *chain);
static inline uint32_t wheel_unhold(struct wheel *wheel, uint32_t *chain);

/* Takes out the object that is due first as far as the wheel knows; SLAB_NONE
   from an empty wheel.  wheel_first_due tells beforehand the end of its slot:
   an object with a true deadline at or past it does not belong there. */
uint32_t wheel_take_first(struct wheel *);
int64_t wheel_first_due(const struct wheel *);

/* ---- inline --------------------------------------------------------- */

static inline struct wheel_link *wheel_link(const struct wheel *wheel, uint32_t index) {
  uint8_t *part = slab_part_at(wheel->slab, index, wheel->part);
  return (struct wheel_link *)(void *)(part + wheel->link_offset);
}

static inline void wheel_hold(struct wheel *wheel, uint32_t index, uint32_t *chain) {
  wheel_link(wheel, index)->next = *chain;
  *chain = index;
}

static inline uint32_t wheel_unhold(struct wheel *wheel, uint32_t *chain) {
  uint32_t index = *chain;
  if (index != SLAB_NONE) *chain = wheel_link(wheel, index)->next;
  return index;
}

/* What wheel_take will most likely give next, at most `n`; how many.  To fetch them. */
static inline int wheel_peek(const struct wheel *wheel, uint32_t *ret, int n) {
  int count = 0;
  uint32_t index = wheel->heads[WHEEL_SLOTS].next;
  for (; count < n && !(index & WHEEL_HEAD); index = wheel_link(wheel, index)->next)
    ret[count++] = index;
  return count;
}

/* When the tick after that of `now` begins: until then wheel_take(now, 0) finds
   nothing that it did not find before. */
static inline int64_t wheel_turn(int64_t now) {
  return ((now >> WHEEL_TICK_SHIFT) + 1) * (INT64_C(1) << WHEEL_TICK_SHIFT);
}

#endif
