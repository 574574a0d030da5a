/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define PORT UDP("a130", "147f")
#define WLAN "0801 0000 020000000001 020000000002 020000000003 1000 aaaa03 000000 0800 "
#define SWAPPED "0108 0000 020000000001 020000000002 020000000003 7630 aaaa03 000000 0800 "

static void native_frames(void **state) {
  (void)state;
  assert_carries(101, PORT "00 100300 00000000" WLAN HELLO_IPV4);
  assert_carries(101, UDP("147f", "a130") "00 200320 00000000 04bf230000000000" WLAN HELLO_IPV4);
}

static void numbers_in_the_other_byte_order(void **state) {
  (void)state;
  assert_carries(101, PORT "00 100300 00000000" SWAPPED HELLO_IPV4);
}

static void as_ethernet(void **state) {
  (void)state;
  assert_carries(101, PORT "00 100200 00000000" HELLO_ETHERNET);
}

static void enciphered_fragmented_or_empty(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, PORT "01 000000 17fefd00" HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101, PORT "00 100280 00010000" HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101, PORT "00 100208 00000000" HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101, PORT "00 080200 00000000" HELLO_ETHERNET);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(101, PORT "00 200320 00000000 04bf230000000000" WLAN HELLO_IPV4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(native_frames), cmocka_unit_test(numbers_in_the_other_byte_order),
      cmocka_unit_test(as_ethernet),   cmocka_unit_test(enciphered_fragmented_or_empty),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
