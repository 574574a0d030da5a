/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_TEXT_H
#define WEFT_HTTP_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/loads.h"

/* ASCII as HTTP sees it, whatever the locale. */

static inline uint8_t http_text_lower(uint8_t c) {
  return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static inline int http_text_is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static inline int http_text_is_blank(uint8_t c) { return c <= ' ' && (c == ' ' || c == '\t'); }

/* tchar of RFC 9110 section 5.6.2. */
static inline int http_text_is_token(uint8_t c) {
  static const uint32_t set[8] = {0,          /* controls */
                                  0x03ff6cfa, /* ! # $ % & ' * + - . 0-9 */
                                  0xc7fffffe, /* A-Z ^ _ */
                                  0x57ffffff, /* ` a-z | ~ */
                                  0,          0, 0, 0};
  return set[c >> 5] >> (c & 31) & 1;
}

/* Eight bytes at `p`, in lower case. */
static inline uint64_t http_text_lower8(const void *p) {
  const uint64_t every = UINT64_C(0x0101010101010101), low7 = every * 0x7f;
  uint64_t v = load_u64(p);
  /* The top bit of each byte: at least 'A', and past 'Z'.  No carry leaves a byte. */
  uint64_t from_a = (v & low7) + every * (0x80 - 'A'), past_z = (v & low7) + every * (0x7f - 'Z');
  return v | ((from_a & ~past_z & ~v & ~low7) >> 2);
}

/* Equal to `lower`, a lower-case string, ASCII case ignored. */
static inline int http_text_is(const uint8_t *p, size_t length, const char *lower) {
  size_t i = 0;
  if (length != strlen(lower)) return 0;
  for (; i + 8 <= length; i += 8)
    if (http_text_lower8(p + i) != load_u64(lower + i)) return 0;
  /* The end in one piece, some bytes once more. */
  if (i) return http_text_lower8(p + length - 8) == load_u64(lower + length - 8);
  for (; i < length; i++)
    if (http_text_lower(p[i]) != (uint8_t)lower[i]) return 0;
  return 1;
}

/* Takes the blanks off both ends. */
static inline void http_text_trim(const uint8_t **base, size_t *length) {
  while (*length && http_text_is_blank((*base)[0])) ++*base, --*length;
  while (*length && http_text_is_blank((*base)[*length - 1])) --*length;
}

/* The same of a text that may have been folded (RFC 9112 section 5.2): the line
   ends count as blanks too, but a CR without LF does not. */
static inline void http_text_trim_folded(const uint8_t **base, size_t *length) {
  const uint8_t *p = *base, *end = p + *length;
  while (p < end) {
    if (*p == '\r' && end - p > 1 && p[1] == '\n') p++;
    if (!http_text_is_blank(*p) && *p != '\n') break;
    p++;
  }
  while (end > p && (http_text_is_blank(end[-1]) || end[-1] == '\n')) {
    end--;
    if (*end == '\n' && end > p && end[-1] == '\r') end--;
  }
  *base = p;
  *length = (size_t)(end - p);
}

#endif
