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
#include "base/wheel.h"
#include "random.h"

#define TICK (INT64_C(1) << WHEEL_TICK_SHIFT)
#define SECOND INT64_C(1000000000)
#define YEAR (365 * 24 * 3600 * SECOND)
#define NOW (1500000000 * SECOND) /* in 2017 */

struct object {
  int64_t due;
  struct wheel_link link;
};

static struct test_allocator memory;
static struct mem mem;
static struct slab slab;
static struct wheel wheel;

static int setup(void **state) {
  (void)state;
  memory = (struct test_allocator){0};
  struct weft_allocator allocator = test_allocator_of(&memory);
  mem_init(&mem, &allocator, 0);
  slab_init(&slab, &mem, sizeof(struct object), 4);
  wheel_init(&wheel, &slab, SLAB_HOT, offsetof(struct object, link));
  wheel_start(&wheel, NOW);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  slab_done(&slab);
  assert_int_equal(memory.live, 0);
  return 0;
}

static struct object *at(uint32_t index) { return slab_at(&slab, index); }

static uint32_t put(int64_t due) {
  uint32_t index = slab_take(&slab);
  at(index)->due = due;
  wheel_put(&wheel, index, due);
  return index;
}

static int64_t tick_start(int64_t time) { return time >> WHEEL_TICK_SHIFT << WHEEL_TICK_SHIFT; }

/* ---- order ---------------------------------------------------------- */

static void an_empty_wheel_gives_nothing(void **state) {
  (void)state;
  assert_int_equal(wheel_take(&wheel, NOW + YEAR, 1), SLAB_NONE);
  assert_int_equal(wheel_take_first(&wheel), SLAB_NONE);
  assert_true(wheel_first_due(&wheel) == INT64_MAX);
}

static void objects_come_out_by_tick(void **state) {
  (void)state;
  uint32_t c = put(NOW + 30 * TICK), a = put(NOW + 10 * TICK), b = put(NOW + 20 * TICK);
  assert_int_equal(wheel_take(&wheel, NOW + 9 * TICK, 0), SLAB_NONE);
  assert_int_equal(wheel_take(&wheel, NOW + 40 * TICK, 0), a);
  assert_int_equal(wheel_take(&wheel, NOW + 40 * TICK, 0), b);
  assert_int_equal(wheel_take(&wheel, NOW + 40 * TICK, 0), c);
  assert_int_equal(wheel_take(&wheel, NOW + 40 * TICK, 0), SLAB_NONE);
  assert_int_equal(wheel.count, 0);
}

static void of_one_slot_the_first_in_is_the_first_out(void **state) {
  (void)state;
  int64_t due = tick_start(NOW + 10 * TICK);
  uint32_t a = put(due + 9), b = put(due), c = put(due + 5);
  assert_int_equal(wheel_take(&wheel, due + TICK, 0), a);
  assert_int_equal(wheel_take(&wheel, due + TICK, 0), b);
  assert_int_equal(wheel_take(&wheel, due + TICK, 0), c);
}

static void a_slot_comes_out_when_its_tick_has_passed(void **state) {
  (void)state;
  int64_t due = tick_start(NOW + 10 * TICK);
  uint32_t a = put(due);
  assert_int_equal(wheel_take(&wheel, due + TICK - 1, 0), SLAB_NONE);
  assert_int_equal(wheel_turn(due), due + TICK);
  assert_int_equal(wheel_turn(due + TICK - 1), due + TICK);
  assert_int_equal(wheel_take(&wheel, due + TICK, 0), a);
}

static void what_was_due_before_now_comes_with_the_next_tick(void **state) {
  (void)state;
  uint32_t a = put(NOW - YEAR);
  assert_int_equal(wheel_take(&wheel, tick_start(NOW) + TICK, 0), a);
}

