/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define VXLAN "08000000 00000500 "

static void a_registered_port_and_a_plausible_header(void **state) {
  (void)state;
  assert_int_not_equal(hello_realm(101, UDP("d903", "12b5") VXLAN HELLO_ETHERNET), 0);
  assert_int_not_equal(hello_realm(101, UDP("d903", "2118") VXLAN HELLO_ETHERNET), 0);
}

static void any_other_port_is_not_looked_into(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, UDP("d903", "0035") VXLAN HELLO_ETHERNET);
  /* A client's port that happens to be a tunnel's. */
  assert_is(WEFT_IS_OTHER, 101, UDP("12b5", "0035") VXLAN HELLO_ETHERNET);
}

static void length_ends_the_packet(void **state) {
  (void)state;
  struct wire_packet packet;
  /* 8 and 8 and 59 less 2; the inner datagram says that two more were sent. */
  assert_int_equal(hex_decode(101, OUTER("11") "d903 12b5 0049 0000" VXLAN HELLO_ETHERNET, &packet),
                   WEFT_IS_SEGMENT);
  assert_int_equal(packet.segment.caplen, 3);
  assert_int_equal(packet.segment.wirelen, 5);
}

static void length_that_cannot_be(void **state) {
  (void)state;
  assert_is(WEFT_IS_MALFORMED, 101, OUTER("11") "d903 12b5 0007 0000" VXLAN HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101, OUTER("11") "d903 0035 0007 0000");
}

static void too_short_is_no_tunnel(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, OUTER("11") "d903 12");
  assert_is(WEFT_IS_OTHER, 101, OUTER("11") "d903 12b5 00");
  assert_is(WEFT_IS_OTHER, 101, UDP("d903", "12b5") "080000");
}

static void ports_cut_off(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(hex_decode_cut(101, OUTER("11") "d903 0035 0008 0000", 5, &packet),
                   WEFT_IS_TRUNCATED);
  assert_int_equal(hex_decode_cut(101, OUTER("11") "d903 0035 0008 0000", 4, &packet),
                   WEFT_IS_OTHER);
}

static void fragmented_tunnel_is_put_together(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(hex_decode(101,
                              IPV4("0000", "2000", "11") "d903 12b5 0000 0000" VXLAN HELLO_ETHERNET,
                              &packet),
                   WEFT_IS_FRAGMENT);
  struct wire_fragment whole = packet.fragment;
  whole.more = 0;
  assert_hello(wire_decode_datagram(&whole, &packet), &packet);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_registered_port_and_a_plausible_header),
      cmocka_unit_test(any_other_port_is_not_looked_into),
      cmocka_unit_test(length_ends_the_packet),
      cmocka_unit_test(length_that_cannot_be),
      cmocka_unit_test(too_short_is_no_tunnel),
      cmocka_unit_test(ports_cut_off),
      cmocka_unit_test(fragmented_tunnel_is_put_together),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
