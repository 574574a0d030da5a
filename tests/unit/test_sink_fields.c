/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <weft/sink.h>

#include "sink_file.h"

/* Header fields that were asked for, in each kind of output. */
#define TEXT(literal) \
  { literal, sizeof(literal) - 1 }

static const struct weft_http_field asked[] = {
    {TEXT("Host"), TEXT("h")},
    {TEXT("User-Agent"), TEXT("curl/8 \"x\"\xff")},
    {TEXT("authorization"), TEXT("Basic c2VjcmV0")},
    {TEXT("Accept"), TEXT("a/b")},
    {TEXT("Empty"), {NULL, 0}},
    {TEXT("accept"), TEXT("c/d\x1b[1m")},
};
static const struct weft_http_field answered[] = {
    {TEXT("Server"), TEXT("n")},
    {TEXT("Set-Cookie"), TEXT("id=secret")},
    {TEXT("set-cookie"), TEXT("other=secret")},
};

static const char *write_and_read(const char *kind, const struct weft_sink_options *options,
                                  const struct weft_http_exchange *x) {
  struct weft_sink *sink;
  assert_int_equal(weft_sink_open(kind, path, options, &sink, NULL), 0);
  assert_int_equal(weft_sink_write(sink, x), 0);
  assert_int_equal(weft_sink_close(sink, NULL), 0);
  return written();
}

static const char *through(const char *kind, const char *const *names, int headers, int secrets) {
  static const struct weft_tuple tuple = {.source = {{0}, 1, 0}, .target = {{0}, 2, 0}};
  static const struct weft_http_message request = {
      .method = TEXT("GET"), .target = TEXT("/"), .fields = asked, .nfields = 6};
  static const struct weft_http_message response = {
      .status = 200, .fields = answered, .nfields = 3};
  static const struct weft_http_exchange x = {
      .tuple = &tuple, .request = &request, .response = &response};
  struct weft_sink_options options = {
      .size = sizeof options, .fields = names, .headers = headers, .secrets = secrets};
  while (names != NULL && names[options.nfields] != NULL) options.nfields++;
  return write_and_read(kind, &options, &x);
}

static void has(const char *part) {
  if (strstr(text, part) == NULL) fail_msg("no '%s' in: %s", part, text);
}

static void has_not(const char *part) {
  if (strstr(text, part) != NULL) fail_msg("'%s' in: %s", part, text);
}

static const char *const names[] = {"http.request.header.user_agent",
                                    "http.request.header.ACCEPT",
                                    "http.response.header.set-cookie",
                                    "http.request.header.empty",
                                    "http.response.header.user_agent",
                                    "http.request.header.authorization",
                                    NULL};

static void by_name_in_json(void **state) {
  (void)state;
  through("ndjson", names, 0, 0);
  has("\"header\":{\"user_agent\":\"curl/8 \\\"x\\\"\\u00ff\",\"ACCEPT\":\"a/b, c/d\\u001b[1m\","
      "\"empty\":\"\",\"authorization\":\"[redacted]\"}}");
  has("\"header\":{\"set-cookie\":\"[redacted], [redacted]\"}}");
  has_not("secret");
  has_not("headers");
}

static void all_in_json(void **state) {
  (void)state;
  through("ndjson", NULL, 1, 0);
  has("\"headers\":[[\"Host\",\"h\"],[\"User-Agent\",");
  has("[\"authorization\",\"[redacted]\"],[\"Accept\",\"a/b\"],[\"Empty\",\"\"],");
  has("\"headers\":[[\"Server\",\"n\"],[\"Set-Cookie\",\"[redacted]\"],[\"set-cookie\",");
  has_not("secret");
  has_not("\"header\"");
}

static void secrets_when_asked_for(void **state) {
  (void)state;
  through("ndjson", names, 1, 1);
  has("\"authorization\":\"Basic c2VjcmV0\"");
  has("[\"authorization\",\"Basic c2VjcmV0\"]");
  has("\"set-cookie\":\"id=secret, other=secret\"");
  has_not("redacted");
}

