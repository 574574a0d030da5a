/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "random.h"
#include "segs_queue.h"

/* "10-20#1 20-25#3!": each piece, what it owns, whose it is, FIN. */
static const char *shown(void) {
  static char text[4096];
  size_t at = 0;
  text[0] = '\0';
  for (uint32_t i = 0; i < segs.count; i++) {
    const struct piece *p = segs_at(&segs, &pool, i);
    at += (size_t)snprintf(text + at, sizeof text - at, "%s%llu-%llu#%llu%s%s", i ? " " : "",
                           (unsigned long long)p->start, (unsigned long long)p->end,
                           (unsigned long long)p->mark.frame, p->bytes ? "" : "?",
                           p->fin && p->end == p->to ? "!" : "");
  }
  return text;
}

/* ---- by hand -------------------------------------------------------- */

static void one_segment_is_one_piece(void **state) {
  (void)state;
  put(10, 20);
  assert_string_equal(shown(), "10-20#1");
  assert_int_equal(segs.payload, 10);
  assert_int_equal(segs.cost, segs_cost(10));
}

static void neighbours_share_nothing(void **state) {
  (void)state;
  put(20, 30);
  put(10, 20);
  put(30, 40);
  assert_string_equal(shown(), "10-20#2 20-30#1 30-40#3");
}

/* The example of docs/overlap.md: whose the bytes are is judged on the ranges as
   sent.  A queue that had cut B to [20,30) would give 20 to 25 to B. */
static void whole_original_ranges_are_compared(void **state) {
  (void)state;
  put(10, 20);
  put(15, 30);
  assert_string_equal(shown(), "10-20#1 20-30#2");
  put(14, 25);
  assert_string_equal(shown(), "10-20#1 20-25#3 25-30#2");
}

static void a_longer_one_splits_in_two_around_a_winner(void **state) {
  (void)state;
  put(10, 40);
  assert_int_equal(insert(WEFT_OVERLAP_LAST, arrival_of(20, 30, 0)), 0);
  assert_string_equal(shown(), "10-20#1 20-30#2 30-40#1");
  /* Both halves keep the whole alive, and each counts for it. */
  assert_int_equal(segs.cost, 2 * segs_cost(30) + segs_cost(10));
  assert_int_equal(segs.payload, 30);
}

static void a_winner_that_splits_fills_each_hole(void **state) {
  (void)state;
  put(10, 12);
  put(20, 22);
  put(30, 32);
  assert_int_equal(insert(WEFT_OVERLAP_FIRST, arrival_of(5, 40, 0)), 0);
  assert_string_equal(shown(), "5-10#4 10-12#1 12-20#4 20-22#2 22-30#4 30-32#3 32-40#4");
}

static void a_copy_that_loses_everything_leaves_nothing(void **state) {
  (void)state;
  put(10, 40);
  assert_int_equal(insert(WEFT_OVERLAP_FIRST, arrival_of(15, 30, 0)), 0);
  assert_string_equal(shown(), "10-40#1");
  assert_int_equal(pool.pieces.used, 1);
}

static void a_copy_that_wins_everything_leaves_nothing_of_the_others(void **state) {
  (void)state;
  put(10, 15);
  put(20, 25);
  assert_int_equal(insert(WEFT_OVERLAP_LAST, arrival_of(5, 30, 0)), 0);
  assert_string_equal(shown(), "5-30#3");
  assert_int_equal(pool.pieces.used, 1);
}

static void a_fin_makes_the_longer_range_and_takes_the_bytes(void **state) {
  (void)state;
  put(10, 20);
  assert_int_equal(insert(WEFT_OVERLAP_LINUX, arrival_of(10, 21, 1)), 0);
  assert_string_equal(shown(), "10-21#2!");
  assert_int_equal(segs.payload, 10);
}

static void a_fin_covered_by_a_longer_segment_is_forgotten(void **state) {
  (void)state;
  assert_int_equal(insert(WEFT_OVERLAP_LINUX, arrival_of(20, 21, 1)), 0);
  put(15, 30);
  assert_string_equal(shown(), "15-30#2");
}

