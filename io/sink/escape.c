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

/* Of what a text is, it depends what must not be in it for it to be copied as it is: what
   JSON escapes, and where a part of it begins that is written apart. */
enum kind { TEXT, TARGET, NAME };

#define ONES UINT64_C(0x0101010101010101)

/* The top bit of each byte of the result is set where that of `v`, if ASCII, is `c`. */
static inline uint64_t equal(uint64_t v, char c) { return (v ^ ONES * (unsigned char)c) - ONES; }

/* Is any of 8 bytes such a one?  Bytes above one are not judged right, but that is enough
   for "none at all". */
static inline int any_of_8(uint64_t v, enum kind kind) {
  uint64_t found = v | (v - ONES * 0x20) | equal(v, '"') | equal(v, '\\');
  if (kind == TARGET) found |= equal(v, '#');
  if (kind == NAME) found |= equal(v, ':') | equal(v, '@') | equal(v, '[');
  return (found & ONES * 0x80) != 0;
}

static int is_plain(char c) {
  unsigned char b = (unsigned char)c;
  return b >= 0x20 && b < 0x80 && b != '"' && b != '\\';
}

/* Each copies its bytes and says whether all may be. */

/* 1 to 3. */
static inline int copy_upto_3(char *to, const char *from, size_t length, enum kind kind) {
  char head = from[0], middle = from[length / 2], tail = from[length - 1];
  to[0] = head;
  to[length / 2] = middle;
  to[length - 1] = tail;
  return !any_of_8((ONES * 'a' << 24) | (uint64_t)(unsigned char)head << 16 |
                       (uint64_t)(unsigned char)middle << 8 | (unsigned char)tail,
                   kind);
}

/* 4 to 8, those in the middle twice. */
static inline int copy_upto_8(char *to, const char *from, size_t length, enum kind kind) {
  uint32_t head, tail;
  memcpy(&head, from, 4);
  memcpy(&tail, from + length - 4, 4);
  memcpy(to, &head, 4);
  memcpy(to + length - 4, &tail, 4);
  return !any_of_8((uint64_t)head << 32 | tail, kind);
}

#if defined(__SSE2__)
static inline __m128i equal_16(__m128i v, char c) { return _mm_cmpeq_epi8(v, _mm_set1_epi8(c)); }

static inline int any_of_16(__m128i v, enum kind kind) {
  __m128i found = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)); /* signed, so not ASCII as well */
  found = _mm_or_si128(found, _mm_or_si128(equal_16(v, '"'), equal_16(v, '\\')));
  if (kind == TARGET) found = _mm_or_si128(found, equal_16(v, '#'));
  if (kind == NAME) {
    found = _mm_or_si128(found, _mm_or_si128(equal_16(v, ':'), equal_16(v, '@')));
    found = _mm_or_si128(found, equal_16(v, '['));
  }
  return _mm_movemask_epi8(found) != 0;
}

static inline int copy_16(char *to, const char *from, enum kind kind) {
  __m128i v = _mm_loadu_si128((const __m128i *)(const void *)from);
  _mm_storeu_si128((__m128i *)(void *)to, v);
  return !any_of_16(v, kind);
}

/* 8 to 16: the first eight, and the last. */
static inline __m128i load_ends(const char *from, size_t length) {
  __m128i head = _mm_loadl_epi64((const __m128i *)(const void *)from);
  __m128i tail = _mm_loadl_epi64((const __m128i *)(const void *)(from + length - 8));
  return _mm_unpacklo_epi64(head, tail);
}

static inline void store_ends(char *to, size_t length, __m128i v) {
  _mm_storel_epi64((__m128i *)(void *)to, v);
  _mm_storel_epi64((__m128i *)(void *)(to + length - 8), _mm_srli_si128(v, 8));
}

static inline int copy_upto_16(char *to, const char *from, size_t length, enum kind kind) {
  __m128i v = load_ends(from, length);
  store_ends(to, length, v);
  return !any_of_16(v, kind);
}
#else
static inline int copy_upto_16(char *to, const char *from, size_t length, enum kind kind) {
  uint64_t head, tail;
  memcpy(&head, from, 8);
  memcpy(&tail, from + length - 8, 8);
  memcpy(to, &head, 8);
  memcpy(to + length - 8, &tail, 8);
  return !any_of_8(head, kind) && !any_of_8(tail, kind);
}

static inline int copy_16(char *to, const char *from, enum kind kind) {
  return copy_upto_16(to, from, 16, kind);
}
#endif

/* Copies all and returns length, or less: that much may be.  What is behind it has been
   looked at in part. */
static inline size_t copy(char *to, const char *from, size_t length, enum kind kind) {
  if (length >= 16) {
    size_t i = 0;
    for (; i + 16 <= length; i += 16)
      if (!copy_16(to + i, from + i, kind)) return i;
    /* The end in one piece, some bytes once more. */
    return i == length || copy_16(to + length - 16, from + length - 16, kind) ? length : i;
  }
  if (length >= 8) return copy_upto_16(to, from, length, kind) ? length : 0;
  if (length >= 4) return copy_upto_8(to, from, length, kind) ? length : 0;
  return length > 0 && copy_upto_3(to, from, length, kind) ? length : 0;
}

size_t escape_plain(char *to, const char *from, size_t length) {
  size_t i = copy(to, from, length, TEXT);
  for (; i < length && is_plain(from[i]); i++) to[i] = from[i];
  return i;
}

int escape_name(char *to, const char *from, size_t length) {
  return copy(to, from, length, NAME) == length;
}

#if defined(__SSE2__)
/* Where the first '?' is, or 16. */
static size_t target_mark(__m128i v) {
  unsigned marks = (unsigned)_mm_movemask_epi8(equal_16(v, '?'));
  return marks != 0 ? (size_t)__builtin_ctz(marks) : 16;
}

/* Of 16 bytes and more. */
static int target_long(char *to, char *again, const char *from, size_t length, size_t *ret_mark) {
  size_t mark = length;
  for (size_t i = 0; i < length; i += 16) {
    if (length - i < 16) i = length - 16; /* the end in one piece, some bytes once more */
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(from + i));
    _mm_storeu_si128((__m128i *)(void *)(to + i), v);
    _mm_storeu_si128((__m128i *)(void *)(again + i), v);
    if (any_of_16(v, TARGET)) return 0;
    if (mark == length && target_mark(v) < 16) mark = i + target_mark(v);
  }
  *ret_mark = mark;
  return 1;
}
#endif

int escape_target(char *to, char *again, const char *from, size_t length, size_t *ret_mark) {
#if defined(__SSE2__)
  if (length >= 16) return target_long(to, again, from, length, ret_mark);
  if (length >= 8) {
    __m128i v = load_ends(from, length);
    store_ends(to, length, v);
    store_ends(again, length, v);
    if (any_of_16(v, TARGET)) return 0;
    size_t mark = target_mark(v);
    *ret_mark = mark < 8 ? mark : mark + length - 16;
    return 1;
  }
#endif
  if (copy(to, from, length, TARGET) != length) return 0;
  memcpy(again, from, length);
  const char *mark = memchr(from, '?', length);
  *ret_mark = mark != NULL ? (size_t)(mark - from) : length;
  return 1;
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
