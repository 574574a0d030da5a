/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "allocator.h"
#include "base/queue.h"
#include "random.h"

static struct test_allocator memory;
static struct mem mem;
static struct queue queue;

static int setup(void **state) {
  (void)state;
  memory = (struct test_allocator){0};
  struct weft_allocator allocator = test_allocator_of(&memory);
  mem_init(&mem, &allocator, 0);
  queue_init(&queue, &mem, 1000);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  queue_done(&queue);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
  return 0;
}

static uint32_t put(uint32_t number, int64_t tick) {
  uint32_t place = 12345;
  assert_int_equal(queue_put(&queue, number, tick, &place), 0);
  return place;
}

static void in_the_order_they_were_put(void **state) {
  (void)state;
  uint32_t first = put(7, -5), second = put(3, -5), third = put(9, 20);
  assert_int_equal(queue.head, first);
  assert_int_equal(second, first + 1);
  assert_int_equal(third, first + 2);
  assert_int_equal(queue_at(&queue, first), 7);
  assert_int_equal(queue_at(&queue, second), 3);
  assert_int_equal(queue_at(&queue, third), 9);
  assert_int_equal(queue_tick(&queue, first), -5);
  assert_int_equal(queue_tick(&queue, third), 20);
  assert_true(queue_holds(&queue, third));
  assert_false(queue_holds(&queue, third + 1));
  assert_false(queue_holds(&queue, first - 1));
}

static void forgotten_ones_leave_once_they_are_in_front(void **state) {
  (void)state;
  uint32_t first = put(1, 0), second = put(2, 0), third = put(3, 0);
  queue_forget(&queue, second);
  queue_trim(&queue);
  assert_int_equal(queue.head, first);
  assert_int_equal(queue_at(&queue, second), QUEUE_NONE);
  queue_forget(&queue, first);
  queue_trim(&queue);
  assert_int_equal(queue.head, third);
}

static void ticks_do_not_go_back(void **state) {
  (void)state;
  uint32_t place = 99;
  put(1, 10);
  assert_int_not_equal(queue_put(&queue, 2, 9, &place), 0);
  assert_int_equal(place, 99);
  assert_int_equal(queue.tail - queue.head, 1);
}

static void ticks_too_far_apart_are_refused(void **state) {
  (void)state;
  uint32_t place;
  put(1, 10);
  assert_int_not_equal(queue_put(&queue, 2, 11 + (int64_t)INT32_MAX, &place), 0);
  assert_int_equal(queue_put(&queue, 2, 10 + (int64_t)INT32_MAX, &place), 0);
  assert_int_equal(queue_tick(&queue, queue.head), 10);
}

/* Once nothing is left, any tick may come. */
static void an_empty_one_takes_any_tick(void **state) {
  (void)state;
  queue_forget(&queue, put(1, INT64_C(1) << 40));
  queue_trim(&queue);
  assert_int_equal(queue_tick(&queue, put(2, -3)), -3);
}

static void as_many_as_it_was_made_for(void **state) {
  (void)state;
  uint32_t place;
  for (uint32_t i = 0; i < 1024; i++) put(i, i / 100);
  assert_int_not_equal(queue_put(&queue, 1024, 20, &place), 0);
  assert_true(mem.peak <= queue_memory_max(1000));
  for (uint32_t i = 0; i < 1024; i++) {
    assert_int_equal(queue_at(&queue, queue.head + i), i);
    assert_int_equal(queue_tick(&queue, queue.head + i), i / 100);
  }
}

static void memory_goes_when_all_have_gone(void **state) {
  (void)state;
  uint32_t first = put(0, 0);
  for (uint32_t i = 1; i < 200; i++) put(i, 0);
  for (uint32_t i = 0; i < 200; i++) queue_forget(&queue, first + i);
  queue_trim(&queue);
  assert_int_equal(mem.used, 0);
}

static void without_memory_nothing_changes(void **state) {
  (void)state;
  uint32_t place;
  for (uint32_t i = 0; i < QUEUE_ROOM_MIN; i++) put(i, 0);
  memory.fail_at = memory.calls + 1;
  assert_int_not_equal(queue_put(&queue, 64, 0, &place), 0);
  assert_int_equal(queue.tail - queue.head, QUEUE_ROOM_MIN);
  assert_int_equal(queue_at(&queue, queue.head), 0);
  put(64, 0);
}

/* Beside an array that never forgets a place. */
static void as_a_plain_array(void **state) {
  (void)state;
  enum { TURNS = 20000 };
  static uint32_t numbers[TURNS];
  static int64_t ticks[TURNS];
  uint32_t head = 0, tail = 0;
  uint64_t random = 1;
  int64_t tick = -1000;
  for (int turn = 0; turn < TURNS; turn++) {
    if (random_below(&random, 2) && tail - head < 900) {
      tick += random_below(&random, 3);
      uint32_t place = put((uint32_t)turn, tick);
      assert_int_equal(place, queue.tail - 1);
      numbers[tail] = (uint32_t)turn;
      ticks[tail++] = tick;
    } else if (head < tail) {
      uint32_t at = head + random_below(&random, tail - head);
      queue_forget(&queue, queue.head + (at - head));
      numbers[at] = QUEUE_NONE;
    }
    queue_trim(&queue);
    while (head < tail && numbers[head] == QUEUE_NONE) head++;
    assert_int_equal(queue.tail - queue.head, tail - head);
    if (head == tail) continue;
    uint32_t at = head + random_below(&random, tail - head);
    assert_int_equal(queue_at(&queue, queue.head + (at - head)), numbers[at]);
    assert_int_equal(queue_tick(&queue, queue.head + (at - head)), ticks[at]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(in_the_order_they_were_put, setup, teardown),
      cmocka_unit_test_setup_teardown(forgotten_ones_leave_once_they_are_in_front, setup, teardown),
      cmocka_unit_test_setup_teardown(ticks_do_not_go_back, setup, teardown),
      cmocka_unit_test_setup_teardown(ticks_too_far_apart_are_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(an_empty_one_takes_any_tick, setup, teardown),
      cmocka_unit_test_setup_teardown(as_many_as_it_was_made_for, setup, teardown),
      cmocka_unit_test_setup_teardown(memory_goes_when_all_have_gone, setup, teardown),
      cmocka_unit_test_setup_teardown(without_memory_nothing_changes, setup, teardown),
      cmocka_unit_test_setup_teardown(as_a_plain_array, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
