/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <weft/stream.h>

#include "build.h"
#include "recorder.h"

struct world {
  struct weft_engine *engine;
  struct feed feed;
  struct recorder recorder;
};

static struct weft_conn *world_conn(const struct world *w) {
  return weft_engine_next_conn(w->engine, NULL);
}

/* Two holes: "c" waits at 2, "e" at 4. */
static void with_holes(struct world *w) {
  *w = (struct world){0};
  assert_int_equal(weft_engine_new(NULL, &recorder_ops, &w->recorder, &w->engine), 0);
  w->feed = feed_of(w->engine);
  feed_push(&w->feed, seg(C, 100, "", SYN));
  feed_push(&w->feed, seg_acks(seg(S, 500, "", SYN | ACK), 101));
  feed_push(&w->feed, seg_acks(seg(C, 103, "c", ACK), 501));
  feed_push(&w->feed, seg_acks(seg(C, 105, "e", ACK), 501));
  recorder_clear(&w->recorder);
}

static void done(struct world *w) {
  weft_engine_free(w->engine);
  recorder_done(&w->recorder);
}

static void test_skip_hole_gives_one_run(void **state) {
  (void)state;
  struct world w;
  with_holes(&w);
  assert_int_equal(weft_conn_skip_hole(world_conn(&w), C), 1);
  assert_string_equal(recorder_text(&w.recorder), "gap client 0+2 limit\n"
                                                  "data client 2 \"c\"\n");
  recorder_clear(&w.recorder);
  feed_push(&w.feed, seg_acks(seg(C, 104, "d", ACK), 501));
  assert_string_equal(recorder_text(&w.recorder), "data client 3 \"de\"\n");
  done(&w);
}

static void test_skip_hole_without_one(void **state) {
  (void)state;
  struct world w;
  with_holes(&w);
  assert_int_equal(weft_conn_skip_hole(world_conn(&w), S), 0);
  assert_int_equal(weft_conn_skip_hole(world_conn(&w), C), 1);
  assert_int_equal(weft_conn_skip_hole(world_conn(&w), C), 1);
  recorder_clear(&w.recorder);
  assert_int_equal(weft_conn_skip_hole(world_conn(&w), C), 0);
  assert_string_equal(recorder_text(&w.recorder), "");
  done(&w);
}

static void test_skip_hole_lands_a_floating_stream(void **state) {
  (void)state;
  struct world w = {0};
  assert_int_equal(weft_engine_new(WEFT_OPTIONS(.start_wait = WEFT_FOREVER), &recorder_ops,
                                   &w.recorder, &w.engine),
                   0);
  w.feed = feed_of(w.engine);
  feed_push(&w.feed, seg(C, 110, "k", ACK));
  feed_push(&w.feed, seg(C, 101, "b", ACK));
  recorder_clear(&w.recorder);
  assert_int_equal(weft_conn_skip_hole(world_conn(&w), C), 1);
  assert_string_equal(recorder_text(&w.recorder), "gap client start\n"
                                                  "data client 0 \"b\"\n");
  done(&w);
}

static void test_skip_hole_may_end_the_connection(void **state) {
  (void)state;
  struct world w;
  with_holes(&w);
  weft_conn_linger(world_conn(&w), 0);
  feed_push(&w.feed, seg_acks(seg(S, 501, "", FIN | ACK), 101));
  feed_push(&w.feed, seg_acks(seg(C, 104, "", FIN | ACK), 502));
  recorder_clear(&w.recorder);
  assert_int_equal(weft_conn_skip_hole(world_conn(&w), C), 1);
  assert_string_equal(recorder_text(&w.recorder), "gap client 0+2 limit\n"
                                                  "data client 2 \"c\"\n"
                                                  "end client fin 3\n"
                                                  "close\n");
  assert_null(world_conn(&w));
  done(&w);
}

static int skip_from_inside(struct weft_conn *conn, enum weft_dir dir,
                            const struct weft_segment *segment, void *user) {
  (void)segment;
  *(int *)user = weft_conn_skip_hole(conn, dir);
  return 0;
}

static void test_skip_hole_inside_a_callback(void **state) {
  (void)state;
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_segment = skip_from_inside};
  struct weft_engine *engine;
  int returned = 0;
  assert_int_equal(weft_engine_new(NULL, &ops, &returned, &engine), 0);
  struct feed feed = feed_of(engine);
  feed_push(&feed, seg(C, 100, "", SYN));
  assert_int_equal(returned, WEFT_E_BUSY);
  weft_engine_free(engine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_skip_hole_gives_one_run),
      cmocka_unit_test(test_skip_hole_without_one),
      cmocka_unit_test(test_skip_hole_lands_a_floating_stream),
      cmocka_unit_test(test_skip_hole_may_end_the_connection),
      cmocka_unit_test(test_skip_hole_inside_a_callback),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
