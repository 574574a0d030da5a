/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <weft/stream.h>

#include "allocator.h"
#include "ip/join.h"

static struct join joined;
static struct test_allocator memory;
static struct mem mem;
static struct held_fragment *held[24];
static unsigned nheld;

static int setup(void **state) {
  (void)state;
  memset(&memory, 0, sizeof memory);
  struct weft_allocator allocator = test_allocator_of(&memory);
  mem_init(&mem, &allocator, 0);
  joined.parts.count = 0;
  nheld = 0;
  return 0;
}

static int teardown(void **state) {
  (void)state;
  for (unsigned i = 0; i < nheld; i++) held_fragment_free(&mem, held[i]);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
  return 0;
}

/* Holds a fragment of that many bytes at `start`, of which `caplen` were captured; its frame and
   its bytes are told by `name`. */
static void hold_cut(char name, uint32_t start, uint32_t length, uint32_t caplen) {
  uint8_t bytes[64];
  memset(bytes, name, sizeof bytes);
  struct wire_fragment fragment = {.payload = bytes, .caplen = caplen, .wirelen = length};
  fragment.mark = (struct weft_mark){name * 10, (uint64_t)name};
  struct held_fragment *new =
      held_fragment_new(&mem, &fragment, &joined.parts, start, start + length);
  assert_non_null(new);
  assert_int_equal(held_fragment_size(new),
                   held_fragment_need(&fragment, &joined.parts, start, start + length));
  if (nheld > 0) held[nheld - 1]->next = new;
  held[nheld++] = new;
}

static void hold(char name, uint32_t start, uint32_t length) {
  hold_cut(name, start, length, length);
}

/* What comes out, and that each byte's mark is of the fragment that brought it. */
static void assert_joined(unsigned policy, uint32_t length, const char *text) {
  uint32_t captured = join_fragments(&joined, held[0], length, policy);
  assert_int_equal(captured, strlen(text));
  assert_memory_equal(joined.bytes, text, captured);
  for (uint32_t i = 0; i < captured; i++) {
    struct weft_mark mark = {0, 0};
    assert_int_equal(parts_run(&joined.parts, joined.bytes + i, 1, &mark), 1);
    assert_int_equal(mark.frame, text[i]);
    assert_int_equal(mark.time, text[i] * 10);
  }
}

static void without_overlaps(void **state) {
  (void)state;
  hold('B', 8, 8);
  hold('A', 0, 8);
  hold('C', 16, 3);
  for (unsigned policy = 0; policy < WEFT_FRAGMENTS_COUNT; policy++)
    assert_joined(policy, 19, "AAAAAAAABBBBBBBBCCC");
  assert_int_equal(joined.parts.count, 3);
}

/* The table of policies: each kind of overlap of two, both ways of arriving. */
static void new_before_old(void **state) {
  (void)state;
  static const char old[] = "NNNNNNNNOOOOOOOOOOOOOOOO", new[] = "NNNNNNNNNNNNNNNNOOOOOOOO";
  hold('O', 8, 16);
  hold('N', 0, 16);
  assert_joined(WEFT_FRAGMENTS_FIRST, 24, old);
  assert_joined(WEFT_FRAGMENTS_LAST, 24, new);
  assert_joined(WEFT_FRAGMENTS_BSD, 24, new);
  assert_joined(WEFT_FRAGMENTS_BSD_RIGHT, 24, old);
  assert_joined(WEFT_FRAGMENTS_LINUX_OLD, 24, new);
}

static void new_with_old(void **state) {
  (void)state;
  static const char old[] = "OOOOOOOONNNNNNNN", new[] = "NNNNNNNNNNNNNNNN";
  hold('O', 0, 8);
  hold('N', 0, 16);
  assert_joined(WEFT_FRAGMENTS_FIRST, 16, old);
  assert_joined(WEFT_FRAGMENTS_LAST, 16, new);
  assert_joined(WEFT_FRAGMENTS_BSD, 16, old);
  assert_joined(WEFT_FRAGMENTS_BSD_RIGHT, 16, new);
  assert_joined(WEFT_FRAGMENTS_LINUX_OLD, 16, new);
}

