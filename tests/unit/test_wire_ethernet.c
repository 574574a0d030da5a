/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define HELLO4 IPV4("002d", "0000", "06") TCP HELLO

static void assert_carries_hello(const char *text) {
  struct wire_packet packet;
  assert_hello(hex_decode(1, text, &packet), &packet);
  assert_int_equal(packet.segment.tuple.realm, 0);
}

static void assert_verdict(const char *text, int verdict) {
  struct wire_packet packet;
  assert_int_equal(hex_decode(1, text, &packet), verdict);
}

static void tags(void **state) {
  (void)state;
  assert_carries_hello(ETHERNET "8100 0064 0800" HELLO4);
  assert_carries_hello(ETHERNET "88a8 0064 0800" HELLO4);
  assert_carries_hello(ETHERNET "9100 0064 0800" HELLO4);
  assert_carries_hello(ETHERNET "88a8 0064 8100 0065 0800" HELLO4);
  assert_carries_hello(ETHERNET "8100 0064 8100 0065 8100 0066 86dd" IPV6("0019", "06") TCP HELLO);
}

static void endless_tags_end(void **state) {
  (void)state;
  char text[32 + 100 * 8 + 1] = ETHERNET;
  for (int i = 0; i < 100; i++) strcat(text, "81000001");
  assert_verdict(text, WEFT_IS_MALFORMED);
}

static void subnetwork_access_protocol(void **state) {
  (void)state;
  assert_carries_hello(ETHERNET "0035 aaaa03 000000 0800" HELLO4);
  assert_carries_hello(ETHERNET "0035 aaaa03 0000f8 0800" HELLO4);
  assert_carries_hello(ETHERNET "8100 0064 0035 aaaa03 000000 0800" HELLO4);
  assert_carries_hello(ETHERNET "0030 060603" HELLO4);
  assert_verdict(ETHERNET "0035 aaaa03 00000c 2000" HELLO4, WEFT_IS_OTHER);
  assert_verdict(ETHERNET "0026 424203 0000000000", WEFT_IS_OTHER);
}

static void length_field_ends_the_packet(void **state) {
  (void)state;
  /* 53 bytes are announced; the rest is padding, even though IP claims it. */
  struct wire_packet packet;
  assert_int_equal(hex_decode(1, ETHERNET "0033 aaaa03 000000 0800" HELLO4, &packet),
                   WEFT_IS_SEGMENT);
  assert_int_equal(packet.segment.caplen, 3);
  assert_int_equal(packet.segment.wirelen, 5);
}

static void neither_length_nor_type(void **state) {
  (void)state;
  assert_verdict(ETHERNET "05dd" HELLO4, WEFT_IS_OTHER);
  assert_verdict(ETHERNET "0806 0001", WEFT_IS_OTHER);
}

static void padding_and_check_sequence_are_cut_off(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(
      hex_decode(1, ETHERNET "0800" IPV4("0028", "0000", "06") TCP "000000000000 deadbeef",
                 &packet),
      WEFT_IS_SEGMENT);
  assert_int_equal(packet.segment.caplen, 0);
  assert_int_equal(packet.segment.wirelen, 0);
}

static void too_short_for_its_headers(void **state) {
  (void)state;
  assert_verdict("020000000002", WEFT_IS_MALFORMED);
  assert_verdict(ETHERNET "8100 00", WEFT_IS_MALFORMED);
  assert_verdict(ETHERNET "0002 aaaa", WEFT_IS_MALFORMED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tags),
      cmocka_unit_test(endless_tags_end),
      cmocka_unit_test(subnetwork_access_protocol),
      cmocka_unit_test(length_field_ends_the_packet),
      cmocka_unit_test(neither_length_nor_type),
      cmocka_unit_test(padding_and_check_sequence_are_cut_off),
      cmocka_unit_test(too_short_for_its_headers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
