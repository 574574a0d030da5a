/* SPDX-License-Identifier: BSD-2-Clause */
#include "ip/units.h"

#include <assert.h>

/* The bits of word `i` that units [first, end) have. */
static uint64_t word_mask(uint32_t i, uint32_t first, uint32_t end) {
  uint64_t mask = UINT64_MAX;
  if (first > i * 64) mask &= UINT64_MAX << (first - i * 64);
  if (end < (i + 1) * 64) mask &= UINT64_MAX >> ((i + 1) * 64 - end);
  return mask;
}

static int bits_any(const uint64_t *words, uint32_t first, uint32_t end) {
  if (first >= end) return 0;
  for (uint32_t i = first / 64; i <= (end - 1) / 64; i++)
    if (words[i] & word_mask(i, first, end)) return 1;
  return 0;
}

static int bits_all(const uint64_t *words, uint32_t first, uint32_t end) {
  for (uint32_t i = first / 64; i <= (end - 1) / 64; i++)
    if (~words[i] & word_mask(i, first, end)) return 0;
  return 1;
}

enum units_relation units_relate(const struct units *units, uint32_t start, uint32_t end) {
  assert(start % 8 == 0 && start < end && end <= 65536);
  uint32_t first = start / 8, beyond = (end + 7) / 8;
  if (!bits_any(units->taken, first, beyond)) return UNITS_FREE;
  if (bits_all(units->taken, first, beyond) && !bits_any(units->starts, first + 1, beyond))
    return UNITS_IN_RUN;
  return UNITS_OVERLAP;
}

void units_cover(struct units *units, uint32_t start, uint32_t end) {
  assert(start % 8 == 0 && start < end && end <= 65536);
  uint32_t first = start / 8, beyond = (end + 7) / 8;
  for (uint32_t i = first / 64; i <= (beyond - 1) / 64; i++) {
    uint64_t fresh = word_mask(i, first, beyond) & ~units->taken[i];
    units->taken[i] |= fresh;
    units->count += (uint32_t)__builtin_popcountll(fresh);
  }
  if (beyond > units->end) units->end = beyond;
}

void units_add(struct units *units, uint32_t start, uint32_t end) {
  assert(units_relate(units, start, end) == UNITS_FREE);
  uint32_t first = start / 8;
  if (first != units->end || first == 0) units->starts[first / 64] |= UINT64_C(1) << first % 64;
  units_cover(units, start, end);
}
