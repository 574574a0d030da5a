/* SPDX-License-Identifier: BSD-2-Clause */
/* LZ4 in its frame format. */
#include "capture/unpack.h"

#ifdef WEFT_HAVE_LZ4
#  include <lz4frame.h>
#  include <stdlib.h>
#  include <string.h>

/* When a call fails, nothing of what it made is given, so each gets no more
   than the end of the block that is begun: the call before it says how much. */
#  define FRAME_BEGIN 7

struct lz4 {
  LZ4F_dctx *context;
  size_t wanted;
};

static void lz4_close(void *state) {
  struct lz4 *lz4 = state;
  LZ4F_freeDecompressionContext(lz4->context);
  free(lz4);
}

static void *lz4_open(void) {
  struct lz4 *lz4 = calloc(1, sizeof(*lz4));
  if (!lz4) return NULL;
  lz4->wanted = FRAME_BEGIN;
  if (!LZ4F_isError(LZ4F_createDecompressionContext(&lz4->context, LZ4F_VERSION))) return lz4;
  lz4_close(lz4);
  return NULL;
}

static enum unpack_result lz4_step(void *state, struct unpack_step *step) {
  struct lz4 *lz4 = state;
  size_t made = step->nout, taken = step->nin < lz4->wanted ? step->nin : lz4->wanted;
  size_t rc = LZ4F_decompress(lz4->context, step->out, &made, step->in, &taken, NULL);
  if (LZ4F_isError(rc)) {
    step->reason = LZ4F_getErrorName(rc);
    return UNPACK_DAMAGED;
  }
  step->in += taken;
  step->nin -= taken;
  step->out += made;
  step->nout -= made;
  lz4->wanted = rc ? rc : FRAME_BEGIN;
  return rc ? UNPACK_GOES_ON : UNPACK_ENDED;
}

/* Of version 1, without reserved bits. */
static int lz4_begins(const uint8_t head[UNPACK_SIGN]) {
  return memcmp(head, "\x04\x22\x4d\x18", 4) == 0 && (head[4] & 0xc2) == 0x40 &&
         (head[5] & 0x8f) == 0;
}
#else
#  define lz4_begins NULL
#  define lz4_open NULL
#  define lz4_step NULL
#  define lz4_close NULL
#endif

const struct unpacker unpack_lz4 = {"lz4",      "lz4 -d", "\x04\x22\x4d\x18", 4,        0x50,
                                    lz4_begins, lz4_open, lz4_step,           lz4_close};
