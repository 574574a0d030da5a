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
#include "stream/spans.h"

static struct test_allocator memory;
static struct mem mem;
static struct spans spans;

static int setup(void **state) {
  (void)state;
  memory = (struct test_allocator){0};
  struct weft_allocator allocator = test_allocator_of(&memory);
  mem_init(&mem, &allocator, 0);
  return spans_init(&spans, &mem);
}

static int teardown(void **state) {
  (void)state;
  spans_done(&spans, &mem);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
  return 0;
}

/* Blocks are told apart by their address; nobody looks into them. */
static struct block *block_of(uint64_t i) { return (struct block *)(uintptr_t)((i + 1) * 16); }

static int add(uint64_t i) {
  return spans_add(&spans, &mem, (struct weft_span){.len = i + 1, .offset = i * 10}, block_of(i));
}

static void assert_holds(uint64_t count) {
  assert_int_equal(spans.count, count);
  for (uint64_t i = 0; i < count; i++) {
    assert_int_equal(spans.span[i].len, i + 1);
    assert_int_equal(spans.span[i].offset, i * 10);
    assert_ptr_equal(spans.block[i], block_of(i));
  }
}

static void growth_keeps_spans_and_their_blocks(void **state) {
  (void)state;
  for (uint64_t i = 0; i < 1000; i++) assert_int_equal(add(i), 0);
  assert_holds(1000);
  assert_int_equal(memory.live, 1);
}

static void room_is_used_again(void **state) {
  (void)state;
  for (uint64_t i = 0; i < 500; i++) assert_int_equal(add(i), 0);
  uint64_t calls = memory.calls;
  spans.count = 0;
  for (uint64_t i = 0; i < 500; i++) assert_int_equal(add(i), 0);
  assert_holds(500);
  assert_int_equal(memory.calls, calls);
}

static void without_memory_nothing_is_added_and_nothing_lost(void **state) {
  (void)state;
  uint64_t i = 0;
  memory.fail_at = memory.calls + 1;
  while (!add(i)) i++;
  assert_true(i > 0);
  assert_holds(i);
  memory.fail_at = 0;
  assert_int_equal(add(i), 0);
  assert_holds(i + 1);
}

static void no_memory_at_the_start_is_told(void **state) {
  (void)state;
  struct spans other;
  memory.fail_at = memory.calls + 1;
  assert_int_equal(spans_init(&other, &mem), WEFT_E_NOMEM);
  spans_done(&other, &mem);
}

static void never_more_than_its_maximum(void **state) {
  (void)state;
  for (uint64_t i = 0; i < 3000; i++) {
    assert_int_equal(add(i), 0);
    assert_true(memory.peak <= spans_memory_max(i + 1));
  }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(growth_keeps_spans_and_their_blocks),
      TEST(room_is_used_again),
      TEST(without_memory_nothing_is_added_and_nothing_lost),
      TEST(no_memory_at_the_start_is_told),
      TEST(never_more_than_its_maximum),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
