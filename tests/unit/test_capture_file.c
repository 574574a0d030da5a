/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening, and what the system does to files: pipes, blocks, truncation. */
#include <pthread.h>
#include <sys/stat.h>

#include "test_capture_build.h"

#define MICROSECOND 0xa1b2c3d4

static void expect_refused(const char *path, int status, const char *words) {
  struct weft_capture *capture = NULL;
  struct weft_error error = {0};
  assert_int_equal(weft_capture_open(path, &capture, &error), status);
  assert_null(capture);
  assert_int_equal(error.status, status);
  if (!strstr(error.text, words)) fail_msg("\"%s\" is not in: %s", words, error.text);
  if (!strstr(error.text, path)) fail_msg("\"%s\" is not in: %s", path, error.text);
  assert_int_equal(weft_capture_open(path, &capture, NULL), status);
}

static void expect_refused_content(const char *content, size_t size, int status,
                                   const char *words) {
  char path[32];
  struct bytes file = {0};
  memcpy(file.at, content, size);
  file.size = size;
  write_file(path, &file);
  expect_refused(path, status, words);
  unlink(path);
}

static void what_cannot_be_opened_is_explained(void **state) {
  (void)state;
  expect_refused("/nonexistent/file.pcap", WEFT_E_IO, "No such file or directory");
  expect_refused("/dev/fd/nosuch*", WEFT_E_FORMAT, "no file that matches");
  expect_refused("/dev/null", WEFT_E_FORMAT, "is empty");
}

static void what_is_no_capture_is_explained(void **state) {
  (void)state;
  expect_refused_content("", 0, WEFT_E_FORMAT, "is empty");
  expect_refused_content("GET / HTTP/1.1", 14, WEFT_E_FORMAT, "begins with \"GET / HT\"");
  expect_refused_content("\x7f"
                         "ELF\2\1\1\0",
                         8, WEFT_E_FORMAT, "begins with 7f 45 4c 46");
  expect_refused_content("\xd4\xc3\xb2\xa1\2\0\4\0", 8, WEFT_E_FORMAT, "begins as pcap but is cut");
}

static void put_two_frames(struct bytes *file) {
  put_pcap_header(file, MICROSECOND, 1);
  put_pcap_frame(file, 1, 0, "one");
  put_pcap_frame(file, 2, 0, "two");
}

static void a_file_is_read_and_told_of(void **state) {
  (void)state;
  char path[32];
  struct bytes file = {0};
  struct weft_capture *capture;
  struct weft_capture_info info;
  struct weft_frame frames[8];
  put_two_frames(&file);
  write_file(path, &file);
  assert_int_equal(weft_capture_open(path, &capture, NULL), 0);
  assert_int_equal(weft_capture_next(capture, frames, 8, NULL), 2);
  assert_int_equal(frames[0].flags, 0);
  weft_capture_inspect(capture, &info);
  assert_int_equal(info.frames, 2);
  assert_int_equal(info.position, file.size);
  assert_int_equal(info.total, file.size);
  assert_false(info.live || info.has_drops);
  assert_memory_equal(frames[0].data, "one", 3);
  expect_end(capture);
  unlink(path);
}

static void a_pipe_gives_what_it_has_without_waiting_for_more(void **state) {
  (void)state;
  int ends[2];
  char path[32];
  struct bytes file = {0};
  struct weft_capture *capture;
  struct weft_frame frames[8];
  put_two_frames(&file);
  assert_int_equal(pipe(ends), 0);
  snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
  /* All but the last byte: the first frame is there, the second is not. */
  assert_int_equal(write(ends[1], file.at, file.size - 1), (ssize_t)file.size - 1);
  assert_int_equal(weft_capture_open(path, &capture, NULL), 0);
  assert_int_equal(weft_capture_next(capture, frames, 8, NULL), 1);
  assert_int_equal(frames[0].flags, 0);
  assert_memory_equal(frames[0].data, "one", 3);
  assert_int_equal(write(ends[1], file.at + file.size - 1, 1), 1);
  close(ends[1]);
  expect_frame(capture, 2 * WEFT_SECOND, "two");
  expect_end(capture);
  close(ends[0]);
}

static void *stop_soon(void *capture) {
  usleep(20000);
  weft_capture_stop(capture);
  return NULL;
}

static void a_quiet_pipe_can_be_stopped(void **state) {
  (void)state;
  int ends[2];
  char path[32];
  struct bytes file = {0};
  struct weft_capture *capture;
  pthread_t thread;
  put_two_frames(&file);
  assert_int_equal(pipe(ends), 0);
  snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
  assert_int_equal(write(ends[1], file.at, file.size - 1), (ssize_t)file.size - 1);
  assert_int_equal(weft_capture_open(path, &capture, NULL), 0);
  expect_frame(capture, WEFT_SECOND, "one");
  assert_int_equal(pthread_create(&thread, NULL, stop_soon, capture), 0);
  struct weft_frame frame;
  assert_int_equal(weft_capture_next(capture, &frame, 1, NULL), 0);
  pthread_join(thread, NULL);
  expect_end(capture);
  close(ends[0]);
  close(ends[1]);
}

