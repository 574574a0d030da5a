/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

static void frame_relay(void **state) {
  (void)state;
  assert_carries(107, "1841 03cc" HELLO_IPV4);
  assert_carries(107, "1841 038e" HELLO_IPV6);
  assert_carries(107, "1841 0300 80 000000 0800" HELLO_IPV4);
  assert_carries(107, "1841 0800" HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 107, "1841 0308 7500");
  assert_is(WEFT_IS_OTHER, 107, "1940 03cc" HELLO_IPV4);
}

static void token_ring(void **state) {
  (void)state;
  assert_carries(6, "1040 020000000002 020000000001 aaaa03 000000 0800" HELLO_IPV4);
  assert_carries(6, "1040 020000000002 820000000001 0630 00110022 aaaa03 000000 0800" HELLO_IPV4);
}

static void fddi(void **state) {
  (void)state;
  assert_carries(10, "50 020000000002 020000000001 aaaa03 000000 0800" HELLO_IPV4);
}

static void arcnet(void **state) {
  (void)state;
  assert_carries(7, "be50 f0" HELLO_IPV4);
  assert_carries(7, "be50 d4 00 0001" HELLO_IPV4);
  assert_carries(129, "be50 c300 f0" HELLO_IPV4);
  assert_carries(129, "be50 c000 d4 00 0001" HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 7, "be50 f1 0001");
  assert_is(WEFT_IS_OTHER, 7, "be50 d4 01 0001" HELLO_IPV4);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(107, "1841 0300 80 000000 0800" HELLO_IPV4);
  assert_cuts_well(6, "1040 020000000002 820000000001 0630 00110022 aaaa03 000000 0800" HELLO_IPV4);
  assert_cuts_well(129, "be50 c000 d4 00 0001" HELLO_IPV4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(frame_relay), cmocka_unit_test(token_ring),   cmocka_unit_test(fddi),
      cmocka_unit_test(arcnet),      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
