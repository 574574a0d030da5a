/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_PREFETCH_H
#define WEFT_BASE_PREFETCH_H

#include <stddef.h>

/*
 * Asks for the cache line of an address, which need not be valid.  GCC 12 takes a
 * function that only asks for lines for one that does nothing, and leaves calls of it out; the
 * empty statement is something it may not leave out.
 */
static inline void prefetch(const void *address) {
  __builtin_prefetch(address, 1);
  __asm__ volatile("");
}

/* A line for every 64 bytes: all of what begins on one. */
static inline void prefetch_lines(const void *address, size_t size) {
  for (size_t line = 0; line < size; line += 64) prefetch((const char *)address + line);
}

#endif
