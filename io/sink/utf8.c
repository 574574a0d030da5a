/* SPDX-License-Identifier: BSD-2-Clause */
#include "sink/utf8.h"

static int tail(char c) { return ((unsigned char)c & 0xc0) == 0x80; }

size_t utf8_decode(const char *text, size_t length, uint32_t *ret) {
  unsigned char a = (unsigned char)text[0];
  if (a < 0x80) {
    *ret = a;
    return 1;
  }
  size_t n = a >= 0xf0 ? 4 : a >= 0xe0 ? 3 : 2;
  if (a < 0xc2 || a > 0xf4 || length < n) return 0;
  uint32_t c = a & (0x7fu >> n);
  for (size_t i = 1; i < n; i++) {
    if (!tail(text[i])) return 0;
    c = c << 6 | ((unsigned char)text[i] & 0x3f);
  }
  static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return 0;
  *ret = c;
  return n;
}

struct range {
  uint32_t first, last;
};

/* Line and paragraph separators, and what turns the direction of writing
   around (Unicode TR 36): a path must not be able to rewrite its own line. */
static const struct range dangerous[] = {
    {0x00, 0x20},     {0x7f, 0xa0},     {0x200b, 0x200f}, {0x2028, 0x202f},   {0x2060, 0x206f},
    {0x3000, 0x3000}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
};

static const struct range combining[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f},
    {0x0e34, 0x0e3a}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20f0},
    {0x302a, 0x302d}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

static const struct range wide[] = {
    {0x1100, 0x115f}, {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},
    {0xa000, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

static int within(const struct range *ranges, size_t n, uint32_t c) {
  for (size_t i = 0; i < n && c >= ranges[i].first; i++)
    if (c <= ranges[i].last) return 1;
  return 0;
}
#define WITHIN(ranges, c) within(ranges, sizeof(ranges) / sizeof *(ranges), c)

int utf8_columns(uint32_t c) {
  if (c > 0x20 && c < 0x7f) return 1;
  if (WITHIN(dangerous, c)) return -1;
  if (WITHIN(combining, c)) return 0;
  return WITHIN(wide, c) ? 2 : 1;
}
