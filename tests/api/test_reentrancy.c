/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <weft/stream.h>

#include "build.h"
#include "frames.h"
#include "recorder.h"

/*
 * Every call from inside every callback.  One short capture makes each callback
 * run; the first time that the one under test runs for connection 0, it makes
 * the call under test.  A forbidden call says so, and the capture gives what it
 * gives without; a permitted one does what it should.
 */
enum callback { ON_OPEN, ON_SEGMENT, ON_DATA, ON_OVERLAP, ON_GAP, ON_END, ON_CLOSE, CALLBACKS };

static const char *const callback_names[CALLBACKS] = {
    "on_open", "on_segment", "on_data", "on_overlap", "on_gap", "on_end", "on_close"};

struct world {
  struct weft_engine *engine;
  struct feed feed;
  struct recorder recorder; /* the events */
  struct recorder other;    /* those that weft_conn_set_ops has led elsewhere */
  struct weft_conn *bystander;
  enum callback when;
  int (*call)(struct world *, struct weft_conn *, enum weft_dir);
  int made, returned;
  size_t before; /* length of the events when the call was made */
};

/* ---- callbacks ------------------------------------------------------ */

static void called(struct world *w, enum callback callback, struct weft_conn *conn,
                   enum weft_dir dir) {
  if (w->made || !w->call || callback != w->when || conn == w->bystander) return;
  w->made = 1;
  w->before = w->recorder.length;
  w->returned = w->call(w, conn, dir);
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  struct world *w = user;
  recorder_open(&w->recorder, conn, open);
  if (!w->bystander) w->bystander = conn;
  called(w, ON_OPEN, conn, C);
  return 0;
}

static int on_segment(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *segment,
                      void *user) {
  (void)segment;
  called(user, ON_SEGMENT, conn, dir);
  return 0;
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  struct world *w = user;
  recorder_data(&w->recorder, conn, dir, data);
  called(w, ON_DATA, conn, dir);
  return 0;
}

static int on_overlap(struct weft_conn *conn, enum weft_dir dir, const struct weft_overlap *overlap,
                      void *user) {
  struct world *w = user;
  recorder_overlap(&w->recorder, conn, dir, overlap);
  called(w, ON_OVERLAP, conn, dir);
  return 0;
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  struct world *w = user;
  recorder_gap(&w->recorder, conn, dir, gap);
  called(w, ON_GAP, conn, dir);
  return 0;
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  struct world *w = user;
  recorder_end(&w->recorder, conn, dir, end);
  called(w, ON_END, conn, dir);
  return 0;
}

static void on_close(struct weft_conn *conn, void *user) {
  struct world *w = user;
  recorder_close(&w->recorder, conn);
  called(w, ON_CLOSE, conn, C);
}

static const struct weft_stream_ops world_ops = {.size = sizeof world_ops,
                                                 .on_open = on_open,
                                                 .on_segment = on_segment,
                                                 .on_data = on_data,
                                                 .on_overlap = on_overlap,
                                                 .on_gap = on_gap,
                                                 .on_end = on_end,
                                                 .on_close = on_close};

/* ---- the capture ---------------------------------------------------- */

static int closes(struct world *, struct weft_conn *, enum weft_dir);

static void push(struct world *w, struct weft_segment segment) {
  /* What comes for a connection that is closed would open another. */
  if (w->made && w->call == closes) return;
  assert_true(feed_push(&w->feed, segment) >= 0);
}

static void play(struct world *w, enum callback when,
                 int (*call)(struct world *, struct weft_conn *, enum weft_dir)) {
  *w = (struct world){.recorder = {.show = SHOW_OVERLAP}, .when = when, .call = call};
  assert_int_equal(weft_engine_new(WEFT_OPTIONS(.hash_key = {1, 2}), &world_ops, w, &w->engine), 0);
  w->feed = feed_of(w->engine);
  push(w, seg_of(seg(C, 0, "", SYN), 1)); /* the bystander */
  push(w, seg(C, 99, "", SYN));
  push(w, seg_acks(seg(S, 499, "", SYN), 100));
  push(w, seg_acks(seg(C, 100, "abc", 0), 500));
  push(w, seg_acks(seg(C, 100, "abc", 0), 500));
  push(w, seg_acks(seg(S, 500, "xyz", 0), 100));
  push(w, seg_acks(seg(C, 106, "ghi", 0), 503));
  assert_int_equal(weft_engine_flush(w->engine, INT64_MAX, WEFT_TIME_NONE, NULL), 0);
  push(w, seg_acks(seg(C, 109, "jk", 0), 503));
  push(w, seg_acks(seg(C, 111, "", FIN), 503));
  push(w, seg_acks(seg(S, 503, "", FIN), 112));
  assert_int_equal(feed_wait(&w->feed, 3 * WEFT_SECOND), 0); /* it lingers for two */
  if (call && !w->made) fail_msg("%s did not run", callback_names[when]);
}

/* The bystander is the last to go. */
static void finish(struct world *w) {
  assert_int_equal(weft_engine_finish(w->engine), 0);
  weft_engine_free(w->engine);
  assert_int_equal(w->recorder.opened, w->recorder.closed + w->other.closed);
}

