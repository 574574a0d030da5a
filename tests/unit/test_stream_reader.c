/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <weft/reader.h>

#include "allocator.h"
#include "build.h"
#include "random.h"

/* An engine that makes readers for every connection; the last ones are in `at`. */
struct bench {
  struct weft_engine *engine;
  struct feed feed;
  struct weft_reader_options options;
  struct weft_reader *at[2];
  int attached; /* what weft_reader_attach said */
  int returns;  /* from on_open */
  int client_only;
};

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  struct bench *b = user;
  (void)open;
  b->attached = weft_reader_attach(conn, &b->options, &b->at[C], b->client_only ? NULL : &b->at[S]);
  return b->returns;
}

static const struct weft_stream_ops ops = {.size = sizeof ops, .on_open = on_open};

static struct bench *bench_with(const struct weft_options *engine_options) {
  static struct bench b;
  b = (struct bench){.options = {.size = sizeof b.options}};
  assert_int_equal(weft_engine_new(engine_options, &ops, &b, &b.engine), 0);
  b.feed = feed_of(b.engine);
  return &b;
}

static struct bench *bench(void) { return bench_with(NULL); }

static void done(struct bench *b) {
  weft_reader_free(b->at[C]);
  weft_reader_free(b->at[S]);
  weft_engine_free(b->engine);
}

static void push(struct bench *b, struct weft_segment segment) {
  assert_true(feed_push(&b->feed, segment) >= 0);
}

/* What reading in pieces of `size` gives: bytes as they are, `[5]` a gap stepped
   over, `.` at the end, `?` while more may come. */
static const char *read_all(struct weft_reader *r, size_t size) {
  static char text[512];
  char piece[64];
  size_t n = 0;
  for (;;) {
    int64_t got = weft_reader_read(r, piece, size);
    struct weft_gap gap;
    assert_true(n + (got > 0 ? (size_t)got : 24) < sizeof text);
    if (got > 0) {
      memcpy(text + n, piece, (size_t)got);
      n += (size_t)got;
    } else if (got == WEFT_E_GAP) {
      assert_int_equal(weft_reader_skip_gap(r, &gap), 0);
      assert_null(gap.kept);
      n += (size_t)(gap.cause == WEFT_GAP_START
                        ? sprintf(text + n, "[start]")
                        : sprintf(text + n, "[%llu]", (unsigned long long)gap.length));
    } else {
      assert_true(got == 0 || got == WEFT_E_AGAIN);
      assert_int_equal(weft_reader_read(r, piece, size), got); /* and again */
      text[n] = got ? '?' : '.';
      text[n + 1] = '\0';
      return text;
    }
  }
}

static struct weft_reader_info info_of(const struct weft_reader *r) {
  struct weft_reader_info info = {.size = sizeof info};
  weft_reader_inspect(r, &info);
  return info;
}

/* ---- reading -------------------------------------------------------- */

static void reads_to_the_end(void **context) {
  (void)context;
  for (size_t size = 1; size <= 10; size++) {
    struct bench *b = bench();
    push(b, seg(C, 0, "", SYN));
    assert_int_equal(weft_reader_read(b->at[C], (char[1]){0}, 1), WEFT_E_AGAIN);
    push(b, seg(C, 1, "abc", ACK));
    push(b, seg(C, 4, "def", ACK));
    assert_string_equal(read_all(b->at[C], size), "abcdef?");
    push(b, seg(C, 7, "g", ACK | FIN));
    assert_string_equal(read_all(b->at[C], size), "g.");
    assert_int_equal(info_of(b->at[C]).end, WEFT_END_FIN);
    assert_int_equal(info_of(b->at[C]).end_length, 7);
    assert_int_equal(info_of(b->at[C]).end_mark.frame, 4);
    done(b);
  }
}

static void directions_are_apart(void **context) {
  (void)context;
  struct bench *b = bench();
  push(b, seg(C, 0, "", SYN));
  push(b, seg_acks(seg(S, 0, "", SYN), 1));
  push(b, seg_acks(seg(C, 1, "ask", 0), 1));
  push(b, seg_acks(seg(S, 1, "answer", 0), 4));
  assert_string_equal(read_all(b->at[S], 4), "answer?");
  assert_string_equal(read_all(b->at[C], 4), "ask?");
  done(b);
}

