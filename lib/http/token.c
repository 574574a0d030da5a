/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/token.h"

#include <assert.h>
#include <string.h>

#include "base/loads.h"

#if defined(__SSE2__)
#  include <emmintrin.h>
#endif

/* One bit for each of eight bytes that equals the byte repeated in `pattern`,
   the first byte in memory as bit 0. */
static unsigned word_equal(const uint8_t *p, uint64_t pattern) {
  uint64_t v = (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
               (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
               (uint64_t)p[7] << 56;
  const uint64_t low7 = UINT64_C(0x7f7f7f7f7f7f7f7f);
  v ^= pattern;
  /* The top bit of each byte is set where the byte is zero; no carry leaves a
     byte, so unlike the shorter trick this is exact. */
  uint64_t zero = ~(((v & low7) + low7) | v | low7);
  return (unsigned)(((zero >> 7) * UINT64_C(0x0102040810204080)) >> 56);
}

struct http_block http_block_scalar(const uint8_t bytes[64]) {
  struct http_block ret = {0, 0};
  for (unsigned i = 0; i < 8; i++) {
    ret.lf |= (uint64_t)word_equal(bytes + 8 * i, UINT64_C(0x0a0a0a0a0a0a0a0a)) << (8 * i);
    ret.colon |= (uint64_t)word_equal(bytes + 8 * i, UINT64_C(0x3a3a3a3a3a3a3a3a)) << (8 * i);
  }
  return ret;
}

#if defined(__SSE2__)
struct http_block http_block_sse2(const uint8_t bytes[64]) {
  const __m128i lf = _mm_set1_epi8('\n'), colon = _mm_set1_epi8(':');
  struct http_block ret = {0, 0};
  for (unsigned i = 0; i < 4; i++) {
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
    ret.lf |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, lf)) << (16 * i);
    ret.colon |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, colon)) << (16 * i);
  }
  return ret;
}
#  define block_read http_block_sse2
#else
#  define block_read http_block_scalar
#endif

static unsigned lowest_bit(uint64_t v) {
  assert(v);
#if defined(__GNUC__)
  return (unsigned)__builtin_ctzll(v);
#else
  unsigned n = 0;
  while (!(v >> n & 1)) n++;
  return n;
#endif
}

void http_token_init(struct http_token *token) { memset(token, 0, sizeof *token); }

/* Looks at up to 64 bytes more.  The last ones are padded so that no byte
   after the end is read; bytes appended later begin a block of their own. */
static void token_fill(struct http_token *token, const uint8_t *base, uint32_t length) {
  uint32_t n = length - token->scanned;
  struct http_block block;
  if (n >= 64) {
    n = 64;
    block = block_read(base + token->scanned);
  } else {
    uint8_t padded[64] = {0};
    memcpy(padded, base + token->scanned, n);
    block = block_read(padded);
  }
  token->lf = block.lf;
  token->colons = block.colon;
  token->block = token->scanned;
  token->scanned += n;
}

/* Notes the line's first colon, if it lies below bit `end`. */
static void token_colon(struct http_token *token, unsigned end) {
  uint64_t before = end < 64 ? token->colons & ((UINT64_C(1) << end) - 1) : token->colons;
  if (before && !token->has_colon) {
    token->colon = token->block + lowest_bit(before);
    token->has_colon = 1;
  }
  token->colons ^= before;
}

int http_token_next(struct http_token *token, const uint8_t *base, uint32_t length,
                    struct http_line *ret) {
  assert(token->scanned <= length);
  while (!token->lf) {
    token_colon(token, 64);
    if (token->scanned == length) return 0;
    token_fill(token, base, length);
  }
  unsigned bit = lowest_bit(token->lf);
  token_colon(token, bit);
  token->lf &= token->lf - 1;
  uint32_t end = token->block + bit;
  ret->start = token->line;
  ret->end = end > token->line && base[end - 1] == '\r' ? end - 1 : end;
  ret->colon = token->has_colon ? token->colon : ret->end;
  token->line = end + 1;
  token->has_colon = 0;
  return 1;
}
