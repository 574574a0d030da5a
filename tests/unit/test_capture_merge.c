/* SPDX-License-Identifier: BSD-2-Clause */
#include "test_capture_build.h"

#define MICROSECOND 0xa1b2c3d4

/* Files that a test made. */
struct made {
  int count;
  char paths[8][32];
  const char *names[8];
};

/* A pcap file with a frame of `name` at each of these seconds, up to a 0. */
static void make(struct made *made, const char *name, const uint32_t *seconds, size_t cut) {
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  for (; *seconds; seconds++) put_pcap_frame(&file, *seconds, 0, name);
  file.size -= cut;
  write_file(made->paths[made->count], &file);
  made->names[made->count] = made->paths[made->count];
  made->count++;
}

static struct weft_capture *merge(struct made *made) {
  struct weft_capture *capture = NULL;
  struct weft_error error;
  if (weft_capture_merge(made->names, (size_t)made->count, &capture, &error) < 0)
    fail_msg("%s", error.text);
  return capture;
}

static void unmake(struct made *made) {
  for (int i = 0; i < made->count; i++) unlink(made->paths[i]);
}

static void frames_come_in_order_of_time_and_are_numbered_so(void **state) {
  (void)state;
  struct made made = {0};
  make(&made, "a", (uint32_t[]){10, 12, 15, 0}, 0);
  make(&made, "b", (uint32_t[]){9, 14, 0}, 0);
  make(&made, "c", (uint32_t[]){11, 11, 20, 0}, 0);
  struct weft_capture *capture = merge(&made);
  static const struct {
    int64_t second;
    const char *name;
  } expected[] = {{9, "b"},  {10, "a"}, {11, "c"}, {11, "c"},
                  {12, "a"}, {14, "b"}, {15, "a"}, {20, "c"}};
  for (uint64_t i = 0; i < 8; i++) {
    struct weft_frame frame =
        expect_frame(capture, expected[i].second * WEFT_SECOND, expected[i].name);
    assert_int_equal(frame.mark.frame, i + 1);
    assert_int_equal(frame.interface_id >> 16, expected[i].name[0] - 'a');
  }
  expect_end(capture);
  unmake(&made);
}

static void equal_times_go_by_which_file_was_named_first(void **state) {
  (void)state;
  struct made made = {0};
  make(&made, "a", (uint32_t[]){5, 5, 6, 0}, 0);
  make(&made, "b", (uint32_t[]){5, 6, 0}, 0);
  make(&made, "c", (uint32_t[]){5, 0}, 0);
  struct weft_capture *capture = merge(&made);
  static const char *const expected[] = {"a", "a", "b", "c", "a", "b"};
  for (int i = 0; i < 6; i++) expect_frame(capture, (i < 4 ? 5 : 6) * WEFT_SECOND, expected[i]);
  expect_end(capture);
  unmake(&made);
}

static void a_damaged_file_is_used_and_told_of_at_the_end(void **state) {
  (void)state;
  struct made made = {0};
  make(&made, "aaa", (uint32_t[]){1, 2, 0}, 2);
  make(&made, "b", (uint32_t[]){3, 0}, 0);
  struct weft_capture *capture = merge(&made);
  expect_frame(capture, 1 * WEFT_SECOND, "aaa");
  expect_frame(capture, 3 * WEFT_SECOND, "b");
  expect_failure(capture, WEFT_E_FORMAT, 1, 24 + 16 + 3, made.paths[0]);
  unmake(&made);
}

static void a_file_that_is_missing_is_told_of_at_once(void **state) {
  (void)state;
  struct made made = {0};
  struct weft_capture *capture = NULL;
  struct weft_error error;
  make(&made, "a", (uint32_t[]){1, 0}, 0);
  made.names[1] = "/nonexistent";
  assert_int_equal(weft_capture_merge(made.names, 2, &capture, &error), WEFT_E_IO);
  assert_non_null(strstr(error.text, "/nonexistent"));
  assert_null(capture);
  assert_int_equal(weft_capture_merge(made.names, 0, &capture, &error), WEFT_E_INVAL);
  unmake(&made);
}

/* Far more frames than are read ahead at once, one file of them through a
   pipe, so that its bytes move; every frame's bytes must be right when given. */
static void pipes_and_files_mix(void **state) {
  (void)state;
  struct made made = {0};
  struct bytes piped = {0};
  uint32_t even[201] = {0};
  int ends[2];
  char path[32];
  put_pcap_header(&piped, MICROSECOND, 1);
  for (uint32_t i = 0; i < 200; i++) {
    char text[8];
    even[i] = 2 * i + 2;
    snprintf(text, sizeof(text), "p%u", 2 * i + 1);
    put_pcap_frame(&piped, 2 * i + 1, 0, text);
  }
  make(&made, "file", even, 0);
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], piped.at, piped.size), (ssize_t)piped.size);
  close(ends[1]);
  snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
  made.names[made.count++] = path;
  struct weft_capture *capture = merge(&made);
  struct weft_frame frames[50];
  uint64_t number = 0;
  int rc;
  while ((rc = weft_capture_next(capture, frames, 50, NULL)) > 0)
    for (int i = 0; i < rc; i++) {
      char text[8];
      number++;
      snprintf(text, sizeof(text), number % 2 ? "p%u" : "file", (unsigned)number);
      assert_int_equal(frames[i].mark.frame, number);
      assert_int_equal(frames[i].mark.time, (int64_t)number * WEFT_SECOND);
      assert_int_equal(frames[i].caplen, strlen(text));
      assert_memory_equal(frames[i].data, text, frames[i].caplen);
    }
  assert_int_equal(number, 400);
  expect_end(capture);
  close(ends[0]);
  made.count--;
  unmake(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(frames_come_in_order_of_time_and_are_numbered_so),
      cmocka_unit_test(equal_times_go_by_which_file_was_named_first),
      cmocka_unit_test(a_damaged_file_is_used_and_told_of_at_the_end),
      cmocka_unit_test(a_file_that_is_missing_is_told_of_at_once),
      cmocka_unit_test(pipes_and_files_mix),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
