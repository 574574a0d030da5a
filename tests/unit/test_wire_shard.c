/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

static uint32_t shard(const struct hex *hex) {
  struct weft_frame frame = hex_frame(hex, 101);
  return weft_frame_shard(&frame);
}

static void both_directions_agree(void **state) {
  (void)state;
  struct hex there = hex_read(IPV4("0028", "0000", "06") TCP), back = there;
  memcpy(back.bytes + 12, there.bytes + 16, 4);
  memcpy(back.bytes + 16, there.bytes + 12, 4);
  memcpy(back.bytes + 20, there.bytes + 22, 2);
  memcpy(back.bytes + 22, there.bytes + 20, 2);
  assert_int_equal(shard(&there), shard(&back));
  assert_int_not_equal(shard(&there), 0);
}

static void swapped_ports_alone_are_another_connection(void **state) {
  (void)state;
  struct hex there = hex_read(IPV4("0028", "0000", "06") TCP), other = there;
  memcpy(other.bytes + 20, there.bytes + 22, 2);
  memcpy(other.bytes + 22, there.bytes + 20, 2);
  assert_int_not_equal(shard(&there), shard(&other));
}

static void no_tcp_is_zero(void **state) {
  (void)state;
  struct hex hex = hex_read(IPV4("001c", "0000", "01") "0800000000000000");
  assert_int_equal(shard(&hex), 0);
}

/* Ports in a row are the usual case, and few engines: low bits have to differ. */
static void spreads_over_eight(void **state) {
  (void)state;
  struct hex hex = hex_read(IPV4("0028", "0000", "06") TCP);
  unsigned counts[8] = {0};
  for (unsigned port = 32768; port < 32768 + 8000; port++) {
    hex.bytes[20] = (uint8_t)(port >> 8);
    hex.bytes[21] = (uint8_t)port;
    counts[shard(&hex) % 8]++;
  }
  for (int i = 0; i < 8; i++) assert_in_range(counts[i], 850, 1150);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_directions_agree),
      cmocka_unit_test(swapped_ports_alone_are_another_connection),
      cmocka_unit_test(no_tcp_is_zero),
      cmocka_unit_test(spreads_over_eight),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
