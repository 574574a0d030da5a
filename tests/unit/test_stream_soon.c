/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <weft/stream.h>

#include "build.h"
#include "frames.h"

/* What on_soon was told, as steps by direction, and what had come by then. */
struct told {
  int steps[2][2];
  int data_before_last;
  int data;
};

static void on_soon(void *user, enum weft_dir dir, int step) {
  struct told *told = user;
  assert_in_range(step, 0, 1);
  told->steps[dir][step]++;
  told->data_before_last = told->data;
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  (void)conn, (void)dir, (void)data;
  ((struct told *)user)->data++;
  return 0;
}

static const struct weft_stream_ops ops = {
    .size = sizeof ops, .on_data = on_data, .on_soon = on_soon};

static uint8_t buffers[4][TEST_FRAME_MAX];

/* SYN and SYN-ACK, then, when asked, a bare ACK and data from the client. */
static void push(struct weft_engine *engine, const struct weft_segment *segments, int n,
                 int batched) {
  struct weft_frame frames[4];
  for (int i = 0; i < n; i++) frames[i] = test_frame(&segments[i], TEST_LINK_ETHERNET, buffers[i]);
  if (batched) {
    assert_int_equal(weft_engine_push_batch(engine, frames, (size_t)n, NULL), 0);
    return;
  }
  for (int i = 0; i < n; i++) assert_true(weft_engine_push(engine, &frames[i]) >= 0);
}

static void play(struct told *told, int batched) {
  struct weft_engine *engine;
  struct weft_segment opening[] = {seg(WEFT_FROM_CLIENT, 100, "", SYN),
                                   seg_acks(seg(WEFT_FROM_SERVER, 500, "", SYN), 101)};
  struct weft_segment rest[] = {seg_acks(seg(WEFT_FROM_CLIENT, 101, "", 0), 501),
                                seg_acks(seg(WEFT_FROM_CLIENT, 101, "abc", PSH), 501)};
  *told = (struct told){0};
  assert_int_equal(weft_engine_new(NULL, &ops, told, &engine), 0);
  push(engine, opening, 2, batched);
  push(engine, rest, 2, batched);
  weft_engine_free(engine);
  assert_int_equal(told->data, 1);
}

static void a_batch_announces_what_carries_something(void **state) {
  struct told told;
  (void)state;
  play(&told, 1);
  assert_int_equal(told.steps[WEFT_FROM_CLIENT][0], 1);
  assert_int_equal(told.steps[WEFT_FROM_CLIENT][1], 1);
  assert_int_equal(told.steps[WEFT_FROM_SERVER][0] + told.steps[WEFT_FROM_SERVER][1], 0);
  assert_int_equal(told.data_before_last, 0);
}

static void single_frames_come_unannounced(void **state) {
  struct told told;
  (void)state;
  play(&told, 0);
  assert_int_equal(told.steps[WEFT_FROM_CLIENT][0] + told.steps[WEFT_FROM_CLIENT][1], 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_batch_announces_what_carries_something),
      cmocka_unit_test(single_frames_come_unannounced),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
