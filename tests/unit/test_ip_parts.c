/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ip/parts.h"

static uint8_t bytes[32];
/* 0..7 in frame 4, 8..19 in frame 2, 20..23 in frame 9. */
static const struct parts_entry entries[] = {
    {bytes, {40, 4}}, {bytes + 8, {20, 2}}, {bytes + 20, {90, 9}}};
static const struct parts parts = {entries, 3, bytes + 24};

static void assert_run(size_t from, size_t length, size_t run, uint64_t frame) {
  struct weft_mark mark = {0, 77};
  assert_int_equal(parts_run(&parts, bytes + from, length, &mark), run);
  assert_int_equal(mark.frame, frame);
  if (frame != 77) assert_int_equal(mark.time, frame * 10);
}

static void a_run_ends_with_its_part(void **state) {
  (void)state;
  assert_run(0, 24, 8, 4);
  assert_run(7, 24, 1, 4);
  assert_run(8, 16, 12, 2);
  assert_run(19, 5, 1, 2);
  assert_run(20, 4, 4, 9);
  assert_run(23, 1, 1, 9);
}

static void a_run_ends_with_what_was_asked_for(void **state) {
  (void)state;
  assert_run(2, 3, 3, 4);
  assert_run(8, 12, 12, 2);
}

static void the_last_part_ends_with_the_datagram(void **state) {
  (void)state;
  assert_run(22, 10, 2, 9);
}

static void other_bytes_are_of_one_piece(void **state) {
  (void)state;
  struct weft_mark mark = {5, 77};
  uint8_t elsewhere[4];
  assert_run(24, 8, 8, 77);
  assert_int_equal(parts_run(&parts, elsewhere, 4, &mark), 4);
  assert_int_equal(mark.frame, 77);
}

static void no_parts_at_all(void **state) {
  (void)state;
  static const struct parts none;
  struct weft_mark mark = {5, 77};
  assert_int_equal(parts_run(&none, bytes, 9, &mark), 9);
  assert_int_equal(parts_run(&none, NULL, 0, &mark), 0);
  assert_int_equal(mark.frame, 77);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_ends_with_its_part),
      cmocka_unit_test(a_run_ends_with_what_was_asked_for),
      cmocka_unit_test(the_last_part_ends_with_the_datagram),
      cmocka_unit_test(other_bytes_are_of_one_piece),
      cmocka_unit_test(no_parts_at_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
