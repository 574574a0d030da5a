/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#include "wire/checksum.h"

/* RFC 1071 section 1 word by word: what the fast one must say. */
static uint16_t sum_plainly(const uint8_t *bytes, uint32_t length) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < length; i++) {
    sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return (uint16_t)sum;
}

static void sum_of_every_length_and_alignment(void **state) {
  (void)state;
  uint8_t bytes[300];
  uint32_t number = 1;
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t)((number = number * 1664525 + 1013904223) >> 24);
  for (uint32_t start = 0; start < 8; start++)
    for (uint32_t length = 0; length <= sizeof bytes - 8; length++)
      assert_int_equal(checksum_sum(bytes + start, length) % 0xffff,
                       sum_plainly(bytes + start, length) % 0xffff);
}

static void sum_that_carries_everywhere(void **state) {
  (void)state;
  static uint8_t bytes[65535];
  memset(bytes, 0xff, sizeof bytes);
  assert_int_equal(checksum_sum(bytes, sizeof bytes), sum_plainly(bytes, sizeof bytes));
}

/* A frame whose checksums are right, or `field` in TCP's place. */
static struct hex signed_frame(const char *text, int field) {
  struct hex hex = hex_read(text);
  uint32_t at = hex.bytes[0] >> 4 == 4 ? 20 : 40, length = hex.length - at;
  uint8_t pseudo[36] = {0};
  uint32_t addresses = at == 20 ? 8 : 32;
  memcpy(pseudo, hex.bytes + (at == 20 ? 12 : 8), addresses);
  pseudo[addresses + 1] = 6;
  pseudo[addresses + 2] = (uint8_t)(length >> 8);
  pseudo[addresses + 3] = (uint8_t)length;
  uint32_t sum = sum_plainly(pseudo, addresses + 4) + sum_plainly(hex.bytes + at, length);
  sum = (sum & 0xffff) + (sum >> 16);
  uint32_t right = field >= 0 ? (uint32_t)field : ~sum & 0xffff;
  hex.bytes[at + 16] = (uint8_t)(right >> 8);
  hex.bytes[at + 17] = (uint8_t)right;
  if (at == 20) {
    uint32_t header = ~(uint32_t)sum_plainly(hex.bytes, 20) & 0xffff;
    hex.bytes[10] = (uint8_t)(header >> 8);
    hex.bytes[11] = (uint8_t)header;
  }
  return hex;
}

static int checksum(const struct hex *hex) {
  struct weft_frame frame = hex_frame(hex, 101);
  return weft_frame_checksum(&frame);
}

#define SEGMENT4 IPV4("002d", "4000", "06") TCP HELLO
#define SEGMENT6 IPV6("0019", "06") TCP HELLO

static void right_ones(void **state) {
  (void)state;
  struct hex hex = signed_frame(SEGMENT4, -1);
  assert_int_equal(checksum(&hex), WEFT_CHECKSUM_GOOD);
  hex = signed_frame(SEGMENT6, -1);
  assert_int_equal(checksum(&hex), WEFT_CHECKSUM_GOOD);
}

static void any_flipped_bit_is_seen(void **state) {
  (void)state;
  struct hex hex = signed_frame(SEGMENT4, -1);
  for (uint32_t i = 8; i < hex.length; i++) {
    if (i == 9 || i == 32) continue; /* the protocol, TCP's data offset: no segment then */
    hex.bytes[i] ^= 0x04;
    assert_int_equal(checksum(&hex), WEFT_CHECKSUM_BAD);
    hex.bytes[i] ^= 0x04;
  }
}

static void wrong_ip_header_alone(void **state) {
  (void)state;
  struct hex hex = signed_frame(SEGMENT4, -1);
  hex.bytes[10] ^= 0x55;
  assert_int_equal(checksum(&hex), WEFT_CHECKSUM_BAD);
}

/* 0a00 + 0001 + 0a00 + 0002 + 6, and the length, 25, for some. */
static void left_for_the_card(void **state) {
  (void)state;
  struct hex hex = signed_frame(SEGMENT4, 0x1409);
  assert_int_equal(checksum(&hex), WEFT_CHECKSUM_OFFLOADED);
  hex = signed_frame(SEGMENT4, 0x1422);
  assert_int_equal(checksum(&hex), WEFT_CHECKSUM_OFFLOADED);
  hex = signed_frame(SEGMENT4, 0x0000);
  assert_int_equal(checksum(&hex), WEFT_CHECKSUM_OFFLOADED);
  hex = signed_frame(SEGMENT4, 0x1423);
  assert_int_equal(checksum(&hex), WEFT_CHECKSUM_BAD);
}

/* 2 * (2001 + 0db8) + 0001 + 0002 + 6 + 25. */
static void left_for_the_card_ipv6(void **state) {
  (void)state;
  struct hex hex = signed_frame(SEGMENT6, 0x5b94);
  assert_int_equal(checksum(&hex), WEFT_CHECKSUM_OFFLOADED);
}

static void ip_header_left_for_the_card(void **state) {
  (void)state;
  struct hex hex = signed_frame(SEGMENT4, -1);
  hex.bytes[10] = hex.bytes[11] = 0;
  assert_int_equal(checksum(&hex), WEFT_CHECKSUM_OFFLOADED);
  hex.bytes[44] ^= 1;
  assert_int_equal(checksum(&hex), WEFT_CHECKSUM_BAD);
}

static void payload_cut_off(void **state) {
  (void)state;
  struct hex hex = signed_frame(SEGMENT4, -1);
  struct weft_frame frame = hex_frame(&hex, 101);
  frame.caplen -= 1;
  assert_int_equal(weft_frame_checksum(&frame), WEFT_CHECKSUM_INCOMPUTABLE);
}

static void nothing_to_check(void **state) {
  (void)state;
  struct hex hex = hex_read(IPV4("001c", "0000", "01") "0800000000000000");
  assert_int_equal(checksum(&hex), WEFT_CHECKSUM_UNCHECKED);
}

static void fragment_has_its_ip_header(void **state) {
  (void)state;
  struct hex hex = signed_frame(IPV4("002c", "2000", "06") TCP "68656c6c", -1);
  struct weft_frame frame = hex_frame(&hex, 101);
  struct wire_packet packet;
  assert_int_equal(wire_decode(&frame, &packet), WEFT_IS_FRAGMENT);
  assert_int_equal(wire_checksum(&packet), WEFT_CHECKSUM_GOOD);
  hex.bytes[11] ^= 1;
  assert_int_equal(wire_checksum(&packet), WEFT_CHECKSUM_BAD);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sum_of_every_length_and_alignment),
      cmocka_unit_test(sum_that_carries_everywhere),
      cmocka_unit_test(right_ones),
      cmocka_unit_test(any_flipped_bit_is_seen),
      cmocka_unit_test(wrong_ip_header_alone),
      cmocka_unit_test(left_for_the_card),
      cmocka_unit_test(left_for_the_card_ipv6),
      cmocka_unit_test(ip_header_left_for_the_card),
      cmocka_unit_test(payload_cut_off),
      cmocka_unit_test(nothing_to_check),
      cmocka_unit_test(fragment_has_its_ip_header),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
