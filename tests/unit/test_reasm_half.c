/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "build.h"
#include "reasm/half.h"

static struct half half, back;
static struct half_rest rest;

static int setup(void **state) {
  (void)state;
  memset(&half, 0, sizeof half);
  memset(&rest, 0, sizeof rest);
  memset(&back, 0, sizeof back);
  return 0;
}

static struct weft_segment window_of(struct weft_segment s, uint16_t window) {
  s.window = window;
  return s;
}

static struct weft_segment scaled(struct weft_segment s, uint8_t shift) {
  s.options |= WEFT_TCPOPT_WSCALE;
  s.window_shift = shift;
  return s;
}

static struct weft_segment stamped(struct weft_segment s, uint32_t value) {
  s.options |= WEFT_TCPOPT_TIMESTAMP;
  s.ts_value = value;
  return s;
}

static struct weft_segment urgent(struct weft_segment s, uint16_t pointer) {
  s.tcp_flags |= URG;
  s.urgent = pointer;
  return s;
}

static struct weft_segment sacks(struct weft_segment s, uint32_t left, uint32_t right) {
  s.sack[2 * s.nsack] = left;
  s.sack[2 * s.nsack + 1] = right;
  s.nsack++;
  return s;
}

static void syn(struct half *of, struct weft_segment s) {
  half_start(of, s.seq + 1);
  half_syn(of, &s);
}

static void acked(struct weft_segment s) { half_acked(&half, &rest, &back, &s); }

static void accepted(struct weft_segment s) {
  half_accepted(&half, &s);
  half_urgent(&half, &rest, &s);
}

/* ---- numbers and offsets -------------------------------------------- */

/* RFC 9293 section 3.4: SYN and FIN take a number each. */
static void syn_and_fin_take_a_number_each(void **state) {
  (void)state;
  struct weft_segment s = seg(C, 100, "abc", ACK);
  assert_int_equal(segment_end(&s), 103);
  assert_int_equal(segment_payload_seq(&s), 100);
  s.tcp_flags = SYN;
  assert_int_equal(segment_end(&s), 104);
  assert_int_equal(segment_payload_seq(&s), 101);
  s.tcp_flags = SYN | FIN;
  assert_int_equal(segment_end(&s), 105);
  s = seg(C, 0xffffffffu, "", FIN);
  assert_int_equal(segment_end(&s), 0);
}

static void a_segment_cut_short_takes_all_its_numbers(void **state) {
  (void)state;
  struct weft_segment s = seg_cut(seg(C, 100, "abcdef", ACK), 2);
  assert_int_equal(segment_end(&s), 106);
}

static void offsets_count_from_the_number_after_syn(void **state) {
  (void)state;
  syn(&half, seg(C, 1000, "", SYN));
  assert_true(half.flags & HALF_STARTED);
  assert_int_equal(half_isn(&half), 1000);
  assert_int_equal(half_offset(&half, 1001), 0);
  assert_int_equal(half_offset(&half, 1011), 10);
  assert_true(half_offset(&half, 1000) == -1);
}

static void offsets_do_not_wrap(void **state) {
  (void)state;
  syn(&half, seg(C, 0xfffffff0u, "", SYN));
  uint64_t to = 0;
  for (int i = 0; i < 10; i++) half_advance(&half, to += UINT64_C(1) << 30);
  assert_true(half.next == UINT64_C(10) << 30);
  assert_int_equal(half.seq, 0xfffffff1u + (UINT32_C(10) << 30));
  assert_true(half_offset(&half, half.seq + 5) == (INT64_C(10) << 30) + 5);
  assert_true(half_offset(&half, half.seq - 5) == (INT64_C(10) << 30) - 5);
  assert_int_equal(half_isn(&half), 0xfffffff0u);
}

static void a_start_ends_the_floating(void **state) {
  (void)state;
  half.flags = HALF_STARTED | HALF_FLOATING | HALF_DATA;
  half.next = 12345;
  half_start(&half, 77);
  assert_int_equal(half.flags, HALF_STARTED | HALF_DATA);
  assert_int_equal(half_offset(&half, 77), 0);
}

/* ---- SYN ------------------------------------------------------------ */

static void a_plain_syn_offers_nothing(void **state) {
  (void)state;
  syn(&half, seg(C, 1000, "", SYN));
  assert_true(half.flags & HALF_SYN);
  assert_false(half.flags & (HALF_TIMESTAMP | HALF_SACK | HALF_WSCALE));
}

static void syn_offers_timestamps_sack_and_scale(void **state) {
  (void)state;
  struct weft_segment s = scaled(stamped(seg(C, 1000, "", SYN), 99), 7);
  s.options |= WEFT_TCPOPT_SACK_PERMITTED;
  syn(&half, s);
  assert_true(half.flags & HALF_TIMESTAMP && half.flags & HALF_SACK && half.flags & HALF_WSCALE);
  assert_int_equal(half.ts_recent, 99);
  assert_int_equal(half_shift(&half), 7);
}

