/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/table.h"

#include <assert.h>
#include <string.h>

/* Lines of `old` looked at in each insertion or removal: few enough that no call pauses, and
   enough that there are seldom two tables to look in.  `now` has twice the lines of `old`, so
   the move ends long before `now` is full again. */
enum { MOVE_STEP = 16 };

static size_t lines_bytes(uint64_t lines) {
  /* And what it takes to begin on a cache line. */
  return (lines + 1) * sizeof(struct table_line);
}

static int lines_new(struct mem *mem, uint64_t lines, struct table_lines *ret) {
  ret->memory = mem_alloc_zero(mem, lines_bytes(lines));
  if (!ret->memory) return WEFT_E_NOMEM;
  ret->lines = mem_on_line(ret->memory);
  ret->mask = (uint32_t)(lines - 1);
  return 0;
}

static void lines_free(struct mem *mem, struct table_lines *lines) {
  mem_free(mem, lines->memory, lines_bytes((uint64_t)lines->mask + 1));
  memset(lines, 0, sizeof *lines);
}

int table_init(struct table *table, struct mem *mem, uint32_t slots_min) {
  assert(slots_min >= 2 * TABLE_LINE && (slots_min & (slots_min - 1)) == 0);
  memset(table, 0, sizeof *table);
  table->mem = mem;
  return lines_new(mem, slots_min / TABLE_LINE, &table->now);
}

void table_done(struct table *table) {
  lines_free(table->mem, &table->now);
  lines_free(table->mem, &table->old);
}

static int line_is_full(const struct table_line *line) { return line->name[TABLE_LINE - 1] != 0; }

/* How many it holds. */
static uint32_t line_count(const struct table_line *line) {
  return (uint32_t)__builtin_ctz(table_matches(line->name, 0) | 1 << TABLE_LINE);
}

static void slot_copy(struct table_line *to, uint32_t to_slot, const struct table_line *from,
                      uint32_t from_slot) {
  to->hash[to_slot] = from->hash[from_slot];
  to->name[to_slot] = from->name[from_slot];
}

static void lines_put(struct table_lines *in, uint32_t hash, uint32_t name) {
  uint32_t at = hash & in->mask;
  while (line_is_full(&in->lines[at])) at = (at + 1) & in->mask;
  struct table_line *line = &in->lines[at];
  uint32_t slot = line_count(line);
  line->hash[slot] = hash;
  line->name[slot] = name;
}

/* Moves what a line of `old` holds.  A full one still looks full: searches pass it. */
static void line_move(struct table *table, struct table_line *line) {
  uint32_t count = line_count(line), mark = line_is_full(line) ? TABLE_MOVED : 0;
  for (uint32_t slot = 0; slot < count; slot++) {
    if (line->name[slot] != TABLE_MOVED) lines_put(&table->now, line->hash[slot], line->name[slot]);
    line->name[slot] = mark;
  }
}

static __attribute__((noinline)) void lines_move(struct table *table) {
  for (int i = 0; i < MOVE_STEP && table->old.lines; i++) {
    line_move(table, &table->old.lines[table->moved]);
    if (table->moved++ == table->old.mask) lines_free(table->mem, &table->old);
  }
}

static inline void table_move(struct table *table) {
  if (table->old.lines) lines_move(table);
}

/* Starts to move everything into a table of another size. */
static int table_turn(struct table *table, uint64_t slots) {
  struct table_lines larger;
  if (table->old.lines || lines_new(table->mem, slots / TABLE_LINE, &larger)) return WEFT_E_NOMEM;
  table->old = table->now;
  table->now = larger;
  table->moved = 0;
  return 0;
}

int table_insert(struct table *table, uint32_t hash, uint32_t index) {
  uint64_t slots = ((uint64_t)table->now.mask + 1) * TABLE_LINE;
  table_move(table);
  if (table->count >= slots - slots / 4 && table_turn(table, slots * 2) &&
      table->count >= slots - slots / 16)
    return WEFT_E_NOMEM;
  lines_put(&table->now, hash, index + 1);
  table->count++;
  return 0;
}

/* An entry in the line `from` that a search would also find in the line `to`, which is before
   it; TABLE_LINE: there is none. */
static uint32_t displaced(const struct table_lines *in, uint32_t from, uint32_t to) {
  const struct table_line *line = &in->lines[from];
  for (uint32_t slot = 0, count = line_count(line); slot < count; slot++) {
    uint32_t home = line->hash[slot] & in->mask;
    if (((from - home) & in->mask) >= ((from - to) & in->mask)) return slot;
  }
  return TABLE_LINE;
}

/* Fills a slot's place with the line's last entry. */
static void slot_close(struct table_line *line, uint32_t slot) {
  uint32_t last = line_count(line) - 1;
  slot_copy(line, slot, line, last);
  line->name[last] = 0;
}

/* Empties a slot.  What was displaced past a full line moves up into it. */
static void lines_close(struct table_lines *in, uint32_t hole, uint32_t slot) {
  for (uint32_t at = hole; line_is_full(&in->lines[at]);) {
    at = (at + 1) & in->mask;
    uint32_t from = displaced(in, at, hole);
    if (from == TABLE_LINE) continue;
    slot_copy(&in->lines[hole], slot, &in->lines[at], from);
    hole = at;
    slot = from;
  }
  slot_close(&in->lines[hole], slot);
}

/* Where an entry lies, whose name is nobody else's; its slot, TABLE_LINE where it is not there. */
static uint32_t lines_find(const struct table_lines *in, uint32_t hash, uint32_t name,
                           uint32_t *ret_at) {
  if (!in->lines) return TABLE_LINE;
  for (uint32_t at = hash & in->mask;; at = (at + 1) & in->mask) {
    const struct table_line *line = &in->lines[at];
    uint32_t matches = table_matches(line->name, name);
    *ret_at = at;
    if (matches) return (uint32_t)__builtin_ctz(matches);
    if (!line_is_full(line)) return TABLE_LINE;
  }
}

void table_remove(struct table *table, uint32_t hash, uint32_t index) {
  uint32_t at = 0, slot = lines_find(&table->now, hash, index + 1, &at);
  if (slot != TABLE_LINE) {
    lines_close(&table->now, at, slot);
  } else {
    slot = lines_find(&table->old, hash, index + 1, &at);
    assert(slot != TABLE_LINE);
    if (line_is_full(&table->old.lines[at]))
      table->old.lines[at].name[slot] = TABLE_MOVED;
    else
      slot_close(&table->old.lines[at], slot);
  }
  table->count--;
  table_move(table);
}

uint32_t table_seek_far(const struct table *table, uint32_t hash) {
  struct table_cursor cursor;
  return table_first(table, hash, &cursor);
}

uint64_t table_memory_max(uint32_t slots_min, uint64_t entries) {
  uint64_t slots = slots_min;
  while (entries >= slots - slots / 4) slots *= 2;
  /* While it grows, the smaller one is there as well. */
  return lines_bytes(slots / TABLE_LINE) + lines_bytes(slots / 2 / TABLE_LINE);
}
