/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#include "wire/walk.h"

static struct weft_segment read(const char *text) {
  struct weft_segment segment = {0};
  struct hex hex = hex_read(text);
  tcp_options_read(hex.bytes, hex.length, &segment);
  return segment;
}

static void those_of_a_syn(void **state) {
  (void)state;
  struct weft_segment segment = read("020405b4 0402 080a0000000100000000 01 030307");
  assert_int_equal(segment.options, WEFT_TCPOPT_MSS | WEFT_TCPOPT_SACK_PERMITTED |
                                        WEFT_TCPOPT_TIMESTAMP | WEFT_TCPOPT_WSCALE);
  assert_int_equal(segment.mss, 1460);
  assert_int_equal(segment.window_shift, 7);
  assert_int_equal(segment.ts_value, 1);
  assert_int_equal(segment.ts_echo, 0);
}

/* The same, and what differs from them in one place, read one by one. */
static void those_of_a_syn_in_another_order(void **state) {
  (void)state;
  struct weft_segment usual = read("020405b4 0402 080a0000000100000002 01 030307");
  struct weft_segment other = read("0402 020405b4 080a0000000100000002 01 030307");
  struct weft_segment longer = read("020405b4 0402 080a0000000100000002 01 030307 01010101");
  assert_memory_equal(&usual, &other, sizeof usual);
  assert_memory_equal(&usual, &longer, sizeof usual);
  assert_int_equal(read("020305b4 0402 080a0000000100000002 01 030307").options, 0);
  assert_int_equal(read("020405b4 0403 080a0000000100000002 01 030307").options, WEFT_TCPOPT_MSS);
  assert_int_equal(read("020405b4 0402 080a0000000100000002 00 030307").options,
                   WEFT_TCPOPT_MSS | WEFT_TCPOPT_SACK_PERMITTED | WEFT_TCPOPT_TIMESTAMP);
}

static void selective_acknowledgements(void **state) {
  (void)state;
  struct weft_segment segment = read("0101 0512 00000001 00000002 fffffffe 00000003");
  assert_int_equal(segment.options, WEFT_TCPOPT_SACK);
  assert_int_equal(segment.nsack, 2);
  assert_int_equal(segment.sack[0], 1);
  assert_int_equal(segment.sack[2], 0xfffffffe);
  assert_int_equal(segment.sack[3], 3);
}

static void five_selective_acknowledgements_do_not_fit(void **state) {
  (void)state;
  struct weft_segment segment = read("052a 0000000000000000 0000000000000000 0000000000000000"
                                     "0000000000000000 0000000000000000");
  assert_int_equal(segment.options, 0);
  assert_int_equal(segment.nsack, 0);
}

static void signatures_and_fast_open(void **state) {
  (void)state;
  assert_int_equal(read("1312 00112233445566778899aabbccddeeff").options, WEFT_TCPOPT_MD5);
  assert_int_equal(read("1d10 0102 00112233445566778899aabb").options, WEFT_TCPOPT_AO);
  assert_int_equal(read("2202").options, WEFT_TCPOPT_FASTOPEN);
  assert_int_equal(read("220a 0011223344556677").options, WEFT_TCPOPT_FASTOPEN);
}

static void unknown_ones_are_stepped_over(void **state) {
  (void)state;
  assert_int_equal(read("fd06 00000000 020405b4").options, WEFT_TCPOPT_MSS);
}

static void wrong_lengths_are_as_unknown(void **state) {
  (void)state;
  assert_int_equal(read("0203ff 030307").options, WEFT_TCPOPT_WSCALE);
  assert_int_equal(read("0506 00000000").options, 0);
  assert_int_equal(read("0502").options, 0);
  assert_int_equal(read("0806 00000000").options, 0);
}

static void malformed_ones_end_the_reading(void **state) {
  (void)state;
  assert_int_equal(read("030307 0200 020405b4").options, WEFT_TCPOPT_WSCALE);
  assert_int_equal(read("030307 0201 020405b4").options, WEFT_TCPOPT_WSCALE);
  assert_int_equal(read("030307 02ff 05b4").options, WEFT_TCPOPT_WSCALE);
  assert_int_equal(read("030307 02").options, WEFT_TCPOPT_WSCALE);
}

static void the_end_is_the_end(void **state) {
  (void)state;
  assert_int_equal(read("00 030307").options, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(those_of_a_syn),
      cmocka_unit_test(those_of_a_syn_in_another_order),
      cmocka_unit_test(selective_acknowledgements),
      cmocka_unit_test(five_selective_acknowledgements_do_not_fit),
      cmocka_unit_test(signatures_and_fast_open),
      cmocka_unit_test(unknown_ones_are_stepped_over),
      cmocka_unit_test(wrong_lengths_are_as_unknown),
      cmocka_unit_test(malformed_ones_end_the_reading),
      cmocka_unit_test(the_end_is_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
