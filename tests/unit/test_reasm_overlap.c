/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reasm/overlap.h"

/*
 * The table against sentences: for each policy its rule, as its source states it,
 * written a second time over the ranges themselves.  A range is [from, to), `n`
 * the newcomer, `o` the one held; they overlap.
 */
struct range {
  uint64_t from, to;
};

static uint64_t length(struct range r) { return r.to - r.from; }

/* Measured on Linux 6.18: lowest start, then the longest, then the first. */
static int linux_new_wins(struct range n, struct range o) {
  if (n.from != o.from) return n.from < o.from;
  return length(n) > length(o);
}

/* As Suricata applies "old Linux" (2.2 kernels; Novak and Sturges 2007): the
   same, but of equal ranges the last. */
static int linux_old_new_wins(struct range n, struct range o) {
  if (n.from != o.from) return n.from < o.from;
  return length(n) >= length(o);
}

/* Shankar and Paxson 2003: what came first stays. */
static int first_new_wins(struct range n, struct range o) {
  (void)n;
  (void)o;
  return 0;
}

/* ... what came last replaces it. */
static int last_new_wins(struct range n, struct range o) {
  (void)n;
  (void)o;
  return 1;
}

/* Shankar and Paxson 2003, BSD: left-trims what starts at or after held data, so the
   first wins unless the newcomer starts lower.  Windows (Novak and Sturges 2007) as
   Suricata and Snort apply it: the same. */
static int bsd_new_wins(struct range n, struct range o) { return n.from < o.from; }

/* Solaris, as Suricata and Snort apply it: the one that reaches farther.  One that
   starts lower or the same and reaches as far wins too; one that starts later
   must reach beyond. */
static int solaris_new_wins(struct range n, struct range o) {
  return n.from <= o.from ? n.to >= o.to : n.to > o.to;
}

static int (*const new_wins[WEFT_OVERLAP_COUNT])(struct range, struct range) = {
    [WEFT_OVERLAP_LINUX] = linux_new_wins,     [WEFT_OVERLAP_LINUX_OLD] = linux_old_new_wins,
    [WEFT_OVERLAP_FIRST] = first_new_wins,     [WEFT_OVERLAP_LAST] = last_new_wins,
    [WEFT_OVERLAP_BSD] = bsd_new_wins,         [WEFT_OVERLAP_WINDOWS] = bsd_new_wins,
    [WEFT_OVERLAP_SOLARIS] = solaris_new_wins,
};

/* A newcomer that lies to [30, 50) as the two sides say. */
static struct range lying(enum overlap_side start, enum overlap_side end) {
  static const uint64_t starts[] = {20, 30, 40}, ends[] = {45, 50, 60};
  return (struct range){starts[start], ends[end]};
}

static void each_cell_says_what_the_sentence_says(void **state) {
  (void)state;
  const struct range held = {30, 50};
  for (unsigned policy = 0; policy < WEFT_OVERLAP_COUNT; policy++)
    for (enum overlap_side start = OVERLAP_BEFORE; start <= OVERLAP_AFTER; start++)
      for (enum overlap_side end = OVERLAP_BEFORE; end <= OVERLAP_AFTER; end++) {
        int wins = new_wins[policy](lying(start, end), held);
        if (overlap_table[policy][start][end] != wins)
          fail_msg("%s: new starts %d ends %d", weft_overlap_policy_name(policy), start, end);
      }
}

/* Only the relation counts: any two ranges that overlap, not those alone above. */
static void all_small_ranges_are_judged_by_the_sentence(void **state) {
  (void)state;
  for (unsigned policy = 0; policy < WEFT_OVERLAP_COUNT; policy++)
    for (uint64_t a = 0; a < 7; a++)
      for (uint64_t b = a + 1; b <= 7; b++)
        for (uint64_t c = 0; c < b; c++)
          for (uint64_t d = (a > c ? a : c) + 1; d <= 7; d++)
            assert_int_equal(overlap_new_wins(policy, a, b, c, d),
                             new_wins[policy]((struct range){a, b}, (struct range){c, d}));
}

/* FIN counts as one number: [10,20) and FIN is longer than [10,20). */
static void a_fin_makes_a_range_longer(void **state) {
  (void)state;
  assert_true(overlap_new_wins(WEFT_OVERLAP_LINUX, 10, 21, 10, 20));
  assert_false(overlap_new_wins(WEFT_OVERLAP_LINUX, 10, 20, 10, 21));
}

static void sides(void **state) {
  (void)state;
  assert_int_equal(overlap_side(1, 2), OVERLAP_BEFORE);
  assert_int_equal(overlap_side(2, 2), OVERLAP_SAME);
  assert_int_equal(overlap_side(UINT64_MAX, 0), OVERLAP_AFTER);
}

static void policies_have_names(void **state) {
  (void)state;
  static const char *const names[WEFT_OVERLAP_COUNT] = {"linux", "linux-old", "first",  "last",
                                                        "bsd",   "windows",   "solaris"};
  for (unsigned i = 0; i < WEFT_OVERLAP_COUNT; i++)
    assert_string_equal(weft_overlap_policy_name(i), names[i]);
  assert_null(weft_overlap_policy_name(WEFT_OVERLAP_COUNT));
  assert_null(weft_overlap_policy_name(UINT32_MAX));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_cell_says_what_the_sentence_says),
      cmocka_unit_test(all_small_ranges_are_judged_by_the_sentence),
      cmocka_unit_test(a_fin_makes_a_range_longer),
      cmocka_unit_test(sides),
      cmocka_unit_test(policies_have_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
