/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/table.h"

#include <assert.h>
#include <string.h>

/* Slots of `old` looked at in each insertion or removal.  `now` has twice the
   slots of `old`, so the move ends long before `now` is full again. */
enum { MOVE_STEP = 16 };

static int slots_new(struct mem *mem, uint64_t slots, struct table_slots *ret) {
  uint64_t *memory = mem_alloc_zero(mem, slots * sizeof *memory);
  if (!memory) return WEFT_E_NOMEM;
  ret->slots = memory;
  ret->mask = (uint32_t)(slots - 1);
  return 0;
}

static void slots_free(struct mem *mem, struct table_slots *slots) {
  mem_free(mem, slots->slots, ((size_t)slots->mask + 1) * sizeof *slots->slots);
  memset(slots, 0, sizeof *slots);
}

int table_init(struct table *table, struct mem *mem, uint32_t slots_min) {
  assert(slots_min >= 16 && (slots_min & (slots_min - 1)) == 0);
  memset(table, 0, sizeof *table);
  table->mem = mem;
  return slots_new(mem, slots_min, &table->now);
}

void table_done(struct table *table) {
  slots_free(table->mem, &table->now);
  slots_free(table->mem, &table->old);
}

static void slots_put(struct table_slots *in, uint64_t entry) {
  uint32_t at = (uint32_t)(entry >> 32) & in->mask;
  while (in->slots[at]) at = (at + 1) & in->mask;
  in->slots[at] = entry;
}

static void table_move(struct table *table) {
  if (!table->old.slots) return;
  for (int i = 0; i < MOVE_STEP; i++) {
    uint64_t entry = table->old.slots[table->moved];
    if (entry && entry != TABLE_MOVED) slots_put(&table->now, entry);
    /* Empty slots stay empty: they are where searches end. */
    if (entry) table->old.slots[table->moved] = TABLE_MOVED;
    if (table->moved++ == table->old.mask) {
      slots_free(table->mem, &table->old);
      return;
    }
  }
}

/* Starts to move everything into a table of another size. */
static int table_turn(struct table *table, uint64_t slots) {
  struct table_slots larger;
  if (table->old.slots || slots_new(table->mem, slots, &larger)) return WEFT_E_NOMEM;
  table->old = table->now;
  table->now = larger;
  table->moved = 0;
  return 0;
}

int table_insert(struct table *table, uint32_t hash, uint32_t index) {
  uint64_t slots = (uint64_t)table->now.mask + 1;
  table_move(table);
  if (table->count >= slots - slots / 4 && table_turn(table, slots * 2) &&
      table->count >= slots - slots / 16)
    return WEFT_E_NOMEM;
  slots_put(&table->now, (uint64_t)hash << 32 | (index + 1));
  table->count++;
  return 0;
}

/* Empties a slot and moves up what was displaced past it. */
static void slots_close(struct table_slots *in, uint32_t hole) {
  for (uint32_t at = (hole + 1) & in->mask; in->slots[at]; at = (at + 1) & in->mask) {
    uint32_t home = (uint32_t)(in->slots[at] >> 32) & in->mask;
    if (((at - home) & in->mask) >= ((at - hole) & in->mask)) {
      in->slots[hole] = in->slots[at];
      hole = at;
    }
  }
  in->slots[hole] = 0;
}

static int slots_find(const struct table_slots *in, uint64_t entry, uint32_t *ret_at) {
  if (!in->slots) return 0;
  for (uint32_t at = (uint32_t)(entry >> 32) & in->mask; in->slots[at]; at = (at + 1) & in->mask)
    if (in->slots[at] == entry) {
      *ret_at = at;
      return 1;
    }
  return 0;
}

void table_remove(struct table *table, uint32_t hash, uint32_t index) {
  uint64_t entry = (uint64_t)hash << 32 | (index + 1);
  uint32_t at;
  if (slots_find(&table->now, entry, &at))
    slots_close(&table->now, at);
  else if (slots_find(&table->old, entry, &at))
    table->old.slots[at] = TABLE_MOVED;
  else
    assert(!"entry is in the table");
  table->count--;
  table_move(table);
}

uint64_t table_memory_max(uint32_t slots_min, uint64_t entries) {
  uint64_t slots = slots_min;
  while (entries >= slots - slots / 4) slots *= 2;
  /* While it grows, the smaller one is there as well. */
  return (slots + slots / 2) * sizeof(uint64_t);
}
