/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/copies.h"
#include "http_kept.h"

static struct http_copy *list;

static int begin(void **state) {
  (void)state;
  store_begin();
  list = NULL;
  return 0;
}

static int finish(void **state) {
  (void)state;
  http_copies_forget(&list, &store, UINT64_MAX);
  return store_finish() || list ? -1 : 0;
}

/* In frame `at` at the time of that number. */
static int add(uint64_t start, uint64_t end, unsigned at) {
  return http_copies_add(&list, &store, start, end, (struct weft_mark){at, at});
}

/* Of a message from 100 to 200 in frames 10 to 20. */
static void check(unsigned first, unsigned last) {
  struct http_message m = {.view = {.offset = 100, .wire_length = 100}};
  struct weft_mark got_first, got_last;
  m.view.first = (struct weft_mark){10, 10};
  m.view.last = (struct weft_mark){20, 20};
  http_copies_of(list, &m, &got_first, &got_last);
  assert_int_equal(got_first.frame, first);
  assert_int_equal(got_first.time, first);
  assert_int_equal(got_last.frame, last);
  assert_int_equal(got_last.time, last);
}

static void of_other_messages(void **state) {
  (void)state;
  check(0, 0);
  add(0, 100, 30), add(200, 300, 31);
  check(0, 0);
}

static void any_byte_counts_for_the_end(void **state) {
  (void)state;
  add(150, 160, 30);
  check(0, 30);
  add(110, 111, 40);
  check(0, 40);
  add(110, 111, 35);
  check(0, 40);
}

static void the_first_byte_counts_for_the_beginning(void **state) {
  (void)state;
  add(50, 101, 15);
  check(15, 0);
  add(100, 200, 16);
  check(16, 0);
  add(0, 1000, 50);
  check(50, 50);
}

static void before_the_message_was_whole(void **state) {
  (void)state;
  add(120, 130, 19);
  check(0, 0);
  add(120, 130, 20); /* the frame that made it so */
  check(0, 0);
}

static void forgotten_below_an_offset(void **state) {
  (void)state;
  add(50, 150, 30), add(180, 190, 31), add(190, 210, 32), add(60, 100, 33);
  http_copies_forget(&list, &store, 190);
  assert_int_equal(memory.live, 1);
  check(0, 32);
  http_copies_forget(&list, &store, 210);
  assert_null(list);
}

static void bounded_by_what_is_still_true(void **state) {
  (void)state;
  for (unsigned i = 0; i < HTTP_COPIES_MAX; i++) add(i, i + 1, 30);
  uint64_t live = memory.live;
  add(300, 310, 41), add(50, 60, 40);
  assert_int_equal(memory.live, live);
  check(41, 41); /* later than what is true */
  http_copies_forget(&list, &store, 309);
  check(41, 41);
}

static void without_memory(void **state) {
  (void)state;
  add(150, 160, 30);
  memory.fail_at = memory.calls + 1;
  assert_int_equal(add(150, 160, 31), WEFT_E_NOMEM);
  check(0, 30);
  assert_int_equal(add(150, 160, 32), 0);
  check(0, 32);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(of_other_messages, begin, finish),
      cmocka_unit_test_setup_teardown(any_byte_counts_for_the_end, begin, finish),
      cmocka_unit_test_setup_teardown(the_first_byte_counts_for_the_beginning, begin, finish),
      cmocka_unit_test_setup_teardown(before_the_message_was_whole, begin, finish),
      cmocka_unit_test_setup_teardown(forgotten_below_an_offset, begin, finish),
      cmocka_unit_test_setup_teardown(bounded_by_what_is_still_true, begin, finish),
      cmocka_unit_test_setup_teardown(without_memory, begin, finish),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
