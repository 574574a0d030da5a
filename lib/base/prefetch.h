/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_PREFETCH_H
#define WEFT_BASE_PREFETCH_H

/*
 * Asks for the cache line of an address, which need not be valid.  GCC 12 takes a
 * function that only asks for lines for one that does nothing, and leaves calls of it out; the
 * empty statement is something it may not leave out.
 */
static inline void prefetch(const void *address) {
  __builtin_prefetch(address, 1);
  __asm__ volatile("");
}

#endif
