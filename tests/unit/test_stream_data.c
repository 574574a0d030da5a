/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <weft/stream.h>

#include "random.h"

/* "abcdefghij" at offset 100, of three frames: abcd #7, ef #5, ghij #9. */
static const struct weft_span spans[] = {
    {(const uint8_t *)"abcd", 4, 100, {700, 7}},
    {(const uint8_t *)"ef", 2, 104, {500, 5}},
    {(const uint8_t *)"ghij", 4, 106, {900, 9}},
};
static const struct weft_data data = {.spans = spans, .nspans = 3, .offset = 100, .length = 10};
static const struct weft_data nothing = {.offset = 100};

static void each_byte_has_the_mark_of_its_frame(void **state) {
  (void)state;
  static const uint64_t frames[] = {7, 7, 7, 7, 5, 5, 9, 9, 9, 9};
  for (uint64_t i = 0; i < 10; i++) {
    struct weft_mark mark = weft_data_mark(&data, 100 + i);
    assert_int_equal(mark.frame, frames[i]);
    assert_int_equal(mark.time, (weft_time)frames[i] * 100);
  }
}

static void outside_the_data_is_nowhere(void **state) {
  (void)state;
  assert_int_equal(weft_data_mark(&data, 99).frame, 0);
  assert_int_equal(weft_data_mark(&data, 110).frame, 0);
  assert_int_equal(weft_data_mark(&data, UINT64_MAX).frame, 0);
  assert_int_equal(weft_data_mark(&nothing, 100).frame, 0);
}

static void finding_goes_over_spans(void **state) {
  (void)state;
  for (uint64_t i = 0; i < 10; i++) {
    uint8_t byte = (uint8_t)('a' + i);
    assert_true(weft_data_find(&data, 0, byte) == 100 + i);
    assert_true(weft_data_find(&data, 100 + i, byte) == 100 + i);
    assert_true(weft_data_find(&data, 101 + i, byte) == WEFT_OFFSET_NONE);
  }
  assert_true(weft_data_find(&data, 100, 'z') == WEFT_OFFSET_NONE);
  assert_true(weft_data_find(&data, 110, 'a') == WEFT_OFFSET_NONE);
  assert_true(weft_data_find(&nothing, 0, 'a') == WEFT_OFFSET_NONE);
}

static void the_first_of_equal_bytes_is_found(void **state) {
  (void)state;
  static const struct weft_span twice[] = {{(const uint8_t *)"xyx", 3, 0, {0, 1}},
                                           {(const uint8_t *)"xy", 2, 3, {0, 2}}};
  const struct weft_data both = {.spans = twice, .nspans = 2, .length = 5};
  assert_int_equal(weft_data_find(&both, 0, 'x'), 0);
  assert_int_equal(weft_data_find(&both, 1, 'x'), 2);
  assert_int_equal(weft_data_find(&both, 3, 'x'), 3);
  assert_int_equal(weft_data_find(&both, 2, 'y'), 4);
}

static void flat_in_one_span_is_in_place(void **state) {
  (void)state;
  assert_ptr_equal(weft_data_flat(&data, 101, 3, NULL), spans[0].base + 1);
  assert_ptr_equal(weft_data_flat(&data, 104, 2, NULL), spans[1].base);
  assert_ptr_equal(weft_data_flat(&data, 109, 1, NULL), spans[2].base + 3);
}

static void flat_over_spans_is_gathered(void **state) {
  (void)state;
  uint8_t scratch[16];
  for (uint64_t from = 0; from < 10; from++)
    for (uint64_t length = 1; from + length <= 10; length++) {
      const uint8_t *flat = weft_data_flat(&data, 100 + from, length, scratch);
      assert_non_null(flat);
      assert_memory_equal(flat, "abcdefghij" + from, length);
    }
}

static void flat_beyond_the_data_is_nothing(void **state) {
  (void)state;
  uint8_t scratch[16];
  memset(scratch, 0x55, sizeof scratch);
  assert_null(weft_data_flat(&data, 99, 5, scratch));
  assert_null(weft_data_flat(&data, 105, 6, scratch));
  assert_null(weft_data_flat(&data, 110, 1, scratch));
  assert_null(weft_data_flat(&nothing, 100, 1, scratch));
  /* And leaves the room alone, so a length that is no such room is harmless. */
  assert_null(weft_data_flat(&data, 100, SIZE_MAX, scratch));
  assert_null(weft_data_flat(&data, 105, SIZE_MAX - 50, scratch));
  for (size_t i = 0; i < sizeof scratch; i++) assert_int_equal(scratch[i], 0x55);
}

/* Any cutting into spans gives the same answers as one span. */
static void random_cuts_against_one_span(void **state) {
  (void)state;
  enum { BYTES = 300 };
  uint8_t bytes[BYTES], scratch[BYTES];
  uint64_t random = 3;
  for (int round = 0; round < 200; round++) {
    struct weft_span cut[BYTES];
    size_t n = 0;
    for (size_t i = 0; i < BYTES; i++) bytes[i] = (uint8_t)random_below(&random, 40);
    for (size_t at = 0; at < BYTES; n++) {
      size_t length = 1 + random_below(&random, 30);
      if (length > BYTES - at) length = BYTES - at;
      cut[n] = (struct weft_span){bytes + at, length, 1000 + at, {0, n + 1}};
      at += length;
    }
    struct weft_data many = {.spans = cut, .nspans = n, .offset = 1000, .length = BYTES};
    for (int i = 0; i < 50; i++) {
      size_t from = random_below(&random, BYTES), length = 1 + random_below(&random, BYTES);
      uint8_t byte = (uint8_t)random_below(&random, 40);
      const uint8_t *found = memchr(bytes + from, byte, BYTES - from);
      uint64_t expected = found ? 1000 + (uint64_t)(found - bytes) : WEFT_OFFSET_NONE;
      assert_true(weft_data_find(&many, 1000 + from, byte) == expected);
      const uint8_t *flat = weft_data_flat(&many, 1000 + from, length, scratch);
      if (from + length > BYTES)
        assert_null(flat);
      else
        assert_memory_equal(flat, bytes + from, length);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_byte_has_the_mark_of_its_frame),
      cmocka_unit_test(outside_the_data_is_nowhere),
      cmocka_unit_test(finding_goes_over_spans),
      cmocka_unit_test(the_first_of_equal_bytes_is_found),
      cmocka_unit_test(flat_in_one_span_is_in_place),
      cmocka_unit_test(flat_over_spans_is_gathered),
      cmocka_unit_test(flat_beyond_the_data_is_nothing),
      cmocka_unit_test(random_cuts_against_one_span),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