static void bytes_beat_the_knowledge_that_there_were_some(void **state) {
  (void)state;
  struct arrival cut = arrival_of(10, 30, 0);
  cut.start = 20;
  cut.bytes = NULL;
  assert_int_equal(insert(WEFT_OVERLAP_FIRST, cut), 0);
  assert_string_equal(shown(), "20-30#1?");
  assert_int_equal(insert(WEFT_OVERLAP_FIRST, arrival_of(15, 25, 0)), 0);
  assert_string_equal(shown(), "15-25#2 25-30#1?");
  cut = arrival_of(15, 40, 0);
  cut.bytes = NULL;
  assert_int_equal(insert(WEFT_OVERLAP_LAST, cut), 0);
  assert_string_equal(shown(), "15-25#2 25-40#3?");
}

/* Costs of a piece without bytes: what there is of it. */
static void what_was_not_captured_costs_a_piece_alone(void **state) {
  (void)state;
  struct arrival cut = arrival_of(10, 30, 0);
  cut.bytes = NULL;
  assert_int_equal(insert(WEFT_OVERLAP_LINUX, cut), 0);
  assert_int_equal(segs.cost, segs_cost(0));
}

static void finding(void **state) {
  (void)state;
  assert_int_equal(segs_find(&segs, &pool, 0), 0);
  put(10, 20);
  put(20, 30);
  put(40, 50);
  static const struct {
    uint64_t offset;
    uint32_t found;
  } cases[] = {{0, 0}, {10, 0}, {19, 0}, {20, 1}, {29, 1}, {30, 2}, {39, 2}, {49, 2}, {50, 3}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(segs_find(&segs, &pool, cases[i].offset), cases[i].found);
}

/* Wherever the search before ended. */
static void finding_in_any_order(void **state) {
  (void)state;
  for (unsigned i = 0; i < PIECES_MAX; i++) put(i * 10, i * 10 + 5);
  uint64_t random = 5;
  for (int i = 0; i < 2000; i++) {
    uint64_t offset = random_below(&random, PIECES_MAX * 10 + 10);
    uint64_t found = offset / 10 + (offset % 10 >= 5);
    if (found > PIECES_MAX) found = PIECES_MAX;
    assert_int_equal(segs_find(&segs, &pool, offset), found);
    uint64_t limit = offset + 1 + random_below(&random, 60), high = (limit + 9) / 10;
    struct segs_range range = segs_overlapped(&segs, &pool, offset, limit);
    if (high > PIECES_MAX) high = PIECES_MAX;
    assert_int_equal(range.low, found);
    assert_int_equal(range.high, high > found ? high : found);
  }
}

/* The index holds the low 32 bits of starts. */
static void offsets_around_the_32_bit_edge(void **state) {
  (void)state;
  uint64_t edge = UINT64_C(5) << 32;
  put(edge - 30, edge - 20);
  put(edge - 5, edge + 5);
  put(edge + 10, edge + 20);
  put(edge - 15, edge - 10);
  assert_int_equal(segs_find(&segs, &pool, edge - 25), 0);
  assert_int_equal(segs_find(&segs, &pool, edge - 12), 1);
  assert_int_equal(segs_find(&segs, &pool, edge), 2);
  assert_int_equal(segs_find(&segs, &pool, edge + 12), 3);
  segs_trim(&segs, &pool, edge + 3);
  assert_int_equal(segs.count, 2);
  assert_true(segs_first(&segs, &pool)->start == edge + 3);
  assert_true(segs_is_valid(&segs, &pool));
}

static void reverse_order(void **state) {
  (void)state;
  stop();
  start(1000);
  for (unsigned i = 500; i-- > 0;) put(i * 10, i * 10 + 7);
  assert_int_equal(segs.count, 500);
  for (uint32_t i = 0; i < 500; i++) assert_int_equal(segs_at(&segs, &pool, i)->start, i * 10);
  while (segs.count) segs_drop(&segs, &pool, 1);
  assert_null(segs.index);
}

/* A queue that moves on for ever: taken from the front, put at the end. */
static void the_index_of_a_moving_queue_stays_small(void **state) {
  (void)state;
  uint32_t largest = 0;
  for (unsigned i = 0; i < 5000; i++) {
    uint64_t from = (uint64_t)i * 10;
    struct arrival a = arrival_of(from, from + 5, 0);
    assert_int_equal(segs_append(&segs, &pool, &a, NULL), 0);
    if (segs.count > 10) segs_drop(&segs, &pool, 1);
    assert_true(segs_is_valid(&segs, &pool));
    if (segs.room > largest) largest = segs.room;
  }
  assert_in_range(largest, 11, 64);
}

/* Directions that were full once, one after the other, and hold one piece now: what
   they keep is what that piece is charged for. */
static void many_that_were_full_once_keep_little(void **state) {
  (void)state;
  enum { MANY = 60, FULL = 300 };
  static struct segs many[MANY];
  stop();
  start(FULL);
  for (int i = 0; i < MANY; i++) {
    for (unsigned k = 0; k < FULL; k++) {
      struct arrival a = arrival_of(k * 10, k * 10 + 5, 0);
      assert_int_equal(segs_append(&many[i], &pool, &a, NULL), 0);
    }
    if (i % 2) { /* ... drained from the front, or covered by one */
      segs_trim(&many[i], &pool, (FULL - 1) * 10);
    } else {
      struct arrival a = arrival_of(0, FULL * 10, 0);
      assert_int_equal(segs_insert(&many[i], &pool, WEFT_OVERLAP_LAST, &a, NULL), 0);
    }
    assert_int_equal(many[i].count, 1);
    assert_true(segs_is_valid(&many[i], &pool));
  }
  assert_true(memory.bytes <= segs_memory_max(FULL, pool.cost_peak));
  for (int i = 0; i < MANY; i++) segs_clear(&many[i], &pool);
}

static void trimming_cuts_the_first_and_drops_what_lies_below(void **state) {
  (void)state;
  put(10, 20);
  put(20, 30);
  put(40, 50);
  segs_trim(&segs, &pool, 5);
  assert_string_equal(shown(), "10-20#1 20-30#2 40-50#3");
  segs_trim(&segs, &pool, 25);
  assert_true(segs_is_valid(&segs, &pool));
  assert_string_equal(shown(), "25-30#2 40-50#3");
  assert_int_equal(segs.payload, 15);
  /* What is left remembers how it was sent. */
  assert_int_equal(segs_first(&segs, &pool)->from, 20);
  segs_trim(&segs, &pool, 35);
  assert_string_equal(shown(), "40-50#3");
  segs_trim(&segs, &pool, 50);
  assert_int_equal(segs.count, 0);
  assert_null(segs.index);
}

static void rebasing_moves_every_offset(void **state) {
  (void)state;
  put(110, 120);
  put(105, 115);
  segs_rebase(&segs, &pool, 105);
  assert_string_equal(shown(), "0-10#2 10-15#1");
  assert_int_equal(segs_at(&segs, &pool, 1)->from, 5);
  assert_int_equal(segs_find(&segs, &pool, 12), 1);
}

/* The head of a segment that began before the new 0 is gone, and costs nothing. */
static void rebasing_forgets_what_lies_before(void **state) {
  (void)state;
  put(100, 120);
  segs_trim(&segs, &pool, 110);
  segs_rebase(&segs, &pool, 110);
  assert_string_equal(shown(), "0-10#1");
  const struct piece *piece = segs_first(&segs, &pool);
  assert_int_equal(piece->from, 0);
  assert_ptr_equal(piece->bytes, frames[1] + 10);
  assert_int_equal(segs.cost, segs_cost(10));
  assert_int_equal(pool.cost, segs_cost(10));
}

/* ---- blocks --------------------------------------------------------- */

static void a_block_lives_as_long_as_a_piece_of_it(void **state) {
  (void)state;
  uint8_t bytes[] = "0123456789";
  struct arrival a = arrival_of(10, 20, 0);
  a.bytes = bytes;
  assert_int_equal(insert_copied(WEFT_OVERLAP_LINUX, a), 0);
  memset(bytes, 'x', sizeof bytes);
  const struct block *block = segs_first(&segs, &pool)->block;
  assert_int_equal(block->refs, 1);
  assert_int_equal(insert(WEFT_OVERLAP_LAST, arrival_of(14, 16, 0)), 0);
  assert_int_equal(block->refs, 2);
  segs_trim(&segs, &pool, 16);
  assert_int_equal(block->refs, 1);
  const struct piece *rest = segs_first(&segs, &pool);
  assert_memory_equal(rest->bytes + (rest->start - rest->from), "6789", 4);
  uint64_t live = memory.live;
  segs_clear(&segs, &pool);
  assert_int_equal(memory.live, live);
  assert_int_equal(pool.blocks.spare, 32 + 64); /* the block and the index */
}

/* What is held already is not copied to find that out, and needs no memory. */
static void a_copy_that_loses_everything_is_not_made(void **state) {
  (void)state;
  put(10, 40);
  uint64_t calls = memory.calls;
  struct block *copy = NULL;
  struct arrival again = arrival_of(15, 30, 0);
  assert_int_equal(segs_insert(&segs, &pool, WEFT_OVERLAP_FIRST, &again, &copy), 0);
  assert_null(copy);
  assert_string_equal(shown(), "10-40#1");
  assert_int_equal(memory.calls, calls);
}

/* Of a FIN, and of what lies behind the limit, there are no bytes to copy. */
static void a_block_holds_the_bytes_from_the_first_to_the_limit(void **state) {
  (void)state;
  struct arrival a = arrival_of(10, 21, 1);
  a.start = 14;
  assert_int_equal(insert_copied(WEFT_OVERLAP_LINUX, a), 0);
  assert_int_equal(segs_first(&segs, &pool)->block->size, 10);
  a = arrival_of(30, 50, 0);
  a.limit = 35;
  assert_int_equal(insert_copied(WEFT_OVERLAP_LINUX, a), 0);
  assert_int_equal(segs_at(&segs, &pool, 1)->block->size, 5);
}

static void no_memory_for_a_copy_changes_nothing(void **state) {
  (void)state;
  put(10, 20);
  uint64_t bytes = memory.bytes;
  for (uint64_t from = 15; from <= 40; from += 25) {
    struct arrival a = arrival_of(from, from + 10, 0);
    memory.calls = 0;
    memory.fail_at = 1;
    assert_int_equal(insert_copied(WEFT_OVERLAP_LINUX, a), WEFT_E_NOMEM);
    assert_string_equal(shown(), "10-20#1");
    assert_int_equal(memory.bytes, bytes);
    assert_int_equal(pool.pieces.used, 1);
  }
}

/* What segs_overlapped has found free. */
static void between_others_without_asking(void **state) {
  (void)state;
  static const struct {
    uint64_t from;
    const char *then;
  } steps[] = {{20, "20-25#1"},
               {40, "20-25#1 40-45#2"},
               {10, "10-15#3 20-25#1 40-45#2"},
               {30, "10-15#3 20-25#1 30-35#4 40-45#2"}};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    uint64_t from = steps[i].from;
    struct arrival a = arrival_of(from, from + 5, 0);
    struct segs_range range = segs_overlapped(&segs, &pool, from, from + 5);
    assert_int_equal(range.low, range.high);
    assert_int_equal(segs_insert_between(&segs, &pool, range.low, &a, (int)i % 2), 0);
    assert_string_equal(shown(), steps[i].then);
    const struct piece *piece = segs_at(&segs, &pool, range.low);
    assert_int_equal(piece->block != NULL, i % 2 == 0);
    assert_memory_equal(piece->bytes, a.bytes, 5);
  }
}