static void done(struct world *w) {
  recorder_done(&w->recorder);
  recorder_done(&w->other);
}

/* ---- forbidden ------------------------------------------------------ */

static struct weft_segment stranger(void) {
  struct weft_segment segment = seg_of(seg(C, 7, "not now", SYN), 9);
  segment.mark = (struct weft_mark){FEED_START + 5000 * WEFT_SECOND, 99};
  return segment;
}

static int pushes(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  static uint8_t room[TEST_FRAME_MAX];
  struct weft_segment segment = stranger();
  struct weft_frame frame = test_frame(&segment, TEST_LINK_RAW, room);
  (void)conn, (void)dir;
  return weft_engine_push(w->engine, &frame);
}

static int pushes_segment(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  struct weft_segment segment = stranger();
  (void)conn, (void)dir;
  return weft_engine_push_segment(w->engine, &segment);
}

static int pushes_batch(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  static uint8_t room[TEST_FRAME_MAX];
  struct weft_segment segment = stranger();
  struct weft_frame frame = test_frame(&segment, TEST_LINK_RAW, room);
  size_t taken = 5;
  (void)conn, (void)dir;
  int status = weft_engine_push_batch(w->engine, &frame, 1, &taken);
  assert_int_equal(taken, 0);
  return status;
}

static int advances(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  (void)conn, (void)dir;
  return weft_engine_advance(w->engine, FEED_START + 9000 * WEFT_SECOND);
}

static int flushes(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  struct weft_flushed flushed = {7, 8};
  (void)conn, (void)dir;
  int status = weft_engine_flush(w->engine, INT64_MAX, INT64_MAX, &flushed);
  assert_int_equal(flushed.flushed, 7);
  assert_int_equal(flushed.closed, 8);
  return status;
}

static int finishes(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  (void)conn, (void)dir;
  return weft_engine_finish(w->engine);
}

static int closes_another(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  (void)conn, (void)dir;
  return weft_conn_close(w->bystander);
}

/* What the engine says of a whole run without the call. */
struct outcome {
  char text[1024];
  struct weft_stats stats;
};

static struct outcome outcome_of(struct world *w) {
  struct outcome outcome = {.stats = {.size = sizeof outcome.stats}};
  weft_engine_stats(w->engine, &outcome.stats);
  finish(w);
  assert_true(strlen(recorder_text(&w->recorder)) < sizeof outcome.text);
  strcpy(outcome.text, recorder_text(&w->recorder));
  return outcome;
}

static void assert_changes_nothing(const struct outcome *without, enum callback when, int expected,
                                   int (*call)(struct world *, struct weft_conn *, enum weft_dir)) {
  struct world w;
  play(&w, when, call);
  if (w.returned != expected)
    fail_msg("from %s: %d, not %d", callback_names[when], w.returned, expected);
  struct outcome with = outcome_of(&w);
  assert_string_equal(with.text, without->text);
  assert_memory_equal(&with.stats, &without->stats, sizeof with.stats);
  done(&w);
}

static struct outcome without_any(void) {
  struct world w;
  play(&w, ON_OPEN, NULL);
  struct outcome outcome = outcome_of(&w);
  done(&w);
  return outcome;
}

/* The capture is what the others take it for. */
static void the_capture(void **context) {
  (void)context;
  struct outcome outcome = without_any();
  assert_string_equal(outcome.text, "1:open\n"
                                    "open\n"
                                    "data client 0 \"abc\"\n"
                                    "overlap client 0+3 held wins, same, held 0-0#4 arrived 0-3#5\n"
                                    "data server 0 \"xyz\"\n"
                                    "gap client 3+3 time\n"
                                    "data client 6 \"ghi\"\n"
                                    "data client 9 \"jk\"\n"
                                    "end client fin 11\n"
                                    "end server fin 3\n"
                                    "close\n"
                                    "1:end client finish 0\n"
                                    "1:end server finish 0\n"
                                    "1:close\n");
}

static void forbidden(void **context) {
  (void)context;
  static int (*const calls[])(struct world *, struct weft_conn *, enum weft_dir) = {
      pushes, pushes_segment, pushes_batch, advances, flushes, finishes, closes_another};
  struct outcome without = without_any();
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
    for (int when = 0; when < CALLBACKS; when++)
      assert_changes_nothing(&without, (enum callback)when, WEFT_E_BUSY, calls[i]);
}

/* ---- keep ----------------------------------------------------------- */

static int keeps(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  (void)w;
  return weft_conn_keep(conn, dir, 0);
}

static int keeps_the_other_way(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  (void)w;
  return weft_conn_keep(conn, (enum weft_dir) !dir, 0);
}

static int keeps_of_another(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  (void)conn;
  return weft_conn_keep(w->bystander, dir, 0);
}

