/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/text.h"
#include "http/token.h"
#include "random.h"

/* The line, with '|' where its name ends. */
static void assert_line(const char *bytes, struct http_line line, const char *expected) {
  char text[256];
  size_t n = 0;
  for (uint32_t i = line.start; i <= line.end; i++) {
    if (i == line.name_end) text[n++] = '|';
    if (i < line.end) text[n++] = bytes[i];
  }
  text[n] = 0;
  assert_string_equal(text, expected);
}

static void lines_and_their_names(void **state) {
  (void)state;
  const char head[] = "GET / HTTP/1.1\r\nHost: a:80\nA\r\n: x\r\n\r\nrest";
  static const char *const expected[] = {"GET| / HTTP/1.1", "Host|: a:80", "A|", "|: x", "|"};
  struct http_token token;
  struct http_line line;
  http_token_init(&token);
  for (size_t i = 0; i < 5; i++) {
    assert_int_equal(http_token_next(&token, (const uint8_t *)head, sizeof head - 1, &line), 1);
    assert_line(head, line, expected[i]);
  }
  assert_int_equal(http_token_odd(&token, token.line), 0);
  assert_int_equal(http_token_next(&token, (const uint8_t *)head, sizeof head - 1, &line), 0);
  assert_string_equal(head + token.line, "rest");
}

/* ---- against the obvious ------------------------------------------------- */

/* The line that starts at `start`; 0 without an end. */
static int obvious_line(const uint8_t *bytes, size_t length, size_t start, struct http_line *ret) {
  size_t end = start, name = start;
  while (end < length && bytes[end] != '\n') end++;
  if (end == length) return 0;
  while (http_text_is_token(bytes[name])) name++;
  if (end > start && bytes[end - 1] == '\r') end--;
  *ret = (struct http_line){(uint32_t)start, (uint32_t)end, (uint32_t)name};
  return 1;
}

static int obvious_odd(const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (bytes[i] == '\r' && i + 1 < length && bytes[i + 1] != '\n') return 1;
    if (bytes[i] == 0x7f) return 1;
    if (bytes[i] < 0x20 && !strchr("\t\r\n", bytes[i])) return 1;
    if (!bytes[i]) return 1;
  }
  return 0;
}

static void assert_lines(const uint8_t *bytes, size_t n, size_t step) {
  struct http_token token;
  struct http_line line, expected;
  size_t length = step < n ? step : n;
  http_token_init(&token);
  for (;;) {
    uint32_t start = token.line;
    if (http_token_next(&token, bytes, (uint32_t)length, &line)) {
      assert_int_equal(obvious_line(bytes, length, start, &expected), 1);
      assert_memory_equal(&line, &expected, sizeof line);
      assert_int_equal(http_token_odd(&token, token.line), obvious_odd(bytes, token.line));
      continue;
    }
    assert_int_equal(token.line, start);
    assert_int_equal(obvious_line(bytes, length, start, &expected), 0);
    assert_int_equal(http_token_odd(&token, token.scanned), obvious_odd(bytes, length));
    if (length == n) return;
    length = n - length < step ? n : length + step;
  }
}

/* All texts of up to seven bytes of the kinds that matter. */
static void every_short_text(void **state) {
  (void)state;
  static const uint8_t kinds[] = {'\n', '\r', ':', ' ', 'a', 0};
  for (size_t n = 1; n <= 7; n++) {
    uint8_t bytes[7], digits[7] = {0};
    for (size_t done = 0; !done;) {
      for (size_t i = 0; i < n; i++) bytes[i] = kinds[digits[i]];
      assert_lines(bytes, n, n);
      assert_lines(bytes, n, 1);
      size_t i = 0;
      while (i < n && ++digits[i] == sizeof kinds) digits[i++] = 0;
      done = i == n;
    }
  }
}

/* The same lines however the bytes come, with ends at every place of a block. */
static void bytes_may_come_in_pieces(void **state) {
  (void)state;
  uint64_t seed = 1;
  for (int round = 0; round < 3000; round++) {
    uint8_t bytes[300];
    size_t n = 1 + random_below(&seed, sizeof bytes - 1);
    unsigned rare = 1 + random_below(&seed, 60);
    for (size_t i = 0; i < n; i++)
      bytes[i] = random_below(&seed, rare)
                     ? 'a'
                     : (uint8_t) "\n\r: \t\x7f\x80\0(~"[random_below(&seed, 10)];
    assert_lines(bytes, n, n);
    assert_lines(bytes, n, 1);
    assert_lines(bytes, n, 1 + random_below(&seed, 100));
  }
}

/* The bytes end where the memory does, and begin there too. */
static void no_byte_outside_is_read(void **state) {
  (void)state;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  uint8_t *map = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(map != MAP_FAILED);
  assert_int_equal(mprotect(map + page, page, PROT_READ | PROT_WRITE), 0);
  memset(map + page, 'x', page);
  for (size_t n = 1; n < 200; n++) {
    uint8_t *first = map + page, *last = map + 2 * page - n;
    first[n - 1] = last[n - 1] = '\n';
    assert_lines(first, n, n);
    assert_lines(last, n, n);
    assert_lines(last, n, 1 + n / 3);
    first[n - 1] = 'x';
  }
  munmap(map, 3 * page);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lines_and_their_names),
      cmocka_unit_test(every_short_text),
      cmocka_unit_test(bytes_may_come_in_pieces),
      cmocka_unit_test(no_byte_outside_is_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