static void new_behind_old(void **state) {
  (void)state;
  static const char old[] = "OOOOOOOOOOOOOOOONNNNNNNN", new[] = "OOOOOOOONNNNNNNNNNNNNNNN";
  hold('O', 0, 16);
  hold('N', 8, 16);
  assert_joined(WEFT_FRAGMENTS_FIRST, 24, old);
  assert_joined(WEFT_FRAGMENTS_LAST, 24, new);
  assert_joined(WEFT_FRAGMENTS_BSD, 24, old);
  assert_joined(WEFT_FRAGMENTS_BSD_RIGHT, 24, new);
  assert_joined(WEFT_FRAGMENTS_LINUX_OLD, 24, old);
}

/* ---- the patterns that hosts were probed with --------------------------- */

/* One unit of 8 bytes for each letter. */
static void assert_units(unsigned policy, const char *units) {
  char text[8 * 32 + 1] = "";
  uint32_t length = 0;
  for (; units[length]; length++) memset(text + 8 * length, units[length], 8);
  assert_joined(policy, 8 * length, text);
}

/* U. Shankar and V. Paxson, Active Mapping, 2003: six fragments in the order they are sent,
   and which units of them a host of each kind has. */
static void as_active_mapping_found(void **state) {
  (void)state;
  hold('A', 0, 24);
  hold('B', 32, 16);
  hold('C', 48, 24);
  hold('D', 8, 32);
  hold('E', 48, 24);
  hold('F', 72, 24);
  assert_units(WEFT_FRAGMENTS_BSD, "AAADDBCCCFFF");
  assert_units(WEFT_FRAGMENTS_BSD_RIGHT, "ADDDBBEEEFFF");
  assert_units(WEFT_FRAGMENTS_LINUX_OLD, "AAADDBEEEFFF");
  assert_units(WEFT_FRAGMENTS_FIRST, "AAADBBCCCFFF");
  assert_units(WEFT_FRAGMENTS_LAST, "ADDDDBEEEFFF");
  assert_units(WEFT_FRAGMENTS_WINDOWS, "AAADBBCCCFFF");
  assert_units(WEFT_FRAGMENTS_SOLARIS, "AAADBBCCCFFF");
}

/* The same with what S. Sturges and J. Novak added to it (Target-Based Fragmentation
   Reassembly, 2005), A to I first and then J to Q over them.  What is expected of each kind is what
   Suricata's tests of its own defragmenter, which take this pattern, have for it; for
   bsd-right, which they leave out, what the rule of Active Mapping makes of it. */
static void as_target_based_reassembly_found(void **state) {
  (void)state;
  static const struct {
    char name;
    uint8_t start, length;
  } sent[] = {{'A', 0, 24},   {'B', 32, 16},  {'C', 48, 24},  {'D', 80, 8},  {'E', 104, 16},
              {'F', 120, 24}, {'G', 144, 16}, {'H', 160, 16}, {'I', 176, 8}, {'J', 8, 32},
              {'K', 48, 24},  {'L', 72, 24},  {'M', 96, 24},  {'N', 128, 8}, {'O', 152, 8},
              {'P', 160, 8},  {'Q', 176, 16}};
  for (size_t i = 0; i < sizeof sent / sizeof *sent; i++)
    hold(sent[i].name, sent[i].start, sent[i].length);
  assert_units(WEFT_FRAGMENTS_BSD, "AAAJJBCCCLLLMMMFFFGGHHIQ");
  assert_units(WEFT_FRAGMENTS_BSD_RIGHT, "AJJJBBKKKLDLMEEFNFGOPHQQ");
  assert_units(WEFT_FRAGMENTS_LINUX_OLD, "AAAJJBKKKLLLMMMFFFGGPHQQ");
  assert_units(WEFT_FRAGMENTS_FIRST, "AAAJBBCCCLDLMEEFFFGGHHIQ");
  assert_units(WEFT_FRAGMENTS_LAST, "AJJJJBKKKLLLMMMFNFGOPHQQ");
  assert_units(WEFT_FRAGMENTS_WINDOWS, "AAAJBBCCCLLLMEEFFFGGHHIQ");
  assert_units(WEFT_FRAGMENTS_SOLARIS, "AAAJBBCCCLLLMMMFFFGGHHIQ");
}

