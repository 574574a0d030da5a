/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <weft/record.h>
#include <weft/sink.h>

#include "sink_file.h"

/*
 * Exchanges made by hand, and what each kind of sink makes of them.  Output
 * goes to a temporary file; `written` reads it back.
 */

#define TEXT(literal) ((struct weft_text){literal, sizeof(literal) - 1})
#define AT(frame, time) ((struct weft_mark){time, frame})

/* 2011-09-01T06:23:59Z */
#define START (1314858239 * WEFT_SECOND)
#define CLOCK "2011-09-01T06:23"
static const weft_time start = START;

static const struct weft_tuple tuple = {
    .source = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}, 50000, 0},
    .target = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 7}, 80, 0},
};

static const struct weft_http_field host = {{"Host", 4}, {"example.org:8080", 16}};

static struct weft_http_message a_request(void) {
  return (struct weft_http_message){
      .major = 1,
      .minor = 1,
      .method = TEXT("GET"),
      .target = TEXT("/a?b=c"),
      .fields = &host,
      .nfields = 1,
      .head_length = 78,
      .wire_length = 78,
      .first = AT(4, start + 1),
      .last = AT(4, start + 1),
      .frames = 1,
  };
}

static const struct weft_http_part parts[2] = {{{0, 6}, 0, 1448}, {{0, 7}, 1448, 52}};

static struct weft_http_message a_response(void) {
  return (struct weft_http_message){
      .dir = WEFT_FROM_SERVER,
      .major = 1,
      .minor = 1,
      .status = 200,
      .wire_length = 1500,
      .body_length = 1200,
      .first = AT(6, start + 1000000),
      .last = AT(7, start + 2000001),
      .frames = 2,
      .parts = parts,
      .nparts = 2,
  };
}

static struct weft_http_exchange an_exchange(const struct weft_http_message *request,
                                             const struct weft_http_message *response) {
  int both = request != NULL && response != NULL;
  return (struct weft_http_exchange){
      .id = 1,
      .conn_id = 3,
      .conn_tx = 2,
      .tuple = &tuple,
      .request = request,
      .response = response,
      .match = both              ? WEFT_MATCH_FIFO
               : request != NULL ? WEFT_MATCH_UNMATCHED_REQUEST
                                 : WEFT_MATCH_UNMATCHED_RESPONSE,
      .timing = {.wait = both ? 999999 : WEFT_TIME_NONE,
                 .elapsed = both ? 2000000 : WEFT_TIME_NONE,
                 .last_byte = both ? 2000000 : WEFT_TIME_NONE},
  };
}

static const char *through(const char *kind, const struct weft_sink_options *options,
                           const struct weft_http_exchange *x) {
  struct weft_sink *sink;
  struct weft_error error;
  assert_int_equal(weft_sink_open(kind, path, options, &sink, &error), 0);
  if (x != NULL) assert_int_equal(weft_sink_write(sink, x), 0);
  assert_int_equal(weft_sink_close(sink, &error), 0);
  return written();
}

static void ndjson_is_the_documented_object(void **state) {
  (void)state;
  struct weft_http_message q = a_request(), a = a_response();
  struct weft_http_exchange x = an_exchange(&q, &a);
  assert_string_equal(
      through("ndjson", NULL, &x),
      "{\"@timestamp\":\"2011-09-01T06:23:59.000000001Z\","
      "\"client\":{\"address\":\"192.0.2.1\",\"port\":50000},"
      "\"server\":{\"address\":\"198.51.100.7\",\"port\":80},"
      "\"url\":{\"original\":\"/a?b=c\",\"domain\":\"example.org\",\"path\":\"/"
      "a\",\"query\":\"b=c\"},"
      "\"http\":{\"version\":\"1.1\",\"request\":{\"method\":\"GET\",\"bytes\":78,\"body\":{"
      "\"bytes\":0},"
      "\"frames\":{\"first\":4,\"last\":4,\"count\":1},"
      "\"first\":\"2011-09-01T06:23:59.000000001Z\",\"last\":\"2011-09-01T06:23:59.000000001Z\"},"
      "\"response\":{\"status_code\":200,\"bytes\":1500,\"body\":{\"bytes\":1200},"
      "\"frames\":{\"first\":6,\"last\":7,\"count\":2},"
      "\"first\":\"2011-09-01T06:23:59.001000000Z\",\"last\":\"2011-09-01T06:23:59.002000001Z\"},"
      "\"response_time\":0.002000000,\"time_to_first_byte\":0.000999999},"
      "\"connection\":{\"id\":3,\"tx\":2},\"match\":\"fifo\"}\n");
}

