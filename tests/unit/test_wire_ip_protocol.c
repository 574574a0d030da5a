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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(authentication_header_is_stepped_over),
      cmocka_unit_test(authentication_header_too_small_or_too_large),
      cmocka_unit_test(encrypted_payload_is_other),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
