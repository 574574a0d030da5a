/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define SPI "00001234 00000001 "
#define CHECK12 "0102030405060708090a0b0c "
#define CHECK16 CHECK12 "0d0e0f10 "
/* The same packet as elsewhere, with its checksums. */
#define SUMMED_IPV4 "4500002d00070000400666c20a0000010a000002 "
#define SUMMED_TCP4 "3039005000000064000000c850181000163e000068656c6c6f "
#define SUMMED_TCP6 "3039005000000064000000c850181000cecb000068656c6c6f "

static void tunnel(void **state) {
  (void)state;
  assert_carries(101, OUTER("32") SPI SUMMED_IPV4 TCP HELLO "01 01 04" CHECK12);
  assert_carries(101, OUTER("32") SPI SUMMED_IPV4 TCP HELLO "01 01 04");
  assert_carries(101, OUTER("32") SPI HELLO_IPV6 "01 01 29" CHECK16);
}

static void transport(void **state) {
  (void)state;
  assert_carries(101, OUTER("32") SPI SUMMED_TCP4 "010203 03 06" CHECK12);
  assert_carries(101, OUTER("32") SPI SUMMED_TCP4 "010203 03 06" CHECK16);
  assert_carries(101, OUTER("32") SPI SUMMED_TCP4 "00 06");
  assert_carries(101, IPV6("0000", "32") SPI SUMMED_TCP6 "01 01 06" CHECK12);
}

static void through_address_translation(void **state) {
  (void)state;
  assert_carries(101, UDP("1194", "1194") SPI SUMMED_IPV4 TCP HELLO "01 01 04" CHECK12);
  assert_is(WEFT_IS_OTHER, 101,
            UDP("1194", "1194") "00000000 0102030405060708" SUMMED_IPV4 TCP HELLO);
  assert_is(WEFT_IS_OTHER, 101, UDP("1194", "1194") "ff");
}

/* Each breaks one of the things that have to be right. */
static void anything_less_is_enciphered(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101,
            OUTER("32") SPI IPV4("002d", "0000", "06") TCP HELLO "010104" CHECK12);
  assert_is(WEFT_IS_OTHER, 101, OUTER("32") SPI SUMMED_IPV4 TCP HELLO);
  assert_is(WEFT_IS_OTHER, 101, OUTER("32") SPI TCP HELLO "010203 03 06" CHECK12);
  assert_is(WEFT_IS_OTHER, 101, OUTER("32") SPI SUMMED_TCP4 "010204 03 06" CHECK12);
  assert_is(WEFT_IS_OTHER, 101, OUTER("32") SPI SUMMED_TCP4 "010203 03 11" CHECK12);
  assert_is(WEFT_IS_OTHER, 101, OUTER("32") SPI SUMMED_TCP4 "010203 ff 06" CHECK12);
  assert_is(WEFT_IS_OTHER, 101, OUTER("32") SPI "0102030405060708090a");
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(101, OUTER("32") SPI SUMMED_IPV4 TCP HELLO "01 01 04" CHECK12);
  assert_cuts_well(101, OUTER("32") SPI HELLO_IPV6 "01 01 29" CHECK16);
  assert_cuts_well(101, OUTER("32") SPI SUMMED_TCP4 "010203 03 06" CHECK12);
}

/* Of a million packets of noise none may look like a connection. */
static void noise(void **state) {
  (void)state;
  struct hex hex = hex_read(OUTER("32") SPI);
  uint64_t number = 1;
  hex.length = 20 + 8 + 128;
  struct weft_frame frame = hex_frame(&hex, 101);
  struct wire_packet packet;
  for (int i = 0; i < 1000000; i++) {
    for (uint32_t at = 28; at < hex.length; at += 8) {
      number = number * 6364136223846793005 + 1442695040888963407;
      uint64_t mixed = number ^ number >> 29;
      memcpy(hex.bytes + at, &mixed, 8);
    }
    assert_int_equal(wire_decode(&frame, &packet), WEFT_IS_OTHER);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tunnel),
      cmocka_unit_test(transport),
      cmocka_unit_test(through_address_translation),
      cmocka_unit_test(anything_less_is_enciphered),
      cmocka_unit_test(cut_anywhere),
      cmocka_unit_test(noise),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