static void ndjson_lists_segments_when_asked(void **state) {
  (void)state;
  struct weft_http_message a = a_response();
  struct weft_http_exchange x = an_exchange(NULL, &a);
  struct weft_sink_options options = {.size = sizeof options, .segments = 1};
  const char *line = through("ndjson", &options, &x);
  assert_non_null(strstr(line, ",\"segments\":[[6,1448],[7,52]]}"));
  assert_non_null(strstr(line, "\"match\":\"unmatched_response\""));
  assert_null(strstr(line, "response_time"));
  assert_null(strstr(line, "\"url\""));
}

static void ndjson_escapes_what_json_forbids(void **state) {
  (void)state;
  struct weft_http_message q = a_request();
  q.target = TEXT("/\"\\\x01\n\xe9z\xc3\xa9\xff");
  q.nfields = 0;
  struct weft_http_exchange x = an_exchange(&q, NULL);
  const char *line = through("ndjson", NULL, &x);
  assert_non_null(strstr(line, "\"original\":\"/\\\"\\\\\\u0001\\n\\u00e9z\xc3\xa9\\u00ff\""));
}

static void ndjson_shows_flags_and_missing_bytes(void **state) {
  (void)state;
  struct weft_http_message a = a_response();
  a.flags = WEFT_HTTP_TRUNCATED | WEFT_HTTP_CHUNKED;
  a.body_missing = 500;
  struct weft_http_exchange x = an_exchange(NULL, &a);
  const char *line = through("ndjson", NULL, &x);
  assert_non_null(strstr(line, "\"bytes\":1000,"));
  assert_non_null(strstr(line, ",\"truncated\":true,\"chunked\":true,\"missing_bytes\":500}"));
}

static const struct weft_http_interim interims[] = {
    {100, {START + 5, 5}, {START + 6, 6}},
    {103, {START + 7, 7}, {START + 7, 7}},
};

static struct weft_http_exchange with_interims(const struct weft_http_message *request,
                                               const struct weft_http_message *response) {
  struct weft_http_exchange x = an_exchange(request, response);
  x.interim_count = 3;
  x.interims = interims;
  x.ninterims = 2;
  return x;
}

static void interim_responses_are_listed(void **state) {
  (void)state;
  struct weft_http_message q = a_request(), a = a_response();
  struct weft_http_exchange x = with_interims(&q, &a);
  const char *list = "\"interim\":3,\"interims\":["
                     "{\"status_code\":100,\"frame\":6,\"time\":\"" CLOCK ":59.000000006Z\"},"
                     "{\"status_code\":103,\"frame\":7,\"time\":\"" CLOCK ":59.000000007Z\"}]";
  char expected[512];
  snprintf(expected, sizeof expected, "\"response\":{\"status_code\":200,%s,\"bytes\":1500", list);
  assert_non_null(strstr(through("ndjson", NULL, &x), expected));
  assert_non_null(strstr(through("tsv", NULL, &x),
                         "\t200\t3\t100:6:" CLOCK ":59.000000006Z 103:7:" CLOCK
                         ":59.000000007Z\t"));
  struct weft_sink_options options = {.size = sizeof options, .segments = 1};
  const char *table = through("text", &options, &x);
  assert_non_null(strstr(table, "  interim 100 in frame 6, " CLOCK ":59.000000Z\n"
                                "  interim 103 in frame 7, " CLOCK ":59.000000Z\n"
                                "  interim responses not listed: 1\n"));
  x = with_interims(&q, NULL);
  snprintf(expected, sizeof expected, "\"response\":{%s}}", list);
  assert_non_null(strstr(through("ndjson", NULL, &x), expected));
}