static void out_of_order_joins(void **context) {
  (void)context;
  struct bench *b = bench();
  char bytes[16];
  push(b, seg(C, 0, "", SYN));
  push(b, seg(C, 4, "def", ACK));
  push(b, seg(C, 7, "ghi", ACK));
  assert_int_equal(weft_reader_read(b->at[C], bytes, sizeof bytes), WEFT_E_AGAIN);
  push(b, seg(C, 1, "abc", ACK));
  push(b, seg(C, 1, "abc", ACK));
  assert_int_equal(weft_reader_read(b->at[C], bytes, sizeof bytes), 9);
  assert_memory_equal(bytes, "abcdefghi", 9);
  done(b);
}

static void empty_buffer_takes_nothing(void **context) {
  (void)context;
  struct bench *b = bench();
  push(b, seg(C, 0, "", SYN));
  push(b, seg(C, 1, "abc", ACK));
  assert_int_equal(weft_reader_read(b->at[C], NULL, 0), 0);
  assert_string_equal(read_all(b->at[C], 10), "abc?");
  done(b);
}

static void peek_and_consume(void **context) {
  (void)context;
  struct bench *b = bench();
  const struct weft_data *data = NULL;
  uint8_t scratch[8];
  push(b, seg(C, 0, "", SYN));
  assert_int_equal(weft_reader_peek(b->at[C], &data), WEFT_E_AGAIN);
  assert_null(data);
  push(b, seg(C, 1, "abc", ACK));
  push(b, seg(C, 4, "d\nef", ACK));
  assert_int_equal(weft_reader_peek(b->at[C], &data), 7);
  assert_int_equal(data->nspans, 2);
  assert_int_equal(data->offset, 0);
  assert_int_equal(data->fresh, 0);
  assert_int_equal(weft_data_find(data, 0, '\n'), 4);
  assert_memory_equal(weft_data_flat(data, 1, 4, scratch), "bcd\n", 4);
  assert_int_equal(weft_data_mark(data, 2).frame, 2);
  assert_int_equal(weft_data_mark(data, 3).frame, 3);
  assert_int_equal(data->trigger.frame, 3);
  assert_int_equal(weft_reader_consume(b->at[C], 5), 5);
  push(b, seg(C, 8, "gh", ACK));
  assert_int_equal(weft_reader_peek(b->at[C], &data), 4);
  assert_int_equal(data->offset, 5);
  assert_int_equal(data->fresh, 7);
  assert_memory_equal(weft_data_flat(data, 5, 4, scratch), "efgh", 4);
  assert_int_equal(weft_reader_consume(b->at[C], UINT64_MAX), 4);
  assert_int_equal(weft_reader_consume(b->at[C], 1), 0);
  assert_int_equal(info_of(b->at[C]).offset, 9);
  done(b);
}

/* ---- gaps ----------------------------------------------------------- */

static void lose_two(struct bench *b) {
  push(b, seg(C, 0, "abc", SYN));
  push(b, seg(C, 9, "ij", ACK));
  push(b, seg(C, 14, "n", ACK | FIN));
  assert_int_equal(weft_engine_finish(b->engine), 0);
}

static void loss_when_asked(void **context) {
  (void)context;
  struct bench *b = bench();
  lose_two(b);
  struct weft_gap gap;
  char bytes[8];
  assert_int_equal(weft_reader_skip_gap(b->at[C], &gap), WEFT_E_INVAL);
  assert_int_equal(weft_reader_read(b->at[C], bytes, sizeof bytes), 3);
  assert_int_equal(weft_reader_read(b->at[C], bytes, sizeof bytes), WEFT_E_GAP);
  assert_int_equal(weft_reader_read(b->at[C], bytes, sizeof bytes), WEFT_E_GAP);
  assert_int_equal(weft_reader_consume(b->at[C], 100), 0);
  assert_int_equal(weft_reader_skip_gap(b->at[C], &gap), 0);
  assert_int_equal(gap.offset, 3);
  assert_int_equal(gap.length, 5);
  assert_int_equal(gap.cause, WEFT_GAP_END);
  assert_int_equal(gap.before.frame, 1);
  assert_int_equal(gap.after.frame, 2);
  assert_string_equal(read_all(b->at[C], 1), "ij[3]n.");
  struct weft_reader_info info = info_of(b->at[C]);
  assert_int_equal(info.gaps, 2);
  assert_int_equal(info.gap_bytes, 8);
  assert_int_equal(info.offset, 14);
  assert_int_equal(info.end, WEFT_END_FIN);
  done(b);
}