/* RFC 7323 section 2.3: larger shifts count as 14. */
static void a_scale_is_at_most_14(void **state) {
  (void)state;
  syn(&half, scaled(seg(C, 1000, "", SYN), 14));
  assert_int_equal(half_shift(&half), 14);
  syn(&back, scaled(seg(S, 1000, "", SYN), 255));
  assert_int_equal(half_shift(&back), 14);
}

/* ---- sent ----------------------------------------------------------- */

static void sent_is_the_highest_number(void **state) {
  (void)state;
  struct weft_segment high = seg(C, 0xfffffffeu, "abcd", ACK), low = seg(C, 0xfffffff0u, "ab", ACK);
  half_sent(&half, &high);
  assert_int_equal(half.sent, 2);
  half_sent(&half, &low);
  assert_int_equal(half.sent, 2);
  struct weft_segment fin = seg(C, 2, "", FIN | ACK);
  half_sent(&half, &fin);
  assert_int_equal(half.sent, 3);
}

/* ---- acknowledged --------------------------------------------------- */

static void an_acknowledgement_gives_edge_and_window(void **state) {
  (void)state;
  acked(window_of(seg_acks(seg(S, 1, "", ACK), 500), 100));
  assert_true(half.flags & HALF_ACKED);
  assert_int_equal(half.acked, 500);
  assert_int_equal(half.edge, 600);
  assert_int_equal(rest.window_max, 100);
}

static void an_old_acknowledgement_moves_nothing(void **state) {
  (void)state;
  acked(window_of(seg_acks(seg(S, 1, "", ACK), 500), 100));
  acked(window_of(seg_acks(seg(S, 1, "", ACK), 499), 5000));
  assert_int_equal(half.acked, 500);
  assert_int_equal(half.edge, 600);
  /* But it tells how large a window the receiver once offered. */
  assert_int_equal(rest.window_max, 5000);
}

static void the_same_acknowledgement_updates_the_window(void **state) {
  (void)state;
  acked(window_of(seg_acks(seg(S, 1, "", ACK), 500), 0));
  assert_int_equal(half.edge, 500);
  acked(window_of(seg_acks(seg(S, 1, "", ACK), 500), 30));
  assert_int_equal(half.edge, 530);
}

/* RFC 7323 section 2.2: only when both SYNs offered it. */
static void windows_are_scaled_when_both_offered_it(void **state) {
  (void)state;
  syn(&half, seg(C, 1000, "", SYN));
  syn(&back, scaled(seg(S, 5000, "", SYN), 3));
  acked(window_of(seg_acks(seg(S, 5001, "", ACK), 1001), 100));
  assert_int_equal(half.edge, 1101);
  setup(NULL);
  syn(&half, scaled(seg(C, 1000, "", SYN), 9));
  syn(&back, scaled(seg(S, 5000, "", SYN), 3));
  acked(window_of(seg_acks(seg(S, 5001, "", ACK), 1001), 100));
  assert_int_equal(half.edge, 1001 + 800);
  assert_int_equal(rest.window_max, 800);
}

/* RFC 7323 section 2.2: the window in a SYN is never scaled. */
static void the_window_of_a_syn_is_not_scaled(void **state) {
  (void)state;
  syn(&half, scaled(seg(C, 1000, "", SYN), 9));
  syn(&back, scaled(seg(S, 5000, "", SYN), 3));
  acked(window_of(seg_acks(seg(S, 5000, "", SYN | ACK), 1001), 100));
  assert_int_equal(half.edge, 1101);
}

/* RFC 2018 section 4; the blocks come in any order. */
static void the_highest_selective_acknowledgement_is_kept(void **state) {
  (void)state;
  acked(sacks(sacks(seg_acks(seg(S, 1, "", ACK), 500), 700, 800), 600, 650));
  assert_true(half.flags & HALF_SACKED);
  assert_int_equal(rest.sacked, 800);
  acked(sacks(seg_acks(seg(S, 1, "", ACK), 500), 900, 910));
  assert_int_equal(rest.sacked, 910);
  acked(sacks(seg_acks(seg(S, 1, "", ACK), 500), 600, 650));
  assert_int_equal(rest.sacked, 910);
}

/* ---- timestamps, RFC 7323 section 4.3 ------------------------------- */

static void with_timestamps(void) {
  syn(&half, stamped(seg(C, 1000, "", SYN), 100));
  acked(seg_acks(seg(S, 1, "", ACK), 1011));
}

static void a_newer_stamp_is_taken(void **state) {
  (void)state;
  with_timestamps();
  accepted(stamped(seg(C, 1011, "abc", ACK), 120));
  assert_int_equal(half.ts_recent, 120);
}

static void an_older_stamp_is_not(void **state) {
  (void)state;
  with_timestamps();
  accepted(stamped(seg(C, 1011, "abc", ACK), 99));
  assert_int_equal(half.ts_recent, 100);
}

/* (2): only what begins at or before the last number acknowledged. */
static void a_stamp_from_beyond_a_hole_is_not(void **state) {
  (void)state;
  with_timestamps();
  accepted(stamped(seg(C, 1012, "abc", ACK), 5000));
  assert_int_equal(half.ts_recent, 100);
}

