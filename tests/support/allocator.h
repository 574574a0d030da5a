/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_ALLOCATOR_H
#define TEST_ALLOCATOR_H

#include <weft/base.h>

/*
 * An allocator that counts what it gives, can fail on demand, and checks that
 * every block comes back with the size that was asked for.
 *
 *     struct test_allocator memory = {.fail_at = 3};
 *     struct weft_allocator allocator = test_allocator_of(&memory);
 *     ...
 *     assert_int_equal(memory.live, 0);
 *
 * With `hoards` set, what comes back is not used again, and test_allocator_end tells how
 * many of the blocks have been written to since.
 */
struct test_allocator {
  uint64_t calls;       /* to alloc, failed ones included */
  uint64_t fail_at;     /* this call fails, counted from 1; 0: none */
  int fail_after;       /* non-zero: so does every later one */
  uint64_t live;        /* blocks not yet freed */
  uint64_t bytes, peak; /* in them, now and at most */
  uint64_t wrong_sizes; /* frees with another size than was asked for */
  int hoards;
  union test_block *hoard; /* what came back, the last first */
};

/* `memory` must outlive every use of the result. */
struct weft_allocator test_allocator_of(struct test_allocator *memory);

/* Lets go of the hoard.  How many of its blocks are not as they came back. */
uint64_t test_allocator_end(struct test_allocator *memory);

#endif
