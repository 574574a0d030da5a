/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <weft/stream.h>

#include "allocator.h"
#include "ip/defrag.h"

static const uint64_t hash_key[2] = {1, 2};

static struct bench {
  struct test_allocator memory;
  struct mem mem;
  struct defrag defrag;
  struct wire_fragment whole;
  struct weft_mark mark; /* of the next fragment */
} bench;

static void bench_start(uint64_t bytes_max) {
  memset(&bench, 0, sizeof bench);
  struct weft_allocator allocator = test_allocator_of(&bench.memory);
  mem_init(&bench.mem, &allocator, 0);
  defrag_init(&bench.defrag, &bench.mem, bytes_max, 30 * WEFT_SECOND, WEFT_FRAGMENTS_LINUX,
              hash_key);
  bench.mark.frame = 1;
}

static int setup(void **state) {
  (void)state;
  bench_start(1 << 20);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  defrag_done(&bench.defrag);
  assert_int_equal(bench.memory.live, 0);
  assert_int_equal(bench.memory.wrong_sizes, 0);
  return 0;
}

static struct wire_fragment fragment(uint32_t id, uint32_t offset, const char *text, int more) {
  struct wire_fragment ret = {.version = 4, .protocol = 6, .id = id};
  ret.source[10] = ret.source[11] = ret.target[10] = ret.target[11] = 0xff;
  ret.source[15] = 1;
  ret.target[15] = 2;
  ret.offset = offset;
  ret.payload = (const uint8_t *)text;
  ret.wirelen = ret.caplen = (uint32_t)strlen(text);
  ret.more = (uint8_t)more;
  ret.mark = bench.mark;
  bench.mark.frame++;
  return ret;
}

static int push(struct wire_fragment piece) {
  return defrag_push(&bench.defrag, &piece, &bench.whole);
}

enum { LAST, MORE };
static int put(uint32_t offset, const char *text, int more) {
  return push(fragment(7, offset, text, more));
}

static void assert_whole(const char *text) {
  assert_int_equal(bench.whole.wirelen, strlen(text));
  assert_int_equal(bench.whole.caplen, strlen(text));
  assert_memory_equal(bench.whole.payload, text, strlen(text));
  assert_int_equal(bench.whole.offset, 0);
  assert_int_equal(bench.whole.more, 0);
}

/* Which frame brought each byte: a digit each. */
static void assert_marks(const char *frames) {
  assert_int_equal(bench.whole.caplen, strlen(frames));
  for (uint32_t i = 0; frames[i]; i++) {
    struct weft_mark mark = {0, 0};
    parts_run(defrag_parts(&bench.defrag), bench.whole.payload + i, 1, &mark);
    assert_int_equal(mark.frame, frames[i] - '0');
  }
}

static void in_order(void **state) {
  (void)state;
  assert_int_equal(put(0, "AAAAAAAA", MORE), 0);
  assert_int_equal(put(8, "BBBBBBBB", MORE), 0);
  assert_int_equal(put(16, "CCC", LAST), 1);
  assert_whole("AAAAAAAABBBBBBBBCCC");
  assert_int_equal(bench.whole.mark.frame, 3);
  assert_int_equal(bench.whole.version, 4);
  assert_int_equal(bench.whole.protocol, 6);
  assert_int_equal(bench.whole.source[15], 1);
  assert_int_equal(bench.defrag.bytes, 0);
  assert_int_equal(bench.defrag.stats.whole, 1);
  assert_marks("1111111122222222333");
}

static void last_first(void **state) {
  (void)state;
  assert_int_equal(put(16, "CCC", LAST), 0);
  assert_int_equal(put(8, "BBBBBBBB", MORE), 0);
  assert_int_equal(put(0, "AAAAAAAA", MORE), 1);
  assert_whole("AAAAAAAABBBBBBBBCCC");
  assert_marks("3333333322222222111");
}

static void an_exact_copy_is_ignored(void **state) {
  (void)state;
  put(0, "AAAAAAAA", MORE);
  assert_int_equal(put(0, "XXXXXXXX", MORE), 0);
  assert_int_equal(put(8, "B", LAST), 1);
  assert_whole("AAAAAAAAB");
  assert_int_equal(bench.defrag.stats.ignored, 1);
}