static void times_that_need_a_word(void **state) {
  (void)state;
  struct weft_http_message q = a_request(), a = a_response();
  struct weft_http_exchange x = an_exchange(&q, &a);
  struct weft_sink_options options = {.size = sizeof options, .segments = 1};
  a.flags = WEFT_HTTP_EARLY;
  x.timing.last_byte = 1500000;
  x.timing.bounds = WEFT_BOUND_WAIT;
  const char *line = through("ndjson", NULL, &x);
  assert_non_null(strstr(line, "\"early\":true}"));
  assert_non_null(strstr(line,
                         "\"time_to_first_byte\":0.000999999,\"time_to_last_byte\":0.001500000,"
                         "\"response_time_bound\":true,\"time_to_first_byte_bound\":true}"));
  x.timing.bounds = WEFT_BOUND_RECEIVE;
  line = through("ndjson", NULL, &x);
  assert_non_null(strstr(line, "\"time_to_last_byte\":0.001500000,\"response_time_bound\":true}"));
  assert_non_null(strstr(through("tsv", NULL, &x),
                         "\t0.002000000\t0.000999999\t0.001500000\ttrue\t\t\t\t\t\t3\t2\tfifo\n"));
  assert_non_null(strstr(through("text", &options, &x),
                         "  response began before the request was complete\n"
                         "  last byte after 1.500 ms, then the connection's end\n"
                         "  ELAPSED_MS is a limit: bytes are missing\n"));
}

static size_t cells(const char *line, char separator) {
  size_t n = 1;
  for (; *line != '\n' && *line != '\r'; line++) n += *line == separator;
  return n;
}

/* The request went from 1 ns to 300 us, the response from 1 ms to 2 ms, first copies. */
static void what_came_again(void **state) {
  (void)state;
  const struct weft_http_again again = {.request = AT(5, START + 300001),
                                        .response_first = AT(8, START + 1600001)};
  struct weft_http_message q = a_request(), a = a_response();
  struct weft_http_exchange x = an_exchange(&q, &a);
  struct weft_sink_options options = {.size = sizeof options, .segments = 1};
  x.again = &again;
  x.timing.bounds = WEFT_BOUND_AGAIN;
  const char *line = through("ndjson", NULL, &x);
  assert_non_null(strstr(line, "\"last\":\"" CLOCK ":59.000000001Z\",\"again\":{\"frame\":5,"
                               "\"time\":\"" CLOCK ":59.000300001Z\"}},\"response\""));
  assert_non_null(strstr(line, "\"response_time\":0.002000000,\"time_to_first_byte\":0.000999999,"
                               "\"response_time_min\":0.001700000,"
                               "\"time_to_first_byte_min\":0.000699999,"
                               "\"time_to_first_byte_max\":0.001600000},\"connection\""));
  const char *rows = through("tsv", NULL, &x);
  assert_int_equal(cells(rows, '\t'), cells(strchr(rows, '\n') + 1, '\t'));
  assert_non_null(strstr(rows, "\t5\t" CLOCK ":59.000300001Z\t200\t"));
  assert_non_null(strstr(rows, "\t0.001700000\t\t0.000699999\t0.001600000\t3\t2\tfifo\n"));
  assert_non_null(strstr(through("text", &options, &x),
                         "  request came again in frame 5\n"
                         "  beginning of the response came again in frame 8\n"
                         "  WAIT_MS may be 0.699 to 1.600\n"
                         "  ELAPSED_MS may be 1.700 to 2.000\n"));
}

