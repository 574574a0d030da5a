/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode/layer.h"

#ifdef WEFT_HAVE_ZLIB
#  include <string.h>
#  define ZLIB_CONST
#  include <zlib.h>

/*
 * gzip (RFC 1952) and deflate.  RFC 9110 section 8.4.1.2 wants the zlib header
 * (RFC 1950) around the latter, and servers that leave it out were so many
 * that every client takes both: the first two bytes tell.
 */
struct inflate {
  struct layer layer;
  z_stream stream;
  uint8_t head[2]; /* of deflate, until both are there */
  uint8_t nhead;
  uint8_t begun; /* the stream is initialised */
  uint8_t whole; /* at the end of a gzip member or of the deflate data */
  uint8_t over;  /* what follows is no part of it */
};

static int is_gzip(const struct inflate *s) { return s->layer.coding == &coding_gzip; }

/* RFC 1950 section 2.2. */
static int is_zlib(const uint8_t head[2]) {
  return (head[0] & 15) == Z_DEFLATED && head[0] >> 4 <= 7 && (head[0] << 8 | head[1]) % 31 == 0;
}

static int stream_begin(struct inflate *s, int window_bits) {
  if (inflateInit2(&s->stream, window_bits) != Z_OK) return WEFT_E_NOMEM;
  s->begun = 1;
  return 0;
}

static int gzip_begin(struct layer *l) { return stream_begin((struct inflate *)l, 16 + MAX_WBITS); }

static int deflate_begin(struct layer *l) { return (void)l, 0; }

/* gzip takes members one after another, and ignores whatever else follows one. */
static int member_begin(struct inflate *s) {
  s->over = !is_gzip(s) || s->stream.next_in[0] != 0x1f;
  if (s->over) return 0;
  s->whole = 0;
  return inflateReset(&s->stream) == Z_OK ? 0 : WEFT_E_NOMEM;
}

static int stream_refused(struct inflate *s, int rc) {
  if (rc == Z_MEM_ERROR) return WEFT_E_NOMEM;
  /* Behind a whole member something that only begins like another is no damage. */
  if (is_gzip(s) && s->layer.out > 0 && s->stream.total_out == 0) {
    s->whole = s->over = 1;
    return 0;
  }
  return layer_damaged(&s->layer);
}

static int stream_write(struct inflate *s, const uint8_t *bytes, size_t length) {
  uint8_t out[LAYER_BYTES];
  int status = 0;
  s->stream.next_in = bytes;
  s->stream.avail_in = (uInt)length;
  do {
    if (s->whole && !s->over && s->stream.avail_in > 0) status = member_begin(s);
    if (status < 0 || s->over || s->whole) return status;
    s->stream.next_out = out;
    s->stream.avail_out = sizeof out;
    int rc = inflate(&s->stream, Z_NO_FLUSH);
    status = layer_emit(&s->layer, out, sizeof out - s->stream.avail_out);
    if (status == 0 && rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
      return stream_refused(s, rc);
    s->whole = rc == Z_STREAM_END;
  } while (status == 0 && (s->stream.avail_in > 0 || s->stream.avail_out == 0));
  return status;
}

/* Pieces that avail_in can count. */
static int inflate_write(struct layer *l, const uint8_t *bytes, size_t length) {
  struct inflate *s = (struct inflate *)l;
  int status = 0;
  for (size_t n; length > 0 && status == 0; bytes += n, length -= n) {
    n = length < 1u << 30 ? length : 1u << 30;
    status = stream_write(s, bytes, n);
  }
  return status;
}

static int deflate_write(struct layer *l, const uint8_t *bytes, size_t length) {
  struct inflate *s = (struct inflate *)l;
  while (s->nhead < 2 && length > 0) {
    s->head[s->nhead++] = *bytes++;
    length--;
  }
  if (s->nhead < 2) return 0;
  if (!s->begun) {
    int status = stream_begin(s, is_zlib(s->head) ? MAX_WBITS : -MAX_WBITS);
    if (status == 0) status = inflate_write(l, s->head, sizeof s->head);
    if (status < 0) return status;
  }
  return inflate_write(l, bytes, length);
}

static int inflate_is_over(const struct layer *l) { return ((const struct inflate *)l)->whole; }

static void inflate_done(struct layer *l) {
  struct inflate *s = (struct inflate *)l;
  if (s->begun) inflateEnd(&s->stream);
}

const struct coding coding_gzip = {
    .names = {"gzip", "x-gzip"},
    .size = sizeof(struct inflate),
    .begin = gzip_begin,
    .write = inflate_write,
    .is_over = inflate_is_over,
    .done = inflate_done,
};

const struct coding coding_deflate = {
    .names = {"deflate"},
    .size = sizeof(struct inflate),
    .begin = deflate_begin,
    .write = deflate_write,
    .is_over = inflate_is_over,
    .done = inflate_done,
};

#endif
