/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IO_SINK_FORMAT_H
#define IO_SINK_FORMAT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Numbers and times as text, each written at `p`, returning the byte after.
 * Nothing is terminated, and up to three bytes behind may be written as well.
 * FORMAT_MAX bytes are enough for any of them, those three included.
 * Digits are taken three at a time, and how many there are is taken with them.
 */
#define FORMAT_MAX 40

/* "000".."999", each followed by the number of zeros that it begins with, of "000" two. */
extern const char format_triples[4 * 1000 + 4];

/* Exactly two digits of v < 100, and not a byte more. */
static inline char *format_2(char *p, unsigned v) {
  memcpy(p, format_triples + (size_t)4 * v + 1, 2);
  return p + 2;
}

/* Exactly three digits of v < 1000. */
static inline char *format_3(char *p, unsigned v) {
  memcpy(p, format_triples + (size_t)4 * v, 4);
  return p + 3;
}

/* Exactly nine digits of v < 10^9. */
static inline char *format_9(char *p, uint32_t v) {
  uint32_t high = v / 1000000, low = v % 1000000;
  return format_3(format_3(format_3(p, high), low / 1000), low % 1000);
}

/* One to three digits of v < 1000. */
static inline char *format_upto_3(char *p, unsigned v) {
  const char *triple = format_triples + (size_t)4 * v;
  size_t zeros = (unsigned char)triple[3];
  memcpy(p, triple + zeros, 4);
  return p + 3 - zeros;
}

/* Of v >= 10^6. */
char *format_large(char *p, uint64_t v);

static inline char *format_uint(char *p, uint64_t v) {
  if (v < 1000) return format_upto_3(p, (unsigned)v);
  if (v >= 1000000) return format_large(p, v);
  return format_3(format_upto_3(p, (uint32_t)v / 1000), (uint32_t)v % 1000);
}

#define FORMAT_SECOND UINT64_C(1000000000) /* nanoseconds */

static inline char *format_seconds(char *p, int64_t nanoseconds) {
  uint64_t v = (uint64_t)nanoseconds;
  if (nanoseconds < 0) {
    *p++ = '-';
    v = 0 - v;
  }
  if (v < FORMAT_SECOND) {
    *p++ = '0';
  } else {
    p = format_uint(p, v / FORMAT_SECOND);
    v %= FORMAT_SECOND;
  }
  *p = '.';
  return format_9(p + 1, (uint32_t)v);
}

/* Begins by being turned.  Frames come in order of time, so the date before the point
   is mostly that of the frame before.  What is behind it is made each time: to read
   it from where it was just written in pieces would take longer. */
struct format_clock {
  uint64_t second; /* its first nanosecond */
  char text[20];   /* "2011-09-01T06:23:59." */
};

/* Turns the clock to the second of `time`, and returns what of `time` is past it. */
uint64_t format_clock_turn(struct format_clock *, int64_t time);

/* 30 bytes. */
static inline char *format_time(struct format_clock *clock, char *p, int64_t time) {
  uint64_t rest = (uint64_t)time - clock->second;
  if (rest >= FORMAT_SECOND) rest = format_clock_turn(clock, time);
  memcpy(p, clock->text, sizeof clock->text);
  p = format_9(p + sizeof clock->text, (uint32_t)rest);
  *p = 'Z';
  return p + 1;
}

/* The address as weft_address_format writes it, IPv4 without a detour. */
char *format_address(char *p, const uint8_t address[16]);

#endif
