/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/signs.h"

#include <string.h>

#define EACH_BYTE UINT64_C(0x0101010101010101)
#define LOW_BITS (0x7f * EACH_BYTE)

static uint64_t load(const uint8_t *at) {
  uint64_t word;
  memcpy(&word, at, sizeof(word));
  return word;
}

/* The top bit of each byte that is 0: exactly, for no carry leaves a byte. */
static uint64_t zero_bytes(uint64_t word) {
  return ~(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);
}

static size_t first_byte(uint64_t top_bits) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return (size_t)__builtin_ctzll(top_bits) / 8;
#else
  return (size_t)__builtin_clzll(top_bits) / 8;
#endif
}

/* Whether and where one of eight places has all signs. */
static uint64_t signs_among(const struct signs *signs, const uint8_t *from) {
  uint64_t wrong = 0, some = 0;
  for (int i = 0; i < SIGNS_ZERO; i++)
    wrong |= load(from + signs->zero[i].at) & signs->zero[i].mask * EACH_BYTE;
  for (int i = 0; i < SIGNS_SOME; i++) some |= load(from + signs->some[i]);
  return zero_bytes(wrong) & ~zero_bytes(some);
}

/* Two signs are enough to tell most places. */
size_t signs_find(const struct signs *signs, const uint8_t *at, size_t n) {
  const uint64_t mask[2] = {signs->zero[0].mask * EACH_BYTE, signs->zero[1].mask * EACH_BYTE};
  const size_t first = signs->zero[0].at, second = signs->zero[1].at;
  for (size_t place = 0; place < n; place += 8) {
    uint64_t wrong = (load(at + place + first) & mask[0]) | (load(at + place + second) & mask[1]);
    if (!zero_bytes(wrong)) continue;
    uint64_t found = signs_among(signs, at + place);
    if (!found) continue;
    place += first_byte(found);
    return place < n ? place : n;
  }
  return n;
}
