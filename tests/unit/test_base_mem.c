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
#include "base/mem.h"

static struct test_allocator memory;
static struct mem mem;

static void start(uint64_t max) {
  memory = (struct test_allocator){0};
  struct weft_allocator allocator = test_allocator_of(&memory);
  mem_init(&mem, &allocator, max);
}

static void counts_what_is_used_and_the_peak(void **state) {
  (void)state;
  start(0);
  void *a = mem_alloc(&mem, 100), *b = mem_alloc(&mem, 30);
  assert_int_equal(mem.used, 130);
  mem_free(&mem, a, 100);
  assert_int_equal(mem.used, 30);
  assert_int_equal(mem.peak, 130);
  mem_free(&mem, b, 30);
  assert_int_equal(mem.used, 0);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
}

static void freeing_null_is_fine(void **state) {
  (void)state;
  start(0);
  mem_free(&mem, NULL, 0);
  mem_free(&mem, NULL, 77);
  assert_int_equal(mem.used, 0);
}

static void the_bound_can_be_reached_and_not_passed(void **state) {
  (void)state;
  start(100);
  void *a = mem_alloc(&mem, 60);
  assert_null(mem_alloc(&mem, 41));
  assert_int_equal(mem.refused, 1);
  void *b = mem_alloc(&mem, 40);
  assert_non_null(b);
  assert_null(mem_alloc(&mem, 1));
  assert_int_equal(mem.refused, 2);
  mem_free(&mem, a, 60);
  mem_free(&mem, b, 40);
}

static void a_size_beyond_all_bounds_is_refused(void **state) {
  (void)state;
  start(100);
  void *a = mem_alloc(&mem, 1);
  assert_null(mem_alloc(&mem, SIZE_MAX));
  assert_null(mem_alloc(&mem, 101));
  assert_int_equal(mem.refused, 2);
  assert_int_equal(memory.calls, 1);
  mem_free(&mem, a, 1);
}

static void what_the_allocator_lacks_is_not_the_bounds_doing(void **state) {
  (void)state;
  start(100);
  memory.fail_at = 1;
  assert_null(mem_alloc(&mem, 10));
  assert_int_equal(mem.refused, 0);
  assert_int_equal(mem.used, 0);
}

static void zeroed_memory_is_zero(void **state) {
  (void)state;
  static const uint8_t zeroes[64];
  start(0);
  uint8_t *a = mem_alloc_zero(&mem, sizeof zeroes);
  assert_memory_equal(a, zeroes, sizeof zeroes);
  mem_free(&mem, a, sizeof zeroes);
}

static void resizing_keeps_what_fits(void **state) {
  (void)state;
  start(0);
  char *text = mem_resize(&mem, NULL, 0, 4);
  memcpy(text, "abc", 4);
  text = mem_resize(&mem, text, 4, 100);
  assert_string_equal(text, "abc");
  text = mem_resize(&mem, text, 100, 2);
  assert_memory_equal(text, "ab", 2);
  assert_int_equal(mem.used, 2);
  mem_free(&mem, text, 2);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
}

static void resizing_that_fails_changes_nothing(void **state) {
  (void)state;
  start(10);
  char *text = mem_alloc(&mem, 4);
  memcpy(text, "abc", 4);
  /* Both copies are there at once. */
  assert_null(mem_resize(&mem, text, 4, 7));
  assert_string_equal(text, "abc");
  assert_int_equal(mem.used, 4);
  mem_free(&mem, text, 4);
}

static void without_an_allocator_libc_gives(void **state) {
  (void)state;
  mem_init(&mem, NULL, 0);
  void *a = mem_alloc(&mem, 50);
  assert_non_null(a);
  assert_int_equal(mem.used, 50);
  mem_free(&mem, a, 50);
  assert_int_equal(mem.used, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_what_is_used_and_the_peak),
      cmocka_unit_test(freeing_null_is_fine),
      cmocka_unit_test(the_bound_can_be_reached_and_not_passed),
      cmocka_unit_test(a_size_beyond_all_bounds_is_refused),
      cmocka_unit_test(what_the_allocator_lacks_is_not_the_bounds_doing),
      cmocka_unit_test(zeroed_memory_is_zero),
      cmocka_unit_test(resizing_keeps_what_fits),
      cmocka_unit_test(resizing_that_fails_changes_nothing),
      cmocka_unit_test(without_an_allocator_libc_gives),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
