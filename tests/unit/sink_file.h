/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_SINK_FILE_H
#define TEST_SINK_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A temporary file for sinks to write to: made and removed by a group's setup
   and teardown. */
static char path[] = "/tmp/test-sink-XXXXXX";
static char text[1 << 20];

static int make_file(void **state) {
  (void)state;
  int fd = mkstemp(path);
  return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state) {
  (void)state;
  return unlink(path);
}

/* What is in it, in `text`. */
static const char *written(void) {
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  size_t n = fread(text, 1, sizeof text - 1, f);
  fclose(f);
  text[n] = '\0';
  return text;
}

#endif
