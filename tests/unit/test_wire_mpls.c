/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define HELLO4 IPV4("002d", "0000", "06") TCP HELLO
#define HELLO6 IPV6("0019", "06") TCP HELLO

static void labels_and_ip(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(hex_decode(1, ETHERNET "8847 00010140" HELLO4, &packet), &packet);
  assert_hello(hex_decode(1, ETHERNET "8848 00010040 00020140" HELLO6, &packet), &packet);
  assert_int_equal(packet.segment.tuple.realm, 0);
}

static void pseudowire(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(hex_decode(1, ETHERNET "8847 00010140 00000000" ETHERNET "0800" HELLO4, &packet),
               &packet);
}

static void without_a_last_label(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(hex_decode(1, ETHERNET "8847 00010040 00010040", &packet), WEFT_IS_MALFORMED);
  assert_int_equal(hex_decode_cut(1, ETHERNET "8847 00010040 00010140" HELLO4, 45, &packet),
                   WEFT_IS_TRUNCATED);
}

static void something_else_below(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(hex_decode(1, ETHERNET "8847 00010140 10000000", &packet), WEFT_IS_OTHER);
}

static void pseudowire_without_control_word(void **state) {
  (void)state;
  assert_carries(1, ETHERNET "8847 00010140" HELLO_ETHERNET);
  assert_carries(1, ETHERNET "8847 00010140 a40000000002 020000000001 0800" HELLO_IPV4);
  assert_cuts_well(1, ETHERNET "8847 00010140 00000000" HELLO_ETHERNET);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(labels_and_ip),
      cmocka_unit_test(pseudowire),
      cmocka_unit_test(without_a_last_label),
      cmocka_unit_test(something_else_below),
      cmocka_unit_test(pseudowire_without_control_word),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