static void inside_a_run_is_ignored(void **state) {
  (void)state;
  put(0, "AAAAAAAA", MORE);
  put(8, "BBBBBBBBCCCCCCCC", MORE);
  assert_int_equal(put(0, "XXXXXXXXXXXXXXXX", MORE), 0);
  assert_int_equal(put(24, "D", LAST), 1);
  assert_whole("AAAAAAAABBBBBBBBCCCCCCCCD");
}

static void across_two_runs_discards(void **state) {
  (void)state;
  put(8, "BBBBBBBB", MORE);
  put(0, "AAAAAAAA", MORE); /* came later: a run of its own */
  assert_int_equal(put(0, "XXXXXXXXXXXXXXXX", MORE), 0);
  assert_int_equal(bench.defrag.stats.discarded, 1);
  assert_int_equal(put(16, "C", LAST), 0);
  assert_int_equal(bench.defrag.ndatagrams, 1);
}

static void overlap_discards_and_what_follows_starts_anew(void **state) {
  (void)state;
  put(0, "AAAAAAAAAAAAAAAA", MORE);
  assert_int_equal(put(8, "BBBBBBBBBBBBBBBB", MORE), 0);
  assert_int_equal(bench.defrag.ndatagrams, 0);
  assert_int_equal(put(8, "C", LAST), 0);
  assert_int_equal(put(0, "DDDDDDDD", MORE), 1);
  assert_whole("DDDDDDDDC");
}

static void contradicting_lengths_discard(void **state) {
  (void)state;
  put(8, "CCCC", LAST);
  assert_int_equal(put(8, "CCCCC", LAST), 0);
  assert_int_equal(bench.defrag.ndatagrams, 0);
  put(16, "DDDDDDDD", MORE);
  assert_int_equal(put(8, "C", LAST), 0);
  assert_int_equal(bench.defrag.ndatagrams, 0);
  put(8, "C", LAST);
  assert_int_equal(put(16, "DDDDDDDD", MORE), 0);
  assert_int_equal(bench.defrag.ndatagrams, 0);
  assert_int_equal(bench.defrag.stats.discarded, 3);
}

static void a_copy_without_more_ends_the_datagram(void **state) {
  (void)state;
  put(0, "AAAAAAAABBBBBBBB", MORE);
  assert_int_equal(put(8, "BBBBBBBB", LAST), 0);
  assert_int_equal(bench.defrag.ndatagrams, 1);
  assert_int_equal(put(16, "CCCCCCCC", MORE), 0);
  assert_int_equal(bench.defrag.ndatagrams, 0);
}

static void empty_discards(void **state) {
  (void)state;
  put(0, "AAAAAAAA", MORE);
  assert_int_equal(put(8, "", LAST), 0);
  assert_int_equal(bench.defrag.ndatagrams, 0);
}

static void ipv4_rounds_down(void **state) {
  (void)state;
  put(0, "AAAAAAAAxxx", MORE);
  assert_int_equal(put(8, "B", LAST), 1);
  assert_whole("AAAAAAAAB");
}

static void ipv6_ignores_what_is_not_round(void **state) {
  (void)state;
  struct wire_fragment piece = fragment(7, 0, "AAAAAAAAxxx", MORE);
  piece.version = 6;
  assert_int_equal(push(piece), 0);
  assert_int_equal(bench.defrag.stats.ignored, 1);
  assert_int_equal(bench.defrag.ndatagrams, 0);
}

static void ipv6_protocol_is_of_the_first_fragment(void **state) {
  (void)state;
  struct wire_fragment last = fragment(7, 8, "B", LAST), first = fragment(7, 0, "AAAAAAAA", MORE);
  last.version = first.version = 6;
  last.protocol = 17;
  assert_int_equal(push(last), 0);
  assert_int_equal(push(first), 1);
  assert_int_equal(bench.whole.protocol, 6);
}

static void every_part_of_the_key_counts(void **state) {
  (void)state;
  put(0, "AAAAAAAA", MORE);
  struct wire_fragment pieces[5];
  for (int i = 0; i < 5; i++) pieces[i] = fragment(7, 8, "B", LAST);
  pieces[0].id = 8;
  pieces[1].protocol = 17;
  pieces[2].source[15] = 3;
  pieces[3].target[15] = 3;
  pieces[4].realm = 1;
  for (int i = 0; i < 5; i++) assert_int_equal(push(pieces[i]), 0);
  assert_int_equal(bench.defrag.ndatagrams, 6);
}