static void what_came_again_unanswered(void **state) {
  (void)state;
  const struct weft_http_again again = {.request = AT(5, START + 300001)};
  struct weft_http_message q = a_request();
  struct weft_http_exchange x = an_exchange(&q, NULL);
  struct weft_sink_options options = {.size = sizeof options, .segments = 1};
  x.again = &again;
  x.timing.bounds = WEFT_BOUND_AGAIN;
  assert_non_null(strstr(through("ndjson", NULL, &x), "59.000300001Z\"}}},\"connection\""));
  assert_null(strstr(through("ndjson", NULL, &x), "_min"));
  assert_non_null(strstr(through("text", &options, &x), "  request came again in frame 5\n"));
}

static void ndjson_takes_a_target_longer_than_the_buffer(void **state) {
  (void)state;
  enum { LENGTH = 300000 }; /* each of original and path */
  struct weft_http_message q = a_request();
  char *target = malloc(LENGTH);
  memset(target, 'x', LENGTH);
  target[LENGTH / 2] = '"';
  q.target = (struct weft_text){target, LENGTH};
  q.nfields = 0;
  struct weft_http_exchange x = an_exchange(&q, NULL);
  const char *line = through("ndjson", NULL, &x);
  assert_memory_equal(strstr(line, "\"path\":\"") + 8, target, LENGTH / 2);
  assert_non_null(strstr(line, "x\\\"x"));
  static const char ending[] = "\"match\":\"unmatched_request\"}\n";
  assert_string_equal(line + strlen(line) - (sizeof ending - 1), ending);
  free(target);
}

#define URL(original, rest) \
  "\"url\":{\"original\":\"" original "\",\"domain\":\"example.org\",\"path\":\"" rest "}"

/* A target of that length, one character of it `c`. */
static void expect_parts(int length, int place, char c) {
  char expected[256], target[64] = "/", *end = target + place + 1;
  memset(target + 1, 'x', (size_t)length - 1);
  target[place] = c;
  if (c == '?')
    snprintf(expected, sizeof expected, URL("%s", "%.*s\",\"query\":\"%s\""), target, place, target,
             end);
  else if (c == '#')
    snprintf(expected, sizeof expected, URL("%s", "%.*s\""), target, place, target);
  else if (c == '"')
    snprintf(expected, sizeof expected, URL("%.*s\\\"%s", "%.*s\\\"%s\""), place, target, end,
             place, target, end);
  else
    snprintf(expected, sizeof expected, URL("%s", "%s\""), target, target);
  struct weft_http_message q = a_request();
  q.target = (struct weft_text){target, (size_t)length};
  struct weft_http_exchange x = an_exchange(&q, NULL);
  assert_non_null(strstr(through("ndjson", NULL, &x), expected));
}

static void ndjson_splits_targets_of_any_length(void **state) {
  (void)state;
  for (int length = 1; length <= 40; length++) {
    expect_parts(length, 0, '/');
    for (int place = 1; place < length; place++)
      for (const char *c = "?#\""; *c != '\0'; c++) expect_parts(length, place, *c);
  }
}

static void domain_comes_from_the_target_that_names_one(void **state) {
  (void)state;
  struct weft_http_message q = a_request();
  q.target = TEXT("http://[2001:db8::1]:81/p?q#f");
  struct weft_http_exchange x = an_exchange(&q, NULL);
  assert_non_null(strstr(through("ndjson", NULL, &x),
                         "\"domain\":\"[2001:db8::1]\",\"path\":\"/p\",\"query\":\"q\"}"));
  q.method = TEXT("CONNECT");
  q.target = TEXT("example.net:443");
  assert_non_null(strstr(through("ndjson", NULL, &x),
                         "{\"original\":\"example.net:443\",\"domain\":\"example.net\"}"));
  q.method = TEXT("OPTIONS");
  q.target = TEXT("*");
  assert_non_null(strstr(through("ndjson", NULL, &x),
                         "{\"original\":\"*\",\"domain\":\"example.org\",\"path\":\"*\"}"));
}

