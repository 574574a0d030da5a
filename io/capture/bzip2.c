/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/unpack.h"

#ifdef WEFT_HAVE_BZIP2
#  include <bzlib.h>
#  include <limits.h>
#  include <stdlib.h>
#  include <string.h>

struct bzip2 {
  bz_stream stream;
  int within; /* a stream */
};

static void *bzip2_open(void) { return calloc(1, sizeof(struct bzip2)); }

static enum unpack_result bzip2_result(struct bzip2 *bzip2, int rc, struct unpack_step *step) {
  if (rc == BZ_OK) return UNPACK_GOES_ON;
  if (rc == BZ_MEM_ERROR) return UNPACK_NO_MEMORY;
  if (rc == BZ_STREAM_END) {
    BZ2_bzDecompressEnd(&bzip2->stream);
    bzip2->within = 0;
    return UNPACK_ENDED;
  }
  step->reason = "it contradicts itself";
  return UNPACK_DAMAGED;
}

static enum unpack_result bzip2_step(void *state, struct unpack_step *step) {
  struct bzip2 *bzip2 = state;
  if (!bzip2->within) {
    bzip2->stream = (bz_stream){0};
    int rc = BZ2_bzDecompressInit(&bzip2->stream, 0, 0);
    if (rc != BZ_OK) return bzip2_result(bzip2, rc, step);
    bzip2->within = 1;
  }
  size_t room = step->nout > INT_MAX ? INT_MAX : step->nout;
  bzip2->stream.next_in = (char *)step->in; /* which it does not write to */
  bzip2->stream.avail_in = (unsigned)step->nin;
  bzip2->stream.next_out = (char *)step->out;
  bzip2->stream.avail_out = (unsigned)room;
  int rc = BZ2_bzDecompress(&bzip2->stream);
  step->in += step->nin - bzip2->stream.avail_in;
  step->nin = bzip2->stream.avail_in;
  step->out += room - bzip2->stream.avail_out;
  step->nout -= room - bzip2->stream.avail_out;
  return bzip2_result(bzip2, rc, step);
}

static void bzip2_close(void *state) {
  struct bzip2 *bzip2 = state;
  if (bzip2->within) BZ2_bzDecompressEnd(&bzip2->stream);
  free(bzip2);
}

/* With a level, and then the first block. */
static int bzip2_begins(const uint8_t head[UNPACK_SIGN]) {
  return memcmp(head, "BZh", 3) == 0 && head[3] >= '1' && head[3] <= '9' &&
         memcmp(head + 4, "1AY&SY", 6) == 0;
}
#else
#  define bzip2_begins NULL
#  define bzip2_open NULL
#  define bzip2_step NULL
#  define bzip2_close NULL
#endif

const struct unpacker unpack_bzip2 = {"bzip2",      "bzip2 -d", "BZh",      3,          -1,
                                      bzip2_begins, bzip2_open, bzip2_step, bzip2_close};
