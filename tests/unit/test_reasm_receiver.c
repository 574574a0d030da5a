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
#include "reasm/receiver.h"

/*
 * What a receiver takes, rule by rule, in the direction client to server: `to`.
 * The client's ISN is 1000, the server's 5000; the server has acknowledged up to
 * 1101 (offset 100) and offers 1000 more; the client has acknowledged up to 5101.
 */
enum { CLIENT = 1000, SERVER = 5000, NEXT = 1101, EDGE = 2101, ACKED = 5101, WINDOW = 1000 };

static struct half to, back;
static struct half_rest to_rest, back_rest;
static const struct receiver_side to_side = {&to, &to_rest}, back_side = {&back, &back_rest};

static const char *name_of(enum weft_check_reason reason) {
  return reason == RECEIVER_DOUBT ? "doubt" : weft_check_reason_name((int)reason);
}

static const char *strict_with(struct weft_segment s, int holes) {
  return name_of(receiver_judge_strict(to_side, back_side, &s, holes));
}

static const char *strict(struct weft_segment s) { return strict_with(s, 0); }

static const char *lenient(struct weft_segment s) {
  return name_of(receiver_judge_lenient(to_side, back_side, &s));
}

static struct weft_segment window_of(struct weft_segment s, uint16_t window) {
  s.window = window;
  return s;
}

static struct weft_segment stamped(struct weft_segment s, uint32_t value) {
  s.options |= WEFT_TCPOPT_TIMESTAMP;
  s.ts_value = value;
  return s;
}

/* From the client, acknowledging all there is. */
static struct weft_segment data(uint32_t seq, size_t length) {
  static const uint8_t bytes[4096];
  return seg_acks(seg_bytes(C, seq, bytes, length, 0), ACKED);
}

static struct weft_segment reset(uint32_t seq) { return seg(C, seq, "", RST); }

static void client_syn(struct weft_segment s) {
  half_start(&to, s.seq + 1);
  half_syn(&to, &s);
  half_sent(&to, &s);
}

static void server_syn(struct weft_segment s) {
  half_start(&back, s.seq + 1);
  half_syn(&back, &s);
  half_sent(&back, &s);
  half_acked(&to, &to_rest, &back, &s);
}

/* Both have said SYN, nobody has acknowledged the server's. */
static int opening(void **state) {
  (void)state;
  memset(&to, 0, sizeof to);
  memset(&to_rest, 0, sizeof to_rest);
  memset(&back, 0, sizeof back);
  memset(&back_rest, 0, sizeof back_rest);
  client_syn(seg(C, CLIENT, "", SYN));
  server_syn(window_of(seg_acks(seg(S, SERVER, "", SYN), CLIENT + 1), WINDOW));
  return 0;
}

static int established(void **state) {
  opening(state);
  struct weft_segment sent = data(CLIENT + 1, 100), answer = seg_bytes(S, SERVER + 1, "", 100, 0);
  half_sent(&to, &sent);
  half_sent(&back, &answer);
  answer = window_of(seg_acks(answer, NEXT), WINDOW);
  sent = window_of(sent, WINDOW);
  half_acked(&to, &to_rest, &back, &answer);
  half_acked(&back, &back_rest, &to, &sent);
  half_advance(&to, 100);
  half_advance(&back, 100);
  to.flags |= HALF_SYNCED;
  back.flags |= HALF_SYNCED;
  return 0;
}

/* The same with timestamps: the last one taken is 100. */
static int with_timestamps(void **state) {
  established(state);
  to.flags |= HALF_TIMESTAMP;
  back.flags |= HALF_TIMESTAMP;
  to.ts_recent = 100;
  return 0;
}

/* ---- options -------------------------------------------------------- */

static void md5_that_nobody_asked_for_RFC_2385(void **state) {
  (void)state;
  struct weft_segment s = data(NEXT, 10);
  s.options |= WEFT_TCPOPT_MD5;
  assert_string_equal(strict(s), "md5");
  s = seg(C, CLIENT, "", SYN);
  s.options |= WEFT_TCPOPT_MD5;
  assert_string_equal(strict(s), "md5");
}

