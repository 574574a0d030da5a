/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define AUTHENTICATION(next) next "040000 00000001 00000001 000102030405060708090a0b "

static void authentication_header_is_stepped_over(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(hex_decode(101, IPV4("0045", "0000", "33") AUTHENTICATION("06") TCP HELLO, &packet),
               &packet);
  assert_hello(hex_decode(101, IPV6("0031", "33") AUTHENTICATION("06") TCP HELLO, &packet),
               &packet);
}

static void authentication_header_too_small_or_too_large(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(
      hex_decode(101, IPV4("0020", "0000", "33") "06000000 00000001 00000001", &packet),
      WEFT_IS_MALFORMED);
  assert_int_equal(
      hex_decode(101, IPV4("0020", "0000", "33") "06ff0000 00000001 00000001", &packet),
      WEFT_IS_MALFORMED);
}

static void encrypted_payload_is_other(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(
      hex_decode(101, IPV4("0020", "0000", "32") "00000001 00000001 00000000", &packet),
      WEFT_IS_OTHER);
}

static void ip_in_ip_each_way(void **state) {
  (void)state;
  static const char *const texts[] = {
      IPV4("0041", "0000", "04") IPV4("002d", "0000", "06") TCP HELLO,
      IPV4("0055", "0000", "29") IPV6("0019", "06") TCP HELLO,
      IPV6("002d", "04") IPV4("002d", "0000", "06") TCP HELLO,
      IPV6("0041", "29") IPV6("0019", "06") TCP HELLO,
  };
  struct wire_packet packet;
  for (int i = 0; i < 4; i++) assert_hello(hex_decode(101, texts[i], &packet), &packet);
  assert_null(packet.sums.ip4);
}

static void tunnels_without_end_end(void **state) {
  (void)state;
  char text[4096] = "";
  for (int i = 0; i < 80; i++) strcat(text, IPV4("0000", "0000", "04"));
  struct wire_packet packet;
  assert_int_equal(hex_decode(101, text, &packet), WEFT_IS_MALFORMED);
}

static void fragment_of_a_tunnel_is_kept_for_what_it_carries(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(
      hex_decode(101, IPV4("0044", "2000", "04") IPV4("002d", "0000", "06") TCP HELLO "000000",
                 &packet),
      WEFT_IS_FRAGMENT);
  struct wire_fragment whole = packet.fragment;
  whole.more = 0;
  assert_hello(wire_decode_datagram(&whole, &packet), &packet);
  assert_non_null(packet.sums.ip4);
}

static void ethernet_in_ip(void **state) {
  (void)state;
  assert_carries(101, OUTER("61") "3000" HELLO_ETHERNET);
  assert_is(WEFT_IS_OTHER, 101, OUTER("61") "2000" HELLO_ETHERNET);
}

static void labels_in_ip(void **state) {
  (void)state;
  assert_carries(101, OUTER("89") "00010140" HELLO_IPV4);
}

/* An error quotes what it is about: that was sent once, and is counted where it was. */
static void what_an_icmp_error_quotes_is_no_segment(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, OUTER("01") "0301 0000 00000000" HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 101, IPV6("0000", "3a") "0101 0000 00000000" HELLO_IPV6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(authentication_header_is_stepped_over),
      cmocka_unit_test(authentication_header_too_small_or_too_large),
      cmocka_unit_test(encrypted_payload_is_other),
      cmocka_unit_test(ip_in_ip_each_way),
      cmocka_unit_test(tunnels_without_end_end),
      cmocka_unit_test(fragment_of_a_tunnel_is_kept_for_what_it_carries),
      cmocka_unit_test(ethernet_in_ip),
      cmocka_unit_test(labels_in_ip),
      cmocka_unit_test(what_an_icmp_error_quotes_is_no_segment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