static void loss_unsaid(void **context) {
  (void)context;
  struct bench *b = bench();
  b->options.ignore_gaps = 1;
  lose_two(b);
  char bytes[8];
  assert_int_equal(weft_reader_read(b->at[C], bytes, sizeof bytes), 6);
  assert_memory_equal(bytes, "abcijn", 6);
  assert_int_equal(weft_reader_read(b->at[C], bytes, sizeof bytes), 0);
  assert_int_equal(info_of(b->at[C]).gap_bytes, 8);
  done(b);
}

/* gopacket: reader-loss-hidden.  A loss with nothing but the end behind it. */
static void loss_before_the_end_is_told(void **context) {
  (void)context;
  struct bench *b = bench();
  push(b, seg(C, 0, "abc", SYN));
  push(b, seg(C, 9, "", ACK | FIN));
  assert_int_equal(weft_engine_finish(b->engine), 0);
  assert_string_equal(read_all(b->at[C], 10), "abc[5].");
  done(b);
}

static void lost_beginning_is_told(void **context) {
  (void)context;
  struct bench *b = bench();
  push(b, seg(C, 9, "xyz", ACK));
  push(b, seg(C, 20, "q", ACK));
  assert_int_equal(weft_engine_finish(b->engine), 0);
  assert_string_equal(read_all(b->at[C], 10), "[start]xyz[8]q.");
  assert_int_equal(info_of(b->at[C]).gaps, 1);
  done(b);
}

static void peek_stops_at_a_gap(void **context) {
  (void)context;
  struct bench *b = bench();
  const struct weft_data *data;
  lose_two(b);
  assert_int_equal(weft_reader_peek(b->at[C], &data), 3);
  assert_int_equal(weft_reader_consume(b->at[C], UINT64_MAX), 3);
  assert_int_equal(weft_reader_peek(b->at[C], &data), WEFT_E_GAP);
  assert_int_equal(weft_reader_skip_gap(b->at[C], NULL), 0);
  assert_int_equal(weft_reader_peek(b->at[C], &data), 2);
  assert_int_equal(data->offset, 8);
  done(b);
}

/* ---- letting go early ----------------------------------------------- */

/* gopacket: reader-close-after-read.  Closing after a read that returned data
   blocks there, and the assembler with it. */
static void free_after_a_read(void **context) {
  (void)context;
  struct bench *b = bench();
  char bytes[2];
  push(b, seg(C, 0, "abc", SYN));
  push(b, seg(C, 20, "held", ACK));
  push(b, seg(C, 4, "", ACK));
  assert_int_equal(weft_reader_read(b->at[C], bytes, 2), 2);
  weft_reader_free(b->at[C]);
  b->at[C] = NULL;
  push(b, seg(C, 4, "defghijklmnopqrs", ACK));
  push(b, seg(C, 24, "", ACK | FIN));
  push(b, seg_acks(seg(S, 0, "", SYN), 1));
  push(b, seg_acks(seg(S, 1, "goes on", 0), 25));
  assert_string_equal(read_all(b->at[S], 10), "goes on?");
  struct weft_stats stats = {.size = sizeof stats};
  weft_engine_stats(b->engine, &stats);
  assert_int_equal(stats.held_bytes, 0);
  done(b);
}

static void free_before_any_read(void **context) {
  (void)context;
  struct bench *b = bench();
  push(b, seg(C, 0, "abc", SYN));
  weft_reader_free(b->at[C]);
  weft_reader_free(b->at[S]);
  push(b, seg(C, 4, "", ACK | FIN));
  assert_int_equal(weft_engine_finish(b->engine), 0);
  weft_engine_free(b->engine);
}

