/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define PORTS "3039 0050 00000064 000000c8 "

static int decode(const char *text, struct wire_packet *ret) { return hex_decode(101, text, ret); }

static void flags_window_and_urgent_pointer(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(decode(IPV4("0028", "0000", "06") PORTS "50ff abcd 0000 1234", &packet),
                   WEFT_IS_SEGMENT);
  assert_int_equal(packet.segment.tcp_flags, 0xff);
  assert_int_equal(packet.segment.window, 0xabcd);
  assert_int_equal(packet.segment.urgent, 0x1234);
}

static void usual_timestamp(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(decode(IPV4("0039", "0000", "06") PORTS "8018 1000 0000 0000"
                                                       "0101080a 11223344 55667788" HELLO,
                      &packet),
               &packet);
  assert_int_equal(packet.segment.options, WEFT_TCPOPT_TIMESTAMP);
  assert_int_equal(packet.segment.ts_value, 0x11223344);
  assert_int_equal(packet.segment.ts_echo, 0x55667788);
}

static void data_offset_that_cannot_be(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(decode(IPV4("002d", "0000", "06") PORTS "4018 1000 0000 0000" HELLO, &packet),
                   WEFT_IS_MALFORMED);
  assert_int_equal(decode(IPV4("002d", "0000", "06") PORTS "7018 1000 0000 0000" HELLO, &packet),
                   WEFT_IS_MALFORMED);
  assert_int_equal(decode(IPV4("0020", "0000", "06") PORTS, &packet), WEFT_IS_MALFORMED);
}

/* The frame goes on behind the datagram, the segment does not. */
static void header_may_not_reach_into_padding(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(decode(IPV4("0027", "0000", "06") TCP, &packet), WEFT_IS_MALFORMED);
}

static void what_lies_behind_the_flags_can_be_done_without(void **state) {
  (void)state;
  struct wire_packet packet;
  const char *text = IPV4("0029", "0000", "06") PORTS "5039 1000 0000 0007 41";
  for (unsigned cut = 1; cut <= 7; cut++) {
    assert_int_equal(hex_decode_cut(101, text, cut, &packet), WEFT_IS_SEGMENT);
    assert_int_equal(packet.segment.seq, 0x64);
    assert_int_equal(packet.segment.ack, 0xc8);
    assert_int_equal(packet.segment.tcp_flags, 0x39);
    assert_int_equal(packet.segment.window, cut < 6 ? 0x1000 : 0xffff);
    assert_int_equal(packet.segment.urgent, cut < 2 ? 7 : 0);
    assert_int_equal(packet.segment.caplen, 0);
    assert_int_equal(packet.segment.wirelen, 1);
    assert_int_equal(wire_checksum(&packet), WEFT_CHECKSUM_INCOMPUTABLE);
  }
  assert_int_equal(hex_decode_cut(101, text, 8, &packet), WEFT_IS_TRUNCATED);
  assert_int_equal(
      hex_decode_cut(101, IPV4("0029", "0000", "06") PORTS "4039 1000 0000 0007 41", 5, &packet),
      WEFT_IS_MALFORMED);
}

static void options_cut_off_still_make_a_segment(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(hex_decode_cut(101,
                                  IPV4("0039", "0000", "06") PORTS
                                  "8018 1000 0000 0000"
                                  "0101080a 11223344 55667788" HELLO,
                                  9, &packet),
                   WEFT_IS_SEGMENT);
  assert_int_equal(packet.segment.options, 0);
  assert_int_equal(packet.segment.caplen, 0);
  assert_int_equal(packet.segment.wirelen, 5);
}

static void options_before_the_cut_count(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(hex_decode_cut(101,
                                  IPV4("0039", "0000", "06") PORTS
                                  "8018 1000 0000 0000"
                                  "020405b4 11223344 55667788" HELLO,
                                  13, &packet),
                   WEFT_IS_SEGMENT);
  assert_int_equal(packet.segment.options, WEFT_TCPOPT_MSS);
  assert_int_equal(packet.segment.mss, 1460);
  assert_int_equal(packet.segment.wirelen, 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(flags_window_and_urgent_pointer),
      cmocka_unit_test(usual_timestamp),
      cmocka_unit_test(data_offset_that_cannot_be),
      cmocka_unit_test(header_may_not_reach_into_padding),
      cmocka_unit_test(what_lies_behind_the_flags_can_be_done_without),
      cmocka_unit_test(options_cut_off_still_make_a_segment),
      cmocka_unit_test(options_before_the_cut_count),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
