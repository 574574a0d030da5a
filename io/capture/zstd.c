/* SPDX-License-Identifier: BSD-2-Clause */
/* Zstandard: RFC 8878. */
#include "capture/unpack.h"

#ifdef WEFT_HAVE_ZSTD
#  include <stdlib.h>
#  include <string.h>
#  include <zstd.h>

/* When a call fails, nothing of what it made is given, be it megabytes.  So
   each gets no more than the end of the block that is begun, which is what the call
   before it says; and the first of a frame one byte, for of a frame that is whole it
   would unpack all at once. */
#  define FRAME_BEGIN 1

struct zstd {
  ZSTD_DCtx *context;
  size_t wanted;
};

static void zstd_close(void *state) {
  struct zstd *zstd = state;
  ZSTD_freeDCtx(zstd->context);
  free(zstd);
}

static void *zstd_open(void) {
  struct zstd *zstd = calloc(1, sizeof(*zstd));
  if (!zstd) return NULL;
  zstd->wanted = FRAME_BEGIN;
  zstd->context = ZSTD_createDCtx();
  if (!zstd->context) {
    zstd_close(zstd);
    return NULL;
  }
  ZSTD_DCtx_setParameter(zstd->context, ZSTD_d_windowLogMax, UNPACK_WINDOW_LOG_MAX);
  return zstd;
}

static enum unpack_result zstd_step(void *state, struct unpack_step *step) {
  struct zstd *zstd = state;
  ZSTD_inBuffer in = {step->in, step->nin < zstd->wanted ? step->nin : zstd->wanted, 0};
  ZSTD_outBuffer out = {step->out, step->nout, 0};
  size_t rc = ZSTD_decompressStream(zstd->context, &out, &in);
  step->in += in.pos;
  step->nin -= in.pos;
  step->out += out.pos;
  step->nout -= out.pos;
  if (ZSTD_isError(rc)) {
    step->reason = ZSTD_getErrorName(rc);
    return UNPACK_DAMAGED;
  }
  zstd->wanted = rc ? rc : FRAME_BEGIN;
  return rc ? UNPACK_GOES_ON : UNPACK_ENDED;
}

/* Without the reserved bit of the frame header descriptor. */
static int zstd_begins(const uint8_t head[UNPACK_SIGN]) {
  return memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0 && (head[4] & 8) == 0;
}
#else
#  define zstd_begins NULL
#  define zstd_open NULL
#  define zstd_step NULL
#  define zstd_close NULL
#endif

const struct unpacker unpack_zstd = {"zstd",      "zstd -d", "\x28\xb5\x2f\xfd", 4,         0x50,
                                     zstd_begins, zstd_open, zstd_step,          zstd_close};
