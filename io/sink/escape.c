/* SPDX-License-Identifier: BSD-2-Clause */
#include "sink/escape.h"
#include "sink/utf8.h"

#if defined(__SSE2__)
#  include <emmintrin.h>
#endif

/*
 * Text from the wire, made safe for where it goes.  Nearly all of it is plain
 * ASCII, which is copied a word or a vector at a time; what is left takes the slow
 * path, one character at a time.
 */

static const char hex_digits[] = "0123456789abcdef";

/* In each byte of `v` that is a control character, a quote, a backslash or not
   ASCII the top bit of the result is set; further bits may be, above one of
   these, so only the lowest says where.  That is enough for "none at all". */
static uint64_t special(uint64_t v) {
  const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
  uint64_t quote = v ^ ones * '"', backslash = v ^ ones * '\\';
  return (v | (v - ones * 0x20) | (quote - ones) | (backslash - ones)) & tops;
}

static int is_plain(char c) {
  unsigned char b = (unsigned char)c;
  return b >= 0x20 && b < 0x80 && b != '"' && b != '\\';
}

/* Copies 8 bytes if all are plain. */
static int copy_8(char *to, const char *from) {
  uint64_t v;
  memcpy(&v, from, 8);
  memcpy(to, &v, 8);
  return special(v) == 0;
}

/* The same of 16. */
static int copy_16(char *to, const char *from) {
#if defined(__SSE2__)
  __m128i v = _mm_loadu_si128((const __m128i *)(const void *)from);
  __m128i control = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)); /* signed, so not ASCII as well */
  __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
  __m128i backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
  _mm_storeu_si128((__m128i *)(void *)to, v);
  return _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash))) == 0;
#else
  return copy_8(to, from) && copy_8(to + 8, from + 8);
#endif
}

size_t escape_plain(char *to, const char *from, size_t length) {
  size_t i = 0;
  for (; i + 16 <= length; i += 16)
    if (!copy_16(to + i, from + i)) break;
  /* The end in one piece, some bytes once more. */
  if (length >= 16) {
    if (length - i < 16 && copy_16(to + length - 16, from + length - 16)) return length;
  } else if (length >= 8) {
    if (copy_8(to, from) && copy_8(to + length - 8, from + length - 8)) return length;
  }
  for (; i < length && is_plain(from[i]); i++) to[i] = from[i];
  return i;
}

static char *escape_code(char *p, unsigned char b) {
  memcpy(p, "\\u00", 4);
  p[4] = hex_digits[b >> 4];
  p[5] = hex_digits[b & 15];
  return p + 6;
}

/* One character that is not plain; *used says how many bytes it had.  At most
   six bytes are written. */
static char *escape_one(char *p, const char *from, size_t length, size_t *used) {
  static const char letters[128] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                    ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
  unsigned char b = (unsigned char)from[0];
  uint32_t character;
  *used = 1;
  if (b < 0x80 && letters[b] != 0) {
    *p++ = '\\';
    *p++ = letters[b];
    return p;
  }
  size_t n = b < 0x80 ? 0 : utf8_decode(from, length, &character);
  if (n == 0) return escape_code(p, b);
  memcpy(p, from, n);
  *used = n;
  return p + n;
}

void weft_write_json(struct weft_writer *w, const char *text, size_t length) {
  weft_write_char(w, '"');
  for (size_t i = 0; i < length;) {
    size_t piece = length - i < 4096 ? length - i : 4096;
    char *p = writer_room(w, piece + 8);
    size_t used = escape_plain(p, text + i, piece);
    i += used;
    p += used;
    if (used < piece) {
      p = escape_one(p, text + i, length - i, &used);
      i += used;
    }
    w->at = p;
  }
  weft_write_char(w, '"');
}

void weft_write_utf8(struct weft_writer *w, const char *text, size_t length) {
  uint32_t character;
  for (size_t i = 0, n; i < length; i += n) {
    for (n = 0; i + n < length && !(text[i + n] & 0x80);) n++;
    if (n == 0) n = utf8_decode(text + i, length - i, &character);
    if (n > 0) {
      weft_write_bytes(w, text + i, n);
      continue;
    }
    unsigned char b = (unsigned char)text[i];
    weft_write_char(w, (char)(0xc0 | b >> 6)); /* U+0080 to U+00FF */
    weft_write_char(w, (char)(0x80 | (b & 0x3f)));
    n = 1;
  }
}

size_t escape_visible(char *to, const char *from, size_t length, size_t *ret_used) {
  uint32_t character = 0;
  size_t n = utf8_decode(from, length, &character);
  int columns = n > 0 ? utf8_columns(character) : -1;
  if (columns >= 0) {
    memcpy(to, from, n);
    to[n] = '\0';
    *ret_used = n;
    return (size_t)columns;
  }
  if (n == 0) n = 1;
  for (size_t i = 0; i < n; i++) {
    unsigned char b = (unsigned char)from[i];
    char *p = to + 4 * i;
    p[0] = '\\';
    p[1] = 'x';
    p[2] = hex_digits[b >> 4];
    p[3] = hex_digits[b & 15];
  }
  to[4 * n] = '\0';
  *ret_used = n;
  return 4 * n;
}

size_t escape_printable(const char *text, size_t length) {
  size_t i = 0;
  while (i < length && text[i] > 0x20 && text[i] < 0x7f) i++;
  return i;
}

void weft_write_visible(struct weft_writer *w, const char *text, size_t length) {
  char piece[ESCAPE_VISIBLE_MAX];
  for (size_t i = 0, used; i < length; i += used) {
    used = escape_printable(text + i, length - i);
    weft_write_bytes(w, text + i, used);
    if (used > 0) continue;
    escape_visible(piece, text + i, length - i, &used);
    weft_write_string(w, piece);
  }
}

void weft_write_base64(struct weft_writer *w, const struct weft_span *spans, size_t nspans) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t group = 0;
  unsigned held = 0; /* bytes in `group` */
  for (size_t s = 0; s < nspans; s++) {
    for (size_t i = 0; i < spans[s].len; i++) {
      group = group << 8 | spans[s].base[i];
      if (++held < 3) continue;
      char *p = writer_room(w, 4);
      for (int k = 0; k < 4; k++) p[k] = digits[group >> (18 - 6 * k) & 63];
      w->at += 4;
      group = held = 0;
    }
  }
  if (held == 0) return;
  group <<= 8 * (3 - held);
  for (unsigned k = 0; k < 4; k++)
    weft_write_char(w, k <= held ? digits[group >> (18 - 6 * k) & 63] : '=');
}
