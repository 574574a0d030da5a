/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ip/units.h"

static struct units units;

static int setup(void **state) {
  (void)state;
  memset(&units, 0, sizeof units);
  return 0;
}

static void empty_is_free_everywhere(void **state) {
  (void)state;
  assert_int_equal(units_relate(&units, 0, 65536), UNITS_FREE);
}

static void one_run(void **state) {
  (void)state;
  units_add(&units, 16, 48);
  assert_int_equal(units_relate(&units, 16, 48), UNITS_IN_RUN);
  assert_int_equal(units_relate(&units, 24, 32), UNITS_IN_RUN);
  assert_int_equal(units_relate(&units, 0, 16), UNITS_FREE);
  assert_int_equal(units_relate(&units, 48, 56), UNITS_FREE);
  assert_int_equal(units_relate(&units, 8, 24), UNITS_OVERLAP);
  assert_int_equal(units_relate(&units, 40, 56), UNITS_OVERLAP);
  assert_int_equal(units_relate(&units, 0, 64), UNITS_OVERLAP);
}

static void what_came_in_order_is_one_run(void **state) {
  (void)state;
  units_add(&units, 0, 8);
  units_add(&units, 8, 24);
  units_add(&units, 24, 29);
  assert_int_equal(units_relate(&units, 0, 29), UNITS_IN_RUN);
  assert_int_equal(units_relate(&units, 16, 29), UNITS_IN_RUN);
}

static void what_filled_a_hole_is_a_run_of_its_own(void **state) {
  (void)state;
  units_add(&units, 0, 8);
  units_add(&units, 16, 24);
  units_add(&units, 8, 16);
  assert_int_equal(units_relate(&units, 8, 16), UNITS_IN_RUN);
  assert_int_equal(units_relate(&units, 0, 16), UNITS_OVERLAP);
  assert_int_equal(units_relate(&units, 8, 24), UNITS_OVERLAP);
}

static void what_came_before_the_first_is_a_run_of_its_own(void **state) {
  (void)state;
  units_add(&units, 8, 16);
  units_add(&units, 0, 8);
  assert_int_equal(units_relate(&units, 0, 16), UNITS_OVERLAP);
}

static void covering_takes_what_is_free(void **state) {
  (void)state;
  units_cover(&units, 8, 24);
  assert_int_equal(units.count, 2);
  units_cover(&units, 0, 16);
  assert_int_equal(units.count, 3);
  units_cover(&units, 0, 24);
  assert_int_equal(units.count, 3);
  units_cover(&units, 496, 1041); /* over words */
  assert_int_equal(units.count, 3 + 69);
  assert_int_equal(units.end, 131);
}

static void the_very_end(void **state) {
  (void)state;
  units_add(&units, 65528, 65529);
  assert_int_equal(units_relate(&units, 65528, 65536), UNITS_IN_RUN);
  assert_int_equal(units_relate(&units, 0, 65528), UNITS_FREE);
}

/* The obvious one: for each unit the number of its run, 0 for none. */
struct model {
  unsigned run[8192], runs, end;
};

static enum units_relation model_relate(const struct model *model, unsigned first, unsigned end) {
  unsigned taken = 0, same = 0;
  for (unsigned i = first; i < end; i++) {
    taken += model->run[i] != 0;
    same += model->run[i] == model->run[first];
  }
  if (taken == 0) return UNITS_FREE;
  return taken == end - first && same == taken ? UNITS_IN_RUN : UNITS_OVERLAP;
}

static void model_add(struct model *model, unsigned first, unsigned end) {
  unsigned run = first > 0 && first == model->end ? model->run[first - 1] : ++model->runs;
  for (unsigned i = first; i < end; i++) model->run[i] = run;
  if (end > model->end) model->end = end;
}

static void same_as_the_obvious_one(void **state) {
  (void)state;
  static struct model model;
  uint32_t number = 20260101;
  unsigned relations[3] = {0};
  for (int round = 0; round < 300; round++) {
    unsigned span = round % 3 == 0 ? 8192 : 100, longest = 1 + (unsigned)round % 70;
    memset(&model, 0, sizeof model);
    memset(&units, 0, sizeof units);
    for (int i = 0; i < 60; i++) {
      number = number * 1664525 + 1013904223;
      unsigned first = (number >> 8) % span, length = 1 + (number >> 24) % longest;
      unsigned end = first + length < 8192 ? first + length : 8192;
      enum units_relation expected = model_relate(&model, first, end);
      assert_int_equal(units_relate(&units, first * 8, end * 8 - number % 8), expected);
      relations[expected]++;
      if (expected != UNITS_FREE) continue;
      units_add(&units, first * 8, end * 8);
      model_add(&model, first, end);
    }
  }
  assert_true(relations[UNITS_FREE] > 1000 && relations[UNITS_IN_RUN] > 1000 &&
              relations[UNITS_OVERLAP] > 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(empty_is_free_everywhere, setup),
      cmocka_unit_test_setup(one_run, setup),
      cmocka_unit_test_setup(what_came_in_order_is_one_run, setup),
      cmocka_unit_test_setup(what_filled_a_hole_is_a_run_of_its_own, setup),
      cmocka_unit_test_setup(what_came_before_the_first_is_a_run_of_its_own, setup),
      cmocka_unit_test_setup(covering_takes_what_is_free, setup),
      cmocka_unit_test_setup(the_very_end, setup),
      cmocka_unit_test_setup(same_as_the_obvious_one, setup),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
