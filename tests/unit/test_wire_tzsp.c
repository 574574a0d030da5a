/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define PORT UDP("d903", "9090")

static void tags_are_stepped_over(void **state) {
  (void)state;
  assert_carries(101, PORT "01 00 0001 01" HELLO_ETHERNET);
  assert_carries(101, PORT "01 01 0001 00 0a 01 c8 00 12 01 06 01" HELLO_ETHERNET);
}

static void wireless(void **state) {
  (void)state;
  assert_carries(101, PORT "01 00 0012 01 0801 0000 020000000001 020000000002 020000000003 0000"
                           "aaaa03 000000 0800" HELLO_IPV4);
}

static void something_else(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, PORT "02 00 0001 01" HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101, PORT "01 04 0001 01" HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101, PORT "01 00 0002 01" HELLO_ETHERNET);
}

static void tags_without_end(void **state) {
  (void)state;
  assert_is(WEFT_IS_MALFORMED, 101, PORT "01 00 0001 00 00 00");
  assert_is(WEFT_IS_MALFORMED, 101, PORT "01 00 0001 0a ff 00");
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(101, PORT "01 00 0001 0a 01 c8 01" HELLO_ETHERNET);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tags_are_stepped_over), cmocka_unit_test(wireless),
      cmocka_unit_test(something_else),        cmocka_unit_test(tags_without_end),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
