/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <weft/stream.h>

#include "build.h"

/* What weft_options::log was told. */
struct lines {
  int count, highest;
  char last[400];
};

static void take_line(void *user, int level, const char *text) {
  struct lines *lines = user;
  lines->count++;
  if (level > lines->highest) lines->highest = level;
  strncpy(lines->last, text, sizeof lines->last - 1);
}

static void play(int level, struct lines *lines) {
  struct weft_engine *engine;
  *lines = (struct lines){0};
  assert_int_equal(weft_engine_new(WEFT_OPTIONS(.log = take_line, .log_user = lines,
                                                .log_level = (uint8_t)level),
                                   NULL, NULL, &engine),
                   0);
  struct weft_segment syn = seg_bytes(WEFT_FROM_CLIENT, 100, NULL, 0, SYN);
  struct weft_segment far = seg_bytes(WEFT_FROM_CLIENT, 111, (const uint8_t *)"abc", 3, PSH | ACK);
  assert_int_equal(weft_engine_push_segment(engine, &syn), WEFT_IS_SEGMENT);
  assert_int_equal(weft_engine_push_segment(engine, &far), WEFT_IS_SEGMENT);
  assert_int_equal(weft_engine_flush(engine, INT64_MAX, WEFT_TIME_NONE, NULL), 0);
  weft_engine_free(engine);
}

static void a_level_is_the_most_that_is_told(void **state) {
  struct lines none, info, debug;
  (void)state;
  play(WEFT_LOG_NONE, &none);
  play(WEFT_LOG_INFO, &info);
  play(WEFT_LOG_DEBUG, &debug);
  assert_int_equal(none.count, 0);
  assert_int_equal(info.count, 1);
  assert_int_equal(info.highest, WEFT_LOG_INFO);
  assert_true(debug.count > info.count);
  assert_int_equal(debug.highest, WEFT_LOG_DEBUG);
}

static void a_line_names_connection_and_cause(void **state) {
  struct lines lines;
  (void)state;
  play(WEFT_LOG_INFO, &lines);
  assert_non_null(strstr(lines.last, "connection 1 ("));
  assert_non_null(strstr(lines.last, "gap of 10 bytes at 0 from the client: time"));
  assert_null(strchr(lines.last, '\n'));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_level_is_the_most_that_is_told),
      cmocka_unit_test(a_line_names_connection_and_cause),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
