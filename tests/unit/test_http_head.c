/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "allocator.h"
#include "http/head.h"

struct read {
  struct test_allocator memory;
  struct weft_allocator allocator;
  struct http_store store;
  struct http_message *m;
  struct http_head head;
  int complete;
};

static void read_bytes(struct read *r, enum http_kind kind, const char *text, size_t length) {
  memset(r, 0, sizeof *r);
  r->allocator = test_allocator_of(&r->memory);
  const struct weft_http_options options = {.size = sizeof options, .allocator = &r->allocator};
  http_store_init(&r->store, &options);
  r->m = http_message_new(&r->store, 0);
  r->m->head = (const uint8_t *)text;
  r->m->borrowed = 1;
  http_head_init(&r->head, kind);
  r->complete = http_head_read(&r->head, &r->store, r->m, r->m->head, (uint32_t)length);
}

static void read_head(struct read *r, enum http_kind kind, const char *text) {
  read_bytes(r, kind, text, strlen(text));
}

static void read_done(struct read *r) {
  http_message_free(&r->store, r->m);
  http_store_done(&r->store);
  assert_int_equal(r->memory.live, 0);
}

static void assert_text(struct weft_text text, const char *expected) {
  assert_int_equal(text.len, strlen(expected));
  if (text.len)
    assert_memory_equal(text.base, expected, text.len);
  else
    assert_null(text.base);
}

struct line {
  const char *line, *method, *target;
  int major, minor, invalid;
};

static void request_lines(void **state) {
  (void)state;
  static const struct line lines[] = {
      {"GET / HTTP/1.1\r\n\r\n", "GET", "/", 1, 1, 0},
      {"GET /\r\n\r\n", "GET", "/", 0, 9, 1},
      {"GET  /a b  HTTP/1.0 \r\n\r\n", "GET", "/a b", 1, 0, 1},
      {"GET /x HTTP/1.\r\n\r\n", "GET", "/x", 1, 0, 1},
      {"GET HTTP/1.1\r\n\r\n", "GET", "", 1, 1, 1},
      {"GET / HTTP/2.3\r\n\r\n", "GET", "/", 2, 3, 0},
      {"GET / http/1.1\r\n\r\n", "GET", "/", 1, 1, 1},
      {"GET / HTTP/01.1\r\n\r\n", "GET", "/", 1, 0, 1},
      {"GET / HTTP/1.10\r\n\r\n", "GET", "/", 1, 1, 1},
      {"GET / HTTP/\r\n\r\n", "GET", "/", 1, 0, 1},
      {"GET  / HTTP/1.1\r\n\r\n", "GET", "/", 1, 1, 1},
      {"GET /  HTTP/1.1\r\n\r\n", "GET", "/", 1, 1, 1},
      {"GET\t/ HTTP/1.1\r\n\r\n", "GET", "/", 1, 1, 1},
      {"GET /\tHTTP/1.1\r\n\r\n", "GET", "/", 1, 1, 1},
      {"GET /\xff\"<> HTTP/1.1\r\n\r\n", "GET", "/\xff\"<>", 1, 1, 0},
      {"G(T / HTTP/1.1\r\n\r\n", "G(T", "/", 1, 1, 1},
      {"a!b / HTTP/1.0\n\n", "a!b", "/", 1, 0, 0},
      {"GET /\x01 HTTP/1.1\r\n\r\n", "GET", "/\x01", 1, 1, 1},
      {"GET / HTTP/1.1\r\r\n\r\n", "GET", "/", 1, 1, 1},
      {"GET\r\n\r\n", "GET", "", 0, 9, 1},
      {" x\r\n\r\n", "", "x", 0, 9, 1},
  };
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct read r;
    read_head(&r, HTTP_REQUEST, lines[i].line);
    assert_int_equal(r.complete, 1);
    assert_text(r.m->view.method, lines[i].method);
    assert_text(r.m->view.target, lines[i].target);
    assert_int_equal(r.m->view.major, lines[i].major);
    assert_int_equal(r.m->view.minor, lines[i].minor);
    assert_int_equal(!!(r.m->view.flags & WEFT_HTTP_INVALID), lines[i].invalid);
    read_done(&r);
  }
}

