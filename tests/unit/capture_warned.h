/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_CAPTURE_WARNED_H
#define TEST_CAPTURE_WARNED_H

#include "test_capture_build.h"

/* Warnings heard since file_of. */
static struct {
  char words[64]; /* that one of them is to have */
  int count, found;
  struct weft_error last;
} warned;

static inline void note(const struct weft_error *warning, void *user) {
  (void)user;
  warned.count++;
  warned.found += strstr(warning->text, warned.words) != NULL;
  warned.last = *warning;
}

/* As a file, through the thread that unpacks ahead: so warnings are heard. */
static inline struct weft_capture *file_of(const struct bytes *bytes) {
  struct weft_capture_options options = {.size = sizeof(options), .on_warning = note};
  struct weft_capture *capture = NULL;
  struct weft_error error;
  char path[32];
  const char *name = path;
  warned.count = warned.found = 0;
  write_file(path, bytes);
  if (weft_capture_files(&name, 1, &options, &capture, &error) < 0) fail_msg("%s", error.text);
  unlink(path);
  return capture;
}

#endif
