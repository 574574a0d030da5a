/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_TOKEN_H
#define WEFT_HTTP_TOKEN_H

#include <assert.h>
#include <stdint.h>

#include "http/block.h"

/*
 * Head tokeniser: one pass over the bytes of a head that finds the end of each
 * line and of the name it begins with.
 *
 *     Host: weft.example CR LF Accept: text/html CR LF ...
 *         ^ name_end       ^ end (LF)
 *
 * The bytes are looked at 64 at a time (http/block.h), then only the bits of
 * what was found are walked, so a line costs a few instructions however long it
 * is.  The state is in offsets from the first byte of the head: the bytes may
 * move and more may be appended between two calls.
 */
struct http_token {
  uint64_t lf, delimiter, odd; /* of the block; of the first two, bits not used yet */
  uint32_t block;              /* where it starts */
  uint32_t scanned;            /* bytes looked at */
  uint32_t line;               /* where the current line starts */
  uint32_t name_end;           /* its first delimiter, where `named` */
  uint8_t named;
  uint8_t odd_seen; /* there was something odd before the block */
};

struct http_line {
  uint32_t start, end; /* without CR LF */
  uint32_t name_end;   /* the first byte that is no tchar, == end when there is none */
};

void http_token_init(struct http_token *);

/* The last `n` < 64 of the `length` bytes at `base`, and no byte outside of them. */
void http_token_tail(const uint8_t *base, uint32_t length, unsigned n, struct http_block *ret);

/* Reads the blocks from `from` on: whole ones, `max` at most, or, where there is none, the
   bytes that are left, of which there has to be one.  Returns how many blocks that makes. */
static inline unsigned http_token_look(const uint8_t *base, uint32_t from, uint32_t length,
                                       unsigned max, struct http_block *ret) {
  assert(from < length);
  unsigned left = length - from, count = left / 64 < max ? left / 64 : max;
  if (count)
    http_block_read(base + from, count, ret);
  else
    http_token_tail(base, length, left, ret), count = 1;
  return count;
}

/* Looks at up to 64 bytes more, of which there has to be one. */
static inline void http_token_fill(struct http_token *token, const uint8_t *base, uint32_t length) {
  struct http_block block;
  assert(!token->lf);
  http_token_look(base, token->scanned, length, 1, &block);
  /* Of its last byte the block before could not tell. */
  int lone = token->scanned && base[token->scanned - 1] == '\r' && !(block.lf & 1);
  if (token->odd || lone) token->odd_seen = 1;
  token->lf = block.lf;
  token->delimiter = block.delimiter;
  token->odd = block.odd;
  token->block = token->scanned;
  token->scanned = length - token->block < 64 ? length : token->block + 64;
}

/* Notes the end of the current line's name, if it was met. */
static inline void http_token_name(struct http_token *token) {
  if (token->named || !token->delimiter) return;
  token->named = 1;
  token->name_end = token->block + http_block_lowest(token->delimiter);
}

/* The next line of the `length` bytes of head at `base`: 1 and `ret`, or 0 when
   no further line end is there yet.  After 1, token->line is where the next
   line starts.  `length` may grow from call to call, to 2^32 - 64 at most. */
static inline int http_token_next(struct http_token *token, const uint8_t *base, uint32_t length,
                                  struct http_line *ret) {
  assert(token->scanned <= length);
  while (!token->lf) {
    http_token_name(token);
    if (token->scanned == length) return 0;
    http_token_fill(token, base, length);
  }
  http_token_name(token); /* at the latest the LF is a delimiter */
  unsigned bit = http_block_lowest(token->lf);
  uint32_t end = token->block + bit;
  token->lf &= token->lf - 1;
  token->delimiter &= ~UINT64_C(1) << bit; /* those of the lines to come */
  token->named = 0;
  ret->start = token->line;
  ret->name_end = token->name_end;
  ret->end = end > token->line && base[end - 1] == '\r' ? end - 1 : end;
  token->line = end + 1;
  return 1;
}

/* Is there a byte before offset `before`, token->line or token->scanned, that no
   head may hold: a control (RFC 9110 section 5.5) or a CR alone (RFC 9112 section
   2.2)?  A CR that was looked at last is not judged yet. */
static inline int http_token_odd(const struct http_token *token, uint32_t before) {
  assert(before >= token->block && before <= token->scanned);
  unsigned n = before - token->block;
  uint64_t mask = n < 64 ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0);
  return token->odd_seen || (token->odd & mask);
}

#endif