/* RFC 7323 section 5.3 R1; measured: one tick behind is taken. */
static void paws_RFC_7323_5(void **state) {
  (void)state;
  assert_string_equal(strict(stamped(data(NEXT, 10), 101)), "ok");
  assert_string_equal(strict(stamped(data(NEXT, 10), 100)), "ok");
  assert_string_equal(strict(stamped(data(NEXT, 10), 99)), "ok");
  assert_string_equal(strict(stamped(data(NEXT, 10), 98)), "timestamp");
  to.ts_recent = 5;
  assert_string_equal(strict(stamped(data(NEXT, 10), 0xfffffff0u)), "timestamp");
}

/* RFC 7323 section 3.2 asks for a drop; measured: taken. */
static void a_missing_timestamp_is_fine(void **state) {
  (void)state;
  assert_string_equal(strict(data(NEXT, 10)), "ok");
}

/* RFC 7323 section 5.2: RST is exempt. */
static void paws_does_not_protect_from_resets_RFC_7323_5_2(void **state) {
  (void)state;
  assert_string_equal(strict(stamped(reset(NEXT), 1)), "ok");
}

static void timestamps_of_one_side_alone_are_ignored_RFC_7323_3_2(void **state) {
  (void)state;
  back.flags &= ~(uint32_t)HALF_TIMESTAMP;
  assert_string_equal(strict(stamped(data(NEXT, 10), 1)), "ok");
}

/* ---- sequence number, RFC 9293 section 3.10.7.4, first --------------- */

static void what_ends_before_the_last_acknowledgement_is_old_3_10_7_4(void **state) {
  (void)state;
  assert_string_equal(strict(data(NEXT - 20, 19)), "retransmit");
  assert_string_equal(strict(data(NEXT - 20, 20)), "ok");
  assert_string_equal(strict(data(NEXT - 20, 30)), "ok");
}

static void a_keep_alive_is_fine_3_8_4(void **state) {
  (void)state;
  assert_string_equal(strict(data(NEXT - 1, 0)), "retransmit");
  assert_string_equal(strict(data(NEXT - 1, 1)), "ok");
}

static void what_begins_beyond_the_window_is_refused_3_10_7_4(void **state) {
  (void)state;
  assert_string_equal(strict(data(EDGE - 10, 10)), "ok");
  assert_string_equal(strict(data(EDGE + 1, 10)), "window");
  assert_string_equal(strict(data(EDGE + 100000, 0)), "window");
}

/* Passes the check of its number, then has no room. */
static void data_at_the_very_edge_is_refused_3_10_7_4(void **state) {
  (void)state;
  assert_string_equal(strict(data(EDGE, 1)), "window");
  assert_string_equal(strict(data(EDGE, 0)), "ok");
  to.edge = to.acked; /* the window is closed: a probe of one byte does not enter */
  assert_string_equal(strict(data(NEXT, 1)), "window");
  assert_string_equal(strict(data(NEXT, 0)), "ok");
}

static void only_the_fin_may_lie_beyond_the_edge(void **state) {
  (void)state;
  struct weft_segment s = data(EDGE - 10, 10);
  s.tcp_flags |= FIN;
  assert_string_equal(strict(s), "ok");
  s = data(EDGE - 10, 11);
  s.tcp_flags |= FIN;
  assert_string_equal(strict(s), "doubt");
}

/* Measured: whole when the application has read everything, else nothing. */
static void what_straddles_the_edge_is_in_doubt(void **state) {
  (void)state;
  assert_string_equal(strict(data(EDGE - 10, 11)), "doubt");
  assert_string_equal(strict_with(data(EDGE - 10, 11), 1), "doubt");
}

static void without_an_acknowledgement_there_is_no_window(void **state) {
  (void)state;
  to.flags &= ~(uint32_t)HALF_ACKED;
  assert_string_equal(strict(data(NEXT + 1000000, 10)), "ok");
}

