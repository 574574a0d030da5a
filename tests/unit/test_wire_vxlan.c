/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define PORT UDP("d903", "12b5")

static void network_is_the_realm(void **state) {
  (void)state;
  uint32_t five = hello_realm(101, PORT "08000000 00000500" HELLO_ETHERNET);
  assert_int_not_equal(five, 0);
  assert_int_equal(five, hello_realm(101, UDP("1234", "12b5") "08000000 00000500" HELLO_ETHERNET));
  assert_int_not_equal(five, hello_realm(101, PORT "08000000 00000600" HELLO_ETHERNET));
}

static void group_policy(void **state) {
  (void)state;
  assert_int_equal(hello_realm(101, PORT "88000007 00000500" HELLO_ETHERNET),
                   hello_realm(101, PORT "08000000 00000500" HELLO_ETHERNET));
}

static void next_protocol(void **state) {
  (void)state;
  assert_int_not_equal(hello_realm(101, UDP("d903", "12b6") "0c000001 00000500" HELLO_IPV4), 0);
  assert_int_not_equal(hello_realm(101, UDP("d903", "12b6") "0c000002 00000500" HELLO_IPV6), 0);
  assert_int_not_equal(hello_realm(101, UDP("d903", "12b6") "0c000003 00000500" HELLO_ETHERNET), 0);
  assert_carries(101, UDP("d903", "12b6") "04000001 00000000" HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 101, UDP("d903", "12b6") "0c000009 00000500" HELLO_IPV4);
}

static void headers_that_are_none(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, PORT "00000000 00000500" HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101, PORT "08000000 00000501" HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101, PORT "38000000 00000500" HELLO_ETHERNET);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(101, PORT "08000000 00000500" HELLO_ETHERNET);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(network_is_the_realm), cmocka_unit_test(group_policy),
      cmocka_unit_test(next_protocol),        cmocka_unit_test(headers_that_are_none),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