static void status_lines(void **state) {
  (void)state;
  static const struct {
    const char *line, *reason;
    unsigned status, major, minor;
    int invalid;
  } lines[] = {
      {"HTTP/1.1 200 OK\r\n\r\n", "OK", 200, 1, 1, 0},
      {"HTTP/1.0 404 Not Found \n\n", "Not Found", 404, 1, 0, 0},
      {"HTTP/1.1 200\r\n\r\n", "", 200, 1, 1, 0},
      {"HTTP/1.1  200  OK\r\n\r\n", "OK", 200, 1, 1, 1},
      {"HTTP/1.1 200  OK\r\n\r\n", "OK", 200, 1, 1, 0},
      {"HTTP/1.1 200 \r\n\r\n", "", 200, 1, 1, 0},
      {"HTTP/1.1\t200 OK\r\n\r\n", "OK", 200, 1, 1, 1},
      {"HTTP/1.1 200 O\vK\r\n\r\n", "O\vK", 200, 1, 1, 1},
      {"HTTP/1.1 999 \xe4\r\n\r\n", "\xe4", 999, 1, 1, 0},
      {"HTTP/1.1 099 x\r\n\r\n", "x", 99, 1, 1, 1},
      {"HTTP/1.1 20\r\n\r\n", "", 20, 1, 1, 1},
      {"HTTP/1.1 2000\r\n\r\n", "0", 200, 1, 1, 1},
      {"HTTP/1.1 OK\r\n\r\n", "OK", 0, 1, 1, 1},
      {"ICY 200 OK\r\n\r\n", "OK", 200, 1, 0, 1},
      {"http/1 200 OK\r\n\r\n", "OK", 200, 1, 0, 1},
  };
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct read r;
    read_head(&r, HTTP_RESPONSE, lines[i].line);
    assert_int_equal(r.m->view.status, lines[i].status);
    assert_text(r.m->view.reason, lines[i].reason);
    assert_int_equal(r.m->view.major, lines[i].major);
    assert_int_equal(r.m->view.minor, lines[i].minor);
    assert_int_equal(!!(r.m->view.flags & WEFT_HTTP_INVALID), lines[i].invalid);
    read_done(&r);
  }
}

static void fields_in_order(void **state) {
  (void)state;
  struct read r;
  read_head(&r, HTTP_REQUEST, "GET / HTTP/1.1\r\nA: 1\r\nb:\r\nA:\t 2:3 \r\n\r\n");
  assert_int_equal(r.m->view.nfields, 3);
  assert_text(r.m->view.fields[0].name, "A");
  assert_text(r.m->view.fields[0].value, "1");
  assert_text(r.m->view.fields[1].name, "b");
  assert_text(r.m->view.fields[1].value, "");
  assert_text(r.m->view.fields[2].value, "2:3");
  assert_int_equal(r.m->view.flags, 0);
  assert_text(weft_http_find(&r.m->view, "a"), "1");
  assert_text(weft_http_find(&r.m->view, "B"), "");
  assert_text(weft_http_find(&r.m->view, "c"), "");
  read_done(&r);
}

static void folded_lines_as_sent(void **state) {
  (void)state;
  struct read r;
  read_head(&r, HTTP_REQUEST,
            "GET / HTTP/1.1\r\nA: 1\r\n  2\r\n\t3\r\nContent-Length: \r\n 7\r\n\r\n");
  assert_int_equal(r.m->view.nfields, 2);
  assert_text(r.m->view.fields[0].value, "1\r\n  2\r\n\t3");
  assert_text(r.m->view.fields[1].value, "7");
  assert_int_equal(r.head.framing.length, 7);
  assert_true(r.m->view.flags & WEFT_HTTP_INVALID);
  read_done(&r);
}

/* Whatever the lines are: flagged by what their bytes are. */
static void fields_that_break_the_grammar(void **state) {
  (void)state;
  static const struct {
    const char *lines, *name, *value;
    int invalid;
  } fields[] = {
      {"A: b", "A", "b", 0},
      {"A: \xe4\xff", "A", "\xe4\xff", 0},
      {"!#$%&'*+-.^_`|~09azAZ:x", "!#$%&'*+-.^_`|~09azAZ", "x", 0},
      {"A : b", "A", "b", 1},
      {"A b: c", "A b", "c", 1},
      {"A(b): c", "A(b)", "c", 1},
      {"\xe4: b", "\xe4", "b", 1},
      {"A: b\x01", "A", "b\x01", 1},
      {"A: b\x7f", "A", "b\x7f", 1},
      {"A: b\rc", "A", "b\rc", 1},
      {"A: b\r", "A", "b\r", 1},
      {"A:\r\n b", "A", "b", 1},
      {"A: b\r\n ", "A", "b", 1},
      {"A:\n \n\tb\n\t\n", "A", "b", 1},
  };
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    struct read r;
    char text[128];
    snprintf(text, sizeof text, "GET / HTTP/1.1\r\n%s\r\n\r\n", fields[i].lines);
    read_head(&r, HTTP_REQUEST, text);
    assert_int_equal(r.m->view.nfields, 1);
    assert_text(r.m->view.fields[0].name, fields[i].name);
    assert_text(r.m->view.fields[0].value, fields[i].value);
    assert_int_equal(!!(r.m->view.flags & WEFT_HTTP_INVALID), fields[i].invalid);
    read_done(&r);
  }
}

