/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode/layer.h"

#ifdef WEFT_HAVE_BROTLI
#  include <brotli/decode.h>

/* br: RFC 7932.  Windows above its 16 MiB, a later extension, are refused. */
struct br {
  struct layer layer;
  BrotliDecoderState *state;
};

static int br_begin(struct layer *l) {
  struct br *s = (struct br *)l;
  s->state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
  return s->state != NULL ? 0 : WEFT_E_NOMEM;
}

static int br_refused(struct br *s) {
  BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(s->state);
  int memory = code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
               code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES;
  return memory ? WEFT_E_NOMEM : layer_damaged(&s->layer);
}

/* What follows the end is no part of it. */
static int br_write(struct layer *l, const uint8_t *bytes, size_t length) {
  struct br *s = (struct br *)l;
  uint8_t buffer[LAYER_BYTES];
  BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
  if (BrotliDecoderIsFinished(s->state)) return 0;
  while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
    uint8_t *out = buffer;
    size_t room = sizeof buffer;
    result = BrotliDecoderDecompressStream(s->state, &length, &bytes, &room, &out, NULL);
    int status = layer_emit(l, buffer, sizeof buffer - room);
    if (status < 0) return status;
  }
  return result == BROTLI_DECODER_RESULT_ERROR ? br_refused(s) : 0;
}

static int br_is_over(const struct layer *l) {
  return BrotliDecoderIsFinished(((const struct br *)l)->state);
}

static void br_done(struct layer *l) { BrotliDecoderDestroyInstance(((struct br *)l)->state); }

const struct coding coding_br = {
    .names = {"br"},
    .size = sizeof(struct br),
    .begin = br_begin,
    .write = br_write,
    .is_over = br_is_over,
    .done = br_done,
};

#endif