static void discard_after_a_read(void **context) {
  (void)context;
  struct bench *b = bench();
  char bytes[2];
  push(b, seg(C, 0, "", SYN));
  push(b, seg(C, 1, "abcde", ACK));
  assert_int_equal(weft_reader_read(b->at[C], bytes, 2), 2);
  assert_int_equal(weft_reader_discard(b->at[C]), 3);
  push(b, seg(C, 6, "fgh", ACK));
  assert_string_equal(read_all(b->at[C], 10), "?");
  push(b, seg(C, 9, "i", ACK | FIN));
  assert_string_equal(read_all(b->at[C], 10), ".");
  assert_int_equal(weft_reader_discard(b->at[C]), 0);
  assert_int_equal(info_of(b->at[C]).end, WEFT_END_FIN);
  assert_int_equal(info_of(b->at[C]).offset, 9);
  done(b);
}

static void discard_over_gaps(void **context) {
  (void)context;
  struct bench *b = bench();
  lose_two(b);
  assert_int_equal(weft_reader_discard(b->at[C]), 6);
  assert_string_equal(read_all(b->at[C], 10), ".");
  done(b);
}

static void outlives_connection_and_engine(void **context) {
  (void)context;
  struct bench *b = bench();
  push(b, seg(C, 0, "abc", SYN));
  push(b, seg(C, 4, "de", ACK));
  weft_engine_free(b->engine); /* on_close, and no on_end */
  b->engine = NULL;
  assert_string_equal(read_all(b->at[C], 2), "abcde.");
  assert_string_equal(read_all(b->at[S], 2), ".");
  assert_int_equal(info_of(b->at[C]).end, WEFT_END_CLOSED);
  assert_int_equal(info_of(b->at[C]).end_length, 5);
  assert_int_equal(weft_reader_discard(b->at[C]), 0);
  done(b);
}

/* ---- attaching ------------------------------------------------------ */

static void one_direction(void **context) {
  (void)context;
  struct bench *b = bench();
  b->client_only = 1;
  push(b, seg(C, 0, "", SYN));
  push(b, seg_acks(seg(S, 0, "", SYN), 1));
  push(b, seg_acks(seg(S, 5, "never", 0), 1));
  push(b, seg_acks(seg(C, 1, "abc", 0), 1));
  assert_string_equal(read_all(b->at[C], 10), "abc?");
  struct weft_stats stats = {.size = sizeof stats};
  weft_engine_stats(b->engine, &stats);
  assert_int_equal(stats.held_bytes, 0);
  done(b);
}

static int open_fails(struct weft_conn *conn, const struct weft_open *open, void *user) {
  struct bench *b = user;
  assert_int_equal(weft_reader_attach(conn, NULL, NULL, NULL), WEFT_E_INVAL);
  b->options.ignore_gaps = 2;
  assert_int_equal(weft_reader_attach(conn, &b->options, &b->at[C], NULL), WEFT_E_INVAL);
  b->options.ignore_gaps = 0;
  b->options.size = 0;
  assert_int_equal(weft_reader_attach(conn, &b->options, &b->at[C], NULL), WEFT_E_INVAL);
  b->options.size = sizeof b->options;
  assert_null(b->at[C]);
  on_open(conn, open, user);
  assert_int_equal(b->attached, 0);
  assert_int_equal(weft_reader_attach(conn, NULL, &b->at[C], NULL), WEFT_E_INVAL);
  return b->returns;
}

static int attach_late(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                       void *user) {
  struct bench *b = user;
  (void)dir, (void)data;
  b->attached = weft_reader_attach(conn, NULL, &b->at[C], NULL);
  return 0;
}

static void attach_only_from_on_open(void **context) {
  (void)context;
  static const struct weft_stream_ops late = {.size = sizeof late, .on_data = attach_late};
  struct bench *b = bench();
  weft_engine_free(b->engine);
  assert_int_equal(weft_engine_new(NULL, &late, b, &b->engine), 0);
  b->feed = feed_of(b->engine);
  push(b, seg(C, 0, "", SYN));
  push(b, seg(C, 1, "abc", ACK));
  assert_int_equal(b->attached, WEFT_E_INVAL);
  assert_int_equal(
      weft_reader_attach(weft_engine_next_conn(b->engine, NULL), NULL, &b->at[C], NULL),
      WEFT_E_INVAL);
  assert_null(b->at[C]);
  done(b);
}

