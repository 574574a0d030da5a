/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_ASCII_H
#define CLI_ASCII_H

/* What ctype.h says of them in the C locale, whatever the locale is. */
static inline int is_digit(int c) { return c >= '0' && c <= '9'; }
static inline int is_letter(int c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

/* -1: it is none. */
static inline int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that two hexadecimal digits stand for, -1 where they are not that. */
static inline int hex_byte(const char digits[2]) {
  int high = hex_digit(digits[0]), low = high < 0 ? -1 : hex_digit(digits[1]);
  return low < 0 ? -1 : high << 4 | low;
}

#endif
