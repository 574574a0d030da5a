/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_HASH_H
#define WEFT_BASE_HASH_H

#include <stdint.h>

/*
 * Keyed hashing by widening multiplication: each pair of words is hidden by
 * secret words and multiplied to 128 bits, whose halves are folded together.
 * Without the key nobody can choose addresses that collide; with a fixed key
 * the result is the same in every run.
 */
static inline uint64_t hash_fold(uint64_t a, uint64_t b) {
  __extension__ typedef unsigned __int128 wide;
  wide product = (wide)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

struct hash_key {
  uint64_t word[4];
};

/* Four secret words from two; the last is not 0. */
static inline struct hash_key hash_key_make(const uint64_t seed[2]) {
  struct hash_key key;
  uint64_t a = seed[0] ^ UINT64_C(0x9e3779b97f4a7c15), b = seed[1] ^ UINT64_C(0xbf58476d1ce4e5b9);
  for (int i = 0; i < 4; i++) {
    a = hash_fold(a + (uint64_t)i + 1, UINT64_C(0x94d049bb133111eb) ^ b);
    b = hash_fold(b ^ a, UINT64_C(0xd6e8feb86659fd93) + a);
    key.word[i] = a ^ b;
  }
  key.word[3] |= 1;
  return key;
}

#endif
