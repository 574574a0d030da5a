/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/resync.h"

/* What is found in two spans, of frames 1 and 2, and where; `last`: nothing follows. */
struct search {
  const char *a, *b;
  int kind, chunk, last;
  enum http_found found;
  size_t at;
};

static void search(const struct search *s) {
  struct http_parser p = {
      .kind = (uint8_t)s->kind, .seek_chunk = s->chunk ? 1 : 0, .line_start = 1};
  struct weft_span spans[2] = {
      {(const uint8_t *)s->a, strlen(s->a), 0, {1, 1}},
      {(const uint8_t *)s->b, strlen(s->b), strlen(s->a), {2, 2}},
  };
  struct cursor c = {.first = spans, .span = spans, .end = spans + (*s->b ? 2 : 1)};
  size_t at = 99;
  c.last = s->last;
  assert_int_equal(http_resync_find(&p, &c, strlen(s->a), &at), s->found);
  assert_int_equal(at, s->at);
}

static void start_lines(void **state) {
  (void)state;
  const struct search cases[] = {
      {"some Http and HTTP/1.x 20", "", HTTP_RESPONSE, 0, 0, HTTP_FOUND_NOTHING, 25},
      {"ab HTTP/1.1 200 OK\r\n", "", HTTP_RESPONSE, 0, 0, HTTP_FOUND_START, 3},
      {"ab HTTP/1.1 20", "", HTTP_RESPONSE, 0, 0, HTTP_FOUND_PERHAPS, 3},
      {"ab HTTP/1.1 20", "0 OK\r\n", HTTP_RESPONSE, 0, 0, HTTP_FOUND_START, 3},
      {"ab HTTP/1.1 20", "", HTTP_RESPONSE, 0, 1, HTTP_FOUND_NOTHING, 14},
      {"x\nGET / HTTP/1.1\r\n", "", HTTP_REQUEST, 0, 0, HTTP_FOUND_START, 2},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) search(&cases[i]);
}

static void chunks(void **state) {
  (void)state;
  const struct search cases[] = {
      {"ab\r\n12\r\ncd", "", HTTP_RESPONSE, 1, 0, HTTP_FOUND_CHUNK, 2},
      {"ab\r\n12\r\ncd", "", HTTP_RESPONSE, 0, 0, HTTP_FOUND_NOTHING, 10},
      {"ab\r", "\n12\r\ncd", HTTP_RESPONSE, 1, 0, HTTP_FOUND_CHUNK, 2},
      {"ab\r\n1", "", HTTP_RESPONSE, 1, 0, HTTP_FOUND_PERHAPS, 2},
      {"ab\r\n1", "", HTTP_RESPONSE, 1, 1, HTTP_FOUND_NOTHING, 5},
      {"HTTP/1.1 200 OK\r\n12\r\n", "", HTTP_RESPONSE, 1, 0, HTTP_FOUND_START, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) search(&cases[i]);
}

/* A frame cut short, nothing of which follows. */
static void the_beginning_of_a_cut_frame(void **state) {
  (void)state;
  search(&(struct search){"HTTP/1.1 ", "", HTTP_RESPONSE, 0, 1, HTTP_FOUND_START, 0});
  search(&(struct search){"ab HTTP/1.1 ", "", HTTP_RESPONSE, 0, 1, HTTP_FOUND_NOTHING, 12});
}

static void no_further_than_asked(void **state) {
  (void)state;
  struct http_parser p = {.kind = HTTP_RESPONSE};
  const struct weft_span span = {(const uint8_t *)"abHTTP/1.1 200 OK\r\n", 19, 0, {1, 1}};
  struct cursor c = {.first = &span, .span = &span, .end = &span + 1};
  size_t at;
  assert_int_equal(http_resync_find(&p, &c, 2, &at), HTTP_FOUND_NOTHING);
  assert_int_equal(at, 2);
  assert_int_equal(http_resync_find(&p, &c, 3, &at), HTTP_FOUND_START);
  assert_int_equal(at, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(start_lines),
      cmocka_unit_test(chunks),
      cmocka_unit_test(the_beginning_of_a_cut_frame),
      cmocka_unit_test(no_further_than_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
