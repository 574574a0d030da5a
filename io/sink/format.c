/* SPDX-License-Identifier: BSD-2-Clause */
#include "sink/format.h"

#include <weft/base.h>

const char format_pairs[200] = {
#define ROW(t) t, '0', t, '1', t, '2', t, '3', t, '4', t, '5', t, '6', t, '7', t, '8', t, '9'
    ROW('0'), ROW('1'), ROW('2'), ROW('3'), ROW('4'),
    ROW('5'), ROW('6'), ROW('7'), ROW('8'), ROW('9'),
#undef ROW
};

/* Days since the epoch to a date of the proleptic Gregorian calendar.  Years
   are counted from March, so that the leap day ends one, in cycles of 400
   years, or 146097 days. */
char *format_date(char *p, int64_t seconds) {
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
  p = format_4(p, (unsigned)(cycle * 400 + year + (month >= 10)));
  *p++ = '-';
  p = format_2(p, month < 10 ? month + 3 : month - 9);
  *p++ = '-';
  p = format_2(p, yday - (153 * month + 2) / 5 + 1);
  *p++ = 'T';
  p = format_2(p, (unsigned)(rest / 3600));
  *p++ = ':';
  p = format_2(p, (unsigned)(rest / 60 % 60));
  *p++ = ':';
  return format_2(p, (unsigned)(rest % 60));
}

char *format_large(char *p, uint64_t v) {
  uint64_t high = v / 100000000;
  uint32_t low = (uint32_t)(v % 100000000);
  return format_4(format_4(format_uint(p, high), low / 10000), low % 10000);
}

char *format_address(char *p, const uint8_t address[16]) {
  static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  /* In two pieces that are compared in place. */
  if (memcmp(address, mapped, 8) == 0 && memcmp(address + 8, mapped + 8, 4) == 0) {
    p = format_upto_4(p, address[12]);
    for (int i = 13; i < 16; i++) {
      *p++ = '.';
      p = format_upto_4(p, address[i]);
    }
    return p;
  }
  char text[WEFT_ENDPOINT_STRLEN];
  weft_address_format(address, text);
  size_t length = strlen(text);
  memcpy(p, text, length);
  return p + length;
}