static void numbers_wrap_3_4(void **state) {
  (void)state;
  half_start(&to, 0xffffffffu);
  to.acked = 0xffffffffu;
  to.edge = 99;
  assert_string_equal(strict(data(0xfffffff0u, 5)), "retransmit");
  assert_string_equal(strict(data(0xfffffffeu, 10)), "ok");
  assert_string_equal(strict(data(0, 99)), "ok");
  assert_string_equal(strict(data(100, 1)), "window");
}

/* ---- RST, RFC 5961 section 3.2 --------------------------------------- */

static void a_reset_must_be_exact_RFC_5961_3_2(void **state) {
  (void)state;
  assert_string_equal(strict(reset(NEXT)), "ok");
  assert_string_equal(strict(reset(NEXT + 1)), "reset");
  assert_string_equal(strict(reset(EDGE)), "reset");
  assert_string_equal(strict(reset(EDGE + 1)), "window");
  assert_string_equal(strict(reset(NEXT - 1)), "retransmit");
}

/* Linux beyond RFC 5961, measured: SACK on both sides, holes, and exactly there. */
static void a_reset_at_the_highest_sack_is_taken(void **state) {
  (void)state;
  to.flags |= HALF_SACKED;
  to_rest.sacked = NEXT + 50;
  assert_string_equal(strict(reset(NEXT + 50)), "reset");
  to.flags |= HALF_SACK;
  assert_string_equal(strict(reset(NEXT + 50)), "reset");
  back.flags |= HALF_SACK;
  assert_string_equal(strict(reset(NEXT + 50)), "ok");
  assert_string_equal(strict(reset(NEXT + 49)), "reset");
  /* Once the hole is filled the old edge is nothing special. */
  half_advance(&to, 160);
  assert_string_equal(strict(reset(NEXT + 50)), "reset");
}

/* Linux beyond RFC 5961, measured. */
static void after_the_fin_one_less_is_exact_too(void **state) {
  (void)state;
  half_advance(&to, 101);
  assert_string_equal(strict(reset(NEXT)), "reset");
  to.flags |= HALF_FIN;
  assert_string_equal(strict(reset(NEXT)), "ok");
  assert_string_equal(strict(reset(NEXT + 1)), "ok");
}

/* Measured: a reset's own acknowledgement does not matter. */
static void the_acknowledgement_of_a_reset_does_not_matter(void **state) {
  (void)state;
  assert_string_equal(strict(seg_acks(reset(NEXT), 123456)), "ok");
}

/* ---- SYN and ACK, RFC 9293 section 3.10.7.4, fourth and fifth --------- */

static void a_syn_in_a_connection_is_challenged_RFC_5961_4(void **state) {
  (void)state;
  struct weft_segment s = data(NEXT, 10);
  s.tcp_flags |= SYN;
  assert_string_equal(strict(s), "state");
}

static void without_ack_nothing_is_taken_3_10_7_4(void **state) {
  (void)state;
  static const unsigned flags[] = {0, FIN, PSH, URG, FIN | PSH | URG};
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
    struct weft_segment s = seg(C, NEXT, "abc", flags[i]);
    assert_string_equal(strict(s), "state");
  }
}

static void an_acknowledgement_of_what_was_not_sent_is_refused_3_10_7_4(void **state) {
  (void)state;
  assert_string_equal(strict(seg_acks(data(NEXT, 10), ACKED)), "ok");
  assert_string_equal(strict(seg_acks(data(NEXT, 10), ACKED + 1)), "ack");
}

/* RFC 5961 section 5: no older than the largest window; and never older than what
   was acknowledged in all. */
static void an_ancient_acknowledgement_is_refused_RFC_5961_5(void **state) {
  (void)state;
  assert_string_equal(strict(seg_acks(data(NEXT + 1, 10), SERVER + 1)), "ok");
  assert_string_equal(strict(seg_acks(data(NEXT + 1, 10), SERVER)), "ack");
  back_rest.window_max = 30;
  assert_string_equal(strict(seg_acks(data(NEXT + 1, 10), ACKED - 30)), "ok");
  assert_string_equal(strict(seg_acks(data(NEXT + 1, 10), ACKED - 31)), "ack");
}

