/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <weft/stream.h>

#include "build.h"
#include "frames.h"

/* Connections that have closed stay for linger_wait, here two seconds, and no longer. */
#define NOW (1000000000 * WEFT_SECOND)
#define WAIT (2 * WEFT_SECOND)
#define TICK (WEFT_SECOND / 5) /* and a little more than one of the timer wheel */

enum { MANY = 300 };

static struct weft_engine *engine;
static int in_frames;         /* pushed, in batches, which know short ways for some of them */
static uint32_t isn;          /* of the clients to come */
static uint64_t closed[MANY]; /* ids, in the order they went */
static unsigned nclosed;

static void on_close(struct weft_conn *conn, void *user) {
  (void)user;
  assert_true(nclosed < MANY);
  closed[nclosed++] = weft_conn_id(conn);
}

static int setup_max(uint32_t conns_max) {
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_close = on_close};
  nclosed = 0;
  isn = 100;
  return weft_engine_new(WEFT_OPTIONS(.conns_max = conns_max), &ops, NULL, &engine);
}

static int setup(void **state) {
  (void)state;
  return setup_max(0);
}

static int setup_two(void **state) {
  (void)state;
  return setup_max(2);
}

static int setup_eight(void **state) {
  (void)state;
  return setup_max(8);
}

static int teardown(void **state) {
  (void)state;
  weft_engine_free(engine);
  return 0;
}

static void push(struct weft_segment segment, unsigned conn, weft_time time) {
  static uint64_t frame;
  segment = seg_of(segment, conn);
  segment.mark = (struct weft_mark){time, ++frame};
  if (!in_frames) {
    assert_int_equal(weft_engine_push_segment(engine, &segment), WEFT_IS_SEGMENT);
    return;
  }
  uint8_t buffer[TEST_FRAME_MAX];
  struct weft_frame whole = test_frame(&segment, TEST_LINK_ETHERNET, buffer);
  assert_int_equal(weft_engine_push_batch(engine, &whole, 1, NULL), 0);
}

static void opens(unsigned conn, weft_time time) {
  push(seg(C, isn, "", SYN), conn, time);
  push(seg_acks(seg(S, 500, "", SYN | ACK), isn + 1), conn, time);
  push(seg_acks(seg(C, isn + 1, "", ACK), 501), conn, time);
}

static void closes(unsigned conn, weft_time time) {
  push(seg_acks(seg(C, isn + 1, "", FIN | ACK), 501), conn, time);
  push(seg_acks(seg(S, 501, "", FIN | ACK), isn + 2), conn, time);
}

static void late(unsigned conn, weft_time time) {
  push(seg_acks(seg(C, isn + 2, "", ACK), 502), conn, time);
}

static uint64_t open_now(void) {
  struct weft_stats stats = {.size = sizeof stats};
  weft_engine_stats(engine, &stats);
  return stats.conns_open;
}

static void advance(weft_time time) { assert_int_equal(weft_engine_advance(engine, time), 0); }

static void to_the_nanosecond_when_the_clock_is_moved(void **state) {
  (void)state;
  opens(0, NOW);
  closes(0, NOW + 5);
  opens(1, NOW + 10);
  closes(1, NOW + 15);
  advance(NOW + WAIT + 4);
  assert_int_equal(nclosed, 0);
  advance(NOW + WAIT + 5);
  assert_int_equal(nclosed, 1);
  advance(NOW + WAIT + 14);
  assert_int_equal(nclosed, 1);
  advance(NOW + WAIT + 15);
  assert_int_equal(nclosed, 2);
}

static void to_the_tick_when_frames_move_the_clock(void **state) {
  (void)state;
  opens(0, NOW);
  closes(0, NOW);
  opens(1, NOW + WAIT - 1);
  assert_int_equal(nclosed, 0);
  opens(2, NOW + WAIT + TICK);
  assert_int_equal(nclosed, 1);
}

static void late_segments_prolong_it(void **state) {
  (void)state;
  opens(0, NOW);
  closes(0, NOW);
  late(0, NOW + WEFT_SECOND);
  advance(NOW + WAIT);
  assert_int_equal(nclosed, 0);
  late(0, NOW + WAIT);
  advance(NOW + 2 * WAIT - 1);
  assert_int_equal(nclosed, 0);
  advance(NOW + 2 * WAIT);
  assert_int_equal(nclosed, 1);
}

/* One that is kept alive does not keep those behind it. */
static void those_behind_a_prolonged_one_go_in_time(void **state) {
  (void)state;
  opens(0, NOW);
  opens(1, NOW);
  closes(0, NOW);
  closes(1, NOW + 1);
  late(0, NOW + WEFT_SECOND);
  advance(NOW + WAIT + 1);
  assert_int_equal(nclosed, 1);
  assert_int_equal(closed[0], 2);
  advance(NOW + WEFT_SECOND + WAIT);
  assert_int_equal(nclosed, 2);
}

static void many_go_in_the_order_they_closed(void **state) {
  (void)state;
  for (unsigned i = 0; i < MANY; i++) opens(i, NOW);
  /* 7 and 300 have no common divisor. */
  for (unsigned i = 0; i < MANY; i++) closes(i * 7 % MANY, NOW + i * WEFT_SECOND / 1000);
  advance(NOW + WAIT + 99 * WEFT_SECOND / 1000);
  assert_int_equal(nclosed, 100);
  advance(NOW + 2 * WAIT);
  assert_int_equal(nclosed, MANY);
  for (unsigned i = 0; i < MANY; i++) assert_int_equal(closed[i], i * 7 % MANY + 1);
}

