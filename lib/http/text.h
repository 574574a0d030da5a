/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_TEXT_H
#define WEFT_HTTP_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* ASCII as HTTP sees it, whatever the locale. */

static inline uint8_t http_text_lower(uint8_t c) {
  return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static inline int http_text_is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static inline int http_text_is_blank(uint8_t c) { return c == ' ' || c == '\t'; }

/* tchar of RFC 9110 section 5.6.2. */
static inline int http_text_is_token(uint8_t c) {
  static const uint32_t set[8] = {0,          /* controls */
                                  0x03ff6cfa, /* ! # $ % & ' * + - . 0-9 */
                                  0xc7fffffe, /* A-Z ^ _ */
                                  0x57ffffff, /* ` a-z | ~ */
                                  0,          0, 0, 0};
  return set[c >> 5] >> (c & 31) & 1;
}

/* Equal to `lower`, a lower-case string, ASCII case ignored. */
static inline int http_text_is(const uint8_t *p, size_t length, const char *lower) {
  size_t i = 0;
  for (; i < length; i++)
    if (!lower[i] || http_text_lower(p[i]) != (uint8_t)lower[i]) return 0;
  return !lower[i];
}

/* Takes the blanks off both ends. */
static inline void http_text_trim(const uint8_t **base, size_t *length) {
  while (*length && http_text_is_blank((*base)[0])) ++*base, --*length;
  while (*length && http_text_is_blank((*base)[*length - 1])) --*length;
}

#endif
