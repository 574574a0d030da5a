/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocator.h"
#include "base/table.h"
#include "random.h"

static struct test_allocator memory;
static struct mem mem;
static struct table table;

/* In place of the table there was. */
static void start(uint32_t slots) {
  table_done(&table);
  assert_int_equal(memory.live, 0);
  memory = (struct test_allocator){0};
  struct weft_allocator allocator = test_allocator_of(&memory);
  mem_init(&mem, &allocator, 0);
  assert_int_equal(table_init(&table, &mem, slots), 0);
}

static int setup(void **state) {
  (void)state;
  start(16);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  table_done(&table);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
  return 0;
}

static int has(uint32_t hash, uint32_t index) {
  struct table_cursor at;
  uint32_t near = table_seek_near(&table, hash);
  assert_int_equal(table_seek(&table, hash), table_first(&table, hash, &at));
  if (near != TABLE_FAR) assert_int_equal(near, table_first(&table, hash, &at));
  for (uint32_t i = table_first(&table, hash, &at); i != TABLE_NONE; i = table_next(&table, &at))
    if (i == index) return 1;
  return 0;
}

static unsigned count_of(uint32_t hash) {
  struct table_cursor at;
  unsigned count = 0;
  for (uint32_t i = table_first(&table, hash, &at); i != TABLE_NONE; i = table_next(&table, &at))
    count++;
  return count;
}

/* ---- by hand -------------------------------------------------------- */

static void an_empty_table_has_nothing(void **state) {
  (void)state;
  assert_int_equal(count_of(0), 0);
  assert_int_equal(count_of(0xffffffffu), 0);
}

static void several_indexes_of_one_hash_are_all_found(void **state) {
  (void)state;
  for (uint32_t i = 0; i < 5; i++) assert_int_equal(table_insert(&table, 42, i), 0);
  assert_int_equal(table_insert(&table, 42 + 16, 9), 0); /* the same home, another hash */
  assert_int_equal(count_of(42), 5);
  assert_int_equal(count_of(42 + 16), 1);
  table_remove(&table, 42, 2);
  assert_int_equal(count_of(42), 4);
  assert_false(has(42, 2));
  assert_true(has(42 + 16, 9));
}

static void probing_goes_round_the_end(void **state) {
  (void)state;
  for (uint32_t i = 0; i < 10; i++) assert_int_equal(table_insert(&table, 15, i), 0);
  assert_int_equal(table_insert(&table, 0, 100), 0); /* behind two that its line took in */
  assert_int_equal(count_of(15), 10);
  assert_true(has(0, 100));
  for (uint32_t i = 0; i < 10; i++) {
    table_remove(&table, 15, i);
    assert_int_equal(count_of(15), 9 - i);
    assert_true(has(0, 100));
  }
}

static void hashes_of_all_zeroes_and_all_ones(void **state) {
  (void)state;
  assert_int_equal(table_insert(&table, 0, 0), 0);
  assert_int_equal(table_insert(&table, 0xffffffffu, 0x7ffffffeu), 0);
  assert_true(has(0, 0));
  assert_true(has(0xffffffffu, 0x7ffffffeu));
}

/* While the table moves into a larger one, full lines of the old one that have been
   passed are marked and not emptied, and removals mark more of them.  A search
   ends at a line that is not full: there must always be one. */
static void searches_end_when_a_move_is_nearly_done(void **state) {
  (void)state;
  uint32_t next = 0;
  start(256);
  for (; !table.old.lines; next++)
    assert_int_equal(table_insert(&table, next * 0x9e3779b1u, next), 0);
  while (table.old.lines) {
    assert_int_equal(table_insert(&table, next * 0x9e3779b1u, next), 0);
    next++;
    for (uint32_t h = 1; h < 256; h++) assert_int_equal(count_of(h << 8 | h), 0);
    for (uint32_t i = 0; i < next; i++) assert_true(has(i * 0x9e3779b1u, i));
  }
}

static void removals_alone_finish_a_move(void **state) {
  (void)state;
  uint32_t next = 0, removed = 0;
  start(1024);
  for (; !table.old.lines; next++)
    assert_int_equal(table_insert(&table, next * 0x9e3779b1u, next), 0);
  for (; table.old.lines && removed < next; removed++) {
    table_remove(&table, removed * 0x9e3779b1u, removed);
    assert_false(has(removed * 0x9e3779b1u, removed));
  }
  assert_null(table.old.lines);
  for (uint32_t i = removed; i < next; i++) assert_true(has(i * 0x9e3779b1u, i));
}

/* All of one hash: the worst that can be fed. */
static void collisions_survive_growth(void **state) {
  (void)state;
  for (uint32_t i = 0; i < 500; i++) assert_int_equal(table_insert(&table, 7, i), 0);
  assert_int_equal(count_of(7), 500);
  for (uint32_t i = 0; i < 500; i += 2) table_remove(&table, 7, i);
  for (uint32_t i = 0; i < 500; i++) assert_int_equal(has(7, i), i % 2);
}

