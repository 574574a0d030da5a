/* SPDX-License-Identifier: BSD-2-Clause */
#include "sink/format.h"

#include <weft/base.h>

const char format_triples[4 * 1000 + 4] = {
#define TEN(h, t, zeros) \
  h, t, '0', zeros, h, t, '1', zeros, h, t, '2', zeros, h, t, '3', zeros, h, t, '4', zeros, h, t, \
      '5', zeros, h, t, '6', zeros, h, t, '7', zeros, h, t, '8', zeros, h, t, '9', zeros
#define HUNDRED(h, zeros, zeros_of_ten) \
  TEN(h, '0', zeros_of_ten), TEN(h, '1', zeros), TEN(h, '2', zeros), TEN(h, '3', zeros), \
      TEN(h, '4', zeros), TEN(h, '5', zeros), TEN(h, '6', zeros), TEN(h, '7', zeros), \
      TEN(h, '8', zeros), TEN(h, '9', zeros)
    HUNDRED('0', 1, 2), HUNDRED('1', 0, 0), HUNDRED('2', 0, 0), HUNDRED('3', 0, 0),
    HUNDRED('4', 0, 0), HUNDRED('5', 0, 0), HUNDRED('6', 0, 0), HUNDRED('7', 0, 0),
    HUNDRED('8', 0, 0), HUNDRED('9', 0, 0),
#undef HUNDRED
#undef TEN
};

/* Days since the epoch to a date of the proleptic Gregorian calendar.  Years
   are counted from March, so that the leap day ends one, in cycles of 400
   years, or 146097 days. */
static void format_date(char *p, int64_t seconds) {
  int64_t days = seconds / 86400, rest = seconds % 86400;
  if (rest < 0) {
    days--;
    rest += 86400;
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
  p = format_2(p, (unsigned)(rest / 3600));
  *p++ = ':';
  p = format_2(p, (unsigned)(rest / 60 % 60));
  *p++ = ':';
  p = format_2(p, (unsigned)(rest % 60));
  *p = '.';
}

uint64_t format_clock_turn(struct format_clock *clock, int64_t time) {
  int64_t second = time / (int64_t)FORMAT_SECOND, rest = time % (int64_t)FORMAT_SECOND;
  if (rest < 0) {
    second--;
    rest += (int64_t)FORMAT_SECOND;
  }
  format_date(clock->text, second);
  clock->second = (uint64_t)time - (uint64_t)rest;
  return (uint64_t)rest;
}

char *format_large(char *p, uint64_t v) {
  return format_3(format_uint(p, v / 1000), (unsigned)(v % 1000));
}

char *format_address(char *p, const uint8_t address[16]) {
  static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  /* In two pieces that are compared in place. */
  if (memcmp(address, mapped, 8) == 0 && memcmp(address + 8, mapped + 8, 4) == 0) {
    for (int i = 12; i < 15; i++) {
      p = format_upto_3(p, address[i]);
      *p++ = '.';
    }
    return format_upto_3(p, address[15]);
  }
  char text[WEFT_ENDPOINT_STRLEN];
  weft_address_format(address, text);
  size_t length = strlen(text);
  memcpy(p, text, length);
  return p + length;
}
