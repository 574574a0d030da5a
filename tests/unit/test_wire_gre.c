/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

static void plain(void **state) {
  (void)state;
  assert_carries(101, OUTER("2f") "0000 0800" HELLO_IPV4);
  assert_carries(101, OUTER("2f") "0000 86dd" HELLO_IPV6);
  assert_carries(101, OUTER("2f") "0000 6558" HELLO_ETHERNET);
  assert_carries(101, IPV6("0000", "2f") "0000 0800" HELLO_IPV4);
  assert_carries(101, OUTER("2f") "0000 8847 00010140" HELLO_IPV4);
}

static void checksum_and_sequence_are_stepped_over(void **state) {
  (void)state;
  assert_carries(101, OUTER("2f") "8000 0800 1234 0000" HELLO_IPV4);
  assert_carries(101, OUTER("2f") "1000 0800 00000001" HELLO_IPV4);
  assert_carries(101, OUTER("2f") "9000 0800 1234 0000 00000001" HELLO_IPV4);
}

static void routes_are_stepped_over(void **state) {
  (void)state;
  assert_carries(101, OUTER("2f") "4000 0800 0000 0000 0800 04 04 0a000009 0000 00 00" HELLO_IPV4);
  assert_is(WEFT_IS_MALFORMED, 101, OUTER("2f") "4000 0800 0000 0000 0800 04 04 0a000009");
}

static void key_is_the_realm(void **state) {
  (void)state;
  uint32_t five = hello_realm(101, OUTER("2f") "2000 0800 00000005" HELLO_IPV4);
  assert_int_not_equal(five, 0);
  assert_int_equal(five,
                   hello_realm(101, OUTER("2f") "b000 0800 00000000 00000005 00000001" HELLO_IPV4));
  assert_int_not_equal(five, hello_realm(101, OUTER("2f") "2000 0800 00000006" HELLO_IPV4));
}

/* NVGRE's last byte is a flow, and a mirrored port's directions have different keys. */
static void key_of_bridged_ethernet_is_not(void **state) {
  (void)state;
  assert_carries(101, OUTER("2f") "2000 6558 12345602" HELLO_ETHERNET);
  assert_carries(101, OUTER("2f") "2000 6558 02000000" HELLO_ETHERNET);
}

static void point_to_point(void **state) {
  (void)state;
  assert_carries(101, OUTER("2f") "3001 880b 0031 0001 00000001 ff03 0021" HELLO_IPV4);
  assert_carries(101, OUTER("2f") "3081 880b 0031 0001 00000001 00000001 ff03 0021" HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 101, OUTER("2f") "2081 880b 0000 0001 00000001");
}

static void mirrored(void **state) {
  (void)state;
  assert_carries(101, OUTER("2f") "0000 88be" HELLO_ETHERNET);
  assert_carries(101, OUTER("2f") "1000 88be 00000001 10000001 00000000" HELLO_ETHERNET);
}

static void web_cache(void **state) {
  (void)state;
  assert_carries(101, OUTER("2f") "0000 883e" HELLO_IPV4);
  assert_carries(101, OUTER("2f") "0000 883e 80000000" HELLO_IPV4);
  assert_carries(101, OUTER("2f") "0000 883e 40000000" HELLO_IPV4);
}

static void access_point(void **state) {
  (void)state;
  assert_carries(101, OUTER("2f") "0000 8210 0801 0000 020000000001 020000000002 020000000003 0000"
                                  "aaaa03 000000 0800" HELLO_IPV4);
}

static void another_version_or_type(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, OUTER("2f") "0002 0800" HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 101, OUTER("2f") "0000 0806" HELLO_IPV4);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(101, OUTER("2f") "f000 0800 0000 0000 00000005 00000001 0000 00 00" HELLO_IPV4);
  assert_cuts_well(101, OUTER("2f") "3081 880b 0031 0001 00000001 00000001 ff03 0021" HELLO_IPV4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain),
      cmocka_unit_test(checksum_and_sequence_are_stepped_over),
      cmocka_unit_test(routes_are_stepped_over),
      cmocka_unit_test(key_is_the_realm),
      cmocka_unit_test(key_of_bridged_ethernet_is_not),
      cmocka_unit_test(point_to_point),
      cmocka_unit_test(mirrored),
      cmocka_unit_test(web_cache),
      cmocka_unit_test(access_point),
      cmocka_unit_test(another_version_or_type),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