/* Measured: in-order data may pass by header prediction, which does not look. */
static void in_order_data_with_an_ancient_acknowledgement_is_in_doubt(void **state) {
  (void)state;
  assert_string_equal(strict(seg_acks(data(NEXT, 10), SERVER)), "doubt");
  assert_string_equal(strict_with(seg_acks(data(NEXT, 10), SERVER), 1), "ack");
  assert_string_equal(strict(seg_acks(data(NEXT, 0), SERVER)), "ack");
}

/* ---- opening, RFC 9293 section 3.10.7.3 and 3.10.7.4 ------------------ */

static void the_third_packet_must_acknowledge_the_syn_3_10_7_4(void **state) {
  (void)state;
  assert_string_equal(strict(seg_acks(data(CLIENT + 1, 0), SERVER + 1)), "ok");
  assert_string_equal(strict(seg_acks(data(CLIENT + 1, 10), SERVER + 1)), "ok");
  assert_string_equal(strict(seg_acks(data(CLIENT + 500, 10), SERVER + 1)), "ok");
  assert_string_equal(strict(seg_acks(data(CLIENT + 1, 10), SERVER)), "state");
  assert_string_equal(strict(seg_acks(data(CLIENT + 1, 10), SERVER + 2)), "state");
  assert_string_equal(strict(seg(C, CLIENT + 1, "abc", PSH)), "state");
}

static void a_half_open_connection_is_reset_exactly_3_10_7_4(void **state) {
  (void)state;
  assert_string_equal(strict(reset(CLIENT + 1)), "ok");
  assert_string_equal(strict(reset(CLIENT + 2)), "reset");
  assert_string_equal(strict(reset(CLIENT)), "reset");
}

static void an_old_stamp_on_the_third_packet_is_refused_RFC_7323_5(void **state) {
  (void)state;
  to.flags |= HALF_TIMESTAMP;
  back.flags |= HALF_TIMESTAMP;
  to.ts_recent = 100;
  struct weft_segment third = seg_acks(data(CLIENT + 1, 0), SERVER + 1);
  assert_string_equal(strict(stamped(third, 50)), "timestamp");
  assert_string_equal(strict(third), "ok");
}

/* The other way round: the client, having sent SYN, waits for its answer. */
static void turn(void) {
  memset(&to, 0, sizeof to);
  memset(&to_rest, 0, sizeof to_rest);
  memset(&back, 0, sizeof back);
  memset(&back_rest, 0, sizeof back_rest);
  struct weft_segment syn = seg(C, CLIENT, "", SYN);
  half_start(&back, CLIENT + 1);
  half_syn(&back, &syn);
  half_sent(&back, &syn);
}

static void a_syn_ack_must_acknowledge_the_syn_3_10_7_3(void **state) {
  (void)state;
  turn();
  assert_string_equal(strict(seg_acks(seg(S, SERVER, "", SYN), CLIENT + 1)), "ok");
  assert_string_equal(strict(seg_acks(seg(S, SERVER, "", SYN), CLIENT)), "ack");
  assert_string_equal(strict(seg_acks(seg(S, SERVER, "", SYN), CLIENT + 2)), "ack");
}

static void simultaneous_open_3_5(void **state) {
  (void)state;
  turn();
  assert_string_equal(strict(seg(S, SERVER, "", SYN)), "ok");
}

/* Fast open (RFC 7413 section 4.2.2): it may acknowledge what came with SYN. */
static void a_syn_ack_may_acknowledge_the_data_of_the_syn_RFC_7413(void **state) {
  (void)state;
  turn();
  struct weft_segment syn = seg(C, CLIENT, "abc", SYN);
  half_sent(&back, &syn);
  assert_string_equal(strict(seg_acks(seg(S, SERVER, "", SYN), CLIENT + 4)), "ok");
  assert_string_equal(strict(seg_acks(seg(S, SERVER, "", SYN), CLIENT + 5)), "ack");
}

