/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/probe.h"
#include "http/text.h"

static int first(const char *text) {
  enum http_kind kind;
  return http_probe_first((const uint8_t *)text, strlen(text), &kind);
}

static int start(enum http_kind kind, const char *text) {
  return http_probe_start(kind, (const uint8_t *)text, strlen(text));
}

static int resync(enum http_kind kind, const char *text, int line_start) {
  return http_probe_resync(kind, (const uint8_t *)text, strlen(text), line_start);
}

static void http_is_recognised(void **state) {
  (void)state;
  assert_int_equal(first("GET / HTTP/1.1\r\n"), HTTP_PROBE_YES);
  assert_int_equal(first("\r\nGET /"), HTTP_PROBE_YES);
  assert_int_equal(first("POST http://a"), HTTP_PROBE_YES);
  assert_int_equal(first("CONNECT a:443 HTTP/1.0\r\n"), HTTP_PROBE_YES);
  assert_int_equal(first("BREW pot-1 HTTP/1.0\n"), HTTP_PROBE_YES);
  assert_int_equal(first("get / http/1.0\r\n"), HTTP_PROBE_YES);
  assert_int_equal(first("OPTIONS\nHost: h\n"), HTTP_PROBE_YES);
  assert_int_equal(first("HTTP/1.1 200 OK"), HTTP_PROBE_YES);
  assert_int_equal(first("ICY 200 OK"), HTTP_PROBE_YES);
}

static void neighbours_are_not(void **state) {
  (void)state;
  assert_int_equal(first("SSH-2.0-x\r\n"), HTTP_PROBE_NEVER);
  assert_int_equal(first("\x16\x03\x01\x02"), HTTP_PROBE_NEVER);
  assert_int_equal(first("PRI * HTTP/2.0\r\n\r\nSM"), HTTP_PROBE_NEVER);
  assert_int_equal(first("OPTIONS rtsp://a/b RTSP/1.0\r\n"), HTTP_PROBE_NO);
  assert_int_equal(first("NOTIFY sip:a@b SIP/2.0\r\n"), HTTP_PROBE_NO);
  assert_int_equal(first("220 mail.example ESMTP\r\n"), HTTP_PROBE_NO);
  assert_int_equal(first("EHLO me\r\n"), HTTP_PROBE_NO);
  assert_int_equal(first("GET key\r\n"), HTTP_PROBE_NO);
  assert_int_equal(first("POST\r\n\r\n"), HTTP_PROBE_NO); /* of network news */
  assert_int_equal(first("HTTPS\r\n"), HTTP_PROBE_NO);
  assert_int_equal(first("\x05\x01"), HTTP_PROBE_NO);
  assert_int_equal(first("{\"a\": 1}"), HTTP_PROBE_NO);
}

static void half_a_line_is_not_judged(void **state) {
  (void)state;
  static const char *const halves[] = {"",        "\r\n",  "G",        "GET",          "GET ",
                                       "HT",      "HTTP/", "BREW pot", "PRI * HTTP/2", "IC",
                                       "POST ht", "GET\r", "GET\r\nHo"};
  for (size_t i = 0; i < sizeof halves / sizeof *halves; i++)
    assert_int_equal(first(halves[i]), HTTP_PROBE_AGAIN);
}

static void lines_without_end_are_given_up(void **state) {
  (void)state;
  char line[HTTP_PROBE_MAX + 2];
  memset(line, 'a', sizeof line);
  memcpy(line, "BREW ", 5);
  line[HTTP_PROBE_MAX - 1] = 0;
  assert_int_equal(start(HTTP_REQUEST, line), HTTP_PROBE_AGAIN);
  line[HTTP_PROBE_MAX - 1] = 'a';
  line[HTTP_PROBE_MAX] = 0;
  assert_int_equal(start(HTTP_REQUEST, line), HTTP_PROBE_NO);
}

static void the_kind_is_told(void **state) {
  (void)state;
  enum http_kind kind;
  http_probe_first((const uint8_t *)"HTTP/1.1", 8, &kind);
  assert_int_equal(kind, HTTP_RESPONSE);
  http_probe_first((const uint8_t *)"GET /", 5, &kind);
  assert_int_equal(kind, HTTP_REQUEST);
}

static void resync_wants_the_whole_line(void **state) {
  (void)state;
  assert_int_equal(resync(HTTP_REQUEST, "GET / HTTP/1.1\r\n", 0), HTTP_PROBE_YES);
  assert_int_equal(resync(HTTP_REQUEST, "GET / HTTP/1.1", 0), HTTP_PROBE_AGAIN);
  assert_int_equal(resync(HTTP_REQUEST, "GET / is a line\r\n", 0), HTTP_PROBE_NO);
  assert_int_equal(resync(HTTP_REQUEST, "BREW / HTTP/1.1\r\n", 0), HTTP_PROBE_NO);
  assert_int_equal(resync(HTTP_REQUEST, "BREW / HTTP/1.1\r\n", 1), HTTP_PROBE_YES);
  assert_int_equal(resync(HTTP_RESPONSE, "HTTP/1.1 200 OK", 0), HTTP_PROBE_YES);
  assert_int_equal(resync(HTTP_RESPONSE, "HTTP/1.1 200\r\n", 0), HTTP_PROBE_YES);
  assert_int_equal(resync(HTTP_RESPONSE, "HTTP/1.1 200", 0), HTTP_PROBE_AGAIN);
  assert_int_equal(resync(HTTP_RESPONSE, "HTTP/1.1\" 200 ", 0), HTTP_PROBE_NO);
  assert_int_equal(resync(HTTP_RESPONSE, "HTTP/1.1 2000", 0), HTTP_PROBE_NO);
}

static void cut_lines(void **state) {
  (void)state;
  assert_true(http_probe_cut(HTTP_REQUEST, (const uint8_t *)"GET /x", 6));
  assert_false(http_probe_cut(HTTP_REQUEST, (const uint8_t *)"GET", 3));
  assert_false(http_probe_cut(HTTP_REQUEST, (const uint8_t *)"some text", 9));
  assert_true(http_probe_cut(HTTP_RESPONSE, (const uint8_t *)"HTTP/", 5));
  assert_false(http_probe_cut(HTTP_RESPONSE, (const uint8_t *)"HTTP", 4));
}

static void token_characters(void **state) {
  (void)state;
  const char *others = "!#$%&'*+-.^_`|~";
  for (int c = 0; c < 256; c++) {
    int expected = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                   (c && c < 128 && strchr(others, c));
    assert_int_equal(!!http_text_is_token((uint8_t)c), !!expected);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(http_is_recognised),
      cmocka_unit_test(neighbours_are_not),
      cmocka_unit_test(half_a_line_is_not_judged),
      cmocka_unit_test(lines_without_end_are_given_up),
      cmocka_unit_test(the_kind_is_told),
      cmocka_unit_test(resync_wants_the_whole_line),
      cmocka_unit_test(cut_lines),
      cmocka_unit_test(token_characters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