static void one_that_is_removed_does_not_come(void **state) {
  (void)state;
  int64_t due = NOW + 10 * TICK;
  uint32_t a = put(due), b = put(due), c = put(due), lone = put(due + 5 * TICK);
  wheel_remove(&wheel, b);
  wheel_remove(&wheel, lone);
  assert_int_equal(wheel_take(&wheel, NOW + 90 * TICK, 0), a);
  assert_int_equal(wheel_take(&wheel, NOW + 90 * TICK, 0), c);
  assert_int_equal(wheel_take(&wheel, NOW + 90 * TICK, 0), SLAB_NONE);
}

static void one_that_has_come_due_can_still_be_removed(void **state) {
  (void)state;
  int64_t due = NOW + 10 * TICK;
  uint32_t a = put(due), b = put(due), c = put(due);
  assert_int_equal(wheel_take(&wheel, due + 2 * TICK, 0), a);
  wheel_remove(&wheel, b);
  assert_int_equal(wheel_take(&wheel, due + 2 * TICK, 0), c);
  assert_int_equal(wheel_take(&wheel, due + 2 * TICK, 0), SLAB_NONE);
  assert_int_equal(wheel.count, 0);
}

static void what_is_put_back_is_not_taken_again(void **state) {
  (void)state;
  int64_t due = NOW + 10 * TICK, now = NOW + 12 * TICK;
  uint32_t a = put(due);
  assert_int_equal(wheel_take(&wheel, now, 0), a);
  wheel_put(&wheel, a, due);
  assert_int_equal(wheel_take(&wheel, now, 0), SLAB_NONE);
  assert_int_equal(wheel_take(&wheel, now + TICK, 0), a);
}

/* ---- far off -------------------------------------------------------- */

static void deadlines_beyond_the_span_wait_in_the_farthest_slot(void **state) {
  (void)state;
  int64_t span = (WHEEL_SLOTS - 1) * TICK;
  uint32_t far = put(NOW + 10 * YEAR), never = put(INT64_MAX);
  assert_int_equal(wheel_take(&wheel, NOW + span - 2 * TICK, 0), SLAB_NONE);
  assert_int_equal(wheel_take(&wheel, NOW + span + TICK, 0), far);
  assert_int_equal(wheel_take(&wheel, NOW + span + TICK, 0), never);
  assert_int_equal(wheel_take(&wheel, NOW + span + TICK, 0), SLAB_NONE);
}

/* No step of the clock takes more than one turn of the wheel: a year's would be 234
   million ticks otherwise, and this test would not end. */
static void jumps_of_years_take_one_turn(void **state) {
  (void)state;
  int64_t now = NOW;
  for (int jump = 0; jump < 50; jump++) {
    uint32_t a = put(now + TICK), b = put(now + 100 * TICK), c = put(INT64_MAX);
    now += 3 * YEAR;
    assert_int_equal(wheel_take(&wheel, now, 0), a);
    assert_int_equal(wheel_take(&wheel, now, 0), b);
    assert_int_equal(wheel_take(&wheel, now, 0), c);
    assert_int_equal(wheel_take(&wheel, now, 0), SLAB_NONE);
  }
  uint32_t last = put(now + YEAR);
  assert_int_equal(wheel_take(&wheel, INT64_MAX, 0), last);
}

static void an_empty_wheel_follows_the_clock(void **state) {
  (void)state;
  int64_t now = NOW + 100 * YEAR;
  assert_int_equal(wheel_take(&wheel, now, 0), SLAB_NONE);
  uint32_t a = put(now + 10 * TICK);
  assert_int_equal(wheel_take(&wheel, now + 9 * TICK, 0), SLAB_NONE);
  assert_int_equal(wheel_take(&wheel, now + 12 * TICK, 0), a);
}

static void a_clock_that_goes_back_takes_nothing(void **state) {
  (void)state;
  uint32_t a = put(NOW + 10 * TICK);
  assert_int_equal(wheel_take(&wheel, NOW + 5 * TICK, 0), SLAB_NONE);
  assert_int_equal(wheel_take(&wheel, NOW - YEAR, 1), SLAB_NONE);
  assert_int_equal(wheel_take(&wheel, NOW + 12 * TICK, 0), a);
}