static void data_before_the_syn_ack_is_dropped_3_10_7_3(void **state) {
  (void)state;
  turn();
  assert_string_equal(strict(seg_acks(seg(S, SERVER + 1, "abc", 0), CLIENT + 1)), "state");
}

static void a_reset_before_the_syn_ack_must_acknowledge_the_syn_3_10_7_3(void **state) {
  (void)state;
  turn();
  assert_string_equal(strict(seg_acks(seg(S, 0, "", RST), CLIENT + 1)), "ok");
  assert_string_equal(strict(seg_acks(seg(S, 0, "", RST), CLIENT)), "reset");
  assert_string_equal(strict(seg(S, 0, "", RST)), "state");
}

static void data_before_the_syn_is_dropped_3_10_7_2(void **state) {
  (void)state;
  memset(&back, 0, sizeof back);
  memset(&back_rest, 0, sizeof back_rest);
  assert_string_equal(strict(seg(C, CLIENT + 1, "abc", ACK)), "state");
  assert_string_equal(strict(reset(CLIENT + 1)), "ok");
}

/* ---- lenient -------------------------------------------------------- */

static void lenient_takes_what_is_plausible(void **state) {
  (void)state;
  assert_string_equal(lenient(data(NEXT, 10)), "ok");
  assert_string_equal(lenient(data(EDGE + 100000, 10)), "ok");
  assert_string_equal(lenient(seg_acks(data(NEXT, 10), 1)), "ok");
}

/* What the handshake settled needs nothing that was missed since. */
static void lenient_holds_to_the_handshake(void **state) {
  (void)state;
  assert_string_equal(lenient(seg(C, NEXT, "abc", 0)), "state");
  struct weft_segment signed_one = data(NEXT, 10);
  signed_one.options |= WEFT_TCPOPT_MD5;
  assert_string_equal(lenient(signed_one), "md5");
  to.flags |= HALF_TIMESTAMP;
  back.flags |= HALF_TIMESTAMP;
  to.ts_recent = 100;
  assert_string_equal(lenient(stamped(data(NEXT, 10), 99)), "ok");
  assert_string_equal(lenient(stamped(data(NEXT, 10), 98)), "timestamp");
  to.flags &= ~(uint32_t)HALF_SYN;
  assert_string_equal(lenient(seg(C, NEXT, "abc", 0)), "ok");
  assert_string_equal(lenient(signed_one), "ok");
  assert_string_equal(lenient(stamped(data(NEXT, 10), 98)), "ok");
}

/* RFC 7323 section 2.3: no window reaches farther than 2^30. */
static void lenient_refuses_what_no_window_reaches_RFC_7323_2_3(void **state) {
  (void)state;
  assert_string_equal(lenient(data(NEXT + (1u << 30), 10)), "ok");
  assert_string_equal(lenient(data(NEXT + (1u << 30) + 1, 10)), "window");
  assert_string_equal(lenient(data(NEXT - (1u << 30), 10)), "ok");
  assert_string_equal(lenient(data(NEXT - (1u << 30) - 1, 10)), "window");
}

/* RFC 5961 section 3.2; where the capture lacks what lies before it, at the end of
   all that its sender was seen to send. */
static void lenient_takes_a_reset_at_the_end_of_what_was_sent(void **state) {
  (void)state;
  assert_string_equal(lenient(reset(NEXT)), "ok");
  assert_string_equal(lenient(reset(NEXT + 50)), "reset");
  assert_string_equal(lenient(reset(NEXT - 1)), "reset");
  to.sent = NEXT + 50;
  assert_string_equal(lenient(reset(NEXT + 50)), "ok");
  assert_string_equal(lenient(reset(NEXT + 49)), "reset");
}