/* ---- bounds --------------------------------------------------------- */

static void full_changes_nothing(void **state) {
  (void)state;
  for (unsigned i = 0; i < PIECES_MAX; i++) put(i * 10, i * 10 + 5);
  char before[4096];
  strcpy(before, shown());
  uint64_t cost = segs.cost, bytes = memory.bytes;
  assert_int_equal(insert(WEFT_OVERLAP_LINUX, arrival_of(500, 510, 0)), SEGS_FULL);
  assert_int_equal(insert(WEFT_OVERLAP_LINUX, arrival_of(7, 8, 0)), SEGS_FULL);
  assert_int_equal(insert(WEFT_OVERLAP_LAST, arrival_of(51, 54, 0)), SEGS_FULL);
  assert_string_equal(shown(), before);
  assert_int_equal(segs.cost, cost);
  assert_int_equal(memory.bytes, bytes);
  /* What makes no further piece is still taken. */
  assert_int_equal(insert(WEFT_OVERLAP_LAST, arrival_of(50, 55, 0)), 0);
  assert_int_equal(insert(WEFT_OVERLAP_LAST, arrival_of(0, 55, 0)), 0);
  assert_int_equal(segs.count, PIECES_MAX - 5);
}

/* An insertion that splits may need many pieces at once: all of them are there
   before anything changes.  With a chunk of the pool nearly full, they lie in
   two or three chunks. */
