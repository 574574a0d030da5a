/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_QUEUE_H
#define WEFT_BASE_QUEUE_H

#include "base/mem.h"

/*
 * Numbers in the order they were put, each with a tick that is never below that of
 * the one before: what all waits equally long.  Unlike a place in a wheel, one here touches
 * nothing of the objects that the numbers mean, and many can be seen ahead.
 *
 *     place      head                    tail
 *                |  7 |  - |  3 |  9 |   |      -: forgotten
 *
 * Places count up and wrap; a place means the same number until it is forgotten.
 */
enum { QUEUE_ROOM_MIN = 64, QUEUE_ROOM_MAX = 1 << 17 };
#define QUEUE_NONE UINT32_MAX

struct queue_entry {
  uint32_t number; /* QUEUE_NONE: forgotten */
  uint32_t tick;   /* low 32 bits */
};

struct queue {
  struct mem *mem;
  struct queue_entry *entries; /* of place p at p modulo room; NULL where room is 0 */
  uint32_t room, room_max;     /* powers of two */
  uint32_t head, tail;
  int64_t last; /* tick of the newest */
};

/* At most `numbers` will be in it at once, those forgotten included, nor more than
   QUEUE_ROOM_MAX.  Allocates nothing yet. */
void queue_init(struct queue *, struct mem *, uint32_t numbers);
void queue_done(struct queue *);

/* Puts `number` behind all others.  Non-zero, and nothing has changed, where it cannot be:
   its tick is below the last one's or 2^31 and more above the first one's, as many as there
   may be are there, or there is no memory. */
int queue_put(struct queue *, uint32_t number, int64_t tick, uint32_t *ret_place);

/* Lets go of what is at the front and was forgotten, and of the memory when nothing is left. */
void queue_trim(struct queue *);

/* The most memory that it takes; `numbers` as for queue_init. */
uint64_t queue_memory_max(uint32_t numbers);

static inline struct queue_entry *queue_entry(const struct queue *queue, uint32_t place) {
  return &queue->entries[place & (queue->room - 1)];
}

/* Whether there is such a place. */
static inline int queue_holds(const struct queue *queue, uint32_t place) {
  return place - queue->head < queue->tail - queue->head;
}

/* What is at a place there is, QUEUE_NONE where it was forgotten. */
static inline uint32_t queue_at(const struct queue *queue, uint32_t place) {
  return queue_entry(queue, place)->number;
}

static inline int64_t queue_tick(const struct queue *queue, uint32_t place) {
  return queue->last - (int64_t)((uint32_t)queue->last - queue_entry(queue, place)->tick);
}

/* Takes the number out of a place there is. */
static inline void queue_forget(struct queue *queue, uint32_t place) {
  queue_entry(queue, place)->number = QUEUE_NONE;
}

#endif