static void longer_than_any_datagram(void **state) {
  (void)state;
  put(0, "AAAAAAAA", MORE);
  assert_int_equal(put(65512, "BBBB", LAST), 0);
  assert_int_equal(bench.defrag.ndatagrams, 0);
  struct wire_fragment piece = fragment(9, 65528, "BBBBBBBB", LAST);
  piece.version = 6;
  assert_int_equal(push(piece), 0);
  assert_int_equal(bench.defrag.stats.ignored, 1);
}

static void cut_fragment_ends_what_was_captured(void **state) {
  (void)state;
  struct wire_fragment cut = fragment(7, 0, "AAAAA", MORE);
  cut.wirelen = 8;
  assert_int_equal(push(cut), 0);
  assert_int_equal(put(8, "BBBB", LAST), 1);
  assert_int_equal(bench.whole.wirelen, 12);
  assert_int_equal(bench.whole.caplen, 5);
  assert_memory_equal(bench.whole.payload, "AAAAA", 5);
}

static void timeout_runs_from_the_first_fragment(void **state) {
  (void)state;
  put(0, "AAAAAAAA", MORE);
  bench.mark.time = 20 * WEFT_SECOND;
  put(8, "BBBBBBBB", MORE);
  defrag_advance(&bench.defrag, 30 * WEFT_SECOND - 1);
  assert_int_equal(bench.defrag.ndatagrams, 1);
  defrag_advance(&bench.defrag, 30 * WEFT_SECOND);
  assert_int_equal(bench.defrag.ndatagrams, 0);
  assert_int_equal(bench.defrag.stats.expired, 1);
}

static void a_fragment_moves_the_clock_never_back(void **state) {
  (void)state;
  bench.mark.time = 100 * WEFT_SECOND;
  put(0, "AAAAAAAA", MORE);
  bench.mark.time = 10 * WEFT_SECOND; /* captured out of order */
  push(fragment(8, 0, "AAAAAAAA", MORE));
  bench.mark.time = 129 * WEFT_SECOND;
  assert_int_equal(push(fragment(8, 8, "B", LAST)), 1);
  bench.mark.time = 130 * WEFT_SECOND;
  assert_int_equal(put(8, "B", LAST), 0);
  assert_int_equal(bench.defrag.stats.expired, 1);
}

static void waiting_for_ever(void **state) {
  (void)state;
  defrag_init(&bench.defrag, &bench.mem, 1 << 20, WEFT_FOREVER, WEFT_FRAGMENTS_LINUX, hash_key);
  put(0, "AAAAAAAA", MORE);
  defrag_advance(&bench.defrag, INT64_MAX);
  assert_int_equal(bench.defrag.ndatagrams, 1);
}

static int push_of(uint32_t source, uint32_t offset, const char *text, int more) {
  struct wire_fragment ret = fragment(1, offset, text, more);
  ret.source[14] = (uint8_t)(source >> 8);
  ret.source[15] = (uint8_t)source;
  return push(ret);
}

static void the_oldest_gives_way(void **state) {
  (void)state;
  bench_start(10000);
  for (uint32_t source = 1; source <= 100; source++) {
    assert_int_equal(push_of(source, 0, "AAAAAAAA", MORE), 0);
    assert_true(bench.defrag.bytes <= 10000);
    assert_true(bench.mem.used <= defrag_memory_max(10000));
  }
  assert_true(bench.defrag.ndatagrams >= 2);
  assert_int_equal(bench.defrag.stats.evicted, 100 - bench.defrag.ndatagrams);
  assert_int_equal(push_of(100, 8, "B", LAST), 1);
  assert_int_equal(push_of(1, 8, "B", LAST), 0);
}

static void one_source_leaves_the_others_theirs(void **state) {
  (void)state;
  bench_start(100000);
  struct wire_fragment modest = fragment(1, 0, "AAAAAAAA", MORE);
  modest.source[15] = 9;
  assert_int_equal(push(modest), 0);
  for (uint32_t id = 1; id <= 1000; id++) {
    assert_int_equal(push(fragment(id, 0, "AAAAAAAA", MORE)), 0);
    assert_true(bench.defrag.bytes <= 100000 / DEFRAG_SOURCE_SHARE + 3000);
  }
  assert_true(bench.defrag.ndatagrams > 5);
  assert_int_equal(push(fragment(1000, 8, "B", LAST)), 1);
  modest = fragment(1, 8, "B", LAST);
  modest.source[15] = 9;
  assert_int_equal(push(modest), 1);
}