/* The cell of that row under that name. */
static const char *cell(const char *name) {
  static char copy[sizeof text];
  char *saved = NULL;
  int column = -1;
  strcpy(copy, text);
  char *row = strchr(copy, '\n');
  assert_non_null(row);
  *row++ = '\0';
  int i = 0;
  for (char *at = strtok_r(copy, "\t", &saved); at != NULL; at = strtok_r(NULL, "\t", &saved), i++)
    if (strcmp(at, name) == 0) column = i;
  if (column < 0) fail_msg("no column %s", name);
  for (; column > 0; column--) row = strchr(row, '\t') + 1;
  row[strcspn(row, "\t\n")] = '\0';
  return row;
}

static void as_columns(void **state) {
  (void)state;
  through("tsv", names, 1, 0);
  assert_string_equal(cell("http.request.header.ACCEPT"), "a/b, c/d\x1b[1m");
  assert_string_equal(cell("http.response.header.set-cookie"), "[redacted], [redacted]");
  assert_string_equal(cell("http.response.header.user_agent"), "");
  assert_string_equal(cell("http.response.headers"),
                      "Server: n\\nSet-Cookie: [redacted]\\nset-cookie: [redacted]");
  has_not("secret");
}

static void as_lines_of_text(void **state) {
  (void)state;
  through("text", names, 1, 0);
  has("\n  http.request.header.user_agent: curl/8 \"x\"\\xff\n");
  has("\n  http.request.header.ACCEPT: a/b, c/d\\x1b[1m\n");
  has("\n  http.response.header.set-cookie: [redacted], [redacted]\n");
  has("\n  > Host: h\n");
  has("\n  < Server: n\n");
  has_not("\n  http.response.header.user_agent");
  has_not("secret");
  has_not("\x1b");
}

static void nothing_unless_asked(void **state) {
  static const char *const kinds[] = {"ndjson", "tsv", "csv", "text"};
  (void)state;
  for (int i = 0; i < 4; i++) {
    through(kinds[i], NULL, 0, 1);
    has_not("header");
    has_not("curl");
  }
}

static void bodies_when_asked_for(void **state) {
  static const struct weft_tuple tuple = {.source = {{0}, 1, 0}, .target = {{0}, 2, 0}};
  static const struct {
    const char *kind, *has[2];
  } cases[] = {
      {"ndjson",
       {",\"content\":\"a\\u001b[1m\\nb\\u00ff\",\"content_cut\":true}", "\"status_code\""}},
      {"tsv", {"\ta\x1b[1m\\nb\xc3\xbf\ttrue\t", "http.request.content\t"}},
      {"text", {"\n  > a\\x1b[1m\n  > b\\xff\n  > ...\n", "\n  < \n"}}};
  (void)state;
  struct weft_sink_body sent = {TEXT("a\x1b[1m\nb\xff"), 1}, got = {TEXT("\r\n"), 0};
  struct weft_http_message request = {.method = TEXT("PUT"), .user = &sent};
  struct weft_http_message response = {.status = 200, .user = &got};
  struct weft_http_exchange x = {.tuple = &tuple, .request = &request, .response = &response};
  for (int i = 0; i < 3; i++)
    for (int bodies = 0; bodies < 2; bodies++) {
      struct weft_sink_options options = {.size = sizeof options, .bodies = bodies};
      write_and_read(cases[i].kind, &options, &x);
      if (bodies) has(cases[i].has[0]);
      if (bodies) has(cases[i].has[1]);
      if (!bodies) has_not("content");
    }
}

