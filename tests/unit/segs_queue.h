/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_TESTS_SEGS_QUEUE_H
#define WEFT_TESTS_SEGS_QUEUE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocator.h"
#include "reasm/segs.h"

/* A queue of pieces by itself, and segments to put into it: for the tests of
   reasm/segs.h. */
enum { SPACE = 400, PIECES_MAX = 24 };

static struct test_allocator memory;
static struct mem mem;
static struct segs_pool pool;
static struct segs segs;
static uint64_t frame;

static inline void start(uint32_t pieces_max) {
  memory = (struct test_allocator){0};
  struct weft_allocator allocator = test_allocator_of(&memory);
  mem_init(&mem, &allocator, 0);
  memset(&segs, 0, sizeof segs);
  assert_int_equal(segs_pool_init(&pool, &mem, pieces_max), 0);
  frame = 0;
}

static inline void stop(void) {
  segs_clear(&segs, &pool);
  assert_int_equal(pool.cost, 0);
  assert_int_equal(pool.payload, 0);
  assert_int_equal(pool.pieces.used, 0);
  segs_pool_done(&pool);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
}

static inline int setup(void **state) {
  (void)state;
  start(PIECES_MAX);
  return 0;
}

static inline int teardown(void **state) {
  (void)state;
  stop();
  return 0;
}

/* ---- building and reading ------------------------------------------- */

/* Bytes of a frame that stays: where a byte is seen again, its frame is known. */
static uint8_t frames[64][SPACE];

/* Of the next frame: [from, to), FIN the last number when `fin`. */
static inline struct arrival arrival_of(uint64_t from, uint64_t to, int fin) {
  frame++;
  memset(frames[frame % 64], 'a' + (int)(frame % 26), SPACE);
  return (struct arrival){.from = from,
                          .to = to,
                          .start = from,
                          .limit = to,
                          .bytes = frames[frame % 64],
                          .mark = {(weft_time)frame, frame},
                          .fin = (uint8_t)fin};
}

static inline int insert(unsigned policy, struct arrival arrival) {
  int status = segs_insert(&segs, &pool, policy, &arrival, NULL);
  assert_true(segs_is_valid(&segs, &pool));
  return status;
}

/* ... whose bytes do not last. */
static inline int insert_copied(unsigned policy, struct arrival arrival) {
  struct block *copy = NULL;
  int status = segs_insert(&segs, &pool, policy, &arrival, &copy);
  block_release(&pool.blocks, copy);
  assert_true(segs_is_valid(&segs, &pool));
  return status;
}

static inline void put(uint64_t from, uint64_t to) {
  assert_int_equal(insert(WEFT_OVERLAP_LINUX, arrival_of(from, to, 0)), 0);
}

#endif