/* ---- memory --------------------------------------------------------- */

static void a_table_that_cannot_grow_fills_up_and_then_says_so(void **state) {
  (void)state;
  uint32_t next = 0;
  memory.fail_at = memory.calls + 1;
  memory.fail_after = 1;
  while (!table_insert(&table, next * 0x9e3779b1u, next)) next++;
  assert_in_range(next, 12, 15);
  assert_int_equal(table.count, next);
  for (uint32_t i = 0; i < next; i++) assert_true(has(i * 0x9e3779b1u, i));
  assert_int_equal(count_of(0x12345), 0); /* and searches still end */
  memory.fail_at = 0;
  assert_int_equal(table_insert(&table, next * 0x9e3779b1u, next), 0);
  for (uint32_t i = 0; i <= next; i++) assert_true(has(i * 0x9e3779b1u, i));
}

static void without_memory_there_is_no_table(void **state) {
  (void)state;
  struct table other;
  memory.fail_at = memory.calls + 1;
  assert_int_equal(table_init(&other, &mem, 16), WEFT_E_NOMEM);
}

static void never_more_than_its_maximum(void **state) {
  (void)state;
  for (uint32_t entries = 1; entries < 3000; entries = entries * 3 / 2 + 1) {
    start(16);
    for (uint32_t i = 0; i < entries; i++)
      assert_int_equal(table_insert(&table, i * 0x9e3779b1u, i), 0);
    assert_true(memory.peak <= table_memory_max(16, entries));
  }
}

/* ---- model ---------------------------------------------------------- */

enum { MODEL_MAX = 3000 };
struct entry {
  uint32_t hash, index;
};
static struct entry model[MODEL_MAX];
static uint32_t model_count;

static unsigned model_count_of(uint32_t hash) {
  unsigned count = 0;
  for (uint32_t i = 0; i < model_count; i++) count += model[i].hash == hash;
  return count;
}

static void model_check_one(uint64_t *random) {
  uint32_t hash = model_count ? model[random_below(random, model_count)].hash : 3;
  assert_int_equal(count_of(hash), model_count_of(hash));
  assert_int_equal(count_of(hash + 1), model_count_of(hash + 1));
}

static void model_check_all(void) {
  for (uint32_t i = 0; i < model_count; i++) assert_true(has(model[i].hash, model[i].index));
  assert_int_equal(table.count, model_count);
}

/* `bits`: of the hashes; few make collisions. */
static void model_run(uint64_t seed, uint32_t bits, int steps) {
  uint64_t random = seed;
  uint32_t next = 0;
  int moves = 0;
  start(16);
  model_count = 0;
  for (int step = 0; step < steps; step++) {
    /* Grows for a while, shrinks for a while, so that moves start and end in
       both; the weights make most moves meet both kinds of step. */
    uint32_t weight = step / 4000 % 2 ? 40 : 62;
    int moving = table.old.lines != NULL;
    if (!model_count || (model_count < MODEL_MAX && random_below(&random, 100) < weight)) {
      uint32_t hash = (uint32_t)random_next(&random) & (uint32_t)((UINT64_C(1) << bits) - 1);
      assert_int_equal(table_insert(&table, hash, next), 0);
      model[model_count++] = (struct entry){hash, next++};
    } else {
      uint32_t i = random_below(&random, model_count);
      table_remove(&table, model[i].hash, model[i].index);
      assert_false(has(model[i].hash, model[i].index));
      model[i] = model[--model_count];
    }
    moves += !moving && table.old.lines;
    model_check_one(&random);
    if (step % 512 == 0 || (moving && !table.old.lines)) model_check_all();
  }
  model_check_all();
  if (moves < 3) fail_msg("seed %llu: only %d moves", (unsigned long long)seed, moves);
}

static void random_against_a_plain_array(void **state) {
  (void)state;
  static const uint32_t bits[] = {32, 10, 7};
  for (uint64_t seed = 1; seed <= 2; seed++)
    for (unsigned i = 0; i < 3; i++) {
      printf("seed %u, hashes of %u bits\n", (unsigned)seed, (unsigned)bits[i]);
      model_run(seed, bits[i], 12000);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(an_empty_table_has_nothing),
      TEST(several_indexes_of_one_hash_are_all_found),
      TEST(probing_goes_round_the_end),
      TEST(hashes_of_all_zeroes_and_all_ones),
      TEST(searches_end_when_a_move_is_nearly_done),
      TEST(removals_alone_finish_a_move),
      TEST(collisions_survive_growth),
      TEST(a_table_that_cannot_grow_fills_up_and_then_says_so),
      TEST(without_memory_there_is_no_table),
      TEST(never_more_than_its_maximum),
      TEST(random_against_a_plain_array),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
