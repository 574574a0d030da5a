/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocator.h"
#include "build.h"
#include "flow/flows.h"
#include "random.h"

struct object {
  struct flow4 key;
  uint32_t number;
};

static const uint32_t sizes[SLAB_PARTS] = {sizeof(struct object), sizeof(struct weft_tuple)};
enum { SIZE = sizeof(struct object) + sizeof(struct weft_tuple) };

enum { COLD = 16, SHIFT = 4 };

static const uint64_t seed[2] = {3, 4};
static struct test_allocator memory;
static struct mem mem;
static struct flows flows;

static int setup(void **state) {
  (void)state;
  memory = (struct test_allocator){0};
  struct weft_allocator allocator = test_allocator_of(&memory);
  mem_init(&mem, &allocator, 0);
  return flows_init(&flows, &mem, seed, sizes, 5);
}

static int teardown(void **state) {
  (void)state;
  flows_done(&flows);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
  return 0;
}

static uint32_t add(const struct weft_tuple *tuple) {
  return flows_add(&flows, tuple, flows_hash(&flows, tuple));
}

static uint32_t find(const struct weft_tuple *tuple, int *ret_reverse) {
  return flows_find(&flows, tuple, flows_hash(&flows, tuple), ret_reverse);
}

static void both_directions_have_one_hash(void **state) {
  (void)state;
  uint64_t random = 1;
  for (int i = 0; i < 500; i++) {
    struct weft_tuple tuple = tuple_of(random_below(&random, 20000));
    tuple.realm = random_below(&random, 3);
    for (int k = 0; k < 16; k++) tuple.source.address[k] = (uint8_t)random_next(&random);
    struct weft_tuple turned = tuple_turn(&tuple);
    assert_int_equal(flows_hash(&flows, &tuple), flows_hash(&flows, &turned));
  }
}

/* An exclusive or of the two ends would make all of these one hash. */
static void equal_ends_do_not_cancel_out(void **state) {
  (void)state;
  uint32_t last = 0;
  for (unsigned n = 0; n < 50; n++) {
    struct weft_tuple tuple = tuple_of(n);
    tuple.target = tuple.source;
    uint32_t hash = flows_hash(&flows, &tuple);
    assert_int_not_equal(hash, last);
    last = hash;
  }
}

