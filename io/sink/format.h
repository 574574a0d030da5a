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
 * Digits are taken three at a time.
 */
#define FORMAT_MAX 40

/* A number below 1000, its fourth byte nothing, and without leading zeros, its fourth
   byte the number of digits. */
struct format_digits {
  char triple[4], bare[4];
};
extern const struct format_digits format_digits[1000];

/* Exactly two digits of v < 100, and not a byte more. */
static inline char *format_2(char *p, unsigned v) {
  memcpy(p, format_digits[v].triple + 1, 2);
  return p + 2;
}

/* Exactly three digits of v < 1000. */
static inline char *format_3(char *p, unsigned v) {
  memcpy(p, format_digits[v].triple, 4);
  return p + 3;
}

/* One to three digits of v < 1000. */
static inline char *format_upto_3(char *p, unsigned v) {
  memcpy(p, format_digits[v].bare, 4);
  return p + (unsigned char)format_digits[v].bare[3];
}

/* Nine digits, kept as they will be stored, for what is written more than once: to read
   them from where they were just written in pieces would take longer. */
struct format_nine {
  char triples[3][4];
};

/* Of v < 10^9. */
static inline struct format_nine format_nine_of(uint32_t v) {
  struct format_nine nine = {{{0}}};
  uint32_t high = v / 1000000, low = v % 1000000;
  format_3(nine.triples[0], high);
  format_3(nine.triples[1], low / 1000);
  format_3(nine.triples[2], low % 1000);
  return nine;
}

static inline char *format_nine(char *p, const struct format_nine *nine) {
  for (int i = 0; i < 3; i++) memcpy(p + (size_t)3 * i, nine->triples[i], 4);
  return p + 9;
}

/* Exactly nine digits of v < 10^9. */
static inline char *format_9(char *p, uint32_t v) {
  struct format_nine nine = format_nine_of(v);
  return format_nine(p, &nine);
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

/* Begins by being set.  Frames come in order of time, and exchanges in that of their ends,
   so the minute is mostly that of the time before; the second may go back and forth.  A
   time is often written more than once, so what is behind the minute is kept until
   another comes. */
struct format_clock {
  int64_t time;    /* the last one */
  uint64_t minute; /* the first nanosecond of its minute */
  struct format_nine fraction;
  char second[4]; /* ":59." */
  char text[16];  /* "2011-09-01T06:23" */
};

#define FORMAT_MINUTE (60 * FORMAT_SECOND)

/* ":00.", one after the other. */
extern const char format_clock_seconds[60][4];

/* To another time in the same minute. */
static inline void format_clock_move(struct format_clock *clock, int64_t time) {
  uint64_t rest = (uint64_t)time - clock->minute;
  memcpy(clock->second, format_clock_seconds[rest / FORMAT_SECOND], 4);
  clock->fraction = format_nine_of((uint32_t)(rest % FORMAT_SECOND));
  clock->time = time;
}

void format_clock_set(struct format_clock *, int64_t time);

/* 30 bytes. */
static inline char *format_time(struct format_clock *clock, char *p, int64_t time) {
  if (time != clock->time) {
    if ((uint64_t)time - clock->minute < FORMAT_MINUTE)
      format_clock_move(clock, time);
    else
      format_clock_set(clock, time);
  }
  memcpy(p, clock->text, sizeof clock->text);
  memcpy(p + sizeof clock->text, clock->second, 4);
  p = format_nine(p + sizeof clock->text + 4, &clock->fraction);
  *p = 'Z';
  return p + 1;
}

/* As weft_address_format writes it. */
char *format_address_long(char *p, const uint8_t address[16]);

/* The same, IPv4 without a detour. */
static inline char *format_address(char *p, const uint8_t address[16]) {
  static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  /* In two pieces that are compared in place. */
  if (memcmp(address, mapped, 8) != 0 || memcmp(address + 8, mapped + 8, 4) != 0)
    return format_address_long(p, address);
  for (int i = 12; i < 15; i++) {
    p = format_upto_3(p, address[i]);
    *p++ = '.';
  }
  return format_upto_3(p, address[15]);
}

#endif
