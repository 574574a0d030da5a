/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode/layer.h"

#ifdef WEFT_HAVE_ZSTD
#  include <zstd.h>
#  include <zstd_errors.h>

/*
 * zstd: frames one after another (RFC 8878 section 3), of a window that RFC 9659
 * bounds for HTTP.  What a frame begins with is looked at here, for the library
 * would take those of its own past as well.
 */
enum { WINDOW_LOG = 23, MAGIC = 4 };

struct zstd {
  struct layer layer;
  ZSTD_DCtx *context;
  uint8_t magic[MAGIC], nmagic; /* of the frame that is being read; 0: between frames */
  uint8_t some;                 /* a frame was read to its end */
  uint8_t over;                 /* what follows is no part of it */
};

static int zstd_begin(struct layer *l) {
  struct zstd *s = (struct zstd *)l;
  s->context = ZSTD_createDCtx();
  if (s->context == NULL) return WEFT_E_NOMEM;
  ZSTD_DCtx_setParameter(s->context, ZSTD_d_windowLogMax, WINDOW_LOG);
  return 0;
}

/* As far as the frame's first bytes are there: a frame, or one to be skipped? */
static int is_frame(const uint8_t *magic, size_t n) {
  static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd}, skippable[] = {0x50, 0x2a, 0x4d, 0x18};
  int plain = 1, skipped = 1;
  for (size_t i = 0; i < n; i++) {
    plain &= magic[i] == frame[i];
    skipped &= (i == 0 ? magic[i] & 0xf0 : magic[i]) == skippable[i];
  }
  return plain || skipped;
}

/* What follows a whole frame and is none is ignored. */
static int zstd_refused(struct zstd *s) {
  if (!s->some) return layer_damaged(&s->layer);
  s->over = 1;
  s->nmagic = 0;
  return 0;
}

/* Bytes of the current frame; *ret_used says how many it took. */
static int frame_write(struct zstd *s, const uint8_t *bytes, size_t length, size_t *ret_used) {
  uint8_t buffer[LAYER_BYTES];
  ZSTD_inBuffer in = {bytes, length, 0};
  ZSTD_outBuffer out = {buffer, sizeof buffer, 0};
  size_t left = 1;
  /* A full buffer may have left more inside. */
  while (left > 0 && (in.pos < in.size || out.pos == out.size)) {
    out.pos = 0;
    left = ZSTD_decompressStream(s->context, &out, &in);
    int status = layer_emit(&s->layer, buffer, out.pos);
    if (status < 0) return status;
    if (ZSTD_isError(left))
      return ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation ? WEFT_E_NOMEM
                                                                     : layer_damaged(&s->layer);
  }
  if (left == 0) {
    s->some = 1;
    s->nmagic = 0;
  }
  *ret_used = in.pos;
  return 0;
}

static int zstd_write(struct layer *l, const uint8_t *bytes, size_t length) {
  struct zstd *s = (struct zstd *)l;
  size_t used = 0;
  for (int status; length > 0 && !s->over; bytes += used, length -= used) {
    if (s->nmagic < MAGIC) {
      s->magic[s->nmagic++] = *bytes;
      used = 1;
      status = is_frame(s->magic, s->nmagic) ? 0 : zstd_refused(s);
      if (status == 0 && s->nmagic == MAGIC) {
        size_t all;
        status = frame_write(s, s->magic, MAGIC, &all);
      }
    } else {
      status = frame_write(s, bytes, length, &used);
    }
    if (status < 0) return status;
  }
  return 0;
}

static int zstd_is_over(const struct layer *l) {
  const struct zstd *s = (const struct zstd *)l;
  return s->some && s->nmagic == 0;
}

static void zstd_done(struct layer *l) { ZSTD_freeDCtx(((struct zstd *)l)->context); }

const struct coding coding_zstd = {
    .names = {"zstd"},
    .size = sizeof(struct zstd),
    .begin = zstd_begin,
    .write = zstd_write,
    .is_over = zstd_is_over,
    .done = zstd_done,
};

#endif
