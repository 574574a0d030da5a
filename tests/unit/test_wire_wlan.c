/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define ADDRESSES "020000000001 020000000002 020000000003 "
#define SNAP "aaaa03 000000 0800 "

static void data(void **state) {
  (void)state;
  assert_carries(105, "0801 0000" ADDRESSES "1000" SNAP HELLO_IPV4);
  assert_carries(105, "0802 0000" ADDRESSES "1000" SNAP HELLO_IPV4);
}

static void between_access_points(void **state) {
  (void)state;
  assert_carries(105, "0803 0000" ADDRESSES "1000 020000000004" SNAP HELLO_IPV4);
}

static void quality_of_service(void **state) {
  (void)state;
  assert_carries(105, "8801 0000" ADDRESSES "1000 0000" SNAP HELLO_IPV4);
  assert_carries(105, "8881 0000" ADDRESSES "1000 0000 00000000" SNAP HELLO_IPV4);
  assert_carries(105, "8803 0000" ADDRESSES "1000 020000000004 0000" SNAP HELLO_IPV4);
}

/* Two, the first 8 and 45 long; a frame makes one segment. */
static void aggregated(void **state) {
  (void)state;
  assert_carries(105, "8801 0000" ADDRESSES "1000 8000"
                      "020000000001 020000000002 0035" SNAP HELLO_IPV4 "000000"
                      "020000000001 020000000002 0035" SNAP HELLO_IPV4);
}

static void no_data_to_read(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 105, "8000 0000" ADDRESSES "1000"); /* beacon */
  assert_is(WEFT_IS_OTHER, 105, "d400 0000 020000000001");     /* acknowledgement */
  assert_is(WEFT_IS_OTHER, 105, "4801 0000" ADDRESSES "1000"); /* null */
  assert_is(WEFT_IS_OTHER, 105, "0841 0000" ADDRESSES "1000 00000020 00000000" SNAP HELLO_IPV4);
}

static void pieces_are_not_put_together(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 105, "0805 0000" ADDRESSES "1000" SNAP HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 105, "0801 0000" ADDRESSES "1100" SNAP HELLO_IPV4);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(105, "8801 0000" ADDRESSES "1000 8000"
                        "020000000001 020000000002 0035" SNAP HELLO_IPV4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(data),
      cmocka_unit_test(between_access_points),
      cmocka_unit_test(quality_of_service),
      cmocka_unit_test(aggregated),
      cmocka_unit_test(no_data_to_read),
      cmocka_unit_test(pieces_are_not_put_together),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
