/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define PORT UDP("06a5", "06a5")
#define HELLO_PPP "ff03 0021" HELLO_IPV4

static void version_2(void **state) {
  (void)state;
  assert_carries(101, PORT "0002 0001 0002" HELLO_PPP);
  assert_carries(101, PORT "0002 0001 0002 0021" HELLO_IPV4);
  assert_carries(101, PORT "4002 0039 0001 0002" HELLO_PPP);
  assert_carries(101, PORT "4802 003d 0001 0002 0001 0001" HELLO_PPP);
  assert_carries(101, PORT "0202 0001 0002 0003 000000" HELLO_PPP);
}

static void version_2_without_data(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, PORT "c802 000c 0001 0000 0001 0001");
  assert_is(WEFT_IS_OTHER, 101, PORT "4802 000c 0001 0002 0001 0001");
}

static void version_3_over_udp(void **state) {
  (void)state;
  assert_carries(101, PORT "0003 0000 00000001" HELLO_ETHERNET);
  assert_carries(101, PORT "0003 0000 00000001 aabbccdd" HELLO_ETHERNET);
  assert_carries(101, PORT "0003 0000 00000001 aabbccddeeff0011" HELLO_PPP);
  assert_carries(101, PORT "0003 0000 00000001 aabbccddeeff0011 40000001" HELLO_ETHERNET);
}

static void version_3_over_ip(void **state) {
  (void)state;
  assert_carries(101, OUTER("73") "00000001" HELLO_ETHERNET);
  assert_carries(101, OUTER("73") "00000001 aabbccdd 0f00 0800" HELLO_IPV4);
  assert_carries(101, OUTER("73") "00000001 aabbccdd" HELLO_IPV4);
  assert_carries(101, OUTER("73") "00000001 aabbccdd" HELLO_IPV6);
}

static void version_3_without_data(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, OUTER("73") "00000000 c8030014 00000001 00000000" HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101,
            OUTER("73") "00000001 00000000000000000000000000000000"
                        "00000000000000000000000000000000");
}

static void something_else(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, PORT "0001 0001 0002" HELLO_PPP);
  assert_is(WEFT_IS_OTHER, 101, PORT "0012 0001 0002" HELLO_PPP);
  assert_is(WEFT_IS_OTHER, 101, PORT "4002 0003 0001 0002" HELLO_PPP);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(101, PORT "4802 003d 0001 0002 0001 0001" HELLO_PPP);
  assert_cuts_well(101, OUTER("73") "00000001 aabbccdd" HELLO_IPV4);
  assert_cuts_well(101, OUTER("73") "00000001 aabbccdd" HELLO_ETHERNET);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(version_2),
      cmocka_unit_test(version_2_without_data),
      cmocka_unit_test(version_3_over_udp),
      cmocka_unit_test(version_3_over_ip),
      cmocka_unit_test(version_3_without_data),
      cmocka_unit_test(something_else),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
