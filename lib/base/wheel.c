/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/wheel.h"

#include <assert.h>
#include <string.h>

void wheel_init(struct wheel *wheel, struct slab *slab, enum slab_part part, size_t link_offset) {
  memset(wheel, 0, sizeof *wheel);
  wheel->slab = slab;
  wheel->link_offset = link_offset;
  wheel->part = part;
  for (uint32_t i = 0; i <= WHEEL_SLOTS; i++)
    wheel->heads[i] = (struct wheel_link){WHEEL_HEAD | i, WHEEL_HEAD | i};
}

void wheel_start(struct wheel *wheel, int64_t now) {
  assert(!wheel->count);
  wheel->tick = (now >> WHEEL_TICK_SHIFT) - 1;
}

/* The link of an object, or the head of a slot. */
static struct wheel_link *link_of(struct wheel *wheel, uint32_t name) {
  return name & WHEEL_HEAD ? &wheel->heads[name & ~WHEEL_HEAD] : wheel_link(wheel, name);
}

void wheel_put(struct wheel *wheel, uint32_t index, int64_t due) {
  assert(index < WHEEL_HEAD);
  int64_t tick = due >> WHEEL_TICK_SHIFT;
  if (tick <= wheel->tick) tick = wheel->tick + 1;
  if (tick > wheel->tick + WHEEL_SLOTS - 1) tick = wheel->tick + WHEEL_SLOTS - 1;
  uint32_t slot = (uint32_t)tick & (WHEEL_SLOTS - 1);
  struct wheel_link *head = &wheel->heads[slot], *mine = wheel_link(wheel, index);
  *mine = (struct wheel_link){WHEEL_HEAD | slot, head->prev};
  link_of(wheel, head->prev)->next = index;
  head->prev = index;
  wheel->busy[slot / 64] |= UINT64_C(1) << slot % 64;
  wheel->count++;
}

void wheel_remove(struct wheel *wheel, uint32_t index) {
  struct wheel_link mine = *wheel_link(wheel, index);
  link_of(wheel, mine.prev)->next = mine.next;
  link_of(wheel, mine.next)->prev = mine.prev;
  if (mine.next & WHEEL_HEAD && mine.prev & WHEEL_HEAD && mine.next != (WHEEL_HEAD | WHEEL_SLOTS)) {
    uint32_t slot = mine.next & ~WHEEL_HEAD;
    wheel->busy[slot / 64] &= ~(UINT64_C(1) << slot % 64);
  }
  wheel->count--;
}

/* The first tick after wheel->tick whose slot has objects.  There must be one. */
static int64_t wheel_next_busy(const struct wheel *wheel) {
  uint32_t from = (uint32_t)(wheel->tick + 1) & (WHEEL_SLOTS - 1);
  for (uint32_t i = 0; i <= WHEEL_SLOTS / 64; i++) {
    uint32_t word = (from / 64 + i) % (WHEEL_SLOTS / 64);
    uint64_t bits = wheel->busy[word];
    if (i == 0) bits &= ~UINT64_C(0) << from % 64;
    if (!bits) continue;
    uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(bits);
    return wheel->tick + 1 + ((slot - from) & (WHEEL_SLOTS - 1));
  }
  assert(!"a busy slot");
  return wheel->tick + 1;
}

/* Puts all of a slot behind what has come due. */
static void wheel_expire(struct wheel *wheel, uint32_t slot) {
  struct wheel_link *from = &wheel->heads[slot], *to = &wheel->heads[WHEEL_SLOTS];
  link_of(wheel, from->next)->prev = to->prev;
  link_of(wheel, to->prev)->next = from->next;
  link_of(wheel, from->prev)->next = WHEEL_HEAD | WHEEL_SLOTS;
  to->prev = from->prev;
  *from = (struct wheel_link){WHEEL_HEAD | slot, WHEEL_HEAD | slot};
  wheel->busy[slot / 64] &= ~(UINT64_C(1) << slot % 64);
}

static int wheel_is_busy(const struct wheel *wheel) {
  for (uint32_t i = 0; i < WHEEL_SLOTS / 64; i++)
    if (wheel->busy[i]) return 1;
  return 0;
}

static uint32_t wheel_pop(struct wheel *wheel, uint32_t slot) {
  uint32_t index = wheel->heads[slot].next;
  if (index & WHEEL_HEAD) return SLAB_NONE;
  wheel_remove(wheel, index);
  return index;
}

uint32_t wheel_take(struct wheel *wheel, int64_t now, int exact) {
  int64_t passed = (now >> WHEEL_TICK_SHIFT) - 1;
  if (passed > wheel->tick) {
    while (wheel->count && wheel_is_busy(wheel)) {
      int64_t tick = wheel_next_busy(wheel);
      if (tick > passed) break;
      wheel_expire(wheel, (uint32_t)tick & (WHEEL_SLOTS - 1));
    }
    wheel->tick = passed;
  }
  uint32_t index = wheel_pop(wheel, WHEEL_SLOTS);
  if (index == SLAB_NONE && exact && wheel->tick == passed)
    index = wheel_pop(wheel, (uint32_t)(passed + 1) & (WHEEL_SLOTS - 1));
  return index;
}

uint32_t wheel_take_first(struct wheel *wheel) {
  uint32_t index = wheel_pop(wheel, WHEEL_SLOTS);
  if (index != SLAB_NONE || !wheel->count) return index;
  return wheel_pop(wheel, (uint32_t)wheel_next_busy(wheel) & (WHEEL_SLOTS - 1));
}

/* A shift would do, but not of the negative ticks before 1970. */
static int64_t wheel_tick_start(int64_t tick) { return tick * (INT64_C(1) << WHEEL_TICK_SHIFT); }

int64_t wheel_first_due(const struct wheel *wheel) {
  if (!wheel->count) return INT64_MAX;
  if (!(wheel->heads[WHEEL_SLOTS].next & WHEEL_HEAD)) return wheel_tick_start(wheel->tick + 1);
  int64_t tick = wheel_next_busy(wheel);
  /* The farthest slot also holds what lies beyond the span. */
  if (tick >= wheel->tick + WHEEL_SLOTS - 1) return INT64_MAX;
  return wheel_tick_start(tick + 1);
}