/* More than its share, as long as it is one. */
static void a_source_may_have_one_large_datagram(void **state) {
  (void)state;
  bench_start(10000);
  static char text[3001];
  memset(text, 'A', 3000);
  assert_int_equal(put(0, text, MORE), 0);
  assert_int_equal(put(3000, text, LAST), 1);
  assert_int_equal(bench.whole.wirelen, 6000);
  assert_int_equal(bench.defrag.stats.evicted, 0);
}

static void policies_choose_among_overlaps(void **state) {
  static const char *const expected[WEFT_FRAGMENTS_COUNT] = {
      [WEFT_FRAGMENTS_FIRST] = "AAAAAAAAAAAAAAAABBBBBBBBC",
      [WEFT_FRAGMENTS_LAST] = "AAAAAAAABBBBBBBBBBBBBBBBC",
      [WEFT_FRAGMENTS_BSD] = "AAAAAAAAAAAAAAAABBBBBBBBC",
      [WEFT_FRAGMENTS_BSD_RIGHT] = "AAAAAAAABBBBBBBBBBBBBBBBC",
      [WEFT_FRAGMENTS_LINUX_OLD] = "AAAAAAAAAAAAAAAABBBBBBBBC",
      [WEFT_FRAGMENTS_WINDOWS] = "AAAAAAAAAAAAAAAABBBBBBBBC",
      [WEFT_FRAGMENTS_SOLARIS] = "AAAAAAAAAAAAAAAABBBBBBBBC",
  };
  for (unsigned policy = 1; policy < WEFT_FRAGMENTS_COUNT; policy++) {
    bench_start(1 << 20);
    bench.defrag.policy = policy;
    assert_int_equal(put(0, "AAAAAAAAAAAAAAAA", MORE), 0);
    assert_int_equal(put(8, "BBBBBBBBBBBBBBBB", MORE), 0);
    assert_int_equal(put(24, "C", LAST), 1);
    assert_whole(expected[policy]);
    assert_int_equal(bench.defrag.stats.overlapping, 1);
    assert_int_equal(bench.defrag.stats.discarded, 0);
    teardown(state);
  }
}

/* RFC 5722 section 4. */
static void ipv6_overlaps_discard_whatever_the_policy(void **state) {
  (void)state;
  bench.defrag.policy = WEFT_FRAGMENTS_FIRST;
  struct wire_fragment one = fragment(7, 0, "AAAAAAAAAAAAAAAA", MORE);
  struct wire_fragment two = fragment(7, 8, "BBBBBBBBBBBBBBBB", MORE);
  one.version = two.version = 6;
  assert_int_equal(push(one), 0);
  assert_int_equal(push(two), 0);
  assert_int_equal(bench.defrag.ndatagrams, 0);
  assert_int_equal(bench.defrag.stats.discarded, 1);
}

#define HEADER "PPPPSSSSAAAAOFWWccuu" /* 20 bytes of a TCP header */

static void over_a_header(void **state) {
  (void)state;
  put(0, HEADER "data", MORE); /* 24 bytes */
  put(8, "AAAAOFWWccuudata", LAST);
  assert_int_equal(bench.defrag.stats.over_header, 1);
  assert_int_equal(bench.defrag.stats.overlapping, 0); /* all there, and ignored */
  push(fragment(8, 8, "AAAAOFWWccuudata", LAST));
  push(fragment(8, 0, HEADER "data", MORE)); /* the other way round */
  assert_int_equal(bench.defrag.stats.over_header, 2);
  assert_int_equal(bench.defrag.stats.discarded, 1);
}

static void not_over_a_header(void **state) {
  (void)state;
  put(0, HEADER "data", MORE);
  put(0, HEADER "data", MORE); /* a copy */
  put(16, "xxxxxxxxyyyyyyyy", MORE);
  assert_int_equal(bench.defrag.stats.over_header, 1); /* 16 is inside it */
  push(fragment(8, 0, HEADER "datamoredata", MORE));
  push(fragment(8, 24, "moredatamore", LAST));
  assert_int_equal(bench.defrag.stats.overlapping, 2);
  struct wire_fragment udp = fragment(9, 0, HEADER "data", MORE);
  udp.protocol = 17;
  push(udp);
  udp.offset = 8;
  push(udp);
  assert_int_equal(bench.defrag.stats.over_header, 1);
}

