/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that grow while they are read. */
#include <fcntl.h>
#include <pthread.h>

#include "test_capture_build.h"

#define MICROSECOND 0xa1b2c3d4

static struct {
  int count;
  char text[512];
} warned;

static void note(const struct weft_error *warning, void *user) {
  (void)user;
  warned.count++;
  strcpy(warned.text, warning->text);
}

static struct weft_capture *follow(const char *path) {
  struct weft_capture_options options = {.size = sizeof(options), .follow = 1, .on_warning = note};
  struct weft_capture *capture = NULL;
  struct weft_error error;
  warned.count = 0;
  if (weft_capture_files(&path, 1, &options, &capture, &error) < 0) fail_msg("%s", error.text);
  return capture;
}

static void append(const char *path, const uint8_t *bytes, size_t n) {
  int fd = open(path, O_WRONLY | O_APPEND);
  assert_int_equal(write(fd, bytes, n), (ssize_t)n);
  close(fd);
}

static void append_frame(const char *path, uint32_t seconds, const char *text) {
  struct bytes frame = {0};
  put_pcap_frame(&frame, seconds, 0, text);
  append(path, frame.at, frame.size);
}

/* What happens to the file while it is waited at. */
struct plan {
  char path[32];
  struct weft_capture *capture;
  enum { GROW, STOP, REMOVE, REPLACE, TRUNCATE } what;
};

static void *carry_out(void *user) {
  struct plan *plan = user;
  char other[40];
  struct bytes frame = {0};
  usleep(30000);
  put_pcap_frame(&frame, 2, 0, "two");
  append(plan->path, frame.at, 10);
  usleep(150000);
  append(plan->path, frame.at + 10, frame.size - 10);
  usleep(150000);
  if (plan->what == STOP) weft_capture_stop(plan->capture);
  if (plan->what == REMOVE) unlink(plan->path);
  if (plan->what == TRUNCATE) assert_int_equal(truncate(plan->path, 24), 0);
  if (plan->what == REPLACE) {
    snprintf(other, sizeof(other), "%s.new", plan->path);
    close(open(other, O_CREAT | O_WRONLY, 0600));
    append_frame(plan->path, 3, "three"); /* the last that this file gets */
    assert_int_equal(rename(other, plan->path), 0);
  }
  return NULL;
}

static void make(struct plan *plan) {
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  put_pcap_frame(&file, 1, 0, "one");
  write_file(plan->path, &file);
  plan->capture = follow(plan->path);
}

static void the_end_is_waited_at_until(int what, const char *words) {
  struct plan plan = {.what = what};
  pthread_t thread;
  make(&plan);
  expect_frame(plan.capture, 1 * WEFT_SECOND, "one");
  assert_int_equal(pthread_create(&thread, NULL, carry_out, &plan), 0);
  expect_frame(plan.capture, 2 * WEFT_SECOND, "two");
  if (what == REPLACE) expect_frame(plan.capture, 3 * WEFT_SECOND, "three");
  struct weft_frame frame;
  assert_int_equal(weft_capture_next(plan.capture, &frame, 1, NULL), 0);
  pthread_join(thread, NULL);
  expect_end(plan.capture);
  assert_int_equal(warned.count, words != NULL);
  if (words && !strstr(warned.text, words)) fail_msg("%s", warned.text);
  unlink(plan.path);
}

static void a_stop_ends_it(void **state) {
  (void)state;
  the_end_is_waited_at_until(STOP, NULL);
}

static void removal_ends_it(void **state) {
  (void)state;
  the_end_is_waited_at_until(REMOVE, "was removed or renamed: it is followed no further");
}

static void another_file_of_its_name_ends_it(void **state) {
  (void)state;
  the_end_is_waited_at_until(REPLACE, "was replaced by another");
}

static void truncation_ends_it(void **state) {
  (void)state;
  the_end_is_waited_at_until(TRUNCATE, "was truncated");
}

/* The writer's last words, written just before both are interrupted. */
static void what_is_there_at_the_stop_is_read(void **state) {
  (void)state;
  struct plan plan = {0};
  make(&plan);
  expect_frame(plan.capture, 1 * WEFT_SECOND, "one");
  struct weft_capture_info info = {.size = sizeof(info)};
  weft_capture_inspect(plan.capture, &info);
  assert_int_equal(info.total, 0);
  pthread_t thread;
  plan.what = STOP;
  assert_int_equal(pthread_create(&thread, NULL, carry_out, &plan), 0);
  expect_frame(plan.capture, 2 * WEFT_SECOND, "two");
  pthread_join(thread, NULL); /* stopped by now, before anybody waits */
  struct weft_frame frame;
  assert_int_equal(weft_capture_next(plan.capture, &frame, 1, NULL), 0);
  expect_end(plan.capture);
  unlink(plan.path);
}

/* A section header, then nothing for a while: not even the format is known. */
static void pcapng_may_begin_slowly(void **state) {
  (void)state;
  struct bytes file = {0}, more = {0};
  char path[32];
  put_section(&file);
  write_file(path, &file);
  struct weft_capture *capture = follow(path);
  put_interface(&more, 1, 0, -1, 0);
  put_enhanced(&more, 0, 1000000, "one");
  append(path, more.at, more.size);
  expect_frame(capture, WEFT_SECOND, "one");
  weft_capture_close(capture);
  unlink(path);
}

static void only_one_file_is_followed(void **state) {
  (void)state;
  const char *names[] = {"one", "two"};
  struct weft_capture_options options = {.size = sizeof(options), .follow = 1};
  struct weft_capture *capture = NULL;
  struct weft_error error;
  assert_int_equal(weft_capture_files(names, 2, &options, &capture, &error), WEFT_E_INVAL);
  assert_non_null(strstr(error.text, "only one file can be followed"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_stop_ends_it),
      cmocka_unit_test(removal_ends_it),
      cmocka_unit_test(another_file_of_its_name_ends_it),
      cmocka_unit_test(truncation_ends_it),
      cmocka_unit_test(what_is_there_at_the_stop_is_read),
      cmocka_unit_test(pcapng_may_begin_slowly),
      cmocka_unit_test(only_one_file_is_followed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
