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
#include "base/slab.h"
#include "random.h"

enum { OBJECT = 24, SHIFT = 2, CHUNK = 1 << SHIFT };

static struct test_allocator memory;
static struct mem mem;
static struct slab slab;

static int setup(void **state) {
  (void)state;
  memory = (struct test_allocator){0};
  struct weft_allocator allocator = test_allocator_of(&memory);
  mem_init(&mem, &allocator, 0);
  slab_init(&slab, &mem, OBJECT, SHIFT);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  slab_done(&slab);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
  return 0;
}

/* Chunks that have memory now. */
static unsigned chunks_live(void) {
  unsigned live = 0;
  for (uint32_t i = 0; i < slab.nchunks; i++) live += slab.chunks[i].objects != NULL;
  return live;
}

static uint32_t take(uint8_t mark) {
  uint32_t index = slab_take(&slab);
  assert_int_not_equal(index, SLAB_NONE);
  memset(slab_at(&slab, index), mark, OBJECT);
  return index;
}

static void assert_marked(uint32_t index, uint8_t mark) {
  const uint8_t *object = slab_at(&slab, index);
  for (int i = 0; i < OBJECT; i++) assert_int_equal(object[i], mark);
}

static void nothing_is_allocated_before_use(void **state) {
  (void)state;
  assert_int_equal(memory.calls, 0);
}

static void done_takes_a_zeroed_slab(void **state) {
  (void)state;
  struct slab zero;
  memset(&zero, 0, sizeof zero);
  slab_done(&zero);
  assert_null(zero.chunks);
}

static void objects_stay_where_they_are(void **state) {
  (void)state;
  uint32_t index[50];
  const void *where[50];
  for (uint8_t i = 0; i < 50; i++) {
    index[i] = take(i);
    where[i] = slab_at(&slab, index[i]);
  }
  for (uint8_t i = 0; i < 50; i++) {
    assert_ptr_equal(slab_at(&slab, index[i]), where[i]);
    assert_marked(index[i], i);
  }
  assert_int_equal(slab.used, 50);
}

static void an_empty_chunk_is_given_back(void **state) {
  (void)state;
  uint32_t index[4 * CHUNK];
  for (unsigned i = 0; i < 4 * CHUNK; i++) index[i] = take(0);
  assert_int_equal(chunks_live(), 4);
  for (unsigned i = 0; i < 4 * CHUNK; i++) slab_release(&slab, index[i]);
  assert_int_equal(slab.used, 0);
  assert_int_equal(chunks_live(), 1);
}

static void one_object_that_comes_and_goes_costs_no_allocation(void **state) {
  (void)state;
  for (unsigned i = 0; i < CHUNK; i++) take(1);
  slab_release(&slab, take(2));
  uint64_t calls = memory.calls;
  for (int i = 0; i < 10; i++) slab_release(&slab, take(2));
  assert_int_equal(memory.calls, calls);
}

static void a_chunk_with_one_object_stays(void **state) {
  (void)state;
  uint32_t index[3 * CHUNK];
  for (unsigned i = 0; i < 3 * CHUNK; i++) index[i] = take((uint8_t)i);
  for (unsigned i = 0; i < 3 * CHUNK; i++)
    if (i % CHUNK) slab_release(&slab, index[i]);
  assert_int_equal(chunks_live(), 3);
  for (unsigned i = 0; i < 3 * CHUNK; i += CHUNK) assert_marked(index[i], (uint8_t)i);
}

static void numbers_of_chunks_given_back_are_used_again(void **state) {
  (void)state;
  uint32_t index[8 * CHUNK];
  for (int round = 0; round < 5; round++) {
    for (unsigned i = 0; i < 8 * CHUNK; i++) index[i] = take(0);
    for (unsigned i = 0; i < 8 * CHUNK; i++) slab_release(&slab, index[i]);
  }
  assert_int_equal(slab.nchunks, 8);
}

/* A chunk is allocated only when all others are full, so the bound is exact
   whatever was released in between. */
