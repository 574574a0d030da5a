/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/chunked.h"

/* Runs all of `text` in pieces; returns what was consumed, data in `ret`. */
static size_t run(struct http_chunked *c, const char *text, size_t piece, char *ret) {
  size_t at = 0, data, end = strlen(text);
  http_chunked_init(c);
  while (at < end && c->state < HTTP_CHUNKED_DONE) {
    size_t n = end - at < piece ? end - at : piece;
    n = http_chunked_step(c, (const uint8_t *)text + at, n, &data);
    at += n;
    memcpy(ret, text + at - data, data);
    ret += data;
  }
  *ret = 0;
  return at;
}

static void assert_runs(const char *text, const char *data, const char *rest, int chunk_state) {
  for (size_t piece = 1; piece <= strlen(text); piece++) {
    struct http_chunked c;
    char out[256];
    size_t n = run(&c, text, piece, out);
    assert_string_equal(out, data);
    assert_string_equal(text + n, rest);
    assert_int_equal(c.state, chunk_state);
  }
}

static void whole_bodies(void **state) {
  (void)state;
  assert_runs("0\r\n\r\nnext", "", "next", HTTP_CHUNKED_DONE);
  assert_runs("3\r\nabc\r\n0\r\n\r\n", "abc", "", HTTP_CHUNKED_DONE);
  assert_runs("3\nabc\n0\n\n", "abc", "", HTTP_CHUNKED_DONE);
  assert_runs("A;x=\"y\";z\r\n0123456789\r\n00\r\n\r\n", "0123456789", "", HTTP_CHUNKED_DONE);
  assert_runs(" 2 \r\nab\r\n 1;x\r\nc\r\n0\r\nT: x\r\nU: y\r\n\r\n", "abc", "", HTTP_CHUNKED_DONE);
}

static void unfinished_bodies(void **state) {
  (void)state;
  assert_runs("5\r\nabc", "abc", "", HTTP_CHUNKED_DATA);
  assert_runs("3\r\nabc\r\n", "abc", "", HTTP_CHUNKED_SIZE);
  assert_runs("0\r\nTrailer: x\r\n", "", "", HTTP_CHUNKED_TRAILER_START);
}

static void what_is_no_chunk(void **state) {
  (void)state;
  assert_runs("xyz", "", "xyz", HTTP_CHUNKED_BAD);
  assert_runs("\r\n", "", "\r\n", HTTP_CHUNKED_BAD);
  assert_runs("3\r\nabcd\r\n", "abc", "d\r\n", HTTP_CHUNKED_BAD);
  assert_runs("1 1\r\n", "", "1\r\n", HTTP_CHUNKED_BAD);
  assert_runs("ffffffffffffffff\r\n", "", "f\r\n", HTTP_CHUNKED_BAD);
}

static void the_largest_size(void **state) {
  (void)state;
  struct http_chunked c;
  char none[1];
  assert_int_equal(run(&c, "fffffffffffffff\r\n", 99, none), 17);
  assert_true(c.remaining == UINT64_C(0xfffffffffffffff));
  assert_int_equal(c.state, HTTP_CHUNKED_DATA);
}

static void zeros_before_a_size_do_not_count(void **state) {
  (void)state;
  assert_runs("0000000000000000000000000000000000002\r\nab\r\n0000000000000000000\r\n\r\n", "ab",
              "", HTTP_CHUNKED_DONE);
  assert_runs("00ffffffffffffffff\r\n", "", "f\r\n", HTTP_CHUNKED_BAD);
}

static void extensions_and_trailers_are_passed_over(void **state) {
  (void)state;
  assert_runs("1;\r\nx\r\n0;;a\rb\r\n\r\n", "x", "", HTTP_CHUNKED_DONE);
  assert_runs("1;a=\"\\\"\"\nx\n0\nA: b\n c\nD\n\nrest", "x", "rest", HTTP_CHUNKED_DONE);
  assert_runs("1\t ;a\r\nx\r\n0 \r\n:\r\r\n\r\n", "x", "", HTTP_CHUNKED_DONE);
}

static void gaps_inside_a_chunk_are_skipped(void **state) {
  (void)state;
  struct http_chunked c;
  char none[1];
  run(&c, "10\r\n", 99, none);
  assert_int_equal(http_chunked_skip(&c, 17), 0);
  assert_true(c.remaining == 16);
  assert_int_equal(http_chunked_skip(&c, 15), 1);
  assert_int_equal(c.state, HTTP_CHUNKED_DATA);
  assert_int_equal(http_chunked_skip(&c, 1), 1);
  assert_int_equal(c.state, HTTP_CHUNKED_AFTER);
  assert_int_equal(http_chunked_skip(&c, 1), 0);
}

static int plausible(const char *text) {
  uint64_t size = 99;
  int result = http_chunked_plausible((const uint8_t *)text, strlen(text), &size);
  if (result > 0) assert_int_equal(size, strtoull(text, NULL, 16));
  return result;
}

static void plausible_chunks(void **state) {
  (void)state;
  assert_int_equal(plausible("\r\n1f\r\nxx"), 6);
  assert_int_equal(plausible("\r\n12345678\r\n"), 12);
  assert_int_equal(plausible("\r\n123456789\r\n"), 0);
  assert_int_equal(plausible("\r\n\r\n"), 0);
  assert_int_equal(plausible("\r\n1g"), 0);
  assert_int_equal(plausible("x"), 0);
  assert_int_equal(plausible(""), -1);
  assert_int_equal(plausible("\r"), -1);
  assert_int_equal(plausible("\r\n"), -1);
  assert_int_equal(plausible("\r\n1"), -1);
  assert_int_equal(plausible("\r\n1\r"), -1);
}

/* A zero on a line of its own is one with what follows it. */
static void plausible_last_chunks(void **state) {
  (void)state;
  char name[HTTP_CHUNKED_PLAUSIBLE_MAX + 8] = "\r\n0\r\n";
  assert_int_equal(plausible("\r\n0\r\n\r\n"), 5);
  assert_int_equal(plausible("\r\n000\r\nExpires: x"), 7);
  assert_int_equal(plausible("\r\n0\r\n"), -1);
  assert_int_equal(plausible("\r\n0\r\n\r"), -1);
  assert_int_equal(plausible("\r\n0\r\nExpires"), -1);
  assert_int_equal(plausible("\r\n0\r\n\r0"), 0);
  assert_int_equal(plausible("\r\n0\r\nHTTP/1.1 200 OK"), 0);
  assert_int_equal(plausible("\r\n0\r\n: x"), 0);
  memset(name + 5, 'x', sizeof name - 6);
  assert_int_equal(plausible(name), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_bodies),
      cmocka_unit_test(unfinished_bodies),
      cmocka_unit_test(what_is_no_chunk),
      cmocka_unit_test(the_largest_size),
      cmocka_unit_test(zeros_before_a_size_do_not_count),
      cmocka_unit_test(extensions_and_trailers_are_passed_over),
      cmocka_unit_test(gaps_inside_a_chunk_are_skipped),
      cmocka_unit_test(plausible_chunks),
      cmocka_unit_test(plausible_last_chunks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