static void times_before_1970(void **state) {
  (void)state;
  int64_t now = -100 * YEAR;
  wheel_init(&wheel, &slab, SLAB_HOT, offsetof(struct object, link));
  wheel_start(&wheel, now);
  uint32_t a = put(now + 10 * TICK);
  int64_t first = wheel_first_due(&wheel);
  assert_true(first > now + 10 * TICK && first <= now + 11 * TICK);
  assert_int_equal(wheel_take(&wheel, now + 9 * TICK, 0), SLAB_NONE);
  assert_int_equal(wheel_take(&wheel, now + 12 * TICK, 0), a);
  put(now + 20 * TICK);
  put(now + 21 * TICK);
  assert_int_not_equal(wheel_take(&wheel, now + 40 * TICK, 0), SLAB_NONE);
  assert_true(wheel_first_due(&wheel) <= now + 41 * TICK);
}

/* ---- to the nanosecond ---------------------------------------------- */

/* As the owners of a wheel do it: all that is due, exactly, in the order it was
   put; what is not due is held and put back. */
static unsigned expire(int64_t now, uint32_t *ret, unsigned max) {
  uint32_t index, chain = SLAB_NONE;
  unsigned count = 0;
  while ((index = wheel_take(&wheel, now, 1)) != SLAB_NONE) {
    if (at(index)->due > now) {
      wheel_hold(&wheel, index, &chain);
      continue;
    }
    assert_in_range(count, 0, max - 1);
    ret[count++] = index;
  }
  while ((index = wheel_unhold(&wheel, &chain)) != SLAB_NONE)
    wheel_put(&wheel, index, at(index)->due);
  return count;
}

static void exact_takes_what_is_due_within_the_tick(void **state) {
  (void)state;
  int64_t edge = tick_start(NOW + 10 * TICK);
  uint32_t early = put(edge + 100), late = put(edge + 200), got[4];
  assert_int_equal(expire(edge + 99, got, 4), 0);
  assert_int_equal(expire(edge + 100, got, 4), 1);
  assert_int_equal(got[0], early);
  assert_int_equal(wheel_take(&wheel, edge + 200, 0), SLAB_NONE);
  assert_int_equal(expire(edge + 200, got, 4), 1);
  assert_int_equal(got[0], late);
}

static void exact_also_takes_the_slots_before(void **state) {
  (void)state;
  int64_t edge = tick_start(NOW + 10 * TICK);
  uint32_t b = put(edge + 1), a = put(edge - 3 * TICK), got[4];
  assert_int_equal(expire(edge + 1, got, 4), 2);
  assert_int_equal(got[0], a);
  assert_int_equal(got[1], b);
}

/* ---- the first ------------------------------------------------------ */

static void the_first_goes_first_however_far(void **state) {
  (void)state;
  uint32_t far = put(NOW + YEAR), near = put(NOW + 50 * TICK), nearest = put(NOW + 5 * TICK);
  assert_int_equal(wheel_take_first(&wheel), nearest);
  assert_int_equal(wheel_take_first(&wheel), near);
  assert_int_equal(wheel_take_first(&wheel), far);
  assert_int_equal(wheel_take_first(&wheel), SLAB_NONE);
}

static void what_has_come_due_is_first(void **state) {
  (void)state;
  uint32_t a = put(NOW + 5 * TICK), b = put(NOW + 6 * TICK), c = put(NOW + 50 * TICK);
  assert_int_equal(wheel_take(&wheel, NOW + 10 * TICK, 0), a);
  assert_true(wheel_first_due(&wheel) <= NOW + 11 * TICK);
  assert_int_equal(wheel_take_first(&wheel), b);
  assert_int_equal(wheel_take_first(&wheel), c);
}

