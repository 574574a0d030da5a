/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define GRE OUTER("2f") "1000 88be 00000001 "
#define GRE3 OUTER("2f") "1000 22eb 00000001 "

static void type_2(void **state) {
  (void)state;
  assert_carries(101, GRE "10000001 00000000" HELLO_ETHERNET);
}

static void type_3(void **state) {
  (void)state;
  assert_carries(101, GRE3 "20000001 00000000 0000 0000" HELLO_ETHERNET);
  assert_carries(101, GRE3 "20000001 00000000 0000 0001 0000000000000000" HELLO_ETHERNET);
  assert_carries(101, GRE3 "20000001 00000000 0000 0800" HELLO_IPV4);
  assert_carries(101, GRE "20000001 00000000 0000 0000" HELLO_ETHERNET);
}

static void other_versions_and_contents(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, GRE "30000001 00000000" HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101, GRE3 "20000001 00000000 0000 1c00" HELLO_ETHERNET);
}

static void session_is_no_realm(void **state) {
  (void)state;
  assert_carries(101, GRE "100003ff 00000000" HELLO_ETHERNET);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(101, GRE3 "20000001 00000000 0000 0001 0000000000000000" HELLO_ETHERNET);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(type_2),
      cmocka_unit_test(type_3),
      cmocka_unit_test(other_versions_and_contents),
      cmocka_unit_test(session_is_no_realm),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
