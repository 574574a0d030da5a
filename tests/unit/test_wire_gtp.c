/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define PORT UDP("0868", "0868")

static void plain(void **state) {
  (void)state;
  assert_carries(101, PORT "30 ff 002d 00000001" HELLO_IPV4);
  assert_carries(101, PORT "30 ff 0041 00000001" HELLO_IPV6);
  assert_carries(101, PORT "30 ff 0031 00000001 ff03 0021" HELLO_IPV4);
  assert_carries(101, PORT "30 ff 003b 00000001" HELLO_ETHERNET);
}

static void end_point_is_no_realm(void **state) {
  (void)state;
  assert_carries(101, PORT "30 ff 002d deadbeef" HELLO_IPV4);
}

static void sequence_and_extensions(void **state) {
  (void)state;
  assert_carries(101, PORT "32 ff 0031 00000001 0001 00 00" HELLO_IPV4);
  assert_carries(101, PORT "36 ff 0035 00000001 0001 00 c0 01 0904 00" HELLO_IPV4);
  assert_carries(101,
                 PORT "34 ff 003d 00000001 0000 00 85 01 0009 c0 02 000000000000 00" HELLO_IPV4);
  /* The extension flag is not set, so its type means nothing. */
  assert_carries(101, PORT "32 ff 0031 00000001 0001 00 c0" HELLO_IPV4);
}

static void extension_of_no_length(void **state) {
  (void)state;
  assert_is(WEFT_IS_MALFORMED, 101, PORT "34 ff 0035 00000001 0000 00 85 00 000985" HELLO_IPV4);
}

static void signalling_and_others(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, PORT "32 01 0004 00000000 0000 00 00");
  assert_is(WEFT_IS_OTHER, 101, PORT "20 ff 002d 00000001" HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 101, PORT "50 ff 002d 00000001" HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 101, PORT "30 ff 0004 00000001 01020304");
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(101, PORT "36 ff 0035 00000001 0001 00 c0 01 0904 00" HELLO_IPV4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain),
      cmocka_unit_test(end_point_is_no_realm),
      cmocka_unit_test(sequence_and_extensions),
      cmocka_unit_test(extension_of_no_length),
      cmocka_unit_test(signalling_and_others),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
