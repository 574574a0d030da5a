/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define HELLO4 IPV4("002d", "0000", "06") TCP HELLO
#define HELLO6 IPV6("0019", "06") TCP HELLO

static void assert_carries_hello(uint16_t linktype, const char *text) {
  struct wire_packet packet;
  assert_hello(hex_decode(linktype, text, &packet), &packet);
}

static void assert_verdict(uint16_t linktype, const char *text, int verdict) {
  struct wire_packet packet;
  assert_int_equal(hex_decode(linktype, text, &packet), verdict);
}

static void raw_ip(void **state) {
  (void)state;
  static const uint16_t linktypes[] = {101, 12, 14};
  for (int i = 0; i < 3; i++) {
    assert_carries_hello(linktypes[i], HELLO4);
    assert_carries_hello(linktypes[i], HELLO6);
    assert_verdict(linktypes[i], "50000000", WEFT_IS_MALFORMED);
  }
}

static void raw_ip_of_one_version(void **state) {
  (void)state;
  assert_carries_hello(228, HELLO4);
  assert_carries_hello(229, HELLO6);
  assert_verdict(228, HELLO6, WEFT_IS_MALFORMED);
  assert_verdict(229, HELLO4 "0000000000", WEFT_IS_MALFORMED);
}

static void null_in_both_byte_orders(void **state) {
  (void)state;
  assert_carries_hello(0, "02000000" HELLO4);
  assert_carries_hello(0, "00000002" HELLO4);
  assert_carries_hello(0, "1e000000" HELLO6); /* Darwin */
  assert_carries_hello(0, "0000001c" HELLO6); /* FreeBSD */
  assert_carries_hello(0, "18000000" HELLO6); /* OpenBSD, NetBSD */
  assert_carries_hello(0, "0a000000" HELLO6); /* Linux */
}

static void null_of_another_family(void **state) {
  (void)state;
  assert_verdict(0, "07000000" HELLO4, WEFT_IS_OTHER);
  assert_verdict(0, "00000000" HELLO4, WEFT_IS_OTHER);
}

static void loop_is_in_network_order(void **state) {
  (void)state;
  assert_carries_hello(108, "00000002" HELLO4);
  assert_carries_hello(108, "00000018" HELLO6);
}

static void cooked(void **state) {
  (void)state;
  assert_carries_hello(113, "0000 0001 0006 0200000000010000 0800" HELLO4);
  assert_carries_hello(113, "0004 0304 0006 0000000000000000 86dd" HELLO6);
  assert_carries_hello(113, "0000 0001 0006 0200000000010000 8100 0064 0800" HELLO4);
  assert_verdict(113, "0000 0001 0006 0200000000010000 0806 0001", WEFT_IS_OTHER);
}

static void cooked_with_logical_link_control(void **state) {
  (void)state;
  assert_carries_hello(113, "0000 0001 0006 0200000000010000 0004 aaaa03 000000 0800" HELLO4);
}

static void cooked_version_2(void **state) {
  (void)state;
  assert_carries_hello(276, "0800 0000 00000003 0001 00 06 0200000000010000" HELLO4);
  assert_carries_hello(276, "86dd 0000 00000003 0304 04 06 0000000000000000" HELLO6);
}

static void cisco_hdlc(void **state) {
  (void)state;
  assert_carries_hello(104, "0f00 0800" HELLO4);
  assert_carries_hello(104, "0f00 8847 00010140" HELLO4);
  assert_verdict(104, "8f00 8035 00000002", WEFT_IS_OTHER);
}

static void unknown_link_type(void **state) {
  (void)state;
  assert_verdict(147, HELLO4, WEFT_IS_UNKNOWN_LINK);
}

static void ipv6_under_the_other_type(void **state) {
  (void)state;
  assert_carries(104, "0f00 0800" HELLO_IPV6);
}

static void atm(void **state) {
  (void)state;
  assert_carries(100, "aaaa03 000000 0800" HELLO_IPV4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(raw_ip),
      cmocka_unit_test(raw_ip_of_one_version),
      cmocka_unit_test(null_in_both_byte_orders),
      cmocka_unit_test(null_of_another_family),
      cmocka_unit_test(loop_is_in_network_order),
      cmocka_unit_test(cooked),
      cmocka_unit_test(cooked_with_logical_link_control),
      cmocka_unit_test(cooked_version_2),
      cmocka_unit_test(cisco_hdlc),
      cmocka_unit_test(unknown_link_type),
      cmocka_unit_test(ipv6_under_the_other_type),
      cmocka_unit_test(atm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