static void rows_have_the_columns_of_their_header(void **state) {
  (void)state;
  struct weft_http_message q = a_request(), a = a_response();
  struct weft_http_exchange x = an_exchange(&q, &a);
  struct weft_sink_options options = {.size = sizeof options, .segments = 1};
  const char *rows = through("tsv", &options, &x);
  assert_memory_equal(rows, "@timestamp\tclient.address\tclient.port\tserver.address\t", 52);
  const char *row = strchr(rows, '\n') + 1;
  assert_memory_equal(row, "2011-09-01T06:23:59.000000001Z\t192.0.2.1\t50000\t198.51.100.7\t80\t",
                      62);
  assert_int_equal(cells(rows, '\t'), cells(row, '\t'));
  assert_non_null(strstr(row, "\t6:1448 7:52\t"));
  assert_non_null(strstr(row, "\t0.002000000\t0.000999999\t\t\t\t\t\t\t\t3\t2\tfifo\n"));
}

static void rows_quote_what_would_split_them(void **state) {
  (void)state;
  struct weft_http_message q = a_request();
  q.target = TEXT("/a,\"b\"\t\\\xe9");
  q.nfields = 0;
  struct weft_http_exchange x = an_exchange(&q, NULL);
  assert_non_null(strstr(through("csv", NULL, &x), ",80,\"/a,\"\"b\"\"\t\\\xc3\xa9\",,"));
  assert_non_null(strstr(through("tsv", NULL, &x), "\t80\t/a,\"b\"\\t\\\\\xc3\xa9\t\t"));
}

static void rows_have_a_header_without_any(void **state) {
  (void)state;
  const char *rows = through("csv", NULL, NULL);
  assert_memory_equal(rows, "@timestamp,client.address,", 26);
  assert_string_equal(rows + strlen(rows) - 7, "match\r\n");
  assert_string_equal(through("ndjson", NULL, NULL), "");
}

static void table_fields_have_no_blanks_and_are_not_cut(void **state) {
  (void)state;
  struct weft_http_message q = a_request();
  q.target = TEXT("/a b\x1b[31m/long/enough/to/be/wider/than/its/column");
  struct weft_http_exchange x = an_exchange(&q, NULL);
  const char *row = strchr(through("text", NULL, &x), '\n') + 1;
  char time[64], client[64], server[64], method[64], url[128], status[64], rest[128];
  assert_int_equal(sscanf(row, "%63s %63s %63s %63s %127s %63s %127[^\n]", time, client, server,
                          method, url, status, rest),
                   7);
  assert_string_equal(time, "2011-09-01T06:23:59.000000Z");
  assert_string_equal(client, "192.0.2.1:50000");
  assert_string_equal(url, "example.org/a\\x20b\\x1b[31m/long/enough/to/be/wider/than/its/column");
  assert_string_equal(status, "-");
}

static void table_fits_the_terminal(void **state) {
  (void)state;
  struct weft_http_message q = a_request(), a = a_response();
  q.target = TEXT("/\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9/\xe6\x97\xa5\xe6\x9c\xac/and/so/on/and/so/on"
                  "/and/so/on/and/so/on/and/so/on/and/so/on");
  struct weft_http_exchange x = an_exchange(&q, &a);
  for (int columns = 60; columns <= 200; columns++) {
    struct weft_sink_options options = {.size = sizeof options, .columns = columns};
    const char *row = strchr(through("text", &options, &x), '\n') + 1;
    int used = 0;
    for (; *row != '\n'; row++) {
      used += ((unsigned char)*row & 0xc0) != 0x80; /* a character */
      used += (unsigned char)*row == 0xe6;          /* a wide one */
    }
    assert_in_range(used, 1, columns);
  }
}

static void table_tells_what_a_message_was_made_of(void **state) {
  (void)state;
  struct weft_http_message a = a_response();
  struct weft_http_exchange x = an_exchange(NULL, &a);
  struct weft_sink_options options = {.size = sizeof options, .segments = 1};
  assert_non_null(strstr(through("text", &options, &x),
                         "\n  response in frame 7: 2 segments, 1500 bytes: #6(1448) #7(52)\n"));
}

