/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocator.h"
#include "http/spare.h"

static struct test_allocator memory;
static struct weft_allocator allocator;
static struct mem mem;
static struct http_spare spare;

static void begin(uint32_t kept_max) {
  memory = (struct test_allocator){0};
  allocator = test_allocator_of(&memory);
  mem_init(&mem, &allocator, 0);
  http_spare_init(&spare, &mem, 40, kept_max);
}

static void finish(void) {
  http_spare_done(&spare);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
}

static void the_last_given_back_is_taken_first(void **state) {
  (void)state;
  begin(10);
  void *a = http_spare_take(&spare), *b = http_spare_take(&spare);
  http_spare_give(&spare, a);
  http_spare_give(&spare, NULL);
  http_spare_give(&spare, b);
  assert_ptr_equal(http_spare_take(&spare), b);
  assert_ptr_equal(http_spare_take(&spare), a);
  assert_int_equal(memory.calls, 2);
  http_spare_give(&spare, a);
  http_spare_give(&spare, b);
  finish();
}

static void only_some_are_kept(void **state) {
  (void)state;
  void *objects[5];
  begin(2);
  for (int i = 0; i < 5; i++) objects[i] = http_spare_take(&spare);
  for (int i = 0; i < 5; i++) http_spare_give(&spare, objects[i]);
  assert_int_equal(memory.live, 2);
  finish();
}

static void without_memory_there_is_none(void **state) {
  (void)state;
  begin(2);
  memory.fail_at = 1;
  assert_null(http_spare_take(&spare));
  finish();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_last_given_back_is_taken_first),
      cmocka_unit_test(only_some_are_kept),
      cmocka_unit_test(without_memory_there_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
