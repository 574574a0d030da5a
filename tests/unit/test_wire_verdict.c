/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

static void each_has_a_name_of_its_own(void **state) {
  (void)state;
  for (int i = 0; i < WEFT_VERDICT_COUNT; i++) {
    assert_non_null(weft_verdict_name(i));
    for (int j = 0; j < i; j++) assert_string_not_equal(weft_verdict_name(i), weft_verdict_name(j));
  }
  assert_string_equal(weft_verdict_name(WEFT_IS_SEGMENT), "segment");
  assert_string_equal(weft_verdict_name(WEFT_IS_UNKNOWN_LINK), "unknown-link");
}

static void numbers_outside_have_one_too(void **state) {
  (void)state;
  assert_string_equal(weft_verdict_name(-1), "none");
  assert_string_equal(weft_verdict_name(WEFT_VERDICT_COUNT), "none");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_has_a_name_of_its_own),
      cmocka_unit_test(numbers_outside_have_one_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
