/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <weft/stream.h>

#include "allocator.h"
#include "build.h"
#include "frames.h"
#include "stream/conn.h"

/*
 * A connection whose user closes it in a callback is gone when that returns, and so may be the
 * memory it lay in: nothing of it may be written after that.
 */
enum { CONNS = (1 << CONN_SHIFT_FEW) + 1, FRAMES = 4 }; /* the last one in a chunk of its own */

static struct test_allocator memory;
static struct weft_engine *engine;
static uint8_t buffers[FRAMES][TEST_FRAME_MAX];
static int closed;
static uint64_t frame;

static int close_it(struct weft_conn *conn) {
  closed++;
  return weft_conn_close(conn);
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  (void)dir, (void)data, (void)user;
  return close_it(conn);
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  (void)dir, (void)user;
  return end->cause == WEFT_END_FIN ? close_it(conn) : 0;
}

/* In one batch, of connection `conn`. */
static void push(unsigned conn, const struct weft_segment *segments, size_t n) {
  struct weft_frame frames[FRAMES];
  for (size_t i = 0; i < n; i++) {
    struct weft_segment s = seg_of(segments[i], conn);
    frame++;
    s.mark = (struct weft_mark){FEED_START + (weft_time)frame, frame};
    frames[i] = test_frame(&s, TEST_LINK_ETHERNET, buffers[i]);
  }
  assert_int_equal(weft_engine_push_batch(engine, frames, n, NULL), 0);
}

static void open_all(const struct weft_stream_ops *ops) {
  memory = (struct test_allocator){.hoards = 1};
  struct weft_allocator allocator = test_allocator_of(&memory);
  const struct weft_options options = {
      .size = sizeof options, .allocator = &allocator, .conns_max = 2 * CONNS};
  closed = 0;
  frame = 0;
  assert_int_equal(weft_engine_new(&options, ops, NULL, &engine), 0);
  const struct weft_segment handshake[] = {seg(C, 100, "", SYN),
                                           seg_acks(seg(S, 500, "", SYN | ACK), 101),
                                           seg_acks(seg(C, 101, "", ACK), 501)};
  for (unsigned i = 0; i < CONNS; i++) push(i, handshake, 3);
}

/* One of the full chunk, so that the other chunk is given back with its only connection. */
static void close_two(struct weft_segment s) {
  push(0, &s, 1);
  push(CONNS - 1, &s, 1);
  assert_int_equal(closed, 2);
  weft_engine_free(engine);
  assert_int_equal(test_allocator_end(&memory), 0);
}

static void in_on_data(void **state) {
  const struct weft_stream_ops ops = {.size = sizeof ops, .on_data = on_data};
  (void)state;
  open_all(&ops);
  close_two(seg_acks(seg(C, 101, "abc", ACK), 501));
}

static void in_on_end(void **state) {
  const struct weft_stream_ops ops = {.size = sizeof ops, .on_end = on_end};
  (void)state;
  open_all(&ops);
  close_two(seg_acks(seg(C, 101, "", FIN | ACK), 501));
}

/* What came early waits for what comes now. */
static void with_bytes_that_waited(void **state) {
  const struct weft_stream_ops ops = {.size = sizeof ops, .on_data = on_data};
  (void)state;
  open_all(&ops);
  const struct weft_segment early = seg_acks(seg(C, 104, "def", ACK), 501);
  push(0, &early, 1);
  push(CONNS - 1, &early, 1);
  assert_int_equal(closed, 0);
  close_two(seg_acks(seg(C, 101, "abc", ACK), 501));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(in_on_data),
      cmocka_unit_test(in_on_end),
      cmocka_unit_test(with_bytes_that_waited),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
