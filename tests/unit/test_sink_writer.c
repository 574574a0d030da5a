/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <weft/writer.h>

#include "sink_file.h"

/*
 * What the writer makes itself, beside what the C library makes of the same.
 */

static struct weft_writer *writer;
static char expected[1 << 20];
static size_t expected_length;

static void begin(void) {
  struct weft_error error;
  expected_length = 0;
  assert_int_equal(weft_writer_open(path, &writer, &error), 0);
}

static void expect(const char *format, ...) {
  va_list values;
  va_start(values, format);
  expected_length += (size_t)vsnprintf(expected + expected_length,
                                       sizeof expected - expected_length, format, values);
  va_end(values);
}

static void end(void) {
  assert_int_equal(weft_writer_close(writer, NULL), 0);
  assert_string_equal(written(), expected);
}

static void number(uint64_t v) {
  weft_write_uint(writer, v);
  weft_write_char(writer, '\n');
  expect("%" PRIu64 "\n", v);
}

static void numbers_of_every_length(void **state) {
  (void)state;
  begin();
  for (uint64_t v = 0; v < 2500; v++) number(v);
  for (uint64_t power = 1000; power <= UINT64_MAX / 10; power *= 10) {
    number(power - 1);
    number(power);
    number(power + power / 7);
  }
  number(UINT64_MAX);
  end();
}

static void duration(weft_duration d) {
  uint64_t v = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
  weft_write_seconds(writer, d);
  weft_write_char(writer, '\n');
  expect("%s%" PRIu64 ".%09" PRIu64 "\n", d < 0 ? "-" : "", v / 1000000000, v % 1000000000);
}

static void durations(void **state) {
  (void)state;
  begin();
  duration(0);
  for (weft_duration d = 1; d < INT64_MAX / 13; d *= 13) {
    duration(d);
    duration(-d);
  }
  duration(WEFT_SECOND - 1);
  duration(WEFT_SECOND);
  duration(INT64_MAX);
  duration(INT64_MIN + 1);
  end();
}

static void moment(int64_t seconds, int nanoseconds) {
  time_t at = (time_t)seconds;
  struct tm date;
  char day[32];
  strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", gmtime_r(&at, &date));
  weft_write_time(writer, seconds * WEFT_SECOND + nanoseconds);
  weft_write_char(writer, '\n');
  expect("%s.%09dZ\n", day, nanoseconds);
}

static void times(void **state) {
  (void)state;
  begin();
  moment(0, 1); /* first of all */
  moment(0, 999999999);
  for (int64_t day = -106000; day < 106000; day += 97) moment(day * 86400 + day, 123456789);
  moment(1314858239, 0);
  moment(1314858239, 5); /* the same second */
  moment(1314858239, 5); /* again */
  moment(1314858238, 5); /* back */
  moment(1314858180, 5); /* its minute's first second */
  moment(1314858179, 5); /* the minute before */
  moment(-1, 999999999);
  end();
}

/* Of every length, with something to escape at every place of it, or nowhere. */
static void what_is_plain(void **state) {
  static const char *const escapes[256] = {
      ['"'] = "\\\"", ['\\'] = "\\\\", [0x01] = "\\u0001", [0x1f] = "\\u001f", [0xff] = "\\u00ff"};
  (void)state;
  begin();
  for (size_t n = 0; n <= 48; n++) {
    char *exact = malloc(n + 1); /* nothing behind it may be read */
    assert_non_null(exact);
    for (unsigned special = 0; special < 256; special++)
      for (size_t place = 0; escapes[special] != NULL && place <= n; place++) {
        const char *before = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
        memcpy(exact + 1, before, n);
        if (place < n) exact[1 + place] = (char)special;
        weft_write_json(writer, exact + 1, n);
        if (place < n)
          expect("\"%.*s%s%.*s\"", (int)place, before, escapes[special], (int)(n - place - 1),
                 before + place + 1);
        else
          expect("\"%.*s\"", (int)n, before);
      }
    free(exact);
  }
  end();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_of_every_length),
      cmocka_unit_test(durations),
      cmocka_unit_test(times),
      cmocka_unit_test(what_is_plain),
  };
  return cmocka_run_group_tests(tests, make_file, remove_file);
}
