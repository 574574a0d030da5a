/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/ticks.h"
#include "test_capture_build.h"

static weft_time at(uint8_t resolution, int64_t offset, uint64_t count) {
  struct ticks ticks;
  ticks_init(&ticks, resolution, offset);
  return ticks_to_time(&ticks, count);
}

static void decimal_clocks(void **state) {
  (void)state;
  assert_int_equal(at(6, 0, 1700000000123456), 1700000000123456000);
  assert_int_equal(at(9, 0, 1700000000123456789), 1700000000123456789);
  assert_int_equal(at(0, 0, 1700000000), 1700000000000000000);
  assert_int_equal(at(3, 0, 1), 1000000);
}

static void finer_than_nanoseconds_is_cut(void **state) {
  (void)state;
  assert_int_equal(at(12, 0, 1999), 1);
  assert_int_equal(at(12, 0, 5000000000123), 5000000000);
  assert_int_equal(at(19, 0, UINT64_MAX), 1844674407);
  assert_int_equal(at(20, 0, UINT64_MAX), 184467440);
  assert_int_equal(at(127, 0, UINT64_MAX), 0);
}

static void binary_clocks(void **state) {
  (void)state;
  assert_int_equal(at(0x80 | 0, 0, 7), 7000000000);
  assert_int_equal(at(0x80 | 1, 0, 3), 1500000000);
  assert_int_equal(at(0x80 | 10, 0, 1024 * 5 + 1), 5000976562);
  assert_int_equal(at(0x80 | 34, 0, (UINT64_C(3) << 34) - 1), 2999999999);
  assert_int_equal(at(0x80 | 63, 0, UINT64_C(3) << 62), 1500000000);
  assert_int_equal(at(0x80 | 64, 0, UINT64_C(1) << 63), 500000000);
  assert_int_equal(at(0x80 | 127, 0, UINT64_MAX), 0);
}

static void offsets_are_seconds(void **state) {
  (void)state;
  assert_int_equal(at(6, 1700000000, 5), 1700000000000005000);
  assert_int_equal(at(6, -1, 250000), -750000000);
  assert_int_equal(at(12, 10, 0), 10000000000);
  assert_int_equal(at(0x80 | 10, -10, 0), -10000000000);
}

static void what_is_out_of_range_becomes_its_end(void **state) {
  (void)state;
  assert_int_equal(at(0, 0, UINT64_MAX), TICKS_TIME_MAX);
  assert_int_equal(at(6, 0, UINT64_MAX), TICKS_TIME_MAX);
  assert_int_equal(at(9, 0, UINT64_MAX), TICKS_TIME_MAX);
  assert_int_equal(at(6, INT64_MAX, UINT64_MAX), TICKS_TIME_MAX);
  assert_int_equal(at(6, INT64_MIN, 0), -TICKS_TIME_MAX);
  assert_int_equal(at(0x80, INT64_MIN, 0), -TICKS_TIME_MAX);
  /* -2^63 + 2^64-1 is 2^63-1 */
  assert_int_equal(at(0, INT64_MIN, UINT64_MAX), TICKS_TIME_MAX);
  assert_int_equal(at(0, INT64_MIN, UINT64_C(1) << 63), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decimal_clocks),
      cmocka_unit_test(finer_than_nanoseconds_is_cut),
      cmocka_unit_test(binary_clocks),
      cmocka_unit_test(offsets_are_seconds),
      cmocka_unit_test(what_is_out_of_range_becomes_its_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
