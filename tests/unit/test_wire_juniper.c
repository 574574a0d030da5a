/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

static void link_layers(void **state) {
  (void)state;
  assert_carries(178, "4d4743 00" HELLO_ETHERNET);
  assert_carries(167, "4d4743 00" HELLO_ETHERNET);
  assert_carries(179, "4d4743 00 0021" HELLO_IPV4);
  assert_carries(180, "4d4743 00 1841 03cc" HELLO_IPV4);
  assert_carries(181, "4d4743 00 0f00 0800" HELLO_IPV4);
}

static void extension_is_stepped_over(void **state) {
  (void)state;
  assert_carries(178, "4d4743 80 0006 0101 0e 0201 01" HELLO_ETHERNET);
}

static void without_link_layer(void **state) {
  (void)state;
  assert_carries(178, "4d4743 02 00000002" HELLO_IPV4);
  assert_carries(179, "4d4743 82 0003 0101 0e 00000002" HELLO_IPV6);
}

static void without_magic(void **state) {
  (void)state;
  assert_is(WEFT_IS_MALFORMED, 178, "4d4744 00" HELLO_ETHERNET);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(178, "4d4743 80 0006 0101 0e 0201 01" HELLO_ETHERNET);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(link_layers),        cmocka_unit_test(extension_is_stepped_over),
      cmocka_unit_test(without_link_layer), cmocka_unit_test(without_magic),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
