/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "allocator.h"
#include "reasm/blocks.h"

static struct test_allocator memory;
static struct mem mem;
static struct blocks blocks;
static uint8_t bytes[4096];

static int setup(void **state) {
  (void)state;
  memory = (struct test_allocator){0};
  struct weft_allocator allocator = test_allocator_of(&memory);
  mem_init(&mem, &allocator, 0);
  blocks_init(&blocks, &mem);
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  blocks_done(&blocks);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
  return 0;
}

static struct block *make(uint32_t size) {
  struct block *block = block_new(&blocks, bytes, size);
  assert_non_null(block);
  assert_int_equal(block->refs, 1);
  assert_int_equal(block->size, size);
  assert_memory_equal(block->bytes, bytes, size);
  return block;
}

static void of_any_size_and_never_much_more(void **state) {
  (void)state;
  for (uint32_t size = 0; size <= sizeof bytes; size++) {
    uint64_t before = memory.bytes;
    struct block *block = make(size);
    assert_in_range(memory.bytes - before, sizeof *block + size, size + BLOCK_EXTRA);
    block_release(&blocks, block);
    blocks_done(&blocks);
    assert_int_equal(memory.bytes, before);
  }
}

static void the_last_reference_lets_go(void **state) {
  (void)state;
  struct block *block = make(100);
  block->refs++;
  block_release(&blocks, block);
  assert_int_equal(blocks.spare, 0);
  assert_memory_equal(block->bytes, bytes, 100);
  block_release(&blocks, block);
  assert_int_equal(blocks.spare, 112);
  block_release(&blocks, NULL);
}

static void a_spare_one_serves_the_next_of_its_size(void **state) {
  (void)state;
  struct block *a = make(100), *b = make(97), *small = make(8);
  block_release(&blocks, a);
  block_release(&blocks, small);
  block_release(&blocks, b);
  uint64_t calls = memory.calls;
  assert_ptr_equal(make(104), b);
  assert_ptr_equal(make(90), a);
  assert_ptr_equal(make(3), small);
  assert_int_equal(memory.calls, calls);
  assert_int_equal(blocks.spare, 0);
  block_release(&blocks, a);
  struct block *larger = make(105);
  assert_ptr_not_equal(larger, a);
  block_release(&blocks, larger);
  block_release(&blocks, b);
  block_release(&blocks, small);
}

static void large_ones_and_too_many_are_given_back(void **state) {
  (void)state;
  enum { MANY = 400 };
  static struct block *many[MANY];
  block_release(&blocks, make(BLOCK_SIZES * BLOCK_UNIT - sizeof(struct block) + 1));
  assert_int_equal(blocks.spare, 0);
  for (int i = 0; i < MANY; i++) many[i] = make(1448);
  assert_int_equal(memory.live, MANY);
  for (int i = 0; i < MANY; i++) block_release(&blocks, many[i]);
  assert_int_equal(blocks.spare, memory.bytes);
  assert_in_range(blocks.spare, BLOCKS_SPARE_MAX - 1456, BLOCKS_SPARE_MAX);
}

static void without_memory(void **state) {
  (void)state;
  memory.fail_at = memory.calls + 1;
  assert_null(block_new(&blocks, bytes, 10));
  block_release(&blocks, make(10));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(of_any_size_and_never_much_more),
      TEST(the_last_reference_lets_go),
      TEST(a_spare_one_serves_the_next_of_its_size),
      TEST(large_ones_and_too_many_are_given_back),
      TEST(without_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
