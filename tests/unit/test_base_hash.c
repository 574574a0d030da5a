/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "random.h"

static void folds_the_halves_of_the_product(void **state) {
  (void)state;
  assert_true(hash_fold(0, 12345) == 0);
  assert_true(hash_fold(3, 5) == 15);
  assert_true(hash_fold(UINT64_C(1) << 32, UINT64_C(1) << 32) == 1);
  /* (2^64 - 1)^2 = 2^128 - 2^65 + 1: upper half 2^64 - 2, lower half 1. */
  assert_true(hash_fold(UINT64_MAX, UINT64_MAX) == UINT64_MAX);
}

static void order_of_the_factors_does_not_matter(void **state) {
  (void)state;
  uint64_t random = 1;
  for (int i = 0; i < 1000; i++) {
    uint64_t a = random_next(&random), b = random_next(&random);
    assert_true(hash_fold(a, b) == hash_fold(b, a));
  }
}

static void a_seed_makes_the_same_key_each_time(void **state) {
  (void)state;
  const uint64_t seed[2] = {1, 2};
  struct hash_key a = hash_key_make(seed), b = hash_key_make(seed);
  assert_memory_equal(&a, &b, sizeof a);
}

static unsigned bits_of(uint64_t v) { return (unsigned)__builtin_popcountll(v); }

/* Words that are zero or alike would hide nothing. */
static void neighbouring_seeds_make_unlike_words(void **state) {
  (void)state;
  struct hash_key last = {{0}};
  for (uint64_t i = 0; i < 200; i++) {
    const uint64_t seed[2] = {i % 2 ? i : 0, i % 2 ? 0 : i};
    struct hash_key key = hash_key_make(seed);
    for (int word = 0; word < 4; word++) {
      assert_in_range(bits_of(key.word[word]), 12, 52);
      assert_in_range(bits_of(key.word[word] ^ last.word[word]), 8, 56);
      for (int other = 0; other < word; other++)
        assert_in_range(bits_of(key.word[word] ^ key.word[other]), 8, 56);
    }
    last = key;
  }
}

/* As flow/flows.c uses it: each bit of the input changes about half of the
   result, on average over many keys. */
static void one_bit_of_the_input_changes_half_of_the_result(void **state) {
  (void)state;
  for (int bit = 0; bit < 64; bit++) {
    unsigned changed = 0;
    for (uint64_t i = 0; i < 64; i++) {
      const uint64_t seed[2] = {i, 77};
      struct hash_key key = hash_key_make(seed);
      uint64_t x = i * UINT64_C(0x9e3779b97f4a7c15), y = x ^ UINT64_C(1) << bit;
      changed += bits_of(hash_fold(x ^ key.word[0], key.word[1]) ^
                         hash_fold(y ^ key.word[0], key.word[1]));
    }
    assert_in_range(changed / 64, 24, 40);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(folds_the_halves_of_the_product),
      cmocka_unit_test(order_of_the_factors_does_not_matter),
      cmocka_unit_test(a_seed_makes_the_same_key_each_time),
      cmocka_unit_test(neighbouring_seeds_make_unlike_words),
      cmocka_unit_test(one_bit_of_the_input_changes_half_of_the_result),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
