/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/framing.h"

static void field(struct http_framing *f, const char *name, const char *value) {
  http_framing_field(f, (const uint8_t *)name, strlen(name), (const uint8_t *)value, strlen(value));
}

struct row {
  const char *lengths[2]; /* Content-Length fields */
  const char *coding;     /* Transfer-Encoding */
  unsigned status, answers;
  enum http_body body;
  uint64_t length;
  uint32_t flags;
};

#define INVALID WEFT_HTTP_INVALID
#define AMBIGUOUS WEFT_HTTP_AMBIGUOUS_LENGTH
#define CHUNKED WEFT_HTTP_CHUNKED
#define UNTIL_CLOSE WEFT_HTTP_UNTIL_CLOSE

/* RFC 9112 section 6.3, item by item. */
static const struct row table[] = {
    /* 1: no body, whatever the fields say */
    {{"5"}, NULL, 200, HTTP_ANSWERS_HEAD, HTTP_BODY_NONE, 0, 0},
    {{NULL}, "chunked", 200, HTTP_ANSWERS_HEAD, HTTP_BODY_NONE, 0, 0},
    {{"5"}, NULL, 100, 0, HTTP_BODY_NONE, 0, 0},
    {{"5"}, NULL, 204, 0, HTTP_BODY_NONE, 0, 0},
    {{"5"}, NULL, 304, 0, HTTP_BODY_NONE, 0, 0},
    /* 2: a tunnel begins, or it was refused */
    {{"5"}, "chunked", 200, HTTP_ANSWERS_CONNECT, HTTP_BODY_NONE, 0, AMBIGUOUS},
    {{"5"}, NULL, 407, HTTP_ANSWERS_CONNECT, HTTP_BODY_COUNTED, 5, 0},
    /* 3: Transfer-Encoding overrides Content-Length, and both is a sign */
    {{"5"}, "chunked", 0, 0, HTTP_BODY_CHUNKED, 0, CHUNKED | AMBIGUOUS},
    /* 4: the last coding decides */
    {{NULL}, "chunked", 0, 0, HTTP_BODY_CHUNKED, 0, CHUNKED},
    {{NULL}, "gzip;x=1, Chunked ", 200, 0, HTTP_BODY_CHUNKED, 0, CHUNKED},
    {{NULL}, "chunked;x=1", 200, 0, HTTP_BODY_CHUNKED, 0, CHUNKED | INVALID | AMBIGUOUS},
    {{NULL}, "gzip,\r\n chunked\r\n ", 200, 0, HTTP_BODY_CHUNKED, 0, CHUNKED},
    {{NULL}, "chunked\r", 0, 0, HTTP_BODY_NONE, 0, INVALID},
    {{NULL}, "identity, chunked", 0, 0, HTTP_BODY_CHUNKED, 0, CHUNKED},
    {{NULL}, "chunked, identity", 0, 0, HTTP_BODY_CHUNKED, 0, CHUNKED | INVALID | AMBIGUOUS},
    {{NULL}, "chunked, gzip", 200, 0, HTTP_BODY_UNTIL_CLOSE, 0, UNTIL_CLOSE | INVALID | AMBIGUOUS},
    {{NULL}, "chunked, chunked", 200, 0, HTTP_BODY_CHUNKED, 0, CHUNKED | INVALID | AMBIGUOUS},
    {{NULL}, "gzip", 200, 0, HTTP_BODY_UNTIL_CLOSE, 0, UNTIL_CLOSE | INVALID},
    {{NULL}, "xchunked", 0, 0, HTTP_BODY_NONE, 0, INVALID},
    {{"5"}, "identity", 0, 0, HTTP_BODY_COUNTED, 5, 0},
    /* 5: no number, differing numbers, equal numbers */
    {{"-1"}, NULL, 0, 0, HTTP_BODY_NONE, 0, INVALID | AMBIGUOUS},
    {{"18446744073709551615"}, NULL, 0, 0, HTTP_BODY_NONE, 0, INVALID | AMBIGUOUS},
    {{"0x10"}, NULL, 200, 0, HTTP_BODY_UNTIL_CLOSE, 0, UNTIL_CLOSE | INVALID | AMBIGUOUS},
    {{""}, NULL, 0, 0, HTTP_BODY_NONE, 0, INVALID | AMBIGUOUS},
    {{"5", "6"}, NULL, 0, 0, HTTP_BODY_COUNTED, 5, AMBIGUOUS},
    {{"5, 6"}, NULL, 200, 0, HTTP_BODY_COUNTED, 5, AMBIGUOUS},
    {{"5", "5"}, NULL, 0, 0, HTTP_BODY_COUNTED, 5, AMBIGUOUS},
    {{"5 , 5"}, NULL, 0, 0, HTTP_BODY_COUNTED, 5, AMBIGUOUS},
    {{"x", "5"}, NULL, 0, 0, HTTP_BODY_COUNTED, 5, INVALID | AMBIGUOUS},
    {{"\r\n 5"}, NULL, 0, 0, HTTP_BODY_COUNTED, 5, 0},
    {{"1\r\n 0"}, NULL, 0, 0, HTTP_BODY_NONE, 0, INVALID | AMBIGUOUS},
    {{"5\r"}, NULL, 0, 0, HTTP_BODY_NONE, 0, INVALID | AMBIGUOUS},
    /* 6 */
    {{"5"}, NULL, 0, 0, HTTP_BODY_COUNTED, 5, 0},
    {{"9223372036854775807"}, NULL, 200, 0, HTTP_BODY_COUNTED, INT64_MAX, 0},
    {{"9223372036854775808"}, NULL, 0, 0, HTTP_BODY_NONE, 0, INVALID | AMBIGUOUS},
    {{"0"}, NULL, 200, 0, HTTP_BODY_NONE, 0, 0},
    /* 7 and 8 */
    {{NULL}, NULL, 0, 0, HTTP_BODY_NONE, 0, 0},
    {{NULL}, NULL, 200, 0, HTTP_BODY_UNTIL_CLOSE, 0, UNTIL_CLOSE},
};

static void decision_table(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    const struct row *row = &table[i];
    struct http_framing f = {0};
    for (int j = 0; j < 2; j++)
      if (row->lengths[j]) field(&f, "cOntent-Length", row->lengths[j]);
    if (row->coding) field(&f, "Transfer-encoding", row->coding);
    struct http_body_plan plan = http_framing_decide(&f, row->status, row->answers);
    if (plan.body != row->body || plan.length != row->length || plan.flags != row->flags)
      fail_msg("row %zu: body %d, length %llu, flags %#x", i, plan.body,
               (unsigned long long)plan.length, plan.flags);
  }
}

static void other_fields_do_not_matter(void **state) {
  (void)state;
  struct http_framing f = {0}, none = {0};
  field(&f, "Content-Lengthy", "1");
  field(&f, "Content_Length", "1");
  field(&f, "", "1");
  assert_memory_equal(&f, &none, sizeof f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decision_table),
      cmocka_unit_test(other_fields_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