static void keep_only_from_its_on_data(void **context) {
  (void)context;
  struct outcome without = without_any();
  for (int when = 0; when < CALLBACKS; when++) {
    if (when != ON_DATA) assert_changes_nothing(&without, (enum callback)when, WEFT_E_INVAL, keeps);
    assert_changes_nothing(&without, (enum callback)when, WEFT_E_INVAL, keeps_the_other_way);
    assert_changes_nothing(&without, (enum callback)when, WEFT_E_INVAL, keeps_of_another);
  }
  struct world w;
  play(&w, ON_DATA, keeps);
  assert_int_equal(w.returned, 0);
  assert_non_null(strstr(recorder_text(&w.recorder), "gap client 3+3 time kept=\"abc\"\n"));
  assert_int_equal(weft_conn_keep(w.bystander, C, 0), WEFT_E_INVAL); /* from outside */
  finish(&w);
  done(&w);
}

/* ---- permitted ------------------------------------------------------ */

static int discards(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  (void)w, (void)dir;
  weft_conn_discard(conn, C);
  weft_conn_discard(conn, S);
  return 0;
}

static int closes(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  (void)w, (void)dir;
  return weft_conn_close(conn);
}

static int does_not_linger(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  (void)w, (void)dir;
  return weft_conn_linger(conn, 0);
}

static int count_of(const char *text, const char *line) {
  int n = 0;
  for (const char *at = strstr(text, line); at; at = strstr(at + 1, line)) n++;
  return n;
}

static void discard(void **context) {
  (void)context;
  for (int when = 0; when < CALLBACKS; when++) {
    struct world w;
    play(&w, (enum callback)when, discards);
    const char *text = recorder_text(&w.recorder), *since = text + w.before;
    assert_int_equal(count_of(since, "data"), 0);
    assert_int_equal(count_of(since, "gap"), 0);
    assert_int_equal(count_of(text, "end client fin 11\n"), 1);
    assert_int_equal(count_of(text, "end server fin 3\n"), 1);
    finish(&w);
    done(&w);
  }
}

/* Both directions end, once, and it is gone; nothing else is told. */
static void close_it(void **context) {
  (void)context;
  for (int when = 0; when < CALLBACKS; when++) {
    struct world w;
    play(&w, (enum callback)when, closes);
    const char *text = recorder_text(&w.recorder), *since = text + w.before;
    assert_int_equal(w.returned, 0);
    assert_int_equal(count_of(since, "data"), 0);
    assert_int_equal(count_of(since, "gap"), 0);
    assert_int_equal(count_of(text, "end client"), 1);
    assert_int_equal(count_of(text, "end server"), 1);
    assert_int_equal(count_of(text, "\nclose\n"), 1);
    assert_int_equal(count_of(since, "client closed"), when < ON_END);
    assert_int_equal(count_of(since, "server closed"), when < ON_CLOSE);
    assert_ptr_equal(weft_engine_next_conn(w.engine, NULL), w.bystander);
    assert_null(weft_engine_next_conn(w.engine, w.bystander));
    finish(&w);
    done(&w);
  }
}

/* Before its end it is then gone at once: in the frame of the second FIN. */
static void linger(void **context) {
  (void)context;
  for (int when = 0; when < CALLBACKS; when++) {
    struct world w;
    play(&w, (enum callback)when, does_not_linger);
    assert_int_equal(w.returned, 0);
    assert_int_equal(w.recorder.closed, 1);
    finish(&w);
    done(&w);
  }
}

static struct world *redirected;

static int other_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                      void *user) {
  assert_ptr_equal(user, &redirected);
  recorder_data(&redirected->other, conn, dir, data);
  return 0;
}

static int other_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                     void *user) {
  assert_ptr_equal(user, &redirected);
  recorder_end(&redirected->other, conn, dir, end);
  return 0;
}

static void other_close(struct weft_conn *conn, void *user) {
  assert_ptr_equal(user, &redirected);
  recorder_close(&redirected->other, conn);
}

static int redirects(struct world *w, struct weft_conn *conn, enum weft_dir dir) {
  static const struct weft_stream_ops ops = {
      .size = sizeof ops, .on_data = other_data, .on_end = other_end, .on_close = other_close};
  (void)dir;
  redirected = w;
  assert_int_equal(weft_conn_set_ops(conn, NULL, NULL), WEFT_E_INVAL);
  return weft_conn_set_ops(conn, &ops, &redirected);
}

/* All that would have been told from there on is told elsewhere. */
static void set_ops(void **context) {
  (void)context;
  static const int elsewhere[CALLBACKS] = {
      [ON_OPEN] = 7, [ON_SEGMENT] = 7, [ON_DATA] = 6, [ON_OVERLAP] = 6, [ON_GAP] = 5, [ON_END] = 2};
  for (int when = 0; when < CALLBACKS; when++) {
    struct world w;
    play(&w, (enum callback)when, redirects);
    assert_int_equal(w.returned, 0);
    assert_int_equal(w.recorder.length, w.before);
    assert_int_equal(count_of(recorder_text(&w.other), "\n"), elsewhere[when]);
    assert_int_equal(w.other.closed, when != ON_CLOSE);
    finish(&w);
    done(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_capture),
      cmocka_unit_test(forbidden),
      cmocka_unit_test(keep_only_from_its_on_data),
      cmocka_unit_test(discard),
      cmocka_unit_test(close_it),
      cmocka_unit_test(linger),
      cmocka_unit_test(set_ops),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