/* The readers are the caller's, and end, though the connection never was. */
static void on_open_fails_afterwards(void **context) {
  (void)context;
  static const struct weft_stream_ops failing = {.size = sizeof failing, .on_open = open_fails};
  struct bench *b = bench();
  weft_engine_free(b->engine);
  assert_int_equal(weft_engine_new(NULL, &failing, b, &b->engine), 0);
  b->feed = feed_of(b->engine);
  b->returns = WEFT_E_USER;
  assert_int_equal(feed_push(&b->feed, seg(C, 0, "abc", SYN)), WEFT_E_USER);
  assert_string_equal(read_all(b->at[C], 10), ".");
  done(b);
}

/* ---- bounds --------------------------------------------------------- */

/* Bytes past the bound are a gap, and what is read makes room again. */
static void bound_of_a_reader(void **context) {
  (void)context;
  struct bench *b = bench();
  static uint8_t bytes[1000];
  struct weft_stats stats = {.size = sizeof stats};
  struct weft_gap gap;
  uint64_t read = 0;
  uint8_t buffer[4096];
  b->options.held_bytes_max = 10000;
  push(b, seg(C, 0, "", SYN));
  for (uint32_t i = 0; i < 20; i++) push(b, seg_bytes(C, 1 + 1000 * i, bytes, 1000, ACK));
  struct weft_reader_info info = info_of(b->at[C]);
  assert_true(info.unread > 5000 && info.unread <= 10000);
  assert_int_equal(info.unread + info.gap_bytes, 20000);
  assert_int_equal(info.gaps, 1);
  weft_engine_stats(b->engine, &stats);
  assert_true(stats.limit_held_dir > 0);
  int64_t n;
  while ((n = weft_reader_read(b->at[C], buffer, sizeof buffer)) > 0) read += (uint64_t)n;
  assert_int_equal(n, WEFT_E_GAP);
  assert_int_equal(read, info.unread);
  push(b, seg(C, 20001, "room again", ACK));
  assert_int_equal(weft_reader_skip_gap(b->at[C], &gap), 0);
  assert_int_equal(gap.cause, WEFT_GAP_LIMIT);
  assert_int_equal(gap.offset, read);
  assert_int_equal(gap.length, 20000 - read);
  assert_int_equal(gap.after.frame, 22);
  assert_string_equal(read_all(b->at[C], 64), "room again?");
  done(b);
}

/* Never more than the engine's own bounds. */
static void bounds_of_the_engine(void **context) {
  (void)context;
  const struct weft_options *tight[] = {WEFT_OPTIONS(.held_bytes_dir_max = 4000),
                                        WEFT_OPTIONS(.held_bytes_max = 4000)};
  static uint8_t bytes[1000];
  for (int i = 0; i < 2; i++) {
    struct bench *b = bench_with(tight[i]);
    struct weft_stats stats = {.size = sizeof stats};
    b->options.held_bytes_max = UINT64_MAX;
    push(b, seg(C, 0, "", SYN));
    for (uint32_t k = 0; k < 10; k++) push(b, seg_bytes(C, 1 + 1000 * k, bytes, 1000, ACK));
    assert_true(info_of(b->at[C]).unread <= 4000);
    assert_true(info_of(b->at[C]).unread > 1000);
    weft_engine_stats(b->engine, &stats);
    assert_true((i ? stats.limit_held : stats.limit_held_dir) > 0);
    done(b);
  }
}

/* A gap that is found while there is no room joins the one that is there. */
static void gap_at_the_bound(void **context) {
  (void)context;
  struct bench *b = bench();
  static uint8_t bytes[1000];
  struct weft_gap gap;
  b->options.held_bytes_max = 1; /* nothing fits */
  push(b, seg(C, 0, "", SYN));
  push(b, seg_bytes(C, 1, bytes, 1000, ACK));
  push(b, seg_bytes(C, 1501, bytes, 1000, ACK | FIN));
  assert_int_equal(weft_engine_finish(b->engine), 0);
  assert_int_equal(weft_reader_skip_gap(b->at[C], &gap), 0);
  assert_int_equal(gap.length, 2500);
  assert_int_equal(gap.cause, WEFT_GAP_LIMIT);
  assert_int_equal(info_of(b->at[C]).gap_bytes, 2500);
  assert_int_equal(info_of(b->at[C]).gaps, 1);
  assert_string_equal(read_all(b->at[C], 10), ".");
  done(b);
}

