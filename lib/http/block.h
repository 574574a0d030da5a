/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_BLOCK_H
#define WEFT_HTTP_BLOCK_H

#include <assert.h>
#include <stdint.h>

/*
 * What is in 64 bytes of a head, with a bit for each byte: bit i of a mask is
 * byte i.
 *
 *     bytes      H o s t :   a CR LF E T a g : ...
 *     lf         . . . . . . .  .  1 . . . . .
 *     delimiter  . . . . 1 1 .  1  1 . . . . 1
 *
 * This is the only thing that a wider instruction set replaces, so every twin
 * gives the same heads if it gives the same masks, which the tests compare.
 */
struct http_block {
  uint64_t lf;
  uint64_t delimiter; /* no tchar of RFC 9110 section 5.6.2: ends a method or a field's name */
  /* What no head may hold: a CR that another byte than LF follows (the last byte
     is not judged), a control but for TAB, LF and CR, and DEL. */
  uint64_t odd;
};

/* Reads `count` blocks that follow one another, each for itself. */
typedef void http_block_fn(const uint8_t *bytes, unsigned count, struct http_block *ret);

/* The fastest that this machine has.  From any thread. */
http_block_fn http_block_read;

/* The twins: the same answer for all bytes, which may lie anywhere. */
struct http_block_twin {
  const char *name;
  http_block_fn *read;
};

/* Those that this machine can run, the slowest first and scalar; *ret_count of them. */
const struct http_block_twin *http_block_twins(unsigned *ret_count);

/* The number of the lowest bit of a mask that is not 0. */
static inline unsigned http_block_lowest(uint64_t mask) {
  assert(mask);
#if defined(__GNUC__)
  return (unsigned)__builtin_ctzll(mask);
#else
  unsigned n = 0;
  while (!(mask >> n & 1)) n++;
  return n;
#endif
}

#endif
