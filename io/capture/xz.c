/* SPDX-License-Identifier: BSD-2-Clause */
/* The .xz format, of streams and the zeros that may pad them (its section 2.2). */
#include "capture/unpack.h"

#ifdef WEFT_HAVE_LZMA
#  include <lzma.h>
#  include <stdlib.h>

struct xz {
  lzma_stream stream;
  int within; /* a stream */
};

static void *xz_open(void) { return calloc(1, sizeof(struct xz)); }

static enum unpack_result xz_result(struct xz *xz, lzma_ret rc, struct unpack_step *step) {
  switch (rc) {
  case LZMA_OK:
  case LZMA_BUF_ERROR: return UNPACK_GOES_ON;
  case LZMA_STREAM_END: xz->within = 0; return UNPACK_ENDED;
  case LZMA_MEM_ERROR: return UNPACK_NO_MEMORY;
  case LZMA_MEMLIMIT_ERROR: step->reason = "it asks for too large a window"; break;
  case LZMA_OPTIONS_ERROR: step->reason = "it uses what this liblzma does not know"; break;
  default: step->reason = "it contradicts itself"; break;
  }
  return UNPACK_DAMAGED;
}

static enum unpack_result xz_step(void *state, struct unpack_step *step) {
  struct xz *xz = state;
  if (!xz->within && step->nin && *step->in == 0) {
    for (; step->nin && *step->in == 0; step->nin--) step->in++;
    return UNPACK_ENDED; /* so that what follows is looked at */
  }
  if (!xz->within) {
    lzma_ret rc = lzma_stream_decoder(&xz->stream, (uint64_t)2 << UNPACK_WINDOW_LOG_MAX, 0);
    if (rc != LZMA_OK) return xz_result(xz, rc, step);
    xz->within = 1;
  }
  xz->stream.next_in = step->in;
  xz->stream.avail_in = step->nin;
  xz->stream.next_out = step->out;
  xz->stream.avail_out = step->nout;
  lzma_ret rc = lzma_code(&xz->stream, LZMA_RUN);
  step->in = xz->stream.next_in;
  step->nin = xz->stream.avail_in;
  step->out = xz->stream.next_out;
  step->nout = xz->stream.avail_out;
  return xz_result(xz, rc, step);
}

static void xz_close(void *state) {
  lzma_end(&((struct xz *)state)->stream);
  free(state);
}

/* A stream's flags have a checksum of their own. */
static int xz_begins(const uint8_t head[UNPACK_SIGN]) {
  lzma_stream_flags flags;
  return lzma_stream_header_decode(&flags, head) == LZMA_OK;
}
#else
#  define xz_begins NULL
#  define xz_open NULL
#  define xz_step NULL
#  define xz_close NULL
#endif

const struct unpacker unpack_xz = {"xz",      "xz -d", "\xfd\x37zXZ", 6,       0,
                                   xz_begins, xz_open, xz_step,       xz_close};
