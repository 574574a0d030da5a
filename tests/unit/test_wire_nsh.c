/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

static void over_ethernet(void **state) {
  (void)state;
  assert_carries(1,
                 ETHERNET "894f 0fc6 01 01 000001ff 00000000000000000000000000000000" HELLO_IPV4);
  assert_carries(1, ETHERNET "894f 0fc2 02 02 000001ff" HELLO_IPV6);
  assert_carries(1, ETHERNET "894f 0fc2 02 03 000001ff" HELLO_ETHERNET);
  assert_carries(1, ETHERNET "894f 0fc2 02 05 000001ff 00010140" HELLO_IPV4);
  assert_carries(1, ETHERNET "894f 0fc2 02 04 000001ff 0fc2 02 01 000001ff" HELLO_IPV4);
}

static void over_vxlan(void **state) {
  (void)state;
  (void)hello_realm(101,
                    UDP("d903", "12b6") "0c000004 00000500 0fc2 02 03 000001ff" HELLO_ETHERNET);
}

static void lengths_and_versions_that_cannot_be(void **state) {
  (void)state;
  assert_is(WEFT_IS_MALFORMED, 1, ETHERNET "894f 0fc1 02 01 000001ff" HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 1, ETHERNET "894f 4fc2 02 01 000001ff" HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 1, ETHERNET "894f 0fc2 02 07 000001ff" HELLO_IPV4);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(1, ETHERNET "894f 0fc2 02 01 000001ff" HELLO_IPV4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(over_ethernet),
      cmocka_unit_test(over_vxlan),
      cmocka_unit_test(lengths_and_versions_that_cannot_be),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