static void table_colours_only_when_told(void **state) {
  (void)state;
  struct weft_http_message q = a_request(), a = a_response();
  struct weft_http_exchange x = an_exchange(&q, &a);
  struct weft_sink_options options = {.size = sizeof options, .columns = 160};
  assert_null(strchr(through("text", &options, &x), '\033'));
  options.colour = 1;
  assert_non_null(strstr(through("text", &options, &x), "\033[32m200\033[0m"));
}

static void an_unknown_kind_is_refused(void **state) {
  (void)state;
  struct weft_sink *sink;
  struct weft_error error;
  assert_int_equal(weft_sink_open("yaml", path, NULL, &sink, &error), WEFT_E_NOTBUILT);
  assert_string_equal(error.text, "yaml: no output of this name is in this build");
}

static void a_full_disk_is_reported_with_the_name(void **state) {
  (void)state;
  struct weft_http_message q = a_request();
  struct weft_http_exchange x = an_exchange(&q, NULL);
  struct weft_sink *sink;
  struct weft_error error;
  assert_int_equal(weft_sink_open("ndjson", "/dev/full", NULL, &sink, &error), 0);
  assert_int_equal(weft_sink_write(sink, &x), 0);
  assert_int_equal(weft_sink_flush(sink), WEFT_E_IO);
  assert_int_equal(weft_sink_write(sink, &x), WEFT_E_IO);
  assert_int_equal(weft_sink_close(sink, &error), WEFT_E_IO);
  assert_non_null(strstr(error.text, "/dev/full: cannot be written: No space left"));
}

/* ---- the writer ---- */

static const char *write_times(const weft_time *times, size_t n) {
  struct weft_writer *w;
  assert_int_equal(weft_writer_open(path, &w, NULL), 0);
  for (size_t i = 0; i < n; i++) {
    weft_write_time(w, times[i]);
    weft_write_char(w, '\n');
  }
  assert_int_equal(weft_writer_close(w, NULL), 0);
  return written();
}

static void times_are_right_over_the_calendar(void **state) {
  (void)state;
  const weft_time times[] = {0,
                             -1,
                             951782399 * WEFT_SECOND,
                             951782400 * WEFT_SECOND + 5,
                             1709164800 * WEFT_SECOND,
                             4107542400 * WEFT_SECOND,
                             INT64_MAX};
  assert_string_equal(write_times(times, sizeof times / sizeof *times),
                      "1970-01-01T00:00:00.000000000Z\n"
                      "1969-12-31T23:59:59.999999999Z\n"
                      "2000-02-28T23:59:59.000000000Z\n"
                      "2000-02-29T00:00:00.000000005Z\n"
                      "2024-02-29T00:00:00.000000000Z\n"
                      "2100-03-01T00:00:00.000000000Z\n"
                      "2262-04-11T23:47:16.854775807Z\n");
}

static void numbers_are_written_at_every_length(void **state) {
  (void)state;
  struct weft_writer *w;
  char expected[32];
  assert_int_equal(weft_writer_open(path, &w, NULL), 0);
  uint64_t power = 1;
  for (int i = 0; i < 20; i++, power *= 10) {
    weft_write_uint(w, power - 1);
    weft_write_char(w, ' ');
    weft_write_uint(w, power);
    weft_write_char(w, '\n');
  }
  weft_write_uint(w, UINT64_MAX);
  assert_int_equal(weft_writer_close(w, NULL), 0);
  const char *at = written();
  power = 1;
  for (int i = 0; i < 20; i++, power *= 10) {
    int n = snprintf(expected, sizeof expected, "%llu ", (unsigned long long)power - 1);
    assert_memory_equal(at, expected, n);
    at += n;
    n = snprintf(expected, sizeof expected, "%llu\n", (unsigned long long)power);
    assert_memory_equal(at, expected, n);
    at += n;
  }
  assert_string_equal(at, "18446744073709551615");
}

static void seconds_may_be_negative(void **state) {
  (void)state;
  struct weft_writer *w;
  assert_int_equal(weft_writer_open(path, &w, NULL), 0);
  weft_write_seconds(w, -1);
  weft_write_char(w, ' ');
  weft_write_seconds(w, 12 * WEFT_SECOND + 30000000);
  assert_int_equal(weft_writer_close(w, NULL), 0);
  assert_string_equal(written(), "-0.000000001 12.030000000");
}

