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

/* One or two digits of v < 100. */
static inline char *format_upto_2(char *p, unsigned v) {
  if (v >= 10) return format_2(p, v);
  *p = (char)('0' + v);
  return p + 1;
}

/* One to four digits of v < 10000. */
static inline char *format_upto_4(char *p, unsigned v) {
  return v >= 100 ? format_2(format_upto_2(p, v / 100), v % 100) : format_upto_2(p, v);
}

/* Of v >= 10^8. */
char *format_large(char *p, uint64_t v);

static inline char *format_uint(char *p, uint64_t v) {
  if (v < 10000) return format_upto_4(p, (unsigned)v);
  if (v >= 100000000) return format_large(p, v);
  return format_4(format_upto_4(p, (uint32_t)v / 10000), (uint32_t)v % 10000);
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
   the frame before; and of a message in one frame the first time is the last. */
struct format_clock {
  int64_t time, second;
  char text[32]; /* of `time`, the date in it of `second`; empty at first */
};

/* Makes the clock show the time. */
static inline void format_clock_set(struct format_clock *clock, int64_t time) {
  int64_t second = time / 1000000000, rest = time % 1000000000;
  if (rest < 0) {
    second--;
    rest += 1000000000;
  }
  if (second != clock->second || clock->text[0] == '\0') {
    *format_date(clock->text, second) = '.';
    clock->second = second;
  }
  *format_9(clock->text + 20, (uint32_t)rest) = 'Z';
  clock->time = time;
}

static inline char *format_time(struct format_clock *clock, char *p, int64_t time) {
  if (time != clock->time || clock->text[0] == '\0') format_clock_set(clock, time);
  memcpy(p, clock->text, sizeof clock->text); /* more than needed, in two moves */
  return p + 30;
}

/* The address as weft_address_format writes it, IPv4 without a detour. */
char *format_address(char *p, const uint8_t address[16]);

#endif
