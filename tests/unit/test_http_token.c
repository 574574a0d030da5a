/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/token.h"
#include "random.h"

/* The line, with '|' where its first colon is. */
static void assert_line(const char *bytes, struct http_line line, const char *expected) {
  char text[256];
  size_t n = 0;
  for (uint32_t i = line.start; i < line.end; i++) {
    if (i == line.colon) text[n++] = '|';
    text[n++] = bytes[i];
  }
  text[n] = 0;
  assert_string_equal(text, expected);
}

static void lines_and_first_colons(void **state) {
  (void)state;
  const char head[] = "GET / HTTP/1.1\r\nHost: a:80\nA\r\n: x\r\n\r\nrest";
  static const char *const expected[] = {"GET / HTTP/1.1", "Host|: a:80", "A", "|: x", ""};
  struct http_token token;
  struct http_line line;
  http_token_init(&token);
  for (size_t i = 0; i < 5; i++) {
    assert_int_equal(http_token_next(&token, (const uint8_t *)head, sizeof head - 1, &line), 1);
    assert_line(head, line, expected[i]);
  }
  assert_int_equal(http_token_next(&token, (const uint8_t *)head, sizeof head - 1, &line), 0);
  assert_string_equal(head + token.line, "rest");
}

/* The same lines whether the bytes come at once or one by one. */
static void bytes_may_come_one_by_one(void **state) {
  (void)state;
  uint64_t seed = 1;
  for (int round = 0; round < 200; round++) {
    uint8_t bytes[300];
    size_t n = random_below(&seed, sizeof bytes);
    for (size_t i = 0; i < n; i++)
      bytes[i] = (uint8_t) "\n\r: aaaaaaaaaaaa"[random_below(&seed, 16)];
    struct http_token whole, slow;
    struct http_line a, b;
    http_token_init(&whole);
    http_token_init(&slow);
    uint32_t length = 0;
    while (http_token_next(&whole, bytes, (uint32_t)n, &a)) {
      while (!http_token_next(&slow, bytes, length, &b)) assert_true(++length <= n);
      assert_memory_equal(&a, &b, sizeof a);
      assert_int_equal(whole.line, slow.line);
    }
    assert_int_equal(http_token_next(&slow, bytes, (uint32_t)n, &b), 0);
    assert_int_equal(whole.has_colon, slow.has_colon);
  }
}

static void scalar_blocks(void **state) {
  (void)state;
  uint8_t bytes[64] = {0};
  bytes[0] = bytes[9] = bytes[63] = '\n';
  bytes[1] = bytes[62] = ':';
  bytes[2] = 0x8a, bytes[3] = 0xba, bytes[10] = 0x0b, bytes[8] = 0x09;
  struct http_block block = http_block_scalar(bytes);
  assert_true(block.lf == (1 | UINT64_C(1) << 9 | UINT64_C(1) << 63));
  assert_true(block.colon == (UINT64_C(1) << 1 | UINT64_C(1) << 62));
}

#if defined(__SSE2__)
static void vector_blocks_agree(void **state) {
  (void)state;
  uint64_t seed = 2;
  for (int round = 0; round < 5000; round++) {
    uint8_t bytes[64];
    int dense = round & 1;
    for (size_t i = 0; i < 64; i++)
      bytes[i] = dense ? (uint8_t) "\n:\x0b\x3b\x8a\xba\x09 "[random_below(&seed, 8)]
                       : (uint8_t)random_next(&seed);
    struct http_block a = http_block_scalar(bytes), b = http_block_sse2(bytes);
    assert_true(a.lf == b.lf);
    assert_true(a.colon == b.colon);
  }
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(lines_and_first_colons),
    cmocka_unit_test(bytes_may_come_one_by_one),
    cmocka_unit_test(scalar_blocks),
#if defined(__SSE2__)
    cmocka_unit_test(vector_blocks_agree),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
