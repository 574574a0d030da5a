/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode/layer.h"

/*
 * compress (RFC 9110 section 8.4.1.1): what the UNIX program of that name writes, the LZW
 * of Welch (1984).  There is no standard of it, and no library but whole archivers has it.
 *
 *     | 1f 9d | flags: 0x80 a code clears, 0x1f bits at most | codes ...
 *
 * Codes lie bit after bit, the lowest first, of 9 bits until the table has as many
 * strings as those can name, then of one bit more.  The program writes eight codes at a time, so
 * where their width changes, and after a clear, the rest of such a group is skipped:
 *
 *     width      9 9 9 9 9 9 9 9 | 9 9 9 - - - - - | 10 10 10 ...
 *                                        padding
 *
 * There is no mark of the end, so what is cut cannot be told from what is whole.
 */
enum { BITS_MIN = 9, BITS_MAX = 16, CLEAR = 256, STRINGS = 1 << BITS_MAX, NONE = -1 };

struct lzw {
  struct layer layer;
  uint8_t head[3], nhead;
  uint8_t blocks;           /* CLEAR is a code, not a string */
  unsigned bits_max, width; /* of a code: at most, now */
  unsigned group;           /* codes of this width so far, modulo 8 */
  unsigned skip;            /* bits of padding still to come */
  uint64_t buffer;          /* the lowest `nbuffer` bits are not used yet */
  unsigned nbuffer;
  int before;        /* the code before, NONE where a string begins anew */
  unsigned nstrings; /* named so far */
  size_t nout;       /* of `out` */
  uint8_t first;     /* byte of the string before */
  uint16_t prefix[STRINGS];
  uint16_t length[STRINGS]; /* of the string, less one */
  uint8_t last[STRINGS];    /* its last byte */
  uint8_t out[LAYER_BYTES + STRINGS];
};

static int lzw_begin(struct layer *l) {
  struct lzw *s = (struct lzw *)l;
  for (unsigned i = 0; i < CLEAR; i++) s->last[i] = (uint8_t)i;
  s->before = NONE;
  s->width = BITS_MIN;
  return 0;
}

static int head_is_right(struct lzw *s) {
  s->bits_max = s->head[2] & 0x1f;
  s->blocks = s->head[2] >> 7;
  s->nstrings = CLEAR + s->blocks;
  return s->head[0] == 0x1f && s->head[1] == 0x9d && s->bits_max >= BITS_MIN &&
         s->bits_max <= BITS_MAX;
}

static int lzw_flush(struct lzw *s) {
  size_t n = s->nout;
  s->nout = 0;
  return layer_emit(&s->layer, s->out, n);
}

static void width_set(struct lzw *s, unsigned width) {
  s->skip = s->group > 0 ? (8 - s->group) * s->width : 0;
  s->group = 0;
  s->width = width;
}

/* A string is that of its prefix and one byte more, so it is written from its end. */
static int string_write(struct lzw *s, unsigned code) {
  size_t n = (size_t)s->length[code] + 1;
  uint8_t *at = s->out + s->nout + n;
  s->nout += n;
  for (; code >= CLEAR; code = s->prefix[code]) *--at = s->last[code];
  *--at = s->first = (uint8_t)code;
  return s->nout >= LAYER_BYTES ? lzw_flush(s) : 0;
}

static void string_add(struct lzw *s, uint8_t last) {
  s->prefix[s->nstrings] = (uint16_t)s->before;
  s->length[s->nstrings] = (uint16_t)(s->length[s->before] + 1);
  s->last[s->nstrings++] = last;
}

static int code_take(struct lzw *s, unsigned code) {
  int room = s->nstrings < 1u << s->bits_max, known = code < s->nstrings;
  if (code == CLEAR && s->blocks) {
    s->nstrings = CLEAR + 1;
    s->before = NONE;
    width_set(s, BITS_MIN);
    return 0;
  }
  if (s->before == NONE ? code >= CLEAR : !known && !(room && code == s->nstrings))
    return layer_damaged(&s->layer);
  /* One that is being named begins as the one before it and ends with that one's first. */
  if (!known) string_add(s, s->first);
  int status = string_write(s, code);
  if (known && room && s->before != NONE) string_add(s, s->first);
  s->before = (int)code;
  return status;
}

/* Takes from the buffer what there is. */
static int codes_take(struct lzw *s) {
  for (;;) {
    if (s->width < s->bits_max && s->nstrings == 1u << s->width) width_set(s, s->width + 1);
    unsigned n = s->skip < s->nbuffer ? s->skip : s->nbuffer;
    s->skip -= n;
    s->nbuffer -= n;
    s->buffer >>= n;
    if (s->skip > 0 || s->nbuffer < s->width) break;
    unsigned code = (unsigned)(s->buffer & ((1u << s->width) - 1));
    s->buffer >>= s->width;
    s->nbuffer -= s->width;
    s->group = (s->group + 1) & 7;
    int status = code_take(s, code);
    if (status < 0) return status;
  }
  return 0;
}

static int lzw_write(struct layer *l, const uint8_t *bytes, size_t length) {
  struct lzw *s = (struct lzw *)l;
  int status = 0;
  for (; length > 0 && s->nhead < sizeof s->head; length--) {
    s->head[s->nhead++] = *bytes++;
    if (s->nhead == sizeof s->head && !head_is_right(s)) return layer_damaged(l);
  }
  for (; length > 0 && status == 0; length--) {
    s->buffer |= (uint64_t)*bytes++ << s->nbuffer;
    s->nbuffer += 8;
    status = codes_take(s);
  }
  return status == 0 ? lzw_flush(s) : status;
}

static int lzw_is_over(const struct layer *l) {
  const struct lzw *s = (const struct lzw *)l;
  return s->nhead == sizeof s->head;
}

static void lzw_done(struct layer *l) { (void)l; }

const struct coding coding_compress = {
    .names = {"compress", "x-compress"},
    .size = sizeof(struct lzw),
    .begin = lzw_begin,
    .write = lzw_write,
    .is_over = lzw_is_over,
    .done = lzw_done,
};
