/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IO_SINK_FORMAT_H
#define IO_SINK_FORMAT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Numbers and times as text, each written at `p`, returning the byte after.
 * Nothing is terminated.  FORMAT_MAX bytes are enough for any of them.
 */
#define FORMAT_MAX 40

extern const char format_pairs[200]; /* "00".."99" */

/* Exactly two digits of v < 100. */
static inline char *format_2(char *p, unsigned v) {
  memcpy(p, format_pairs + 2 * v, 2);
  return p + 2;
}

/* Exactly four digits of v < 10000. */
static inline char *format_4(char *p, unsigned v) {
  return format_2(format_2(p, v / 100), v % 100);
}

/* Exactly nine digits of v < 10^9. */
static inline char *format_9(char *p, uint32_t v) {
  uint32_t high = v / 10000, low = v % 10000; /* five digits and four */
  *p = (char)('0' + high / 10000);
  return format_4(format_4(p + 1, high % 10000), low);
}

static inline unsigned format_digits(uint64_t v) {
  unsigned n = 1;
  for (; v >= 10000; v /= 10000) n += 4;
  return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

static inline char *format_uint(char *p, uint64_t v) {
  if (v < 10) {
    *p = (char)('0' + v);
    return p + 1;
  }
  char *end = p + format_digits(v);
  char *at = end;
  for (; v >= 100; v /= 100) {
    at -= 2;
    memcpy(at, format_pairs + 2 * (v % 100), 2);
  }
  if (v >= 10)
    memcpy(p, format_pairs + 2 * v, 2);
  else
    *p = (char)('0' + v);
  return end;
}

static inline char *format_seconds(char *p, int64_t nanoseconds) {
  uint64_t v = (uint64_t)nanoseconds;
  if (nanoseconds < 0) {
    *p++ = '-';
    v = 0 - v;
  }
  p = format_uint(p, v / 1000000000u);
  *p++ = '.';
  return format_9(p, (uint32_t)(v % 1000000000u));
}

/* "2011-09-01T06:23:59", 19 bytes, of a number of seconds since the epoch. */
char *format_date(char *p, int64_t seconds);

/* Frames come in order of time, so the date before the point is mostly that of
   the frame before: it is kept. */
struct format_clock {
  int64_t second;
  char date[24]; /* of `second`; empty at first */
};

static inline char *format_time(struct format_clock *clock, char *p, int64_t time) {
  int64_t second = time / 1000000000, rest = time % 1000000000;
  if (rest < 0) {
    second--;
    rest += 1000000000;
  }
  if (second != clock->second || clock->date[0] == '\0') {
    format_date(clock->date, second);
    clock->second = second;
  }
  memcpy(p, clock->date, 19);
  p[19] = '.';
  p = format_9(p + 20, (uint32_t)rest);
  *p = 'Z';
  return p + 1;
}

/* The address as weft_address_format writes it, IPv4 without a detour. */
char *format_address(char *p, const uint8_t address[16]);

#endif
