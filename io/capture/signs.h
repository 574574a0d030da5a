/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_SIGNS_H
#define WEFTIO_CAPTURE_SIGNS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Bits that are 0 at the beginning of every record that makes sense, such as
 * the upper ones of its lengths, and bytes of which one is not 0.  A place
 * without them is passed over at a fraction of the cost of looking at a record: eight
 * places are looked at with one load for each byte.
 */
enum { SIGNS_ZERO = 6, SIGNS_SOME = 3, SIGNS_AT_MAX = 24 };

struct signs {
  struct {
    uint8_t at, mask; /* the bits of `mask` in byte `at` of the record are 0; mask 0: anything */
  } zero[SIGNS_ZERO]; /* the most telling first */
  uint8_t some[SIGNS_SOME]; /* one of these bytes is not 0 */
};

/* What signs_find may read beyond the places it looks at. */
#define SIGNS_REACH ((size_t)SIGNS_AT_MAX + 16)

/* The first of the `n` places from `at` on at which a record may begin, or `n`.
   Reads no further than `n` + SIGNS_REACH bytes. */
size_t signs_find(const struct signs *, const uint8_t *at, size_t n);

/* Byte `at` of a field of four bytes, counted from its lowest, in the file's order. */
static inline uint8_t signs_byte(unsigned field, unsigned at, int big) {
  return (uint8_t)(field + (big ? 3 - at : at));
}

#endif
