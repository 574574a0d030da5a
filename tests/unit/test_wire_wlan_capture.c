/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define WLAN "0801 0000 020000000001 020000000002 020000000003 1000 aaaa03 000000 0800 "
#define QOS "8801 0000 020000000001 020000000002 020000000003 1000 0000 "
#define SNAP "aaaa03 000000 0800 "

static void radiotap(void **state) {
  (void)state;
  assert_carries(127, "0000 0800 00000000" WLAN HELLO_IPV4);
  assert_carries(127, "0000 1900 6f080000 0000000000000000 10 6c 8009 c000 efac 00" WLAN HELLO_IPV4
                      "deadbeef");
  assert_is(WEFT_IS_MALFORMED, 127, "0000 0700 00000000" WLAN HELLO_IPV4);
  assert_is(WEFT_IS_MALFORMED, 127, "0100 0800 00000000" WLAN HELLO_IPV4);
}

/* An IP length of 0 leaves only the flag to tell the check sequence from data. */
static void check_sequence_is_cut_off(void **state) {
  (void)state;
  assert_carries(127, "0000 0900 02000000 10" WLAN IPV4("0000", "0000", "06") TCP HELLO "deadbeef");
}

static void flags_behind_more_words_and_the_time(void **state) {
  (void)state;
  assert_carries(127, "0000 1900 03000080 00000000 00000000 0000000000000000 10" WLAN IPV4(
                          "0000", "0000", "06") TCP HELLO "deadbeef");
}

static void padding_behind_the_header(void **state) {
  (void)state;
  assert_carries(127, "0000 0900 02000000 20" QOS "0000" SNAP HELLO_IPV4);
}

static void words_without_end(void **state) {
  (void)state;
  assert_carries(127, "0000 0c00 02000080 00000080" WLAN HELLO_IPV4);
}

static void prism(void **state) {
  (void)state;
  assert_carries(119, "44000000 0c000000 00000000" WLAN HELLO_IPV4);
  assert_carries(119, "00000044 0000000c 00000000" WLAN HELLO_IPV4);
  assert_carries(119, "80211001 0000000c 00000000" WLAN HELLO_IPV4);
  assert_is(WEFT_IS_MALFORMED, 119, "44000000 07000000" WLAN HELLO_IPV4);
}

static void avs(void **state) {
  (void)state;
  assert_carries(163, "80211001 00000010 0000000000000000" WLAN HELLO_IPV4);
}

static void per_packet_information(void **state) {
  (void)state;
  assert_carries(192, "0000 0c00 69000000 00000000" WLAN HELLO_IPV4);
  assert_carries(192, "0000 0800 01000000" HELLO_ETHERNET);
  assert_is(WEFT_IS_UNKNOWN_LINK, 192, "0000 0800 93000000" HELLO_ETHERNET);
  assert_is(WEFT_IS_UNKNOWN_LINK, 192, "0000 0800 01000100" HELLO_ETHERNET);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(127, "0000 1900 03000080 00000000 00000000 0000000000000000 10" WLAN HELLO_IPV4
                        "deadbeef");
  assert_cuts_well(119, "44000000 0c000000 00000000" WLAN HELLO_IPV4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(radiotap),
      cmocka_unit_test(check_sequence_is_cut_off),
      cmocka_unit_test(flags_behind_more_words_and_the_time),
      cmocka_unit_test(padding_behind_the_header),
      cmocka_unit_test(words_without_end),
      cmocka_unit_test(prism),
      cmocka_unit_test(avs),
      cmocka_unit_test(per_packet_information),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
