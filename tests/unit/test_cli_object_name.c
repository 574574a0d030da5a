/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "object_name.h"

static struct weft_text text(const char *s) { return (struct weft_text){s, strlen(s)}; }

static const char *name_of(const char *target, const char *type) {
  static char name[OBJECT_NAME_MAX];
  object_name(name, 12, 3, 0, text(""), text(target), type);
  return name;
}

static void check(const char *target, const char *type, const char *expected) {
  assert_string_equal(name_of(target, type), expected);
}

static void the_end_of_the_path(void **state) {
  (void)state;
  check("/images/logo.png", "image/png", "000012-0003-logo.png");
  check("/images/logo.png?size=1/2", "image/png", "000012-0003-logo.png");
  check("http://h/a/b.css#x", "text/css", "000012-0003-b.css");
  check("/", "text/html", "000012-0003-index.html");
  check("/a/", "application/json", "000012-0003-index.json");
  check("", "text/html", "000012-0003-body.html");
  check("/caf%C3%A9.txt", "text/plain", "000012-0003-caf__.txt");
}

static void requests_and_large_numbers(void **state) {
  char name[OBJECT_NAME_MAX];
  (void)state;
  object_name(name, 1, 2, 1, text(""), text("/upload"), "application/json");
  assert_string_equal(name, "000001-0002-request-upload.json");
  object_name(name, UINT64_MAX, UINT64_MAX, 1, text(""), text("/x"), "");
  assert_string_equal(name, "18446744073709551615-18446744073709551615-request-x.bin");
}

static void extensions_suit_the_type(void **state) {
  (void)state;
  check("/a.htm", "text/html", "000012-0003-a.htm");
  check("/a.JPG", "image/jpeg", "000012-0003-a.JPG");
  check("/a.php", "text/html", "000012-0003-a.php.html");
  check("/a.webp", "image/jpeg", "000012-0003-a.webp.jpg");
  check("/a", "image/webp", "000012-0003-a.webp");
  check("/a", "font/woff2", "000012-0003-a.woff2");
  check("/a", "image/svg+xml", "000012-0003-a.svg");
  check("/a", "application/problem+json", "000012-0003-a.json");
  check("/a.dat", "application/vnd.unheard-of", "000012-0003-a.dat");
  check("/a", "application/vnd.unheard-of", "000012-0003-a.bin");
  check("/setup.exe", "application/octet-stream", "000012-0003-setup.exe");
  check("/README", "text/plain", "000012-0003-README.txt");
  check("/main.c", "text/plain", "000012-0003-main.c");
  check("/a", "", "000012-0003-a.bin");
  check("/a.tar.gz", "application/gzip", "000012-0003-a.tar.gz");
}

static void check_given(const char *given, const char *target, const char *expected) {
  char name[OBJECT_NAME_MAX];
  object_name(name, 12, 3, 0, text(given), text(target), "image/png");
  assert_string_equal(name, expected);
}

static void a_given_name_counts_first(void **state) {
  (void)state;
  check_given("my logo.png", "/get?id=7", "000012-0003-my_logo.png");
  check_given("a/b/c.png", "/x", "000012-0003-c.png");
  check_given("C:\\b\\c.png", "/x", "000012-0003-c.png");
  check_given("a%2fb.png?c#d", "/x", "000012-0003-a_2fb.png_c_d.png");
  check_given("../../.bashrc", "/x", "000012-0003-bashrc.png");
  check_given("con", "/x", "000012-0003-con.png");
  check_given("...", "/x", "000012-0003-x.png");
  check_given("a/", "/x", "000012-0003-x.png");
  check_given("..\\", "/", "000012-0003-index.png");
}

static void nothing_leads_out_of_the_folder(void **state) {
  static const char *const targets[] = {"/../../etc/passwd",
                                        "/..",
                                        "/.",
                                        "/...",
                                        "/%2e%2e%2f%2e%2e%2fx",
                                        "..%2f..%2fx",
                                        "/..%5c..%5cx",
                                        "/a%00b",
                                        "/a\nb\x1b[31m",
                                        "/%2e%2e",
                                        "/.bashrc",
                                        "/~root",
                                        "/a:b",
                                        "/a|b;c`d`$(e)",
                                        "/-rf",
                                        "/con",
                                        "/CON.txt",
                                        "/a.txt.",
                                        "/a. ",
                                        "/\xff\xfe\x80",
                                        "/%",
                                        "/%4",
                                        "/%zz",
                                        "/*?<>\"'",
                                        "/a%0d%0aX: y",
                                        "http://../..",
                                        "*",
                                        "//",
                                        "h:443",
                                        "/aux"};
  static const char *const types[] = {"", "text/html", "image/png"};
  (void)state;
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
    for (size_t j = 0; j < 3; j++) {
      const char *name = name_of(targets[i], types[j]);
      size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
      assert_int_equal(name[n], '\0');
      assert_memory_equal(name, "000012-0003-", 12);
      assert_true(n > 12 && name[12] != '.' && name[n - 1] != '.');
      char given[OBJECT_NAME_MAX];
      object_name(given, 12, 3, 0, text(targets[i]), text("/x"), types[j]);
      n = strspn(given, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
      assert_int_equal(given[n], '\0');
      assert_true(n > 12 && given[12] != '.' && given[n - 1] != '.');
    }
}

static void the_length_is_bounded(void **state) {
  char target[5000];
  (void)state;
  memset(target, 'a', sizeof target - 1);
  target[0] = '/';
  target[sizeof target - 1] = '\0';
  for (size_t n = sizeof target - 1; n > 0; n /= 2) {
    memcpy(target + n - 4, ".png", 5);
    const char *name = name_of(target, "image/png");
    assert_true(strlen(name) < OBJECT_NAME_MAX);
    if (n < 1000 && n > 4) assert_string_equal(name + strlen(name) - 4, ".png");
    if (n <= 10) break;
  }
  object_name(target, UINT64_MAX, UINT64_MAX, 1, text(""), text(target),
              "application/vnd.openxmlformats-officedocument.presentationml.presentation");
  assert_true(strlen(target) < OBJECT_NAME_MAX);
}

static void media_types(void **state) {
  static const struct {
    const char *value, *type;
  } cases[] = {{"text/html", "text/html"},
               {" Text/HTML; charset=utf-8", "text/html"},
               {"image/SVG+xml ;q", "image/svg+xml"},
               {"text", ""},
               {"/html", ""},
               {"text/", ""},
               {"text/html/x", ""},
               {"a b/c", ""},
               {"te\x01t/x", ""},
               {"", ""}};
  char type[MEDIA_TYPE_MAX], long_one[200] = "a/";
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    media_type(type, text(cases[i].value));
    assert_string_equal(type, cases[i].type);
  }
  memset(long_one + 2, 'x', sizeof long_one - 3);
  media_type(type, text(long_one));
  assert_string_equal(type, "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_given_name_counts_first),
      cmocka_unit_test(the_end_of_the_path),
      cmocka_unit_test(requests_and_large_numbers),
      cmocka_unit_test(extensions_suit_the_type),
      cmocka_unit_test(nothing_leads_out_of_the_folder),
      cmocka_unit_test(the_length_is_bounded),
      cmocka_unit_test(media_types),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