static void first_due_is_the_end_of_the_first_slot(void **state) {
  (void)state;
  int64_t edge = tick_start(NOW + 10 * TICK);
  put(edge + 5);
  assert_true(wheel_first_due(&wheel) == edge + TICK);
  wheel_take_first(&wheel);
  put(NOW + YEAR); /* in the farthest slot, which tells no end */
  assert_true(wheel_first_due(&wheel) == INT64_MAX);
}

/* ---- the link in another part ------------------------------------ */

static void links_may_lie_in_a_part_of_their_own(void **state) {
  (void)state;
  struct slab parts;
  uint32_t index[40];
  slab_init_parts(&parts, &mem, (uint32_t[]){64, 0, sizeof(struct object)}, 3);
  wheel_init(&wheel, &parts, SLAB_LINKS, offsetof(struct object, link));
  wheel_start(&wheel, NOW);
  for (int i = 0; i < 40; i++) {
    index[i] = slab_take(&parts);
    memset(slab_at(&parts, index[i]), i, 64);
    wheel_put(&wheel, index[i], NOW + (40 - i) * TICK);
  }
  for (int i = 0; i < 40; i++) {
    uint32_t first = wheel_take(&wheel, NOW + 60 * TICK, 0);
    assert_int_equal(first, index[39 - i]);
    const uint8_t *object = slab_at(&parts, first);
    for (int byte = 0; byte < 64; byte++) assert_int_equal(object[byte], 39 - i);
  }
  slab_done(&parts);
}

/* ---- model ---------------------------------------------------------- */

enum { MODEL = 60 };

/* Nothing comes early, and nothing that is due stays in. */
static void random_deadlines_are_kept(void **state) {
  (void)state;
  static const int64_t steps[] = {1, TICK / 3, 5 * TICK, 600 * TICK, 5000 * TICK};
  uint64_t random = 5;
  int64_t now = NOW;
  uint32_t index[MODEL], got[MODEL];
  for (int i = 0; i < MODEL; i++) index[i] = put(now + (int64_t)random_below(&random, 1000) * TICK);
  for (int step = 0; step < 4000; step++) {
    int64_t most = steps[random_below(&random, 5)] / 512 + 2;
    now += (int64_t)random_below(&random, (uint32_t)most) * 512;
    unsigned count = expire(now, got, MODEL);
    for (unsigned i = 0; i < count; i++) {
      assert_true(at(got[i])->due <= now);
      /* Half of them within the span, some far beyond it. */
      int64_t ticks = random_below(&random, random_below(&random, 2) ? 2000 : 9000);
      at(got[i])->due = now + 1 + ticks * TICK / 3;
      wheel_put(&wheel, got[i], at(got[i])->due);
    }
    for (int i = 0; i < MODEL; i++)
      if (at(index[i])->due <= now) fail_msg("step %d: due and still in", step);
    assert_int_equal(wheel.count, MODEL);
  }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(an_empty_wheel_gives_nothing),
      TEST(objects_come_out_by_tick),
      TEST(of_one_slot_the_first_in_is_the_first_out),
      TEST(a_slot_comes_out_when_its_tick_has_passed),
      TEST(what_was_due_before_now_comes_with_the_next_tick),
      TEST(one_that_is_removed_does_not_come),
      TEST(one_that_has_come_due_can_still_be_removed),
      TEST(what_is_put_back_is_not_taken_again),
      TEST(deadlines_beyond_the_span_wait_in_the_farthest_slot),
      TEST(jumps_of_years_take_one_turn),
      TEST(an_empty_wheel_follows_the_clock),
      TEST(a_clock_that_goes_back_takes_nothing),
      TEST(times_before_1970),
      TEST(exact_takes_what_is_due_within_the_tick),
      TEST(exact_also_takes_the_slots_before),
      TEST(the_first_goes_first_however_far),
      TEST(what_has_come_due_is_first),
      TEST(first_due_is_the_end_of_the_first_slot),
      TEST(links_may_lie_in_a_part_of_their_own),
      TEST(random_deadlines_are_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
