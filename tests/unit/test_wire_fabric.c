/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

static void each_carries_ethernet(void **state) {
  (void)state;
  assert_carries(1, ETHERNET "88e7 00000064" HELLO_ETHERNET);
  assert_carries(1, ETHERNET "8903 0820" HELLO_ETHERNET);
  assert_carries(1, ETHERNET "22f3 003f 0001 0002" HELLO_ETHERNET);
  assert_carries(1, ETHERNET "22f3 007f 0001 0002 00000000" HELLO_ETHERNET);
}

static void security_group(void **state) {
  (void)state;
  assert_carries(1, ETHERNET "8909 01 01 0001 0005 0800" HELLO_IPV4);
}

static void another_version(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 1, ETHERNET "22f3 403f 0001 0002" HELLO_ETHERNET);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(1, ETHERNET "22f3 007f 0001 0002 00000000" HELLO_ETHERNET);
  assert_cuts_well(1, ETHERNET "8909 01 01 0001 0005 0800" HELLO_IPV4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_carries_ethernet),
      cmocka_unit_test(security_group),
      cmocka_unit_test(another_version),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
