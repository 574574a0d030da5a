/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_CLEAR_H
#define WEFT_BASE_CLEAR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* memset to 0 of a constant size.  GCC makes `rep stos` of some hundred bytes, which takes longer to
   begin than as many plain stores take in all. */
static inline void clear(void *object, size_t size) {
  uint8_t *at = object, *end = at + size / 64 * 64;
#pragma GCC unroll 8
  for (; at < end; at += 64) memset(at, 0, 64);
  memset(at, 0, size % 64);
}

#endif
