/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <weft/base.h>

/* What `text` reads as, written again. */
static const char *again(const char *text) {
  static char ret[WEFT_ENDPOINT_STRLEN];
  uint8_t address[16];
  return weft_address_parse(text, address) == 0 ? weft_address_format(address, ret) : "unread";
}

static void ipv4(void **state) {
  (void)state;
  assert_string_equal(again("192.0.2.1"), "192.0.2.1");
  assert_string_equal(again("0.0.0.0"), "0.0.0.0");
  assert_string_equal(again("255.255.255.255"), "255.255.255.255");
}

static void ipv4_is_stored_mapped(void **state) {
  (void)state;
  static const uint8_t expected[16] = {[10] = 0xff, [11] = 0xff, 10, 1, 2, 3};
  uint8_t address[16];
  assert_int_equal(weft_address_parse("10.1.2.3", address), 0);
  assert_memory_equal(address, expected, 16);
  assert_string_equal(again("::ffff:10.1.2.3"), "10.1.2.3");
  assert_string_equal(again("::ffff:a01:203"), "10.1.2.3");
}

/* The examples of RFC 5952 sections 1 to 4. */
static void ipv6_as_recommended(void **state) {
  (void)state;
  assert_string_equal(again("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  assert_string_equal(again("2001:0db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  assert_string_equal(again("2001:DB8::1:0:0:1"), "2001:db8::1:0:0:1");
  assert_string_equal(again("2001:0db8::0001"), "2001:db8::1");
  assert_string_equal(again("2001:db8::0:1"), "2001:db8::1");
  assert_string_equal(again("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  assert_string_equal(again("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");
  assert_string_equal(again("::"), "::");
  assert_string_equal(again("::1"), "::1");
  assert_string_equal(again("1::"), "1::");
  assert_string_equal(again("1:2:3:4:5:6:0:0"), "1:2:3:4:5:6::");
  assert_string_equal(again("0:0:3:4:5:6:7:8"), "::3:4:5:6:7:8");
  assert_string_equal(again("fe80:1200:100:10:1:a0b0:c:d"), "fe80:1200:100:10:1:a0b0:c:d");
}

static void ipv6_with_ipv4_at_its_end(void **state) {
  (void)state;
  assert_string_equal(again("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
  assert_string_equal(again("1:2:3:4:5:6:7.8.9.10"), "1:2:3:4:5:6:708:90a");
  assert_string_equal(again("::13.1.68.3"), "::d01:4403");
}

static void what_is_no_address(void **state) {
  (void)state;
  static const char *const texts[] = {"",
                                      ".",
                                      "1.2.3",
                                      "1.2.3.4.5",
                                      "1.2.3.256",
                                      "1.2.3.0400",
                                      "1.2.3.04",
                                      "1..2.3",
                                      "1.2.3.4 ",
                                      " 1.2.3.4",
                                      "a.b.c.d",
                                      "1.2.3.-4",
                                      ":",
                                      ":::",
                                      "1:",
                                      ":1",
                                      "1:2:3:4:5:6:7",
                                      "1::2::3",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1:2:3:4:5:6:7:8",
                                      "12345::",
                                      "g::",
                                      "1:::2",
                                      "::1.2.3",
                                      "1.2.3.4::",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      "::1%eth0",
                                      "[::1]",
                                      "::1 ",
                                      "1::2:"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    uint8_t address[16], before[16];
    memset(address, 0x5a, 16);
    memset(before, 0x5a, 16);
    assert_int_equal(weft_address_parse(texts[i], address), WEFT_E_INVAL);
    assert_memory_equal(address, before, 16);
  }
}

static void endpoints(void **state) {
  (void)state;
  struct weft_endpoint endpoint = {.port = 80};
  char text[WEFT_ENDPOINT_STRLEN];
  assert_int_equal(weft_address_parse("192.0.2.1", endpoint.address), 0);
  assert_string_equal(weft_endpoint_format(&endpoint, text), "192.0.2.1:80");
  assert_int_equal(weft_address_parse("2001:db8::1", endpoint.address), 0);
  endpoint.port = 65535;
  assert_ptr_equal(weft_endpoint_format(&endpoint, text), text);
  assert_string_equal(text, "[2001:db8::1]:65535");
}

static void the_longest_fits(void **state) {
  (void)state;
  struct weft_endpoint endpoint = {.port = 65535};
  char text[WEFT_ENDPOINT_STRLEN];
  memset(endpoint.address, 0xfe, 16);
  assert_string_equal(weft_endpoint_format(&endpoint, text),
                      "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:65535");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ipv4),
      cmocka_unit_test(ipv4_is_stored_mapped),
      cmocka_unit_test(ipv6_as_recommended),
      cmocka_unit_test(ipv6_with_ipv4_at_its_end),
      cmocka_unit_test(what_is_no_address),
      cmocka_unit_test(endpoints),
      cmocka_unit_test(the_longest_fits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