static void before_any_acknowledgement_the_expected_number_counts(void **state) {
  (void)state;
  syn(&half, stamped(seg(C, 1000, "", SYN), 100));
  accepted(stamped(seg(C, 1002, "abc", ACK), 120));
  assert_int_equal(half.ts_recent, 100);
  accepted(stamped(seg(C, 1001, "abc", ACK), 120));
  assert_int_equal(half.ts_recent, 120);
}

static void stamps_wrap(void **state) {
  (void)state;
  syn(&half, stamped(seg(C, 1000, "", SYN), 0xfffffff0u));
  accepted(stamped(seg(C, 1001, "abc", ACK), 5));
  assert_int_equal(half.ts_recent, 5);
}

static void stamps_that_were_not_offered_are_ignored(void **state) {
  (void)state;
  syn(&half, seg(C, 1000, "", SYN));
  accepted(stamped(seg(C, 1001, "abc", ACK), 500));
  assert_int_equal(half.ts_recent, 0);
}

/* ---- urgent, RFC 9293 section 3.8.5 as sockets have it --------------- */

static void the_byte_before_the_pointer_is_urgent(void **state) {
  (void)state;
  syn(&half, seg(C, 1000, "", SYN));
  accepted(urgent(seg(C, 1001, "abc", ACK), 2));
  assert_true(half.flags & HALF_URGENT);
  assert_int_equal(rest.urgent, 1002);
}

static void a_pointer_of_zero_is_the_first_byte(void **state) {
  (void)state;
  syn(&half, seg(C, 1000, "", SYN));
  accepted(urgent(seg(C, 1001, "abc", ACK), 0));
  assert_int_equal(rest.urgent, 1001);
}

static void a_pointer_beyond_the_segment_waits_for_its_byte(void **state) {
  (void)state;
  syn(&half, seg(C, 1000, "", SYN));
  accepted(urgent(seg(C, 1001, "", ACK), 100));
  assert_int_equal(rest.urgent, 1100);
}

static void a_pointer_to_what_was_delivered_is_ignored(void **state) {
  (void)state;
  syn(&half, seg(C, 1000, "", SYN));
  half_advance(&half, 10);
  accepted(urgent(seg(C, 1001, "abc", ACK), 10));
  assert_false(half.flags & HALF_URGENT);
  accepted(urgent(seg(C, 1001, "abc", ACK), 11));
  assert_int_equal(rest.urgent, 1011);
}

static void only_a_later_mark_replaces_one(void **state) {
  (void)state;
  syn(&half, seg(C, 1000, "", SYN));
  accepted(urgent(seg(C, 1001, "abc", ACK), 20));
  accepted(urgent(seg(C, 1001, "abc", ACK), 10));
  assert_int_equal(rest.urgent, 1020);
  accepted(urgent(seg(C, 1001, "abc", ACK), 30));
  assert_int_equal(rest.urgent, 1030);
}

/* Frame numbers go on beyond 32 bits. */
static void the_last_frame_is_the_nearest(void **state) {
  (void)state;
  const uint64_t frame = (UINT64_C(5) << 32) + 3;
  assert_int_equal(half_last(&half, frame).frame, 0);
  half_mark(&half, 77, frame - 10);
  assert_int_equal(half_last(&half, frame).frame, frame - 10);
  assert_int_equal(half_last(&half, frame).time, 77);
  assert_int_equal(half_last(&half, frame - 20).frame, frame - 10);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, setup)
  const struct CMUnitTest tests[] = {
      TEST(syn_and_fin_take_a_number_each),
      TEST(a_segment_cut_short_takes_all_its_numbers),
      TEST(offsets_count_from_the_number_after_syn),
      TEST(offsets_do_not_wrap),
      TEST(a_start_ends_the_floating),
      TEST(a_plain_syn_offers_nothing),
      TEST(syn_offers_timestamps_sack_and_scale),
      TEST(a_scale_is_at_most_14),
      TEST(sent_is_the_highest_number),
      TEST(an_acknowledgement_gives_edge_and_window),
      TEST(an_old_acknowledgement_moves_nothing),
      TEST(the_same_acknowledgement_updates_the_window),
      TEST(windows_are_scaled_when_both_offered_it),
      TEST(the_window_of_a_syn_is_not_scaled),
      TEST(the_highest_selective_acknowledgement_is_kept),
      TEST(a_newer_stamp_is_taken),
      TEST(an_older_stamp_is_not),
      TEST(a_stamp_from_beyond_a_hole_is_not),
      TEST(before_any_acknowledgement_the_expected_number_counts),
      TEST(stamps_wrap),
      TEST(stamps_that_were_not_offered_are_ignored),
      TEST(the_byte_before_the_pointer_is_urgent),
      TEST(a_pointer_of_zero_is_the_first_byte),
      TEST(a_pointer_beyond_the_segment_waits_for_its_byte),
      TEST(a_pointer_to_what_was_delivered_is_ignored),
      TEST(only_a_later_mark_replaces_one),
      TEST(the_last_frame_is_the_nearest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