static void lenient_asks_the_first_answer_for_the_right_number_3_10_7_3(void **state) {
  (void)state;
  turn();
  assert_string_equal(lenient(seg_acks(seg(S, SERVER, "", SYN), CLIENT + 1)), "ok");
  assert_string_equal(lenient(seg_acks(seg(S, SERVER, "", SYN), CLIENT)), "ack");
  assert_string_equal(lenient(seg_acks(seg(S, SERVER, "", SYN), CLIENT + 100000)), "ok");
}

static void lenient_takes_anything_where_the_start_is_unknown(void **state) {
  (void)state;
  memset(&to, 0, sizeof to);
  memset(&to_rest, 0, sizeof to_rest);
  memset(&back, 0, sizeof back);
  memset(&back_rest, 0, sizeof back_rest);
  assert_string_equal(lenient(seg(C, 0x80000000u, "abc", 0)), "ok");
  assert_string_equal(lenient(reset(77)), "ok");
}

int main(void) {
#define OPENING(name) cmocka_unit_test_setup(name, opening)
#define OPEN(name) cmocka_unit_test_setup(name, established)
#define STAMPED(name) cmocka_unit_test_setup(name, with_timestamps)
  const struct CMUnitTest tests[] = {
      OPEN(md5_that_nobody_asked_for_RFC_2385),
      STAMPED(paws_RFC_7323_5),
      STAMPED(a_missing_timestamp_is_fine),
      STAMPED(paws_does_not_protect_from_resets_RFC_7323_5_2),
      STAMPED(timestamps_of_one_side_alone_are_ignored_RFC_7323_3_2),
      OPEN(what_ends_before_the_last_acknowledgement_is_old_3_10_7_4),
      OPEN(a_keep_alive_is_fine_3_8_4),
      OPEN(what_begins_beyond_the_window_is_refused_3_10_7_4),
      OPEN(data_at_the_very_edge_is_refused_3_10_7_4),
      OPEN(only_the_fin_may_lie_beyond_the_edge),
      OPEN(what_straddles_the_edge_is_in_doubt),
      OPEN(without_an_acknowledgement_there_is_no_window),
      OPEN(numbers_wrap_3_4),
      OPEN(a_reset_must_be_exact_RFC_5961_3_2),
      OPEN(a_reset_at_the_highest_sack_is_taken),
      OPEN(after_the_fin_one_less_is_exact_too),
      OPEN(the_acknowledgement_of_a_reset_does_not_matter),
      OPEN(a_syn_in_a_connection_is_challenged_RFC_5961_4),
      OPEN(without_ack_nothing_is_taken_3_10_7_4),
      OPEN(an_acknowledgement_of_what_was_not_sent_is_refused_3_10_7_4),
      OPEN(an_ancient_acknowledgement_is_refused_RFC_5961_5),
      OPEN(in_order_data_with_an_ancient_acknowledgement_is_in_doubt),
      OPENING(the_third_packet_must_acknowledge_the_syn_3_10_7_4),
      OPENING(a_half_open_connection_is_reset_exactly_3_10_7_4),
      OPENING(an_old_stamp_on_the_third_packet_is_refused_RFC_7323_5),
      OPENING(a_syn_ack_must_acknowledge_the_syn_3_10_7_3),
      OPENING(simultaneous_open_3_5),
      OPENING(a_syn_ack_may_acknowledge_the_data_of_the_syn_RFC_7413),
      OPENING(data_before_the_syn_ack_is_dropped_3_10_7_3),
      OPENING(a_reset_before_the_syn_ack_must_acknowledge_the_syn_3_10_7_3),
      OPENING(data_before_the_syn_is_dropped_3_10_7_2),
      OPEN(lenient_takes_what_is_plausible),
      OPEN(lenient_refuses_what_no_window_reaches_RFC_7323_2_3),
      OPEN(lenient_holds_to_the_handshake),
      OPEN(lenient_takes_a_reset_at_the_end_of_what_was_sent),
      OPEN(lenient_asks_the_first_answer_for_the_right_number_3_10_7_3),
      OPEN(lenient_takes_anything_where_the_start_is_unknown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
