/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

static void from_and_to_the_port(void **state) {
  (void)state;
  assert_carries(101, UDP("0dd8", "d903") HELLO_IPV6);
  assert_carries(101, UDP("d903", "0dd8") HELLO_IPV6);
}

static void authentication_and_origin(void **state) {
  (void)state;
  assert_carries(101, UDP("0dd8", "d903") "0000 ffff f5ffffff" HELLO_IPV6);
  assert_carries(101, UDP("0dd8", "d903") "0001 00 00 0102030405060708 00" HELLO_IPV6);
  assert_carries(101, UDP("0dd8", "d903") "0001 02 01 aabb cc 0102030405060708 00"
                                          "0000 ffff f5ffffff" HELLO_IPV6);
}

static void something_else(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, UDP("d903", "0dd8") HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 101, UDP("d903", "0dd8") "0001 ff ff 0102");
  assert_is(WEFT_IS_OTHER, 101, UDP("d903", "0dd8") "6000");
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(101, UDP("0dd8", "d903") "0001 00 00 0102030405060708 00"
                                            "0000 ffff f5ffffff" HELLO_IPV6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(from_and_to_the_port),
      cmocka_unit_test(authentication_and_origin),
      cmocka_unit_test(something_else),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
