/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocator.h"
#include "http/reuse.h"

enum { SIZE = 40, SHIFT = 3, CHUNK = 1 << SHIFT };

static struct test_allocator memory;
static struct weft_allocator allocator;
static struct mem mem;
static struct http_reuse reuse;

static void begin(void) {
  memory = (struct test_allocator){0};
  allocator = test_allocator_of(&memory);
  mem_init(&mem, &allocator, 0);
  http_reuse_init(&reuse, &mem, SIZE, SHIFT);
}

static void finish(void) {
  http_reuse_done(&reuse);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
}

static void take(uint32_t *indexes, int n) {
  for (int i = 0; i < n; i++) indexes[i] = http_reuse_take(&reuse);
}

static unsigned chunks(void) {
  unsigned n = 0;
  for (uint32_t i = 0; i < reuse.slab.nchunks; i++) n += reuse.slab.chunks[i].objects != NULL;
  return n;
}

static void the_last_released_is_taken_first_whatever_its_chunk(void **state) {
  (void)state;
  uint32_t all[4 * CHUNK];
  begin();
  take(all, 4 * CHUNK);
  http_reuse_give(&reuse, all[3]);
  http_reuse_give(&reuse, all[CHUNK + 1]);
  http_reuse_give(&reuse, all[3 * CHUNK]);
  assert_int_equal(http_reuse_take(&reuse), all[3 * CHUNK]);
  assert_int_equal(http_reuse_take(&reuse), all[CHUNK + 1]);
  assert_int_equal(http_reuse_take(&reuse), all[3]);
  finish();
}

static void no_object_is_given_twice(void **state) {
  (void)state;
  uint32_t all[8 * CHUNK], again[8 * CHUNK];
  uint8_t *bytes;
  begin();
  take(all, 8 * CHUNK);
  for (int i = 0; i < 8 * CHUNK; i += 2) http_reuse_give(&reuse, all[i]);
  for (int i = 1; i < 8 * CHUNK; i += 2) {
    bytes = http_reuse_at(&reuse, all[i], SIZE);
    bytes[SIZE - 1] = 1;
  }
  take(again, 4 * CHUNK);
  for (int i = 0; i < 4 * CHUNK; i++) {
    bytes = http_reuse_at(&reuse, again[i], SIZE);
    for (int j = 1; j < 8 * CHUNK; j += 2) assert_int_not_equal(again[i], all[j]);
    for (int j = 0; j < i; j++) assert_int_not_equal(again[i], again[j]);
  }
  finish();
}

/* What is in use after a peak keeps its chunks, and what is kept none but the first. */
static void chunks_are_given_back_after_a_peak(void **state) {
  (void)state;
  uint32_t all[8 * CHUNK];
  begin();
  take(all, 8 * CHUNK);
  assert_int_equal(chunks(), 8);
  for (int i = 0; i < 8 * CHUNK - 1; i++) http_reuse_give(&reuse, all[i]);
  assert_true(chunks() <= 2);
  http_reuse_give(&reuse, all[8 * CHUNK - 1]);
  assert_true(chunks() <= 2);
  assert_int_equal(reuse.slab.used, reuse.nkept);
  finish();
}

static void without_memory_there_is_none(void **state) {
  (void)state;
  begin();
  memory.fail_at = 1;
  assert_int_equal(http_reuse_take(&reuse), SLAB_NONE);
  memory.fail_at = 0;
  assert_int_not_equal(http_reuse_take(&reuse), SLAB_NONE);
  finish();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_last_released_is_taken_first_whatever_its_chunk),
      cmocka_unit_test(no_object_is_given_twice),
      cmocka_unit_test(chunks_are_given_back_after_a_peak),
      cmocka_unit_test(without_memory_there_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
