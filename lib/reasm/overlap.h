/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_REASM_OVERLAP_H
#define WEFT_REASM_OVERLAP_H

#include <weft/stream.h>

/* How a range lies to another, by its start or by its end. */
enum overlap_side { OVERLAP_BEFORE, OVERLAP_SAME, OVERLAP_AFTER };

/*
 * Who wins the bytes that two held segments both brought: the table of
 * docs/overlap.md.  [policy][new starts .. the old one][new ends .. the old
 * one]; 1: the new one.  Ranges are as sent, FIN counted as one number, not
 * what is left of them after earlier overlaps.
 */
extern const uint8_t overlap_table[WEFT_OVERLAP_COUNT][3][3];

static inline enum overlap_side overlap_side(uint64_t a, uint64_t b) {
  return a < b ? OVERLAP_BEFORE : a == b ? OVERLAP_SAME : OVERLAP_AFTER;
}

/* Whether the newcomer [from, to) takes the common bytes from [held_from, held_to). */
static inline int overlap_new_wins(unsigned policy, uint64_t from, uint64_t to, uint64_t held_from,
                                   uint64_t held_to) {
  return overlap_table[policy][overlap_side(from, held_from)][overlap_side(to, held_to)];
}

#endif