/* What unread bytes take is no more than what they count for. */
static void memory_stays_below_the_bound(void **context) {
  (void)context;
  struct test_allocator memory = {.live = 0};
  struct weft_allocator allocator = test_allocator_of(&memory);
  struct bench *b = bench_with(WEFT_OPTIONS(.allocator = &allocator));
  static uint8_t bytes[300];
  uint64_t seed = 7;
  uint32_t seq = 1;
  b->options.held_bytes_max = 50000;
  b->client_only = 1;
  push(b, seg(C, 0, "", SYN));
  uint64_t before = memory.bytes;
  memory.peak = before;
  for (int i = 0; i < 20000; i++) {
    uint32_t length = 1 + random_below(&seed, i / 4000 % 2 ? 300 : 3);
    push(b, seg_bytes(C, seq, bytes, length, ACK));
    seq += length;
    if (!random_below(&seed, 40)) weft_reader_skip_gap(b->at[C], NULL);
    if (!random_below(&seed, 20)) weft_reader_consume(b->at[C], random_below(&seed, 3000));
  }
  /* The smallest arrays are the reader's own. */
  assert_true(memory.peak - before <= 50000 + 16 * 64);
  assert_true(info_of(b->at[C]).gap_bytes > 0);
  done(b);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
}

static int failing_run(struct test_allocator *memory) {
  struct weft_allocator allocator = test_allocator_of(memory);
  static struct bench b;
  b = (struct bench){.options = {.size = sizeof b.options}};
  if (weft_engine_new(WEFT_OPTIONS(.allocator = &allocator), &ops, &b, &b.engine)) return 0;
  b.feed = feed_of(b.engine);
  int failed = feed_push(&b.feed, seg(C, 0, "", SYN)) < 0 || b.attached;
  uint64_t total = 0;
  for (uint32_t i = 0; i < 40; i++)
    failed |= feed_push(&b.feed, seg(C, 1 + 5 * i + 7 * (i >= 20), "abcde", ACK)) < 0;
  failed |= feed_push(&b.feed, seg(C, 208, "", ACK | FIN)) < 0;
  failed |= weft_engine_finish(b.engine) < 0;
  if (b.at[C]) {
    struct weft_reader_info info = info_of(b.at[C]);
    total = info.unread + info.gap_bytes;
    if (info.end == WEFT_END_FIN) assert_int_equal(total, 207);
    if (!failed) assert_int_equal(info.unread, 200);
  }
  done(&b);
  assert_int_equal(memory->live, 0);
  assert_int_equal(memory->wrong_sizes, 0);
  return !failed && b.attached == 0;
}

static void each_allocation_failing(void **context) {
  (void)context;
  struct test_allocator whole = {.live = 0};
  assert_true(failing_run(&whole));
  assert_true(whole.calls > 40);
  for (uint64_t i = 1; i <= whole.calls; i++) {
    struct test_allocator memory = {.fail_at = i};
    failing_run(&memory);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_to_the_end),
      cmocka_unit_test(directions_are_apart),
      cmocka_unit_test(out_of_order_joins),
      cmocka_unit_test(empty_buffer_takes_nothing),
      cmocka_unit_test(peek_and_consume),
      cmocka_unit_test(loss_when_asked),
      cmocka_unit_test(loss_unsaid),
      cmocka_unit_test(loss_before_the_end_is_told),
      cmocka_unit_test(lost_beginning_is_told),
      cmocka_unit_test(peek_stops_at_a_gap),
      cmocka_unit_test(free_after_a_read),
      cmocka_unit_test(free_before_any_read),
      cmocka_unit_test(discard_after_a_read),
      cmocka_unit_test(discard_over_gaps),
      cmocka_unit_test(outlives_connection_and_engine),
      cmocka_unit_test(one_direction),
      cmocka_unit_test(attach_only_from_on_open),
      cmocka_unit_test(on_open_fails_afterwards),
      cmocka_unit_test(bound_of_a_reader),
      cmocka_unit_test(bounds_of_the_engine),
      cmocka_unit_test(gap_at_the_bound),
      cmocka_unit_test(memory_stays_below_the_bound),
      cmocka_unit_test(each_allocation_failing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
