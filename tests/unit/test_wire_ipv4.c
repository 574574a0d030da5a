/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

static int decode(const char *text, struct wire_packet *ret) { return hex_decode(101, text, ret); }

static void options_are_stepped_over(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(decode("46000031 00070000 40060000 0a000001 0a000002 94040000" TCP HELLO, &packet),
               &packet);
}

static void total_length_zero_is_the_frames(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(decode(IPV4("0000", "4000", "06") TCP HELLO, &packet), &packet);
}

/* A damaged record may say that four billion bytes were sent. */
static void total_length_zero_of_absurd_frames(void **state) {
  (void)state;
  struct hex hex = hex_read(IPV4("0000", "4000", "06") TCP HELLO);
  struct weft_frame frame = hex_frame(&hex, 101);
  struct wire_packet packet;
  frame.wirelen = 8 * 65536;
  assert_int_equal(wire_decode(&frame, &packet), WEFT_IS_SEGMENT);
  assert_int_equal(packet.segment.wirelen, 8 * 65536 - 40);
  frame.wirelen = 0xfffffff0;
  assert_int_equal(wire_decode(&frame, &packet), WEFT_IS_SEGMENT);
  assert_int_equal(packet.segment.wirelen, 8 * 65536 - 40);
  assert_int_equal(packet.segment.caplen, 5);
}

static void total_length_beyond_the_frame_is_what_was_sent(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(decode(IPV4("0064", "4000", "06") TCP HELLO, &packet), WEFT_IS_SEGMENT);
  assert_int_equal(packet.segment.caplen, 5);
  assert_int_equal(packet.segment.wirelen, 60);
}

static void impossible_headers(void **state) {
  (void)state;
  struct wire_packet packet;
  /* header length 16; total length below the header's; another version */
  assert_int_equal(decode("44000028 00070000 40060000 0a000001 0a000002" TCP, &packet),
                   WEFT_IS_MALFORMED);
  assert_int_equal(decode(IPV4("0013", "4000", "06") TCP, &packet), WEFT_IS_MALFORMED);
  assert_int_equal(hex_decode(228, "75000028 00070000 40060000 0a000001 0a000002" TCP, &packet),
                   WEFT_IS_MALFORMED);
}

static void header_cut_inside_options(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(
      hex_decode_cut(101, "47000034 00070000 40060000 0a000001 0a000002 9408000000000000" TCP, 24,
                     &packet),
      WEFT_IS_TRUNCATED);
  assert_int_equal(decode("47000018 00070000 40060000 0a000001 0a000002 94080000", &packet),
                   WEFT_IS_MALFORMED);
}

static void not_tcp(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(decode(IPV4("001c", "0000", "01") "0800000000000000", &packet), WEFT_IS_OTHER);
  /* extension headers are IPv6's alone */
  assert_int_equal(decode(IPV4("0030", "0000", "3c") "0600000000000000" TCP, &packet),
                   WEFT_IS_OTHER);
}

static void first_fragment(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(decode(IPV4("002c", "2000", "06") TCP "68656c6c 0000", &packet),
                   WEFT_IS_FRAGMENT);
  const struct wire_fragment *fragment = &packet.fragment;
  char text[WEFT_ENDPOINT_STRLEN];
  assert_string_equal(weft_address_format(fragment->source, text), "10.0.0.1");
  assert_string_equal(weft_address_format(fragment->target, text), "10.0.0.2");
  assert_int_equal(fragment->version, 4);
  assert_int_equal(fragment->protocol, 6);
  assert_int_equal(fragment->id, 7);
  assert_int_equal(fragment->offset, 0);
  assert_int_equal(fragment->more, 1);
  assert_int_equal(fragment->wirelen, 24);
  assert_int_equal(fragment->caplen, 24);
  assert_int_equal(fragment->payload[0], 0x30);
  assert_int_equal(fragment->mark.frame, 9);
  assert_null(packet.sums.tcp);
}

static void last_fragment(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(hex_decode_cut(101, IPV4("0019", "1fff", "06") HELLO, 2, &packet),
                   WEFT_IS_FRAGMENT);
  assert_int_equal(packet.fragment.offset, 65528);
  assert_int_equal(packet.fragment.more, 0);
  assert_int_equal(packet.fragment.wirelen, 5);
  assert_int_equal(packet.fragment.caplen, 3);
}

static void fragments_that_lead_to_no_tcp(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(decode(IPV4("001c", "2000", "01") "0800000000000000", &packet), WEFT_IS_OTHER);
}

static void do_not_fragment_is_no_fragment(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(decode(IPV4("002d", "c000", "06") TCP HELLO, &packet), &packet);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(options_are_stepped_over),
      cmocka_unit_test(total_length_zero_is_the_frames),
      cmocka_unit_test(total_length_zero_of_absurd_frames),
      cmocka_unit_test(total_length_beyond_the_frame_is_what_was_sent),
      cmocka_unit_test(impossible_headers),
      cmocka_unit_test(header_cut_inside_options),
      cmocka_unit_test(not_tcp),
      cmocka_unit_test(first_fragment),
      cmocka_unit_test(last_fragment),
      cmocka_unit_test(fragments_that_lead_to_no_tcp),
      cmocka_unit_test(do_not_fragment_is_no_fragment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
