/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define PORT UDP("d903", "17c1")

static void network_is_the_realm(void **state) {
  (void)state;
  uint32_t five = hello_realm(101, PORT "0000 6558 00000500" HELLO_ETHERNET);
  assert_int_not_equal(five, 0);
  assert_int_not_equal(five, hello_realm(101, PORT "0000 6558 00000600" HELLO_ETHERNET));
  assert_int_equal(five, hello_realm(101, PORT "0000 0800 00000500" HELLO_IPV4));
}

static void options_are_stepped_over(void **state) {
  (void)state;
  (void)hello_realm(101, PORT "0340 86dd 00000500 0108 01 02 0000000000000000" HELLO_IPV6);
  assert_is(WEFT_IS_OTHER, 101, PORT "3f40 86dd 00000500" HELLO_IPV6);
}

static void headers_that_are_none(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, PORT "4000 6558 00000500" HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101, PORT "0001 6558 00000500" HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101, PORT "0000 6558 00000501" HELLO_ETHERNET);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(101, PORT "0140 6558 00000500 00000000" HELLO_ETHERNET);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(network_is_the_realm),
      cmocka_unit_test(options_are_stepped_over),
      cmocka_unit_test(headers_that_are_none),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
