/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define HELLO4 IPV4("002d", "0000", "06") TCP HELLO
#define HELLO6 IPV6("0019", "06") TCP HELLO

static void alone(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(hex_decode(9, "0021" HELLO4, &packet), &packet);
  assert_hello(hex_decode(9, "57" HELLO6, &packet), &packet);
  assert_hello(hex_decode(9, "0281 00010140" HELLO4, &packet), &packet);
  assert_hello(hex_decode(50, "ff03 0021" HELLO4, &packet), &packet);
  assert_int_equal(hex_decode(9, "c021 0100", &packet), WEFT_IS_OTHER);
}

static void over_ethernet(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(hex_decode(1, ETHERNET "8864 1100 0005 002f 0021" HELLO4, &packet), &packet);
  assert_hello(hex_decode(1, ETHERNET "8100 0064 8864 1100 0005 0043 0057" HELLO6, &packet),
               &packet);
  assert_hello(hex_decode(51, "1100 0005 002f 0021" HELLO4, &packet), &packet);
}

static void its_length_ends_the_packet(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(hex_decode(51, "1100 0005 0002 0021" HELLO4, &packet), WEFT_IS_MALFORMED);
}

static void cisco_hdlc_on_the_same_line(void **state) {
  (void)state;
  assert_carries(9, "0f00 0800" HELLO_IPV4);
  assert_carries(9, "8f00 0800" HELLO_IPV4);
  assert_carries(50, "0f00 0800" HELLO_IPV4);
}

static void no_session_data(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(hex_decode(51, "1109 0000 0000", &packet), WEFT_IS_OTHER);
  assert_int_equal(hex_decode(51, "2100 0000 0000", &packet), WEFT_IS_MALFORMED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(alone),
      cmocka_unit_test(over_ethernet),
      cmocka_unit_test(its_length_ends_the_packet),
      cmocka_unit_test(cisco_hdlc_on_the_same_line),
      cmocka_unit_test(no_session_data),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