/* A NUL is a byte like others, only that no head may hold it; the body may. */
static void zero_bytes(void **state) {
  (void)state;
  static const char head[] = "GET /\0 HTTP/1.1\r\nA\0: b\0c\r\n\r\n",
                    body[] = "GET / HTTP/1.1\r\n\r\n\0\r\r";
  struct read r;
  read_bytes(&r, HTTP_REQUEST, head, sizeof head - 1);
  assert_int_equal(r.complete, 1);
  assert_int_equal(r.m->view.target.len, 2);
  assert_int_equal(r.m->view.fields[0].name.len, 2);
  assert_int_equal(r.m->view.fields[0].value.len, 3);
  assert_int_equal(r.m->view.flags, WEFT_HTTP_INVALID);
  read_done(&r);
  read_bytes(&r, HTTP_REQUEST, body, sizeof body - 1);
  assert_int_equal(r.complete, 1);
  assert_int_equal(r.m->view.flags, 0);
  read_done(&r);
}

static void lines_that_are_no_fields(void **state) {
  (void)state;
  struct read r;
  read_head(&r, HTTP_REQUEST, "GET / HTTP/1.1\r\nno colon\r\nA : b\r\n: c\r\n\r\n");
  assert_int_equal(r.m->view.nfields, 3);
  assert_text(r.m->view.fields[0].name, "no colon");
  assert_text(r.m->view.fields[1].name, "A");
  assert_text(r.m->view.fields[1].value, "b");
  assert_text(r.m->view.fields[2].name, "");
  assert_true(r.m->view.flags & WEFT_HTTP_INVALID);
  read_done(&r);
}

static void cut_short(void **state) {
  (void)state;
  struct read r;
  read_head(&r, HTTP_RESPONSE, "HTTP/1.1 200 OK\r\nServer: wef");
  assert_int_equal(r.complete, 0);
  http_head_cut(&r.head, &r.store, r.m, r.m->head, (uint32_t)strlen((const char *)r.m->head));
  assert_int_equal(r.m->view.nfields, 1);
  assert_text(r.m->view.fields[0].value, "wef");
  assert_int_equal(r.m->view.flags, 0);
  read_done(&r);
  read_head(&r, HTTP_RESPONSE, "HTTP/1.1 200 O");
  http_head_cut(&r.head, &r.store, r.m, r.m->head, 14);
  assert_int_equal(r.m->view.status, 200);
  read_done(&r);
}

static void cut_in_the_version(void **state) {
  (void)state;
  struct read r;
  read_head(&r, HTTP_REQUEST, "GET /a HTT");
  http_head_cut(&r.head, &r.store, r.m, r.m->head, 10);
  assert_text(r.m->view.target, "/a");
  assert_int_equal(r.m->view.major, 1);
  assert_int_equal(r.head.versionless, 0);
  read_done(&r);
  read_head(&r, HTTP_REQUEST, "GET /HTT");
  http_head_cut(&r.head, &r.store, r.m, r.m->head, 8);
  assert_text(r.m->view.target, "/HTT");
  read_done(&r);
}

static void past_the_bound_framing_is_still_read(void **state) {
  (void)state;
  const char text[] = "POST / HTTP/1.1\r\nA: b\r\nCont";
  const char more[] =
      "ent-Length: 4\r\nB: a very long line that does not fit into what is kept of a "
      "line, Content-Length: 9\r\n\r\nbody";
  struct read r;
  int complete;
  read_head(&r, HTTP_REQUEST, text);
  http_head_overflow_begin(&r.head, &r.store, r.m, (const uint8_t *)text, sizeof text - 1);
  size_t n = 0;
  do n += http_head_overflow(&r.head, (const uint8_t *)more + n, 1, &complete);
  while (!complete);
  assert_string_equal(more + n, "body");
  assert_true(r.head.framing.has_length);
  assert_int_equal(r.head.framing.length, 4);
  assert_false(r.head.framing.differing_length);
  read_done(&r);
}

/* As before the bound. */
static void past_the_bound_blanks_before_a_colon_do_not_matter(void **state) {
  (void)state;
  const char text[] = "POST / HTTP/1.1\r\nA: b\r\n", more[] = "Content-Length\t : 4\r\n\r\n";
  struct read r;
  int complete;
  read_head(&r, HTTP_REQUEST, text);
  http_head_overflow_begin(&r.head, &r.store, r.m, (const uint8_t *)text, sizeof text - 1);
  size_t n = http_head_overflow(&r.head, (const uint8_t *)more, sizeof more - 1, &complete);
  assert_int_equal(n, sizeof more - 1);
  assert_int_equal(complete, 1);
  assert_int_equal(r.head.framing.length, 4);
  read_done(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(request_lines),
      cmocka_unit_test(status_lines),
      cmocka_unit_test(fields_in_order),
      cmocka_unit_test(folded_lines_as_sent),
      cmocka_unit_test(fields_that_break_the_grammar),
      cmocka_unit_test(zero_bytes),
      cmocka_unit_test(lines_that_are_no_fields),
      cmocka_unit_test(cut_short),
      cmocka_unit_test(cut_in_the_version),
      cmocka_unit_test(past_the_bound_framing_is_still_read),
      cmocka_unit_test(past_the_bound_blanks_before_a_colon_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
