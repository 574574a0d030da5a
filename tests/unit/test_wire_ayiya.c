/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define PORT UDP("d903", "13d0")
#define IDENTITY "20010db8000000000000000000000001 "
#define SIGNATURE "0102030405060708090a0b0c0d0e0f1011121314 "

static void forwarded(void **state) {
  (void)state;
  assert_carries(101, PORT "41 52 11 29 4af64c05" IDENTITY SIGNATURE HELLO_IPV6);
  assert_carries(101, UDP("13d0", "d903") "41 02 11 04 4af64c05" IDENTITY HELLO_IPV4);
}

static void something_else(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 101, PORT "41 52 10 3b 4af64c05" IDENTITY SIGNATURE);
  assert_is(WEFT_IS_OTHER, 101, PORT "41 52 11 11 4af64c05" IDENTITY SIGNATURE);
  assert_is(WEFT_IS_OTHER, 101, PORT "f1 f2 11 29 4af64c05" HELLO_IPV6);
}

static void cut_anywhere(void **state) {
  (void)state;
  assert_cuts_well(101, PORT "41 52 11 29 4af64c05" IDENTITY SIGNATURE HELLO_IPV6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(forwarded),
      cmocka_unit_test(something_else),
      cmocka_unit_test(cut_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
