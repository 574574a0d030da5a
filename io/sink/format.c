/* SPDX-License-Identifier: BSD-2-Clause */
#include "sink/format.h"

#include <weft/base.h>

#define TEN(X, h, t) \
  X(h, t, '0'), X(h, t, '1'), X(h, t, '2'), X(h, t, '3'), X(h, t, '4'), X(h, t, '5'), \
      X(h, t, '6'), X(h, t, '7'), X(h, t, '8'), X(h, t, '9')
#define HUNDRED(X, h) \
  TEN(X, h, '0'), TEN(X, h, '1'), TEN(X, h, '2'), TEN(X, h, '3'), TEN(X, h, '4'), TEN(X, h, '5'), \
      TEN(X, h, '6'), TEN(X, h, '7'), TEN(X, h, '8'), TEN(X, h, '9')
#define THOUSAND(X) \
  HUNDRED(X, '0'), HUNDRED(X, '1'), HUNDRED(X, '2'), HUNDRED(X, '3'), HUNDRED(X, '4'), \
      HUNDRED(X, '5'), HUNDRED(X, '6'), HUNDRED(X, '7'), HUNDRED(X, '8'), HUNDRED(X, '9')

/* Of 7 the short form is '7', and what follows does not count. */
#define LENGTH(h, t) ((h) > '0' ? 3 : (t) > '0' ? 2 : 1)
#define FIRST(h, t, o) (LENGTH(h, t) == 3 ? (h) : LENGTH(h, t) == 2 ? (t) : (o))
#define SECOND(h, t, o) (LENGTH(h, t) == 3 ? (t) : (o))
#define DIGITS(h, t, o) \
  { \
    {h, t, o, 0}, { FIRST(h, t, o), SECOND(h, t, o), o, LENGTH(h, t) } \
  }
const struct format_digits format_digits[1000] = {THOUSAND(DIGITS)};

#define SECONDS(h, t, o) \
  { ':', t, o, '.' }
const char format_clock_seconds[60][4] = {TEN(SECONDS, '0', '0'), TEN(SECONDS, '0', '1'),
                                          TEN(SECONDS, '0', '2'), TEN(SECONDS, '0', '3'),
                                          TEN(SECONDS, '0', '4'), TEN(SECONDS, '0', '5')};

/* Days since the epoch to a date of the proleptic Gregorian calendar.  Years
   are counted from March, so that the leap day ends one, in cycles of 400
   years, or 146097 days. */
static void format_date(char *p, int64_t minutes) {
  int64_t days = minutes / 1440, rest = minutes % 1440;
  if (rest < 0) {
    days--;
    rest += 1440;
  }
  days += 719468; /* 0000-03-01 */
  int64_t cycle = (days >= 0 ? days : days - 146096) / 146097;
  unsigned day = (unsigned)(days - cycle * 146097);
  unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  unsigned yday = day - (365 * year + year / 4 - year / 100);
  unsigned month = (5 * yday + 2) / 153; /* 0 is March */
  year += (unsigned)(cycle * 400 + (month >= 10));
  p = format_2(format_2(p, year / 100), year % 100);
  *p++ = '-';
  p = format_2(p, month < 10 ? month + 3 : month - 9);
  *p++ = '-';
  p = format_2(p, yday - (153 * month + 2) / 5 + 1);
  *p++ = 'T';
  p = format_2(p, (unsigned)(rest / 60));
  *p++ = ':';
  format_2(p, (unsigned)(rest % 60));
}

void format_clock_set(struct format_clock *clock, int64_t time) {
  int64_t minute = time / (int64_t)FORMAT_MINUTE, rest = time % (int64_t)FORMAT_MINUTE;
  if (rest < 0) {
    minute--;
    rest += (int64_t)FORMAT_MINUTE;
  }
  format_date(clock->text, minute);
  clock->minute = (uint64_t)time - (uint64_t)rest;
  format_clock_move(clock, time);
}

char *format_large(char *p, uint64_t v) {
  if (v >= FORMAT_SECOND)
    return format_9(format_uint(p, v / FORMAT_SECOND), (uint32_t)(v % FORMAT_SECOND));
  uint32_t high = (uint32_t)v / 1000000, low = (uint32_t)v % 1000000;
  return format_3(format_3(format_upto_3(p, high), low / 1000), low % 1000);
}

char *format_address_long(char *p, const uint8_t address[16]) {
  char text[WEFT_ENDPOINT_STRLEN];
  weft_address_format(address, text);
  size_t length = strlen(text);
  memcpy(p, text, length);
  return p + length;
}
