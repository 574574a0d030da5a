/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define HOP "20010db8000000000000000000000009 "
#define LAST "20010db80000000000000000000000ff "

static int decode(const char *text, struct wire_packet *ret) { return hex_decode(101, text, ret); }

static void assert_target(const struct wire_packet *packet, const char *expected) {
  char text[WEFT_ENDPOINT_STRLEN];
  assert_string_equal(weft_address_format(packet->segment.tuple.target.address, text), expected);
}

static void plain(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(decode(IPV6("0019", "06") TCP HELLO "ffff", &packet), &packet);
  char text[WEFT_ENDPOINT_STRLEN];
  assert_string_equal(weft_endpoint_format(&packet.segment.tuple.source, text),
                      "[2001:db8::1]:12345");
  assert_string_equal(weft_endpoint_format(&packet.segment.tuple.target, text), "[2001:db8::2]:80");
  assert_null(packet.sums.ip4);
}

static void payload_length_zero_is_the_frames(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(decode(IPV6("0000", "06") TCP HELLO, &packet), &packet);
  /* a jumbogram's option says the same again */
  assert_hello(decode(IPV6("0000", "00") "0600 c204 00000021" TCP HELLO, &packet), &packet);
}

/* A damaged record may say that four billion bytes were sent. */
static void payload_length_zero_of_absurd_frames(void **state) {
  (void)state;
  struct hex hex = hex_read(IPV6("0000", "06") TCP HELLO);
  struct weft_frame frame = hex_frame(&hex, 101);
  struct wire_packet packet;
  frame.wirelen = 8 * 65536;
  assert_int_equal(wire_decode(&frame, &packet), WEFT_IS_SEGMENT);
  assert_int_equal(packet.segment.wirelen, 8 * 65536 - 60);
  frame.wirelen = 0xfffffff0;
  assert_int_equal(wire_decode(&frame, &packet), WEFT_IS_SEGMENT);
  assert_int_equal(packet.segment.wirelen, 8 * 65536 - 20);
  assert_int_equal(packet.segment.caplen, 5);
}

static void payload_length_beyond_the_frame(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(decode(IPV6("0064", "06") TCP HELLO, &packet), WEFT_IS_SEGMENT);
  assert_int_equal(packet.segment.wirelen, 80);
  assert_int_equal(packet.segment.caplen, 5);
}

static void extension_headers(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(decode(IPV6("0041", "00") "3c00 0104 00000000"                 /* hop by hop */
                                         "2b01 010c 000000000000000000000000" /* destination */
                                         "3c00 0000 00000000" /* routing, none left */
                                         "0600 0104 00000000" TCP HELLO,
                      &packet),
               &packet);
  assert_target(&packet, "2001:db8::2");
}

static void endless_extension_headers_end(void **state) {
  (void)state;
  char text[4096] = IPV6("0700", "00");
  for (int i = 0; i < 200; i++) strcat(text, "0000010400000000");
  struct wire_packet packet;
  assert_int_equal(decode(text, &packet), WEFT_IS_MALFORMED);
}

static void extension_header_beyond_the_packet(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(decode(IPV6("0008", "3c") "06ff 0104 00000000", &packet), WEFT_IS_MALFORMED);
  assert_int_equal(
      hex_decode_cut(101, IPV6("0024", "3c") "0601 010c 000000000000000000000000" TCP, 24, &packet),
      WEFT_IS_TRUNCATED);
}

static void routing_header_with_segments_left_names_the_target(void **state) {
  (void)state;
  struct wire_packet packet;
  /* type 0: the last address; type 4: the first */
  assert_hello(decode(IPV6("0041", "2b") "06040002 00000000" HOP LAST TCP HELLO, &packet), &packet);
  assert_target(&packet, "2001:db8::ff");
  assert_hello(decode(IPV6("0041", "2b") "06040401 01000000" LAST HOP TCP HELLO, &packet), &packet);
  assert_target(&packet, "2001:db8::ff");
}

static void fragment(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(decode(IPV6("0018", "2c") "06000029 deadbeef"
                                             "000102030405060708090a0b0c0d0e0f",
                          &packet),
                   WEFT_IS_FRAGMENT);
  assert_int_equal(packet.fragment.version, 6);
  assert_int_equal(packet.fragment.protocol, 6);
  assert_int_equal(packet.fragment.id, 0xdeadbeef);
  assert_int_equal(packet.fragment.offset, 40);
  assert_int_equal(packet.fragment.more, 1);
  assert_int_equal(packet.fragment.wirelen, 16);
  assert_int_equal(packet.fragment.payload[1], 1);
}

static void atomic_fragment_is_whole(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(decode(IPV6("0021", "2c") "06000000 deadbeef" TCP HELLO, &packet), &packet);
}

/* RFC 8200 section 4.5: it has to hold all headers. */
static void first_fragment_without_whole_tcp_header(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(
      decode(IPV6("0018", "2c") "06000001 00000001 3039005000000064 000000c850181000", &packet),
      WEFT_IS_MALFORMED);
  assert_int_equal(decode(IPV6("0020", "2c") "3c000001 00000001 0600010400000000"
                                             "3039005000000064 000000c850181000",
                          &packet),
                   WEFT_IS_MALFORMED);
  assert_int_equal(
      decode(IPV6("0028", "2c") "3c000001 00000001 0600010400000000" TCP "00000000", &packet),
      WEFT_IS_FRAGMENT);
}

/* Not captured is not the same as not there. */
static void first_fragment_cut_inside_its_headers(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(hex_decode_cut(101,
                                  IPV6("0020", "2c") "3c000001 00000001 0600010400000000"
                                                     "3039005000000064 000000c850181000",
                                  18, &packet),
                   WEFT_IS_TRUNCATED);
}

static void first_fragment_of_something_else(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(decode(IPV6("0010", "2c") "3a000001 00000001 8000000000000000", &packet),
                   WEFT_IS_OTHER);
  /* what a later one says of it does not count */
  assert_int_equal(decode(IPV6("0010", "2c") "3a000009 00000001 8000000000000000", &packet),
                   WEFT_IS_FRAGMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain),
      cmocka_unit_test(payload_length_zero_is_the_frames),
      cmocka_unit_test(payload_length_zero_of_absurd_frames),
      cmocka_unit_test(payload_length_beyond_the_frame),
      cmocka_unit_test(extension_headers),
      cmocka_unit_test(endless_extension_headers_end),
      cmocka_unit_test(extension_header_beyond_the_packet),
      cmocka_unit_test(routing_header_with_segments_left_names_the_target),
      cmocka_unit_test(fragment),
      cmocka_unit_test(atomic_fragment_is_whole),
      cmocka_unit_test(first_fragment_without_whole_tcp_header),
      cmocka_unit_test(first_fragment_cut_inside_its_headers),
      cmocka_unit_test(first_fragment_of_something_else),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
