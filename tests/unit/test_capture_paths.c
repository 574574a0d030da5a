/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories, patterns and rotated files. */
#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "test_capture_build.h"

#define MICROSECOND 0xa1b2c3d4

/* A directory of files, for the test to fill. */
struct folder {
  char path[32];
  char name[320]; /* of the last file asked for */
};

static void folder_make(struct folder *folder) {
  strcpy(folder->path, "test_paths_XXXXXX");
  assert_non_null(mkdtemp(folder->path));
}

static const char *folder_file(struct folder *folder, const char *name) {
  snprintf(folder->name, sizeof(folder->name), "%s/%s", folder->path, name);
  return folder->name;
}

static void folder_put(struct folder *folder, const char *name, const struct bytes *bytes) {
  FILE *file = fopen(folder_file(folder, name), "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes->at, 1, bytes->size, file), bytes->size);
  fclose(file);
}

/* A pcap file with a frame of `text` at each second from `begin` to before `end`. */
static void folder_put_seconds(struct folder *folder, const char *name, uint32_t begin,
                               uint32_t end, const char *text) {
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  for (; begin < end; begin++) put_pcap_frame(&file, begin, 0, text);
  folder_put(folder, name, &file);
}

static void folder_remove(struct folder *folder) {
  DIR *stream = opendir(folder->path);
  for (struct dirent *entry; (entry = readdir(stream));) {
    folder_file(folder, entry->d_name);
    if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
      if (unlink(folder->name) != 0) rmdir(folder->name);
  }
  closedir(stream);
  rmdir(folder->path);
}

struct warnings {
  int count;
  char text[4096];
};

static void note(const struct weft_error *warning, void *user) {
  struct warnings *warnings = user;
  warnings->count++;
  snprintf(warnings->text + strlen(warnings->text), sizeof(warnings->text) - strlen(warnings->text),
           "%s\n", warning->text);
}

static struct weft_capture *files(const char *name, struct warnings *warnings) {
  struct weft_capture_options options = {
      .size = sizeof(options), .on_warning = note, .user = warnings};
  struct weft_capture *capture = NULL;
  struct weft_error error;
  if (weft_capture_files(&name, 1, &options, &capture, &error) < 0) fail_msg("%s", error.text);
  return capture;
}

static void expect_refused(const char *name, int status, const char *words) {
  struct weft_capture *capture = NULL;
  struct weft_error error = {0};
  assert_int_equal(weft_capture_open(name, &capture, &error), status);
  if (!strstr(error.text, words)) fail_msg("\"%s\" is not in: %s", words, error.text);
  assert_null(capture);
}

static void a_directory_is_its_files_in_order_of_time(void **state) {
  (void)state;
  struct folder folder;
  struct warnings warnings = {0};
  struct bytes text = {0}, none = {0};
  folder_make(&folder);
  folder_put_seconds(&folder, "b", 1, 3, "first");
  folder_put_seconds(&folder, "a", 3, 5, "second");
  folder_put_seconds(&folder, "c", 9, 9, "empty, which is fine");
  folder_put_seconds(&folder, ".hidden", 0, 9, "not looked at");
  put_text(&text, "read me");
  folder_put(&folder, "README", &text);
  folder_put(&folder, "unwritten.pcap", &none);
  mkdir(folder_file(&folder, "deeper"), 0700);
  struct weft_capture *capture = files(folder.path, &warnings);
  for (int64_t i = 1; i < 5; i++) {
    struct weft_frame frame = expect_frame(capture, i * WEFT_SECOND, i < 3 ? "first" : "second");
    assert_int_equal(frame.mark.frame, i);
  }
  expect_end(capture);
  assert_int_equal(warnings.count, 2);
  assert_non_null(strstr(warnings.text, "README: is not a capture file"));
  assert_non_null(strstr(warnings.text, "unwritten.pcap: is empty"));
  folder_remove(&folder);
}

static void a_pattern_is_the_files_that_match(void **state) {
  (void)state;
  struct folder folder;
  struct warnings warnings = {0};
  char pattern[64];
  folder_make(&folder);
  folder_put_seconds(&folder, "cap_1", 5, 7, "one");
  folder_put_seconds(&folder, "cap_2", 1, 2, "two");
  folder_put_seconds(&folder, "other", 0, 9, "other");
  snprintf(pattern, sizeof(pattern), "%s/cap_*", folder.path);
  struct weft_capture *capture = files(pattern, &warnings);
  expect_frame(capture, 1 * WEFT_SECOND, "two");
  expect_frame(capture, 5 * WEFT_SECOND, "one");
  expect_frame(capture, 6 * WEFT_SECOND, "one");
  expect_end(capture);
  assert_int_equal(warnings.count, 0);
  /* A file whose name looks like a pattern is that file. */
  folder_put_seconds(&folder, "cap_*", 8, 9, "star");
  capture = files(pattern, &warnings);
  expect_frame(capture, 8 * WEFT_SECOND, "star");
  expect_end(capture);
  folder_remove(&folder);
}

static void names_of_nothing_are_explained(void **state) {
  (void)state;
  struct folder folder;
  char pattern[64];
  struct bytes text = {0};
  folder_make(&folder);
  expect_refused(folder.path, WEFT_E_FORMAT, "there is no file in this directory");
  snprintf(pattern, sizeof(pattern), "%s/*", folder.path);
  expect_refused(pattern, WEFT_E_FORMAT, "there is no file that matches");
  put_text(&text, "neither of them");
  folder_put(&folder, "one", &text);
  expect_refused(folder.path, WEFT_E_FORMAT, "is not a capture file");
  folder_put(&folder, "two", &text);
  expect_refused(folder.path, WEFT_E_FORMAT, "none of them is a capture file");
  folder_remove(&folder);
}

/* Frames next to one another in time come from next to one another in the list. */
static void rotated_files_are_open_one_at_a_time(void **state) {
  (void)state;
  enum { FILES = 300, EACH = 3 };
  struct folder folder;
  struct warnings warnings = {0};
  struct rlimit before, few;
  folder_make(&folder);
  for (uint32_t i = 0; i < FILES; i++) {
    char name[16], text[16];
    snprintf(name, sizeof(name), "cap%04u", (i * 7) % FILES); /* names do not tell the order */
    snprintf(text, sizeof(text), "file %u", i);
    folder_put_seconds(&folder, name, 1000 + i * EACH, 1000 + i * EACH + EACH, text);
  }
  getrlimit(RLIMIT_NOFILE, &before);
  few = (struct rlimit){20, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &few);
  struct weft_capture *capture = files(folder.path, &warnings);
  struct weft_capture_info info = {.size = sizeof(info)};
  weft_capture_inspect(capture, &info);
  uint64_t total = info.total;
  assert_int_equal(total, FILES * 24 + FILES * EACH * (16 + 5) + (10 + 90 * 2 + 200 * 3) * EACH);
  assert_int_equal(info.position, 0);
  struct weft_frame frames[64];
  uint64_t seen = 0;
  for (int rc; (rc = weft_capture_next(capture, frames, 64, NULL)) > 0;)
    for (int i = 0; i < rc; i++, seen++) {
      char text[16];
      snprintf(text, sizeof(text), "file %u", (unsigned)(seen / EACH));
      assert_int_equal(frames[i].mark.time, (int64_t)(1000 + seen) * WEFT_SECOND);
      assert_int_equal(frames[i].mark.frame, seen + 1);
      assert_memory_equal(frames[i].data, text, strlen(text));
    }
  assert_int_equal(seen, FILES * EACH);
  weft_capture_inspect(capture, &info);
  assert_int_equal(info.position, total);
  assert_int_equal(info.total, total);
  expect_end(capture);
  setrlimit(RLIMIT_NOFILE, &before);
  folder_remove(&folder);
}

/* Unlike the above all are open at once, with smaller buffers. */
static void many_files_of_the_same_time_are_merged(void **state) {
  (void)state;
  enum { FILES = 200, EACH = 150 };
  struct folder folder;
  struct warnings warnings = {0};
  folder_make(&folder);
  for (uint32_t i = 0; i < FILES; i++) {
    struct bytes file = {0};
    char name[16];
    snprintf(name, sizeof(name), "cap%04u", i);
    put_pcap_header(&file, MICROSECOND, 1);
    for (uint32_t k = 0; k < EACH; k++) put_pcap_frame(&file, 1000 + k, i, name);
    folder_put(&folder, name, &file);
  }
  struct weft_capture *capture = files(folder.path, &warnings);
  struct weft_frame frames[64];
  uint64_t seen = 0;
  for (int rc; (rc = weft_capture_next(capture, frames, 64, NULL)) > 0;)
    for (int i = 0; i < rc; i++, seen++) {
      char name[16];
      snprintf(name, sizeof(name), "cap%04u", (unsigned)(seen % FILES));
      assert_memory_equal(frames[i].data, name, 7);
      assert_int_equal(frames[i].mark.time, (int64_t)(1000 + seen / FILES) * WEFT_SECOND +
                                                (int64_t)(seen % FILES) * 1000);
      assert_int_equal(frames[i].interface_id >> 16, seen % FILES);
    }
  assert_int_equal(seen, FILES * EACH);
  expect_end(capture);
  folder_remove(&folder);
}

static void a_file_that_is_gone_when_it_is_due_is_told_of(void **state) {
  (void)state;
  struct folder folder;
  struct warnings warnings = {0};
  folder_make(&folder);
  folder_put_seconds(&folder, "a", 1, 3, "a");
  folder_put_seconds(&folder, "b", 3, 5, "b");
  folder_put_seconds(&folder, "c", 5, 6, "c");
  struct weft_capture *capture = files(folder.path, &warnings);
  unlink(folder_file(&folder, "b"));
  expect_frame(capture, 1 * WEFT_SECOND, "a");
  expect_frame(capture, 2 * WEFT_SECOND, "a");
  expect_frame(capture, 5 * WEFT_SECOND, "c");
  struct weft_frame frame;
  struct weft_error error = {0};
  assert_int_equal(weft_capture_next(capture, &frame, 1, &error), WEFT_E_IO);
  assert_non_null(strstr(error.text, "/b: cannot be opened"));
  expect_end(capture);
  folder_remove(&folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_directory_is_its_files_in_order_of_time),
      cmocka_unit_test(a_pattern_is_the_files_that_match),
      cmocka_unit_test(names_of_nothing_are_explained),
      cmocka_unit_test(rotated_files_are_open_one_at_a_time),
      cmocka_unit_test(many_files_of_the_same_time_are_merged),
      cmocka_unit_test(a_file_that_is_gone_when_it_is_due_is_told_of),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
