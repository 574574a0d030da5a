/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "disposition.h"

static void check(const char *value, const char *expected) {
  char name[DISPOSITION_MAX];
  /* Of its own, so that reading past its end is seen. */
  size_t length = strlen(value);
  char *copy = malloc(length + 1);
  assert_non_null(copy);
  memcpy(copy, value, length);
  size_t n = disposition_filename((struct weft_text){copy, length}, name);
  free(copy);
  assert_int_equal(n, strlen(expected));
  assert_memory_equal(name, expected, n);
}

/* RFC 6266 section 5 and its neighbours. */
static void names(void **state) {
  (void)state;
  check("Attachment; filename=example.html", "example.html");
  check("INLINE; FILENAME= \"an example.html\"", "an example.html");
  check("attachment; filename*= UTF-8''%e2%82%ac%20rates", "\xe2\x82\xac rates");
  check("attachment; filename=\"EURO rates\"; filename*=utf-8''%e2%82%ac%20rates",
        "\xe2\x82\xac rates");
  check("attachment; filename*=utf-8'de'x%20y; filename=z", "x y");
  check("attachment; filename*=ISO-8859-1'en'%A3%20rates", "\xc2\xa3 rates");
  check("attachment; filename=\"a\\\"b\\\\c.txt\"", "a\"b\\c.txt");
  check("attachment; filename=\"a;filename=b\"; x=y", "a;filename=b");
  check("filename=a.txt", "a.txt");
}

static void what_is_none(void **state) {
  (void)state;
  check("", "");
  check("attachment", "");
  check("attachment; filename", "");
  check("attachment; filename=", "");
  check("attachment; filename=\"\"", "");
  check("attachment; name=x; xfilename=y", "");
  check("attachment; filename*=a.txt", "");
  check("=;;=\"", "");
}

/* Broken ones leave the other to count; what stands where a quoted string should is taken. */
static void lenient(void **state) {
  (void)state;
  check("attachment; filename*=UTF-8''%zz; filename=a", "a");
  check("attachment; filename*=UTF-8''%4; filename=a", "a");
  check("attachment; filename*=koi8-r''%41; filename=a", "a");
  check("attachment; filename*=UTF-8'; filename=a", "a");
  check("attachment; filename=my file.txt ; x", "my file.txt");
  check("attachment; filename=\"no end", "no end");
  check("attachment; filename=\"no end\\", "no end\\");
  check("attachment;\r\n filename=folded", "folded");
  check("attachment; filename=a%20b", "a%20b");
  check("attachment; filename=a; filename=b", "a");
}

static void long_ones_are_cut(void **state) {
  static char value[8000] = "attachment; filename*=iso-8859-1''";
  char name[DISPOSITION_MAX];
  (void)state;
  size_t n = strlen(value);
  memset(value + n, 0xe9, sizeof value - n);
  struct weft_text t = {value, sizeof value};
  n = disposition_filename(t, name);
  assert_true(n >= DISPOSITION_MAX - 2 && n <= DISPOSITION_MAX);
  memcpy(value, "attachment; filename=xxxxxxxxxxxxx", 34);
  assert_int_equal(disposition_filename(t, name), DISPOSITION_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names),
      cmocka_unit_test(what_is_none),
      cmocka_unit_test(lenient),
      cmocka_unit_test(long_ones_are_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
