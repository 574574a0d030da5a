/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <weft/stream.h>

#include "build.h"

/* Times that captures should not have, and have: none at all, and some among others. */
static struct weft_engine *engine;
static struct {
  uint64_t bytes, gaps, ends;
  weft_time last; /* of the bytes delivered last */
} seen;

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  (void)conn, (void)dir, (void)user;
  seen.bytes += data->length;
  seen.last = data->spans[data->nspans - 1].mark.time;
  return 0;
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  (void)conn, (void)dir, (void)user;
  seen.gaps += gap->length;
  return 0;
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  (void)conn, (void)dir, (void)user;
  assert_int_equal(end->cause, WEFT_END_FINISH);
  seen.ends++;
  return 0;
}

static int setup(void **state) {
  static const struct weft_stream_ops ops = {
      .size = sizeof ops, .on_data = on_data, .on_gap = on_gap, .on_end = on_end};
  (void)state;
  memset(&seen, 0, sizeof seen);
  return weft_engine_new(NULL, &ops, NULL, &engine);
}

static int teardown(void **state) {
  (void)state;
  weft_engine_free(engine);
  return 0;
}

static void push(struct weft_segment segment, weft_time time) {
  static uint64_t frame;
  segment.mark = (struct weft_mark){time, ++frame};
  assert_int_equal(weft_engine_push_segment(engine, &segment), WEFT_IS_SEGMENT);
}

static void handshake(weft_time time) {
  push(seg(C, 100, "", SYN), time);
  push(seg_acks(seg(S, 500, "", SYN | ACK), 101), time);
  push(seg_acks(seg(C, 101, "", ACK), 501), time);
}

static struct weft_segment client(uint32_t seq, const char *text) {
  return seg_acks(seg(C, seq, text, PSH | ACK), 501);
}

static uint64_t backwards(void) {
  struct weft_stats stats = {.size = sizeof stats};
  weft_engine_stats(engine, &stats);
  return stats.time_backwards;
}

static void no_times_at_all(void **state) {
  (void)state;
  handshake(0);
  push(client(101, "abc"), 0);
  push(client(107, "ghi"), 0); /* behind a hole, which no time will ever close */
  assert_int_equal(seen.bytes, 3);
  push(client(104, "def"), 0);
  assert_int_equal(seen.bytes, 9);
  push(client(120, "end"), 0);
  assert_int_equal(weft_engine_finish(engine), 0);
  assert_int_equal(seen.bytes, 12);
  assert_int_equal(seen.gaps, 10);
  assert_int_equal(seen.ends, 2);
  assert_int_equal(backwards(), 0);
}

static void a_frame_without_a_time_among_others(void **state) {
  const weft_time now = 1000000000 * WEFT_SECOND;
  (void)state;
  handshake(now);
  push(client(101, "abc"), now);
  push(client(104, "def"), 0);
  assert_int_equal(seen.bytes, 6);
  assert_int_equal(seen.last, 0); /* its own, whatever it is worth */
  push(client(110, "jkl"), 0);
  push(client(113, "mno"), now + WEFT_SECOND);
  assert_int_equal(seen.gaps, 0); /* the clock says that they have waited a second */
  push(seg_acks(seg(S, 501, "", ACK), 107), now + 20 * WEFT_SECOND);
  assert_int_equal(seen.gaps, 3);
  assert_int_equal(seen.bytes, 12);
  assert_int_equal(backwards(), 2);
}

static void the_first_frame_has_no_time(void **state) {
  const weft_time now = 1000000000 * WEFT_SECOND;
  (void)state;
  push(seg(C, 100, "", SYN), 0);
  push(seg_acks(seg(S, 500, "", SYN | ACK), 101), now); /* a silence of 31 years */
  push(client(101, "abc"), now);
  assert_int_equal(seen.bytes, 3);
  assert_int_equal(seen.ends, 0);
}

static void before_1970(void **state) {
  (void)state;
  handshake(-5 * WEFT_SECOND);
  push(client(104, "def"), -5 * WEFT_SECOND);
  push(seg_acks(seg(S, 501, "", ACK), 101), 6 * WEFT_SECOND);
  assert_int_equal(seen.gaps, 3);
  assert_int_equal(seen.bytes, 3);
  assert_int_equal(backwards(), 0);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      CASE(no_times_at_all),
      CASE(a_frame_without_a_time_among_others),
      CASE(the_first_frame_has_no_time),
      CASE(before_1970),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