/* Longer than what is read at once. */
static void make_long_file(char path[32], size_t frames) {
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  write_file(path, &file);
  FILE *out = fopen(path, "ab");
  for (size_t i = 0; i < frames; i++) {
    struct bytes frame = {0};
    put_pcap_frame(&frame, (uint32_t)i + 1, 0, "0123456789abcdef");
    assert_int_equal(fwrite(frame.at, 1, frame.size, out), frame.size);
  }
  fclose(out);
}

/* Each frame is 32 bytes.  The file loses its end while it is read. */
static void a_file_that_shrinks_ends_there(void **state) {
  (void)state;
  static const off_t sizes[] = {(2 << 20) + 8, 24 + 32 * 65536};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    char path[32];
    struct weft_capture *capture;
    struct weft_frame frames[16];
    struct weft_error error = {0};
    uint64_t count = 0;
    int rc;
    make_long_file(path, 100000);
    assert_int_equal(weft_capture_open(path, &capture, &error), 0);
    assert_int_equal(truncate(path, sizes[i]), 0);
    while ((rc = weft_capture_next(capture, frames, 16, &error)) > 0)
      for (int k = 0; k < rc; k++) {
        assert_memory_equal(frames[k].data, "0123456789abcdef", 16);
        assert_int_equal(frames[k].mark.frame, ++count);
      }
    assert_int_equal(count, (sizes[i] - 24) / 32);
    if ((sizes[i] - 24) % 32)
      assert_int_equal(rc, WEFT_E_FORMAT);
    else
      assert_int_equal(rc, 0);
    expect_end(capture);
    unlink(path);
  }
}

/* Frames of all sizes over the places where one block ends and the next begins. */
static void frames_survive_the_ends_of_blocks(void **state) {
  (void)state;
  char path[32];
  struct bytes header = {0};
  static uint8_t frame[16 + 200000];
  put_pcap_header(&header, MICROSECOND, 1);
  write_file(path, &header);
  FILE *out = fopen(path, "ab");
  for (uint32_t i = 0; i < 300; i++) {
    struct bytes record = {0};
    uint32_t size = i * 7919 % 200000;
    put(&record, 4, i + 1);
    put(&record, 4, 0);
    put(&record, 4, size);
    put(&record, 4, size);
    memcpy(frame, record.at, 16);
    memset(frame + 16, (int)i & 0xff, size);
    assert_int_equal(fwrite(frame, 1, 16 + size, out), 16 + size);
  }
  fclose(out);
  struct weft_capture *capture;
  struct weft_frame frames[64];
  assert_int_equal(weft_capture_open(path, &capture, NULL), 0);
  uint32_t seen = 0;
  for (int rc; (rc = weft_capture_next(capture, frames, 64, NULL)) > 0;)
    for (int k = 0; k < rc; k++, seen++) {
      assert_int_equal(frames[k].caplen, seen * 7919 % 200000);
      for (uint32_t at = 0; at < frames[k].caplen; at++)
        if (frames[k].data[at] != (seen & 0xff)) fail_msg("frame %u, byte %u", seen, at);
    }
  assert_int_equal(seen, 300);
  expect_end(capture);
  unlink(path);
}

static void snoop_is_read(void **state) {
  (void)state;
  struct bytes file = {.order = BIG};
  struct weft_capture_info info;
  put_text(&file, "snoop");
  put(&file, 3, 0);
  put(&file, 4, 2);
  put(&file, 4, 4);
  for (uint32_t i = 1; i <= 2; i++) {
    put(&file, 4, 1500);
    put(&file, 4, 3);
    put(&file, 4, 24 + 4);
    put(&file, 4, i * 10); /* drops so far */
    put(&file, 4, i);
    put(&file, 4, 5);
    put_text(&file, "abc");
    put(&file, 1, 0);
  }
  struct weft_capture *capture = capture_of(&file, 0);
  struct weft_frame frame = expect_frame(capture, WEFT_SECOND + 5000, "abc");
  assert_int_equal(frame.linktype, 1);
  assert_int_equal(frame.wirelen, 1500);
  expect_frame(capture, 2 * WEFT_SECOND + 5000, "abc");
  weft_capture_inspect(capture, &info);
  assert_int_equal(info.interface_dropped, 20);
  expect_end(capture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_cannot_be_opened_is_explained),
      cmocka_unit_test(what_is_no_capture_is_explained),
      cmocka_unit_test(a_file_is_read_and_told_of),
      cmocka_unit_test(a_pipe_gives_what_it_has_without_waiting_for_more),
      cmocka_unit_test(a_quiet_pipe_can_be_stopped),
      cmocka_unit_test(a_file_that_shrinks_ends_there),
      cmocka_unit_test(frames_survive_the_ends_of_blocks),
      cmocka_unit_test(snoop_is_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
