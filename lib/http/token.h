/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_TOKEN_H
#define WEFT_HTTP_TOKEN_H

#include <stdint.h>

/*
 * Head tokeniser: one pass over the bytes of a head that finds the end of each
 * line and the first colon in it.
 *
 *     Host: weft.example CR LF Accept: text/html CR LF ...
 *         ^ colon              ^ end (LF)
 *
 * The bytes are looked at 64 at a time through a block function, which answers
 * with one bit a byte.  That function is the only thing a wider instruction set
 * replaces, so every twin gives the same lines by construction.  The state is
 * in offsets from the first byte of the head: the bytes may move and more may
 * be appended between two calls.
 */
struct http_block {
  uint64_t lf, colon; /* bit i: byte i is one */
};

struct http_token {
  uint64_t lf, colons; /* of the block, bits not used yet */
  uint32_t block;      /* where it starts */
  uint32_t scanned;    /* bytes looked at */
  uint32_t line;       /* where the current line starts */
  uint32_t colon;      /* its first colon, where `has_colon` */
  uint8_t has_colon;
};

struct http_line {
  uint32_t start, end; /* without CR LF */
  uint32_t colon;      /* == end when there is none */
};

void http_token_init(struct http_token *);

/* The next line of the `length` bytes of head at `base`: 1 and `ret`, or 0 when
   no further line end is there yet.  After 1, token->line is where the next
   line starts.  `length` may grow from call to call, to 2^32 - 64 at most. */
int http_token_next(struct http_token *, const uint8_t *base, uint32_t length,
                    struct http_line *ret);

/* The twins: the same answer for every 64 bytes. */
struct http_block http_block_scalar(const uint8_t bytes[64]);
#if defined(__SSE2__)
struct http_block http_block_sse2(const uint8_t bytes[64]);
#endif

#endif