/* Is the value of a field of that name kept back? */
static int is_redacted(const char *name) {
  static const struct weft_tuple tuple = {.source = {{0}, 1, 0}, .target = {{0}, 2, 0}};
  struct weft_http_field field = {{name, strlen(name)}, TEXT("c2VjcmV0")};
  struct weft_http_message request = {
      .method = TEXT("GET"), .target = TEXT("/"), .fields = &field, .nfields = 1};
  struct weft_http_exchange x = {.tuple = &tuple, .request = &request};
  struct weft_sink_options options = {.size = sizeof options, .headers = 1};
  return strstr(write_and_read("ndjson", &options, &x), "c2VjcmV0") == NULL;
}

/* docs/output.md has the same list. */
static void what_is_secret(void **state) {
  static const char *const secret[] = {"Authorization",
                                       "Proxy-Authorization",
                                       "Cookie",
                                       "Cookie2",
                                       "Set-Cookie",
                                       "Set-Cookie2",
                                       "Authentication-Info",
                                       "Proxy-Authentication-Info",
                                       "Ocp-Apim-Subscription-Key",
                                       "X-Functions-Key",
                                       "X-Auth-Key",
                                       "X-Amzn-Oidc-Data",
                                       "DPoP",
                                       "Token",
                                       "Secret",
                                       "Password",
                                       "Api-Key",
                                       "ApiKey",
                                       "Jwt-Assertion"};
  char *document = NULL;
  size_t room = 0;
  FILE *f = fopen(*state, "r");
  assert_non_null(f);
  assert_true(getdelim(&document, &room, '\0', f) > 0);
  fclose(f);
  for (size_t i = 0; i < sizeof secret / sizeof *secret; i++) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "`%s`", secret[i]);
    if (strstr(document, quoted) == NULL) fail_msg("%s is not in the document", quoted);
    if (!is_redacted(secret[i])) fail_msg("%s is not redacted", secret[i]);
  }
  free(document);
}

static void what_ends_like_a_secret(void **state) {
  static const char *const secret[] = {
      "X-CSRFToken", "x-amz-security-token", "PRIVATE-TOKEN",           "X-Goog-Api-Key",
      "x-apikey",    "Client-Secret",        "X-Goog-IAP-JWT-Assertion"};
  static const char *const open[] = {"Host",     "Idempotency-Key", "Sec-WebSocket-Key", "Cookies",
                                     "X-Cookie", "Token-Type",      "Secret-Santa",      "oken",
                                     ""};
  (void)state;
  for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
    if (!is_redacted(secret[i])) fail_msg("%s is not redacted", secret[i]);
  for (size_t i = 0; i < sizeof open / sizeof *open; i++)
    if (is_redacted(open[i])) fail_msg("%s is redacted", open[i]);
}

static void names_are_checked(void **state) {
  static const char *const bad[] = {"",
                                    "http.user_agent",
                                    "http.request.header.",
                                    "http.request.header",
                                    "http.response.header.a.b",
                                    "http.requests.header.a"};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct weft_sink_options options = {.size = sizeof options, .fields = &bad[i], .nfields = 1};
    struct weft_sink *sink;
    struct weft_error error;
    assert_int_equal(weft_sink_has_field(bad[i]), 0);
    assert_int_equal(weft_sink_open("ndjson", path, &options, &sink, &error), WEFT_E_INVAL);
    assert_non_null(strstr(error.text, bad[i]));
  }
  for (size_t i = 0; names[i] != NULL; i++) assert_int_equal(weft_sink_has_field(names[i]), 1);
}

int main(int argc, char **argv) {
  char *document = argc > 1 ? argv[1] : NULL;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_name_in_json),
      cmocka_unit_test(all_in_json),
      cmocka_unit_test(secrets_when_asked_for),
      cmocka_unit_test(as_columns),
      cmocka_unit_test(as_lines_of_text),
      cmocka_unit_test(nothing_unless_asked),
      cmocka_unit_test(bodies_when_asked_for),
      cmocka_unit_test_prestate(what_is_secret, document),
      cmocka_unit_test(what_ends_like_a_secret),
      cmocka_unit_test(names_are_checked),
  };
  return cmocka_run_group_tests(tests, make_file, remove_file);
}
