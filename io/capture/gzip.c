/* SPDX-License-Identifier: BSD-2-Clause */
/* gzip: RFC 1952. */
#include "capture/unpack.h"

#ifdef WEFT_HAVE_ZLIB
#  include <limits.h>
#  include <stdlib.h>
#  define ZLIB_CONST
#  include <zlib.h>

static void *gzip_open(void) {
  z_stream *stream = calloc(1, sizeof(*stream));
  if (stream && inflateInit2(stream, 16 + MAX_WBITS) == Z_OK) return stream;
  free(stream);
  return NULL;
}

static enum unpack_result gzip_step(void *state, struct unpack_step *step) {
  z_stream *stream = state;
  size_t room = step->nout > INT_MAX ? INT_MAX : step->nout;
  stream->next_in = step->in;
  stream->avail_in = (uInt)step->nin;
  stream->next_out = step->out;
  stream->avail_out = (uInt)room;
  int rc = inflate(stream, Z_NO_FLUSH);
  step->in = stream->next_in;
  step->nin = stream->avail_in;
  step->out = stream->next_out;
  step->nout -= room - stream->avail_out;
  if (rc == Z_MEM_ERROR) return UNPACK_NO_MEMORY;
  if (rc == Z_STREAM_END && inflateReset(stream) == Z_OK) return UNPACK_ENDED;
  if (rc == Z_OK || rc == Z_BUF_ERROR) return UNPACK_GOES_ON;
  step->reason = stream->msg ? stream->msg : "inflate failed";
  return UNPACK_DAMAGED;
}

static void gzip_close(void *state) {
  inflateEnd(state);
  free(state);
}

/* Deflate, no reserved flag, and what RFC 1952 has for the level and the system. */
static int gzip_begins(const uint8_t head[UNPACK_SIGN]) {
  return head[0] == 0x1f && head[1] == 0x8b && head[2] == 8 && (head[3] & 0xe0) == 0 &&
         (head[8] == 0 || head[8] == 2 || head[8] == 4) && (head[9] <= 13 || head[9] == 255);
}
#else
#  define gzip_begins NULL
#  define gzip_open NULL
#  define gzip_step NULL
#  define gzip_close NULL
#endif

const struct unpacker unpack_gzip = {"gzip",      "gzip -d", "\x1f\x8b", 2,         -1,
                                     gzip_begins, gzip_open, gzip_step,  gzip_close};