/* The last FIN is acknowledged after it, and that counts. */
static void many_go_in_the_order_of_their_last_segments(void **state) {
  (void)state;
  for (unsigned i = 0; i < MANY; i++) opens(i, NOW);
  for (unsigned i = 0; i < MANY; i++) closes(i, NOW + i);
  for (unsigned i = 0; i < MANY; i++) late(i * 7 % MANY, NOW + i * WEFT_SECOND / 200);
  advance(NOW + WAIT + WEFT_SECOND / 2 - 1);
  assert_int_equal(nclosed, 100);
  advance(NOW + 3 * WAIT);
  assert_int_equal(nclosed, MANY);
  for (unsigned i = 0; i < MANY; i++) assert_int_equal(closed[i], i * 7 % MANY + 1);
}

/* More prolong it than those that wait for their time can be told of. */
static void as_often_as_late_segments_come(void **state) {
  enum { CONNS = 8, TIMES = 100 };
  (void)state;
  for (unsigned i = 0; i < CONNS; i++) opens(i, NOW);
  for (unsigned i = 0; i < CONNS; i++) closes(i, NOW);
  for (unsigned t = 1; t <= TIMES; t++)
    for (unsigned i = 1; i < CONNS; i++) late(i, NOW + t * WAIT / TIMES - 1);
  advance(NOW + WAIT);
  assert_int_equal(nclosed, 1);
  assert_int_equal(closed[0], 1);
  advance(NOW + 2 * WAIT - 2);
  assert_int_equal(nclosed, 1);
  advance(NOW + 2 * WAIT - 1);
  assert_int_equal(nclosed, CONNS);
}

static void its_addresses_may_be_used_again(void **state) {
  (void)state;
  for (int i = 0; i < 100; i++, isn += 1000) {
    opens(0, NOW + i);
    closes(0, NOW + i);
  }
  assert_int_equal(nclosed, 99);
  assert_int_equal(open_now(), 1);
  opens(0, NOW + 100);
  advance(NOW + 10 * WEFT_SECOND);
  assert_int_equal(nclosed, 100);
  assert_int_equal(open_now(), 1);
}

static void a_wait_of_its_own(void **state) {
  (void)state;
  opens(0, NOW);
  assert_int_equal(weft_conn_linger(weft_engine_next_conn(engine, NULL), WEFT_SECOND), 0);
  opens(1, NOW);
  closes(1, NOW);
  closes(0, NOW);
  advance(NOW + WEFT_SECOND);
  assert_int_equal(nclosed, 1);
  assert_int_equal(closed[0], 1);
  advance(NOW + WAIT);
  assert_int_equal(nclosed, 2);
}

/* Also one that is given when it lingers already. */
static void a_longer_wait_for_one_that_lingers(void **state) {
  (void)state;
  opens(0, NOW);
  closes(0, NOW);
  assert_int_equal(weft_conn_linger(weft_engine_next_conn(engine, NULL), 5 * WEFT_SECOND), 0);
  advance(NOW + 5 * WEFT_SECOND - 1);
  assert_int_equal(nclosed, 0);
  advance(NOW + 5 * WEFT_SECOND);
  assert_int_equal(nclosed, 1);
}

/* It would be the next to go in any case. */
static void one_that_lingers_gives_way_first(void **state) {
  (void)state;
  opens(0, NOW);
  opens(1, NOW + WEFT_SECOND);
  closes(1, NOW + 2 * WEFT_SECOND);
  opens(2, NOW + 3 * WEFT_SECOND);
  assert_int_equal(nclosed, 1);
  assert_int_equal(closed[0], 2);
  opens(3, NOW + 4 * WEFT_SECOND); /* none lingers: the least recently active */
  assert_int_equal(nclosed, 2);
  assert_int_equal(closed[1], 1);
}

/* The end of a capture, and another one that begins earlier. */
static void finished_and_fed_again(void **state) {
  (void)state;
  opens(0, NOW);
  closes(0, NOW);
  assert_int_equal(weft_engine_finish(engine), 0);
  assert_int_equal(nclosed, 1);
  opens(0, NOW / 2);
  closes(0, NOW / 2);
  advance(NOW / 2 + WAIT);
  assert_int_equal(nclosed, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(to_the_nanosecond_when_the_clock_is_moved, setup, teardown),
      cmocka_unit_test_setup_teardown(to_the_tick_when_frames_move_the_clock, setup, teardown),
      cmocka_unit_test_setup_teardown(late_segments_prolong_it, setup, teardown),
      cmocka_unit_test_setup_teardown(those_behind_a_prolonged_one_go_in_time, setup, teardown),
      cmocka_unit_test_setup_teardown(many_go_in_the_order_they_closed, setup, teardown),
      cmocka_unit_test_setup_teardown(many_go_in_the_order_of_their_last_segments, setup, teardown),
      cmocka_unit_test_setup_teardown(as_often_as_late_segments_come, setup_eight, teardown),
      cmocka_unit_test_setup_teardown(its_addresses_may_be_used_again, setup, teardown),
      cmocka_unit_test_setup_teardown(a_wait_of_its_own, setup, teardown),
      cmocka_unit_test_setup_teardown(a_longer_wait_for_one_that_lingers, setup, teardown),
      cmocka_unit_test_setup_teardown(one_that_lingers_gives_way_first, setup_two, teardown),
      cmocka_unit_test_setup_teardown(finished_and_fed_again, setup, teardown),
  };
  int failed = cmocka_run_group_tests_name("segments", tests, NULL, NULL);
  in_frames = 1;
  return failed + cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