/* RFC 791 section 3.2 lets every host cut after 8 bytes. */
static void tiny_first_fragments_count_and_are_taken(void **state) {
  (void)state;
  put(0, "PPPPSSSS", MORE);
  assert_int_equal(bench.defrag.stats.tiny, 1);
  assert_int_equal(put(8, "AAAAOFWWccuudata", LAST), 1);
  assert_whole(HEADER "data");
  push(fragment(8, 0, HEADER "data", MORE));
  assert_int_equal(bench.defrag.stats.tiny, 1);
}

static void a_datagram_larger_than_the_bound_goes(void **state) {
  (void)state;
  bench_start(5000);
  static char text[2001];
  memset(text, 'A', 2000);
  assert_int_equal(put(0, text, MORE), 0);
  assert_int_equal(put(2000, text, MORE), 0);
  assert_int_equal(bench.defrag.ndatagrams, 0);
  assert_int_equal(bench.defrag.bytes, 0);
  assert_int_equal(bench.defrag.stats.evicted, 1);
}

/* As a tunnel's fragment inside a reassembled datagram does. */
static void fragment_may_lie_in_the_datagram_last_returned(void **state) {
  (void)state;
  put(0, "AAAAAAAA", MORE);
  assert_int_equal(put(8, "inner", LAST), 1);
  struct wire_fragment inner = fragment(8, 8, "", LAST);
  inner.payload = bench.whole.payload + 8;
  inner.wirelen = inner.caplen = 5;
  assert_int_equal(push(inner), 0);
  assert_int_equal(push(fragment(8, 0, "CCCCCCCC", MORE)), 1);
  assert_whole("CCCCCCCCinner");
  assert_marks("4444444422222"); /* not 3, which is what the test calls the inner one */
}

static void result_may_overwrite_the_fragment(void **state) {
  (void)state;
  put(8, "B", LAST);
  struct wire_fragment piece = fragment(7, 0, "AAAAAAAA", MORE);
  assert_int_equal(defrag_push(&bench.defrag, &piece, &piece), 1);
  assert_int_equal(piece.wirelen, 9);
  assert_int_equal(piece.mark.frame, 2);
}

static void each_allocation_may_fail(void **state) {
  (void)state;
  for (uint64_t fail_at = 1;; fail_at++) {
    bench_start(1 << 20);
    bench.memory.fail_at = fail_at;
    int first = put(0, "AAAAAAAA", MORE), again = 0;
    if (first < 0) again = put(0, "AAAAAAAA", MORE);
    int last = put(8, "B", LAST);
    if (last < 0) last = put(8, "B", LAST);
    assert_true(first == 0 || first == WEFT_E_NOMEM);
    assert_int_equal(again, 0);
    assert_int_equal(last, 1);
    assert_whole("AAAAAAAAB");
    int reached = bench.memory.calls >= fail_at;
    teardown(state);
    if (!reached) break;
    assert_true(fail_at < 20);
  }
}

static void nothing_is_allocated_before_the_first(void **state) {
  (void)state;
  defrag_advance(&bench.defrag, WEFT_SECOND);
  assert_int_equal(bench.memory.calls, 0);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      CASE(in_order),
      CASE(last_first),
      CASE(an_exact_copy_is_ignored),
      CASE(inside_a_run_is_ignored),
      CASE(across_two_runs_discards),
      CASE(overlap_discards_and_what_follows_starts_anew),
      CASE(contradicting_lengths_discard),
      CASE(a_copy_without_more_ends_the_datagram),
      CASE(empty_discards),
      CASE(ipv4_rounds_down),
      CASE(ipv6_ignores_what_is_not_round),
      CASE(ipv6_protocol_is_of_the_first_fragment),
      CASE(every_part_of_the_key_counts),
      CASE(longer_than_any_datagram),
      CASE(cut_fragment_ends_what_was_captured),
      CASE(timeout_runs_from_the_first_fragment),
      CASE(a_fragment_moves_the_clock_never_back),
      CASE(waiting_for_ever),
      CASE(the_oldest_gives_way),
      CASE(one_source_leaves_the_others_theirs),
      CASE(a_source_may_have_one_large_datagram),
      CASE(policies_choose_among_overlaps),
      CASE(ipv6_overlaps_discard_whatever_the_policy),
      CASE(over_a_header),
      CASE(not_over_a_header),
      CASE(tiny_first_fragments_count_and_are_taken),
      CASE(a_datagram_larger_than_the_bound_goes),
      CASE(fragment_may_lie_in_the_datagram_last_returned),
      CASE(result_may_overwrite_the_fragment),
      cmocka_unit_test(each_allocation_may_fail),
      CASE(nothing_is_allocated_before_the_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
