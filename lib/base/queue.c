/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/queue.h"

#include <assert.h>
#include <string.h>

static uint32_t room_for(uint32_t numbers) {
  uint32_t room = QUEUE_ROOM_MIN;
  while (room < numbers && room < QUEUE_ROOM_MAX) room *= 2;
  return room;
}

void queue_init(struct queue *queue, struct mem *mem, uint32_t numbers) {
  memset(queue, 0, sizeof *queue);
  queue->mem = mem;
  queue->room_max = room_for(numbers);
}

void queue_done(struct queue *queue) {
  mem_free(queue->mem, queue->entries, queue->room * sizeof *queue->entries);
  queue->entries = NULL;
  queue->room = queue->head = queue->tail = 0;
}

static __attribute__((noinline)) int queue_grow(struct queue *queue) {
  uint32_t room = queue->room ? queue->room * 2 : QUEUE_ROOM_MIN;
  if (room > queue->room_max) return WEFT_E_NOMEM;
  struct queue_entry *entries = mem_alloc(queue->mem, room * sizeof *entries);
  if (!entries) return WEFT_E_NOMEM;
  for (uint32_t place = queue->head; place != queue->tail; place++)
    entries[place & (room - 1)] = *queue_entry(queue, place);
  mem_free(queue->mem, queue->entries, queue->room * sizeof *entries);
  queue->entries = entries;
  queue->room = room;
  return 0;
}

int queue_put(struct queue *queue, uint32_t number, int64_t tick, uint32_t *ret_place) {
  assert(number != QUEUE_NONE);
  uint32_t count = queue->tail - queue->head;
  if (count && (tick < queue->last || tick - queue_tick(queue, queue->head) > INT32_MAX)) return -1;
  if (count == queue->room && queue_grow(queue)) return -1;
  queue->last = tick;
  *queue_entry(queue, queue->tail) = (struct queue_entry){number, (uint32_t)tick};
  *ret_place = queue->tail++;
  return 0;
}

void queue_trim(struct queue *queue) {
  while (queue->head != queue->tail && queue_at(queue, queue->head) == QUEUE_NONE) queue->head++;
  if (queue->head == queue->tail && queue->room > QUEUE_ROOM_MIN) queue_done(queue);
}

uint64_t queue_memory_max(uint32_t numbers) {
  uint64_t room = room_for(numbers);
  /* While it grows, the smaller one is there as well. */
  return (room + room / 2) * sizeof(struct queue_entry);
}