static void never_more_than_its_maximum(void **state) {
  (void)state;
  enum { OBJECTS = 200 };
  uint64_t random = 7, max = slab_memory_max(OBJECT, SHIFT, OBJECTS);
  uint32_t index[OBJECTS], count = 0;
  for (int step = 0; step < 20000; step++) {
    int growing = step / 500 % 2 == 0;
    if (count < OBJECTS && (!count || (random_below(&random, 4) > 0) == growing)) {
      index[count++] = take(0);
    } else {
      uint32_t i = random_below(&random, count);
      slab_release(&slab, index[i]);
      index[i] = index[--count];
    }
  }
  assert_true(memory.peak <= max);
  while (count < OBJECTS) index[count++] = take(0);
  assert_true(memory.peak <= max);
}

static void random_objects_keep_their_bytes(void **state) {
  (void)state;
  enum { OBJECTS = 100 };
  uint64_t random = 11;
  uint32_t index[OBJECTS], count = 0;
  uint8_t marks[OBJECTS];
  for (int step = 0; step < 20000; step++) {
    if (count < OBJECTS && random_below(&random, 2)) {
      marks[count] = (uint8_t)step;
      index[count] = take(marks[count]);
      count++;
    } else if (count) {
      uint32_t i = random_below(&random, count);
      assert_marked(index[i], marks[i]);
      slab_release(&slab, index[i]);
      index[i] = index[--count];
      marks[i] = marks[count];
    }
    assert_int_equal(slab.used, count);
  }
}

/* The first parts lie together, each on a cache line where the size allows it. */
static void objects_may_have_several_parts(void **state) {
  (void)state;
  enum { HOT = 128, COLD = 40, LINKS = 12, OBJECTS = 21 };
  struct slab parts;
  uint32_t index[OBJECTS];
  slab_init_parts(&parts, &mem, (uint32_t[]){HOT, COLD, LINKS}, SHIFT);
  parts.owner = &parts;
  for (uint8_t i = 0; i < OBJECTS; i++) {
    index[i] = slab_take(&parts);
    memset(slab_at(&parts, index[i]), i, HOT);
    memset(slab_part_at(&parts, index[i], SLAB_COLD), i + 100, COLD);
    memset(slab_part_at(&parts, index[i], SLAB_LINKS), i + 200, LINKS);
  }
  for (uint8_t i = 0; i < OBJECTS; i++) {
    const uint8_t *hot = slab_at(&parts, index[i]);
    const uint8_t *cold = slab_part_at(&parts, index[i], SLAB_COLD);
    const uint8_t *links = slab_part_at(&parts, index[i], SLAB_LINKS);
    assert_int_equal((uintptr_t)hot % 64, 0);
    assert_ptr_equal(slab_cold_of(hot, index[i], SHIFT, HOT, COLD), cold);
    for (int byte = 0; byte < HOT; byte++) assert_int_equal(hot[byte], i);
    assert_ptr_equal(slab_owner_of(hot, index[i], SHIFT, HOT), &parts);
    for (int byte = 0; byte < COLD; byte++) assert_int_equal(cold[byte], i + 100);
    for (int byte = 0; byte < LINKS; byte++) assert_int_equal(links[byte], (uint8_t)(i + 200));
  }
  assert_true(memory.peak <= slab_memory_max(HOT + COLD + LINKS, SHIFT, OBJECTS));
  slab_done(&parts);
}

static void without_memory_nothing_is_taken(void **state) {
  (void)state;
  for (uint64_t fail_at = 1; fail_at <= 12; fail_at++) {
    slab_done(&slab);
    setup(NULL);
    memory.fail_at = fail_at;
    uint32_t taken = 0;
    for (unsigned i = 0; i < 12 * CHUNK; i++) taken += slab_take(&slab) != SLAB_NONE;
    /* The one call that failed left things as they were; the next succeeded. */
    assert_int_equal(taken, memory.calls >= fail_at ? 12 * CHUNK - 1 : 12 * CHUNK);
    assert_int_equal(slab.used, taken);
    slab_done(&slab);
    assert_int_equal(memory.live, 0);
  }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(nothing_is_allocated_before_use),
      TEST(done_takes_a_zeroed_slab),
      TEST(objects_stay_where_they_are),
      TEST(an_empty_chunk_is_given_back),
      TEST(one_object_that_comes_and_goes_costs_no_allocation),
      TEST(a_chunk_with_one_object_stays),
      TEST(numbers_of_chunks_given_back_are_used_again),
      TEST(never_more_than_its_maximum),
      TEST(random_objects_keep_their_bytes),
      TEST(objects_may_have_several_parts),
      TEST(without_memory_nothing_is_taken),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
