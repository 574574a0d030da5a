/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A queue of pieces against a model so simple that it is right: a slot for each
 * sequence number, which the policies' rules give to one segment or another.
 */
#include <stdio.h>

#include "random.h"
#include "segs_queue.h"

/* Each number of a small space: whose it is, and how that was sent. */
struct slot {
  uint64_t frame; /* 0: nobody's */
  uint64_t from, to;
  int captured, fin;
};
static struct slot model[SPACE];

static void model_insert(unsigned policy, const struct arrival *a) {
  for (uint64_t at = a->start; at < a->limit; at++) {
    struct slot *slot = &model[at];
    int captured = a->bytes != NULL, wins;
    if (!slot->frame)
      wins = 1;
    else if (captured != slot->captured)
      wins = captured;
    else
      wins = overlap_new_wins(policy, a->from, a->to, slot->from, slot->to);
    if (wins) *slot = (struct slot){a->mark.frame, a->from, a->to, captured, a->fin};
  }
}

static void model_forget(uint64_t offset) { memset(model, 0, offset * sizeof *model); }

static void model_shift(uint64_t offset) {
  memmove(model, model + offset, (SPACE - offset) * sizeof *model);
  memset(model + SPACE - offset, 0, offset * sizeof *model);
  for (struct slot *slot = model; slot < model + SPACE; slot++) {
    if (!slot->frame) continue;
    slot->from = slot->from < offset ? 0 : slot->from - offset;
    slot->to -= offset;
  }
}

static void model_compare(void) {
  uint64_t at = 0, payload = 0;
  for (uint32_t i = 0; i < segs.count; i++) {
    const struct piece *piece = segs_at(&segs, &pool, i);
    for (; at < piece->start; at++) assert_int_equal(model[at].frame, 0);
    for (; at < piece->end; at++) {
      assert_int_equal(model[at].frame, piece->mark.frame);
      assert_int_equal(model[at].from, piece->from);
      assert_int_equal(model[at].to, piece->to);
      assert_int_equal(model[at].captured, piece->bytes != NULL);
      int fin = piece->fin && at == piece->to - 1;
      payload += !fin;
      if (piece->bytes && !fin)
        assert_int_equal(piece->bytes[at - piece->from], 'a' + (int)(piece->mark.frame % 26));
    }
  }
  for (; at < SPACE; at++) assert_int_equal(model[at].frame, 0);
  assert_int_equal(segs.payload, payload);
  assert_int_equal(pool.payload, payload);
  assert_int_equal(segs.cost, pool.cost);
}

/* Pieces there would be, by counting where the owner changes. */
static unsigned model_pieces(void) {
  unsigned count = 0;
  for (unsigned at = 0; at < SPACE; at++)
    count += model[at].frame && (at == 0 || model[at - 1].frame != model[at].frame);
  return count;
}

static struct arrival random_arrival(uint64_t *random) {
  uint64_t from = random_below(random, SPACE - 50), length = 1 + random_below(random, 40);
  int fin = random_below(random, 6) == 0;
  struct arrival a = arrival_of(from, from + length, fin);
  switch (random_below(random, 8)) {
  case 0: /* cut by the snapshot length: two arrivals, this is either */
    if (random_below(random, 2))
      a.limit = from + 1 + random_below(random, (uint32_t)length);
    else {
      a.start = from + random_below(random, (uint32_t)length);
      a.bytes = NULL;
    }
    break;
  case 1: /* the beginning was delivered before */
    a.start = from + random_below(random, (uint32_t)length);
    break;
  }
  return a;
}

static void model_step(unsigned policy, uint64_t *random) {
  if (random_below(random, 12) == 0 && segs.count) {
    uint64_t to = segs_first(&segs, &pool)->start + random_below(random, 20);
    if (to > SPACE) to = SPACE;
    segs_trim(&segs, &pool, to);
    model_forget(to);
  } else if (random_below(random, 40) == 0 && segs.count) {
    uint64_t by = random_below(random, (uint32_t)segs_first(&segs, &pool)->start + 1);
    segs_rebase(&segs, &pool, by);
    model_shift(by);
  } else if (random_below(random, 60) == 0) {
    segs_clear(&segs, &pool);
    model_forget(SPACE);
  } else {
    struct slot before[SPACE];
    memcpy(before, model, sizeof before);
    struct arrival a = random_arrival(random);
    int status = segs_insert(&segs, &pool, policy, &a, NULL);
    model_insert(policy, &a);
    if (status == SEGS_FULL) {
      if (model_pieces() <= PIECES_MAX) fail_msg("full with %u pieces", model_pieces());
      memcpy(model, before, sizeof before);
    } else {
      assert_int_equal(status, 0);
    }
  }
  assert_true(segs_is_valid(&segs, &pool));
  model_compare();
}

static void random_against_a_slot_for_each_number(void **state) {
  (void)state;
  for (unsigned policy = 0; policy < WEFT_OVERLAP_COUNT; policy++) {
    uint64_t random = 100 + policy;
    stop();
    start(PIECES_MAX);
    model_forget(SPACE);
    printf("policy %s, seed %u\n", weft_overlap_policy_name(policy), 100 + policy);
    for (int step = 0; step < 6000; step++) {
      /* A frame's bytes stay where they are: start anew before they are written over
         while a piece refers to them. */
      if (frame % 60 == 59) {
        segs_clear(&segs, &pool);
        model_forget(SPACE);
        frame = 0;
      }
      model_step(policy, &random);
    }
  }
}

/* Whatever is done, the memory is within what the bounds say. */
static void never_more_than_its_maximum(void **state) {
  (void)state;
  enum { COST_MAX = 40000, MAX = 100 };
  uint64_t random = 9, one_more = segs_cost(50) * 2;
  stop();
  start(MAX);
  for (int step = 0; step < 5000; step++) {
    uint8_t bytes[50] = {0};
    uint64_t from = random_below(&random, 5000), length = 1 + random_below(&random, 50);
    if (pool.cost + segs_cost(length) > COST_MAX) segs_drop(&segs, &pool, 1);
    struct arrival a = arrival_of(from, from + length, 0);
    a.bytes = bytes;
    int status = insert_copied(WEFT_OVERLAP_SOLARIS, a);
    if (status == SEGS_FULL) segs_drop(&segs, &pool, 1);
    assert_true(memory.bytes <= segs_memory_max(MAX, pool.cost_peak + one_more));
  }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(random_against_a_slot_for_each_number),
      TEST(never_more_than_its_maximum),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
