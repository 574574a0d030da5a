/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

static void pflog(void **state) {
  (void)state;
  static const char *const rest = "02 00 00 656d30 00000000000000000000000000";
  char text[512] = "3d";
  strcat(text, rest);
  for (int i = 0; i < 44; i++) strcat(text, "00");
  strcat(text, HELLO_IPV4);
  assert_carries(117, text);
}

static void pflog_of_no_length(void **state) {
  (void)state;
  assert_is(WEFT_IS_MALFORMED, 117, "00 02 00 00" HELLO_IPV4);
}

static void enc(void **state) {
  (void)state;
  assert_carries(109, "02000000 00001234 00008000" HELLO_IPV4);
  assert_carries(109, "00000018 00001234 00008000" HELLO_IPV6);
}

static void ipnet(void **state) {
  (void)state;
  assert_carries(226, "01 02 0000 00000030 00000001 00000002 00000000 00000000" HELLO_IPV4);
  assert_carries(226, "01 1a 0000 00000030 00000001 00000002 00000000 00000000" HELLO_IPV6);
}

static void nflog_in_both_byte_orders(void **state) {
  (void)state;
  assert_carries(239, "02 00 0000 0800 0100 08000100 0500 0a00 61000000 3100 0900" HELLO_IPV4);
  assert_carries(239, "0a 00 0000 0008 0001 08000100 0005 000a 61000000 0045 0009" HELLO_IPV6);
}

static void nflog_without_payload(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 239, "02 00 0000 0800 0100 08000100");
  assert_is(WEFT_IS_OTHER, 239, "07 00 0000 0800 0100 08000100");
  assert_is(WEFT_IS_MALFORMED, 239, "02 00 0000 0300 0100 08000100");
}

static void pktap(void **state) {
  (void)state;
  assert_carries(258, "10000000 01000000 01000000 00000000" HELLO_ETHERNET);
  assert_carries(258, "10000000 01000000 0c000000 00000000" HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 258, "10000000 00000000 01000000 00000000" HELLO_ETHERNET);
  assert_is(WEFT_IS_MALFORMED, 258, "0b000000 01000000 01000000 00000000" HELLO_ETHERNET);
  assert_is(WEFT_IS_UNKNOWN_LINK, 258, "10000000 01000000 93000000 00000000" HELLO_ETHERNET);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(239, "02 00 0000 0800 0100 08000100 0500 0a00 61000000 3100 0900" HELLO_IPV4);
  assert_cuts_well(258, "10000000 01000000 01000000 00000000" HELLO_ETHERNET);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pflog),
      cmocka_unit_test(pflog_of_no_length),
      cmocka_unit_test(enc),
      cmocka_unit_test(ipnet),
      cmocka_unit_test(nflog_in_both_byte_orders),
      cmocka_unit_test(nflog_without_payload),
      cmocka_unit_test(pktap),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