static void base64_runs_over_spans(void **state) {
  (void)state;
  struct weft_writer *w;
  const struct weft_span spans[] = {{.base = (const uint8_t *)"f", .len = 1},
                                    {.base = (const uint8_t *)"oob", .len = 3},
                                    {.base = (const uint8_t *)"a", .len = 1}};
  assert_int_equal(weft_writer_open(path, &w, NULL), 0);
  for (size_t n = 0; n <= 3; n++) {
    weft_write_base64(w, spans, n);
    weft_write_char(w, '\n');
  }
  assert_int_equal(weft_writer_close(w, NULL), 0);
  assert_string_equal(written(), "\nZg==\nZm9vYg==\nZm9vYmE=\n");
}

static void records_nest_by_dotted_names(void **state) {
  (void)state;
  struct weft_writer *w;
  struct weft_record *r;
  assert_int_equal(weft_writer_open(path, &w, NULL), 0);
  assert_int_equal(weft_record_new(w, WEFT_RECORD_NDJSON, &r), 0);
  weft_record_begin_header(r);
  weft_record_uint(r, "a.b", 1);
  weft_record_end(r);
  weft_record_begin(r);
  weft_record_uint(r, "a.b.c", 1);
  weft_record_uint(r, "a.b.d", 2);
  weft_record_absent(r, "a.x");
  weft_record_uint(r, "a.e", 3);
  weft_record_string(r, "f", "g");
  weft_record_pairs(r, "h.i", 1);
  weft_record_pair(r, 1, 2);
  weft_record_pair(r, 3, 4);
  weft_record_pairs_end(r);
  weft_record_flag(r, "h.no", 0);
  weft_record_end(r);
  weft_record_begin(r);
  weft_record_end(r);
  weft_record_free(r);
  assert_int_equal(weft_writer_close(w, NULL), 0);
  assert_string_equal(written(), "{\"a\":{\"b\":{\"c\":1,\"d\":2},\"e\":3},\"f\":\"g\","
                                 "\"h\":{\"i\":[[1,2],[3,4]]}}\n{}\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ndjson_is_the_documented_object),
      cmocka_unit_test(ndjson_lists_segments_when_asked),
      cmocka_unit_test(ndjson_escapes_what_json_forbids),
      cmocka_unit_test(ndjson_shows_flags_and_missing_bytes),
      cmocka_unit_test(interim_responses_are_listed),
      cmocka_unit_test(times_that_need_a_word),
      cmocka_unit_test(what_came_again),
      cmocka_unit_test(what_came_again_unanswered),
      cmocka_unit_test(ndjson_takes_a_target_longer_than_the_buffer),
      cmocka_unit_test(ndjson_splits_targets_of_any_length),
      cmocka_unit_test(domain_comes_from_the_target_that_names_one),
      cmocka_unit_test(rows_have_the_columns_of_their_header),
      cmocka_unit_test(rows_quote_what_would_split_them),
      cmocka_unit_test(rows_have_a_header_without_any),
      cmocka_unit_test(table_fields_have_no_blanks_and_are_not_cut),
      cmocka_unit_test(table_fits_the_terminal),
      cmocka_unit_test(table_tells_what_a_message_was_made_of),
      cmocka_unit_test(table_colours_only_when_told),
      cmocka_unit_test(an_unknown_kind_is_refused),
      cmocka_unit_test(a_full_disk_is_reported_with_the_name),
      cmocka_unit_test(times_are_right_over_the_calendar),
      cmocka_unit_test(numbers_are_written_at_every_length),
      cmocka_unit_test(seconds_may_be_negative),
      cmocka_unit_test(base64_runs_over_spans),
      cmocka_unit_test(records_nest_by_dotted_names),
  };
  return cmocka_run_group_tests(tests, make_file, remove_file);
}