static void each_allocation_failing_in_turn(void **state) {
  (void)state;
  for (unsigned filled = 55; filled < 70; filled++)
    for (unsigned holes = 1; holes <= 150; holes += 149)
      for (uint64_t fail_at = 1; fail_at <= 8; fail_at++) {
        struct segs other = {0};
        stop();
        start(1000);
        for (unsigned i = 0; i < filled; i++) {
          struct arrival a = arrival_of(i * 10, i * 10 + 5, 0);
          assert_int_equal(segs_append(&other, &pool, &a, NULL), 0);
        }
        for (unsigned i = 0; i < holes; i++) put(i * 10 + 10, i * 10 + 15);
        uint64_t cost = segs.cost, bytes = pool.pieces.used;
        uint32_t count = segs.count;
        memory.calls = 0;
        memory.fail_at = fail_at;
        struct arrival all = arrival_of(0, holes * 10 + 20, 0);
        int status = insert(WEFT_OVERLAP_FIRST, all);
        if (memory.calls >= fail_at) assert_int_equal(status, WEFT_E_NOMEM);
        if (status) {
          assert_int_equal(segs.count, count);
          assert_int_equal(segs.cost, cost);
          assert_int_equal(pool.pieces.used, bytes);
          memory.fail_at = 0;
          assert_int_equal(insert(WEFT_OVERLAP_FIRST, all), 0);
        }
        assert_int_equal(segs.count, 2 * holes + 1);
        segs_clear(&other, &pool);
      }
}