/* Who wins is decided for each unit against the one who has it by then. */
static void three_overlap(void **state) {
  (void)state;
  hold('A', 0, 24);
  hold('B', 16, 16);
  hold('C', 8, 16);
  assert_joined(WEFT_FRAGMENTS_LAST, 32, "AAAAAAAACCCCCCCCCCCCCCCCBBBBBBBB");
  assert_joined(WEFT_FRAGMENTS_FIRST, 32, "AAAAAAAAAAAAAAAAAAAAAAAABBBBBBBB");
  assert_joined(WEFT_FRAGMENTS_BSD_RIGHT, 32, "AAAAAAAACCCCCCCCBBBBBBBBBBBBBBBB");
}

static void what_was_cut_off_ends_it(void **state) {
  (void)state;
  hold('A', 0, 8);
  hold_cut('B', 8, 8, 3);
  hold('C', 16, 8);
  assert_joined(WEFT_FRAGMENTS_LINUX, 24, "AAAAAAAABBB");
  /* An overlap has what was cut off. */
  hold('D', 8, 8);
  assert_joined(WEFT_FRAGMENTS_LAST, 24, "AAAAAAAADDDDDDDDCCCCCCCC");
  assert_joined(WEFT_FRAGMENTS_FIRST, 24, "AAAAAAAABBB");
}

static void nothing_was_captured(void **state) {
  (void)state;
  hold_cut('A', 0, 8, 0);
  hold('B', 8, 8);
  assert_joined(WEFT_FRAGMENTS_LINUX, 16, "");
  assert_int_equal(joined.parts.count, 0);
}

/* A fragment within the datagram joined last came in several frames itself. */
static void fragments_within(void **state) {
  (void)state;
  hold('A', 0, 8);
  hold('B', 8, 8);
  assert_joined(WEFT_FRAGMENTS_LINUX, 16, "AAAAAAAABBBBBBBB");
  struct wire_fragment inner = {.payload = joined.bytes + 5, .caplen = 8, .wirelen = 8};
  inner.mark = (struct weft_mark){660, 66};
  struct held_fragment *within = held_fragment_new(&mem, &inner, &joined.parts, 0, 8);
  assert_int_equal(within->nparts, 2);
  assert_int_equal(held_fragment_need(&inner, &joined.parts, 0, 8), held_fragment_size(within));
  while (nheld > 0) held_fragment_free(&mem, held[--nheld]);
  held[0] = within;
  nheld = 1;
  hold('C', 8, 2);
  assert_joined(WEFT_FRAGMENTS_LINUX, 10, "AAABBBBBCC");
}

static void the_largest_datagram_in_the_smallest_fragments(void **state) {
  (void)state;
  struct held_fragment **list = calloc(8192, sizeof *list);
  assert_non_null(list);
  for (uint32_t i = 0; i < 8192; i++) {
    uint8_t bytes[8] = {(uint8_t)i};
    struct wire_fragment fragment = {.payload = bytes, .mark = {i, i + 1}};
    uint32_t length = i == 8191 ? 7 : 8;
    fragment.caplen = fragment.wirelen = length;
    list[i] = held_fragment_new(&mem, &fragment, &joined.parts, i * 8, i * 8 + length);
    if (i > 0) list[i - 1]->next = list[i];
  }
  assert_int_equal(join_fragments(&joined, list[0], 65535, WEFT_FRAGMENTS_LAST), 65535);
  assert_int_equal(joined.parts.count, 8192);
  struct weft_mark mark;
  assert_int_equal(parts_run(&joined.parts, joined.bytes + 65534, 9, &mark), 1);
  assert_int_equal(mark.frame, 8192);
  for (uint32_t i = 0; i < 8192; i++) held_fragment_free(&mem, list[i]);
  free(list);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      CASE(without_overlaps),
      CASE(new_before_old),
      CASE(new_with_old),
      CASE(new_behind_old),
      CASE(as_active_mapping_found),
      CASE(as_target_based_reassembly_found),
      CASE(three_overlap),
      CASE(what_was_cut_off_ends_it),
      CASE(fragments_within),
      CASE(nothing_was_captured),
      CASE(the_largest_datagram_in_the_smallest_fragments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