static int compare_u32(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

/* Two hosts and many ports on either side differ in few bits, all in the same half of a word:
   of 65,536 random hashes one pair would be equal. */
static void ports_alone_make_other_hashes(void **state) {
  (void)state;
  enum { PORTS = 256, COUNT = PORTS * PORTS };
  uint32_t *hashes = malloc(COUNT * sizeof *hashes);
  unsigned equal = 0;
  assert_non_null(hashes);
  struct weft_tuple tuple = tuple_of(1);
  for (unsigned i = 0; i < COUNT; i++) {
    tuple.source.port = (uint16_t)(i % PORTS);
    tuple.target.port = (uint16_t)(i / PORTS + PORTS);
    hashes[i] = flows_hash(&flows, &tuple);
  }
  qsort(hashes, COUNT, sizeof *hashes, compare_u32);
  for (unsigned i = 1; i < COUNT; i++) equal += hashes[i] == hashes[i - 1];
  free(hashes);
  assert_in_range(equal, 0, 8);
}

static void another_key_makes_other_hashes(void **state) {
  (void)state;
  struct flows other;
  const uint64_t other_seed[2] = {3, 5};
  struct weft_tuple tuple = tuple_of(0);
  assert_int_equal(flows_init(&other, &mem, other_seed, sizes, 5), 0);
  assert_int_not_equal(flows_hash(&flows, &tuple), flows_hash(&other, &tuple));
  flows_done(&other);
}

static void found_from_either_side(void **state) {
  (void)state;
  struct weft_tuple tuple = tuple_of(1), turned = tuple_turn(&tuple);
  int reverse = -1;
  assert_int_equal(find(&tuple, &reverse), FLOWS_NONE);
  assert_int_equal(reverse, -1);
  uint32_t index = add(&tuple);
  struct weft_tuple told;
  flow4_tuple(flows_key(&flows, index), &told);
  assert_memory_equal(&told, &tuple, sizeof tuple);
  assert_int_equal(find(&tuple, &reverse), index);
  assert_int_equal(reverse, 0);
  assert_int_equal(find(&turned, &reverse), index);
  assert_int_equal(reverse, 1);
  flows_remove(&flows, index);
  assert_int_equal(find(&tuple, &reverse), FLOWS_NONE);
}

/* Each thing that sets two connections apart, changed alone. */
static void what_differs_is_another(void **state) {
  (void)state;
  int reverse;
  struct weft_tuple tuple = tuple_of(1);
  add(&tuple);
  for (int change = 0; change < 6; change++) {
    struct weft_tuple other = tuple;
    switch (change) {
    case 0: other.source.port++; break;
    case 1: other.target.port++; break;
    case 2: other.source.address[15]++; break;
    case 3: other.target.address[0]++; break;
    case 4: other.realm++; break;
    case 5: /* the ports' places exchanged, the addresses' not */
      other.source.port = tuple.target.port;
      other.target.port = tuple.source.port;
      break;
    }
    assert_int_equal(find(&other, &reverse), FLOWS_NONE);
    /* ... even when the hash is the same. */
    assert_int_equal(flows_find(&flows, &other, flows_hash(&flows, &tuple), &reverse), FLOWS_NONE);
  }
}

static void one_hash_for_all_still_finds_each(void **state) {
  (void)state;
  int reverse;
  uint32_t index[60];
  for (unsigned n = 0; n < 60; n++) {
    struct weft_tuple tuple = tuple_of(n);
    index[n] = flows_add(&flows, &tuple, 9);
    assert_int_not_equal(index[n], FLOWS_NONE);
  }
  for (unsigned n = 0; n < 60; n++) {
    struct weft_tuple tuple = tuple_of(n), turned = tuple_turn(&tuple);
    assert_int_equal(flows_find(&flows, &tuple, 9, &reverse), index[n]);
    assert_int_equal(flows_find(&flows, &turned, 9, &reverse), index[n]);
    assert_int_equal(reverse, 1);
  }
}

static void assert_matches(const struct weft_tuple *own, const struct weft_tuple *tuple,
                           enum flows_match match) {
  uint32_t index = add(own);
  assert_int_equal(flows_match(&flows, index, tuple), match);
  assert_int_equal(flows_hash_of(&flows, index), flows_hash(&flows, own));
  flows_remove(&flows, index);
}

/* IPv4, and what is not: its addresses, a realm, no address. */
static void what_a_tuple_is_to_another(void **state) {
  (void)state;
  for (int kind = 0; kind < 5; kind++) {
    struct weft_tuple tuple = tuple_of(1), other = tuple_of(2);
    if (kind == 1) tuple.source.address[0] = 0x20;
    if (kind == 2) tuple.realm = 7;
    if (kind == 3) memset(tuple.source.address + 12, 0, 4);
    if (kind == 4) memset(tuple.target.address + 12, 0, 4);
    struct weft_tuple turned = tuple_turn(&tuple), elsewhere = tuple;
    elsewhere.realm++;
    assert_int_equal(flow4_of(&tuple).source != 0, kind == 0);
    assert_matches(&tuple, &tuple, FLOWS_ALONG);
    assert_matches(&tuple, &turned, FLOWS_REVERSE);
    assert_matches(&tuple, &other, FLOWS_OTHER);
    assert_matches(&other, &tuple, FLOWS_OTHER);
    assert_matches(&tuple, &elsewhere, FLOWS_OTHER);
    assert_matches(&elsewhere, &tuple, FLOWS_OTHER);
  }
}

static void packets_give_the_same_hash_as_their_tuples(void **state) {
  (void)state;
  for (unsigned n = 0; n < 100; n++) {
    struct weft_tuple tuple = tuple_of(n);
    struct flow4 flow = flow4_of(&tuple);
    assert_int_not_equal(flow.source, 0);
    assert_int_equal(flows_hash4(&flows, &flow), flows_hash(&flows, &tuple));
  }
}

/* A guess looks at no address. */
static void a_guess_is_the_first_of_the_hash(void **state) {
  (void)state;
  struct weft_tuple tuple = tuple_of(1);
  assert_int_equal(flows_seek(&flows, flows_hash(&flows, &tuple)), FLOWS_NONE);
  uint32_t index = flows_add(&flows, &tuple, 9);
  assert_int_equal(flows_seek(&flows, 9), index);
  assert_int_equal(flows_seek(&flows, 10), FLOWS_NONE);
}

static void never_more_than_its_maximum(void **state) {
  (void)state;
  for (uint32_t objects = 1; objects <= 5000; objects = objects * 7 + 3) {
    flows_done(&flows);
    memory = (struct test_allocator){0};
    assert_int_equal(flows_init(&flows, &mem, seed, sizes, 5), 0);
    for (uint32_t n = 0; n < objects; n++) {
      struct weft_tuple tuple = tuple_of(n);
      assert_int_not_equal(add(&tuple), FLOWS_NONE);
    }
    assert_true(memory.peak <= flows_memory_max(SIZE, 5, objects));
  }
}

static void an_addition_without_memory_leaves_nothing(void **state) {
  (void)state;
  int reverse;
  for (uint64_t fail_at = 1; fail_at <= 3; fail_at++) {
    memory.calls = 0;
    memory.fail_at = fail_at;
    struct weft_tuple tuple = tuple_of((unsigned)fail_at);
    uint32_t before = flows.slab.used, index = add(&tuple);
    if (index == FLOWS_NONE) {
      assert_int_equal(flows.slab.used, before);
      assert_int_equal(find(&tuple, &reverse), FLOWS_NONE);
    }
    memory.fail_at = 0;
    if (index == FLOWS_NONE) index = add(&tuple);
    assert_int_equal(find(&tuple, &reverse), index);
  }
}

static void each_failure_at_the_start_is_told(void **state) {
  (void)state;
  struct flows other;
  memory.fail_at = memory.calls + 1;
  assert_int_equal(flows_init(&other, &mem, seed, sizes, 5), WEFT_E_NOMEM);
}

static void random_against_a_plain_array(void **state) {
  (void)state;
  enum { MAX = 400 };
  uint64_t random = 21;
  uint32_t there[MAX];
  int reverse;
  for (unsigned n = 0; n < MAX; n++) there[n] = FLOWS_NONE;
  for (int step = 0; step < 20000; step++) {
    unsigned n = random_below(&random, MAX);
    struct weft_tuple tuple = tuple_of(n), turned = tuple_turn(&tuple);
    assert_int_equal(find(random_below(&random, 2) ? &tuple : &turned, &reverse), there[n]);
    if (there[n] == FLOWS_NONE) {
      there[n] = add(&tuple);
      ((struct object *)flows_at(&flows, there[n]))->number = n;
    } else {
      assert_int_equal(((struct object *)flows_at(&flows, there[n]))->number, n);
      flows_remove(&flows, there[n]);
      there[n] = FLOWS_NONE;
    }
  }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(both_directions_have_one_hash),
      TEST(equal_ends_do_not_cancel_out),
      TEST(ports_alone_make_other_hashes),
      TEST(another_key_makes_other_hashes),
      TEST(found_from_either_side),
      TEST(what_differs_is_another),
      TEST(one_hash_for_all_still_finds_each),
      TEST(what_a_tuple_is_to_another),
      TEST(packets_give_the_same_hash_as_their_tuples),
      TEST(a_guess_is_the_first_of_the_hash),
      TEST(never_more_than_its_maximum),
      TEST(an_addition_without_memory_leaves_nothing),
      TEST(each_failure_at_the_start_is_told),
      TEST(random_against_a_plain_array),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