static void failing_in_an_empty_queue_leaves_no_memory(void **state) {
  (void)state;
  for (uint64_t fail_at = 1; fail_at <= 3; fail_at++) {
    stop();
    start(PIECES_MAX);
    memory.calls = 0;
    memory.fail_at = fail_at;
    struct arrival a = arrival_of(10, 20, 0);
    assert_int_equal(segs_insert(&segs, &pool, WEFT_OVERLAP_LINUX, &a, NULL), WEFT_E_NOMEM);
    assert_null(segs.index);
    assert_int_equal(segs.room, 0);
    memory.calls = 0;
    assert_int_equal(segs_append(&segs, &pool, &a, NULL), fail_at > 2 ? 0 : WEFT_E_NOMEM);
  }
}

static void no_memory_for_a_block_or_a_pool(void **state) {
  (void)state;
  struct segs_pool other;
  memory.fail_at = memory.calls + 1;
  memory.fail_after = 1;
  assert_null(block_new(&pool.blocks, (const uint8_t *)"abc", 3));
  assert_int_equal(segs_pool_init(&other, &mem, 10), WEFT_E_NOMEM);
  segs_pool_done(&other);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(one_segment_is_one_piece),
      TEST(neighbours_share_nothing),
      TEST(whole_original_ranges_are_compared),
      TEST(a_longer_one_splits_in_two_around_a_winner),
      TEST(a_winner_that_splits_fills_each_hole),
      TEST(a_copy_that_loses_everything_leaves_nothing),
      TEST(a_copy_that_wins_everything_leaves_nothing_of_the_others),
      TEST(a_fin_makes_the_longer_range_and_takes_the_bytes),
      TEST(a_fin_covered_by_a_longer_segment_is_forgotten),
      TEST(bytes_beat_the_knowledge_that_there_were_some),
      TEST(what_was_not_captured_costs_a_piece_alone),
      TEST(finding),
      TEST(finding_in_any_order),
      TEST(offsets_around_the_32_bit_edge),
      TEST(reverse_order),
      TEST(the_index_of_a_moving_queue_stays_small),
      TEST(many_that_were_full_once_keep_little),
      TEST(trimming_cuts_the_first_and_drops_what_lies_below),
      TEST(rebasing_moves_every_offset),
      TEST(rebasing_forgets_what_lies_before),
      TEST(a_block_lives_as_long_as_a_piece_of_it),
      TEST(a_copy_that_loses_everything_is_not_made),
      TEST(a_block_holds_the_bytes_from_the_first_to_the_limit),
      TEST(no_memory_for_a_copy_changes_nothing),
      TEST(between_others_without_asking),
      TEST(full_changes_nothing),
      TEST(each_allocation_failing_in_turn),
      TEST(failing_in_an_empty_queue_leaves_no_memory),
      TEST(no_memory_for_a_block_or_a_pool),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
