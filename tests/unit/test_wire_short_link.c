/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define TARGET8 "0200000000000002 "
#define SOURCE8 "0200000000000001 "
#define TARGET20 "00000001 fe80000000000000 0002c90300000002 "
#define SOURCE20 "00000001 fe80000000000000 0002c90300000001 "
#define LLC "aaaa03 000000 0800 "

static const struct {
  uint16_t linktype;
  const char *text;
} carry[] = {
    {8, "00 450000280000000000000000000000" HELLO_IPV4},
    {122, TARGET8 SOURCE8 LLC HELLO_IPV4},
    {123, "82 00 0064" LLC HELLO_IPV4},
    {123, "01 00 0064 0001" ETHERNET "0800" HELLO_IPV4},
    {138, TARGET8 SOURCE8 "0800" HELLO_IPV4},
    {166, "00 0021" HELLO_IPV4},
    {204, "01 ff03 0021" HELLO_IPV4},
    {205, "00 0f00 0800" HELLO_IPV4},
    {206, "01 1841 03cc" HELLO_IPV4},
    {240, "0040 3b00" ETHERNET "0800" HELLO_IPV4},
    {241, "0040 4300 555555555555 55d5" ETHERNET "0800" HELLO_IPV4},
    {242, TARGET20 SOURCE20 "0800 0000" HELLO_IPV4},
    {242, TARGET20 SOURCE20 "86dd 0000" HELLO_IPV6},
    {274, "555555555555 55d5" ETHERNET "0800" HELLO_IPV4},
};

static void each_carries_ip(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof carry / sizeof *carry; i++)
    assert_carries(carry[i].linktype, carry[i].text);
}

static void cut_anywhere(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof carry / sizeof *carry; i++)
    assert_cuts_well(carry[i].linktype, carry[i].text);
}

static void what_is_not_ip(void **state) {
  (void)state;
  assert_is(WEFT_IS_OTHER, 123, "06 00 0005" HELLO_IPV4);
  assert_is(WEFT_IS_OTHER, 138, TARGET8 SOURCE8 "0806 0001");
  assert_is(WEFT_IS_OTHER, 274, "555555555555 5507 0102030405"); /* the part of a frame */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_carries_ip),
      cmocka_unit_test(cut_anywhere),
      cmocka_unit_test(what_is_not_ip),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
