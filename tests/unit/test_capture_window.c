/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames put in order within a window of time, and duplicates left out. */
#include <time.h>

#include "capture/dedup.h"
#include "capture/sort.h"
#include "capture/wishes.h"
#include "test_capture_build.h"

/* A frame of a test: when, and what. */
struct seen {
  int64_t time;
  const char *text;
};

static void put_all(struct bytes *file, const struct seen *frames, size_t n) {
  put_pcap_header(file, 0xa1b23c4d, 1);
  for (size_t i = 0; i < n; i++)
    put_pcap_frame(file, (uint32_t)(frames[i].time / 1000), (uint32_t)(frames[i].time % 1000),
                   frames[i].text);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A thousandth of a second of these tests is a nanosecond of the capture. */
static weft_time at_time(int64_t time) { return time / 1000 * WEFT_SECOND + time % 1000; }

static struct source *memory(const struct bytes *file, size_t piece) {
  struct source *source = NULL;
  assert_int_equal(source_memory("t", file->at, file->size, piece, &source, NULL), 0);
  return source;
}

static struct weft_capture *sorted(const struct bytes *file, size_t piece, weft_duration window) {
  static const struct wishes wishes;
  struct source *source = NULL;
  assert_int_equal(source_sort(memory(file, piece), window, &wishes, &source, NULL), 0);
  return capture_over(source);
}

static struct weft_capture *deduped(const struct bytes *file, size_t piece, weft_duration window) {
  struct source *source = NULL;
  assert_int_equal(source_dedup(memory(file, piece), window, &source, NULL), 0);
  return capture_over(source);
}

static void frames_within_the_window_are_put_in_order(void **state) {
  (void)state;
  static const struct seen frames[] = {{1010, "b"}, {1000, "a"}, {1030, "d"}, {1020, "c"},
                                       {1030, "e"}, {1100, "g"}, {1090, "f"}};
  static const uint64_t numbers[] = {2, 1, 4, 3, 5, 7, 6};
  struct bytes file = {0};
  put_all(&file, frames, COUNT(frames));
  for (size_t piece = 0; piece < 40; piece += 13) {
    struct weft_capture *capture = sorted(&file, piece, 20);
    static const struct seen expected[] = {{1000, "a"}, {1010, "b"}, {1020, "c"}, {1030, "d"},
                                           {1030, "e"}, {1090, "f"}, {1100, "g"}};
    for (size_t i = 0; i < COUNT(expected); i++) {
      struct weft_frame frame = expect_frame(capture, at_time(expected[i].time), expected[i].text);
      assert_int_equal(frame.mark.frame, numbers[i]);
    }
    expect_end(capture);
  }
}

static void a_frame_later_than_the_window_comes_late(void **state) {
  (void)state;
  static const struct seen frames[] = {{1000, "a"}, {1050, "c"}, {1200, "d"}, {1010, "b"}};
  struct bytes file = {0};
  put_all(&file, frames, COUNT(frames));
  struct weft_capture *capture = sorted(&file, 0, 100);
  struct weft_frame got[8];
  char order[5] = "";
  int rc, n = 0;
  while ((rc = weft_capture_next(capture, got, 8, NULL)) > 0)
    for (int i = 0; i < rc; i++) order[n++] = (char)got[i].data[0];
  /* "b" was read together with the others, so it is still put in order; what a
     window does not promise it may do. */
  assert_string_equal(order, "abcd");
  expect_end(capture);
}

/* Far more than one batch, each frame up to 50 places from where it belongs. */
static void many_frames_are_put_in_order(void **state) {
  (void)state;
  enum { FRAMES = 5000 };
  size_t size = 24 + FRAMES * 20;
  uint8_t *bytes = malloc(size), *at = bytes + 24;
  struct bytes header = {0};
  put_pcap_header(&header, 0xa1b23c4d, 1);
  memcpy(bytes, header.at, 24);
  for (uint32_t i = 0; i < FRAMES; i++, at += 20) {
    uint32_t time = i * 10 + (i * 2654435761u >> 16) % 500;
    memcpy(at, (uint32_t[]){1, time, 4, 4, time}, 20);
  }
  struct source *source = NULL, *under = NULL;
  static const struct wishes wishes;
  assert_int_equal(source_memory("t", bytes, size, 1000, &under, NULL), 0);
  assert_int_equal(source_sort(under, 500, &wishes, &source, NULL), 0);
  struct weft_capture *capture = capture_over(source);
  struct weft_frame frames[64];
  weft_time before = 0;
  int seen = 0;
  for (int rc; (rc = weft_capture_next(capture, frames, 64, NULL)) > 0; seen += rc)
    for (int i = 0; i < rc; i++) {
      uint32_t time;
      assert_true(frames[i].mark.time >= before);
      before = frames[i].mark.time;
      memcpy(&time, frames[i].data, 4);
      assert_int_equal(before, WEFT_SECOND + time);
    }
  assert_int_equal(seen, FRAMES);
  expect_end(capture);
  free(bytes);
}

static void damage_is_told_of_after_what_was_held(void **state) {
  (void)state;
  static const struct seen frames[] = {{1010, "b"}, {1000, "a"}, {1020, "c"}};
  struct bytes file = {0};
  put_all(&file, frames, COUNT(frames));
  file.size--;
  struct weft_capture *capture = sorted(&file, 0, 50);
  expect_frame(capture, at_time(1000), "a");
  expect_frame(capture, at_time(1010), "b");
  expect_failure(capture, WEFT_E_FORMAT, 2, 24 + 2 * 17, "cut short inside frame 3");
}

static void equal_frames_within_the_window_are_left_out(void **state) {
  (void)state;
  static const struct seen frames[] = {
      {1000, "one"}, {1001, "one"}, {1005, "two"},  {1010, "one"}, /* within 10 of the second */
      {1012, "ONE"}, {1016, "two"}, {1020, "onee"}, {1031, "one"}, {1025, "one"}};
  struct bytes file = {0};
  put_all(&file, frames, COUNT(frames));
  for (size_t piece = 0; piece < 40; piece += 13) {
    struct weft_capture *capture = deduped(&file, piece, 10);
    struct weft_capture_info info = {.size = sizeof(info)};
    static const struct seen expected[] = {{1000, "one"}, {1005, "two"},  {1012, "ONE"},
                                           {1016, "two"}, {1020, "onee"}, {1031, "one"}};
    static const uint64_t numbers[] = {1, 3, 5, 6, 7, 8};
    for (size_t i = 0; i < COUNT(expected); i++) {
      struct weft_frame frame = expect_frame(capture, at_time(expected[i].time), expected[i].text);
      assert_int_equal(frame.mark.frame, numbers[i]);
    }
    struct weft_frame frame;
    assert_int_equal(weft_capture_next(capture, &frame, 1, NULL), 0);
    weft_capture_inspect(capture, &info);
    assert_int_equal(info.duplicates, 3);
    assert_int_equal(info.frames, COUNT(frames));
    expect_end(capture);
  }
}

/* Every frame twice, next to one another and 100 apart; more than are remembered
   pass by, so that old ones are forgotten and their places taken. */
static void many_duplicates_are_found(void **state) {
  (void)state;
  enum { FRAMES = 300000, SIZE = 16 + 60 };
  size_t size = 24 + (size_t)FRAMES * SIZE;
  uint8_t *bytes = calloc(1, size), *at = bytes + 24;
  struct bytes header = {0};
  put_pcap_header(&header, 0xa1b23c4d, 1);
  memcpy(bytes, header.at, 24);
  for (uint32_t i = 0; i < FRAMES; i++, at += SIZE) {
    uint32_t what = i % 200 < 100 ? i : i - 100;
    memcpy(at, (uint32_t[]){1, i, 60, 60, what}, 20);
  }
  struct source *source = NULL, *under = NULL;
  assert_int_equal(source_memory("t", bytes, size, 65536, &under, NULL), 0);
  assert_int_equal(source_dedup(under, WEFT_SECOND, &source, NULL), 0);
  struct weft_capture *capture = capture_over(source);
  struct weft_frame frames[64];
  uint32_t next = 0;
  for (int rc; (rc = weft_capture_next(capture, frames, 64, NULL)) > 0;)
    for (int i = 0; i < rc; i++) {
      uint32_t what;
      memcpy(&what, frames[i].data, 4);
      assert_int_equal(what, next);
      next += next % 200 == 99 ? 101 : 1;
    }
  assert_int_equal(next, FRAMES);
  expect_end(capture);
  free(bytes);
}

static void options_put_both_on_a_file(void **state) {
  (void)state;
  static const struct seen frames[] = {{1010, "b"}, {1000, "a"}, {1000, "a"}, {1020, "c"}};
  struct bytes file = {0};
  char path[32];
  const char *name = path;
  put_all(&file, frames, COUNT(frames));
  write_file(path, &file);
  struct weft_capture_options options = {
      .size = sizeof(options), .sort_window = 100, .dedup_window = 1};
  struct weft_capture *capture = NULL;
  assert_int_equal(weft_capture_files(&name, 1, &options, &capture, NULL), 0);
  expect_frame(capture, at_time(1000), "a");
  expect_frame(capture, at_time(1010), "b");
  expect_frame(capture, at_time(1020), "c");
  expect_end(capture);
  options.sort_window = -1;
  assert_int_equal(weft_capture_files(&name, 1, &options, &capture, NULL), WEFT_E_INVAL);
  options.size = sizeof(options) + 8;
  assert_int_equal(weft_capture_files(&name, 1, &options, &capture, NULL), WEFT_E_UNKNOWN);
  unlink(path);
}

/* ---- live ---- */

/* An interface: one frame a call, nothing where there is no text, and then silence. */
struct interface {
  struct source source;
  const struct seen *frames;
  size_t count, given;
};

#define SILENCE_NS 2000000

static int interface_next(struct source *source, struct weft_frame *ret, size_t n,
                          struct weft_error *reterr) {
  struct interface *of = (struct interface *)source;
  (void)n, (void)reterr;
  const struct seen *frame = of->given < of->count ? &of->frames[of->given++] : NULL;
  if (!frame || !frame->text) {
    nanosleep(&(struct timespec){.tv_nsec = SILENCE_NS}, NULL);
    return 0;
  }
  *ret = (struct weft_frame){.data = (const uint8_t *)frame->text,
                             .caplen = (uint32_t)strlen(frame->text),
                             .wirelen = (uint32_t)strlen(frame->text),
                             .mark = {frame->time, of->given}};
  return 1;
}

static void interface_inspect(struct source *source, struct weft_capture_info *ret) {
  (void)source, (void)ret;
}

static void interface_close(struct source *source) { (void)source; }

static const struct source_ops interface_ops = {interface_next, NULL, interface_inspect,
                                                interface_close};

/* Frames as they come, in one word; `calls` gets how many gave nothing. */
static void read_live(struct weft_capture *capture, size_t n, char *ret, int *calls) {
  *calls = 0;
  for (size_t got = 0; got < n;) {
    struct weft_frame frames[8];
    int rc = weft_capture_next(capture, frames, 8, NULL);
    assert_true(rc >= 0);
    assert_false(weft_capture_ended(capture));
    *calls += rc == 0;
    assert_true(*calls < 1000);
    for (int i = 0; i < rc; i++) ret[got++] = (char)frames[i].data[0];
  }
  ret[n] = 0;
}

#define MS(n) ((n)*INT64_C(1000000))

static void live_frames_wait_as_long_as_the_window(void **state) {
  (void)state;
  static const struct wishes wishes;
  static const struct seen frames[] = {{MS(105), "b"}, {0, NULL}, {MS(100), "a"}, {MS(110), "c"}};
  struct interface of = {{.ops = &interface_ops, .live = 1}, frames, COUNT(frames), 0};
  struct source *source = NULL;
  char order[4];
  int calls;
  assert_int_equal(source_sort(&of.source, MS(40), &wishes, &source, NULL), 0);
  struct weft_capture *capture = capture_over(source);
  read_live(capture, 3, order, &calls);
  assert_string_equal(order, "abc");
  assert_true(calls > 2); /* who waits for frames is not kept waiting */
  of.source.ended = 1;
  expect_end(capture);
}

static void live_frames_that_are_held_come_at_the_end(void **state) {
  (void)state;
  static const struct wishes wishes;
  static const struct seen frames[] = {{MS(105), "b"}, {MS(100), "a"}};
  struct interface of = {{.ops = &interface_ops, .live = 1}, frames, COUNT(frames), 0};
  struct source *source = NULL;
  char order[3];
  int calls;
  assert_int_equal(source_sort(&of.source, WEFT_SECOND * 3600, &wishes, &source, NULL), 0);
  struct weft_capture *capture = capture_over(source);
  struct weft_frame frame;
  assert_int_equal(weft_capture_next(capture, &frame, 1, NULL), 0);
  of.source.ended = 1;
  read_live(capture, 2, order, &calls);
  assert_string_equal(order, "ab");
  expect_end(capture);
}

static void live_duplicates_are_left_out(void **state) {
  (void)state;
  static const struct seen frames[] = {{MS(100), "a"}, {MS(101), "a"}, {0, NULL}, {MS(102), "b"}};
  struct interface of = {{.ops = &interface_ops, .live = 1}, frames, COUNT(frames), 0};
  struct source *source = NULL;
  char order[3];
  int calls;
  assert_int_equal(source_dedup(&of.source, MS(40), &source, NULL), 0);
  struct weft_capture *capture = capture_over(source);
  read_live(capture, 2, order, &calls);
  assert_string_equal(order, "ab");
  assert_int_equal(calls, 1);
  of.source.ended = 1;
  expect_end(capture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(live_frames_wait_as_long_as_the_window),
      cmocka_unit_test(live_frames_that_are_held_come_at_the_end),
      cmocka_unit_test(live_duplicates_are_left_out),
      cmocka_unit_test(frames_within_the_window_are_put_in_order),
      cmocka_unit_test(a_frame_later_than_the_window_comes_late),
      cmocka_unit_test(many_frames_are_put_in_order),
      cmocka_unit_test(damage_is_told_of_after_what_was_held),
      cmocka_unit_test(equal_frames_within_the_window_are_left_out),
      cmocka_unit_test(many_duplicates_are_found),
      cmocka_unit_test(options_put_both_on_a_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
