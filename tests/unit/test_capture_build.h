/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_TEST_CAPTURE_BUILD_H
#define WEFT_TEST_CAPTURE_BUILD_H

/* Capture files, put together field by field in either byte order. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/source.h"

enum order { LITTLE, BIG };

struct bytes {
  enum order order;
  size_t size;
  uint8_t at[8192];
};

static inline void put(struct bytes *bytes, int width, uint64_t value) {
  assert_true(bytes->size + (size_t)width <= sizeof(bytes->at));
  for (int i = 0; i < width; i++)
    bytes->at[bytes->size++] = (uint8_t)(value >> 8 * (bytes->order == BIG ? width - 1 - i : i));
}

static inline void put_text(struct bytes *bytes, const char *text) {
  for (; *text; text++) put(bytes, 1, (uint8_t)*text);
}

static inline void put_pcap_header(struct bytes *bytes, uint32_t magic, uint32_t network) {
  put(bytes, 4, magic);
  put(bytes, 2, 2);
  put(bytes, 2, 4);
  put(bytes, 8, 0);
  put(bytes, 4, 64); /* less than some frames have: to be tolerated */
  put(bytes, 4, network);
}

static inline void put_pcap_frame(struct bytes *bytes, uint32_t seconds, uint32_t fraction,
                                  const char *text) {
  put(bytes, 4, seconds);
  put(bytes, 4, fraction);
  put(bytes, 4, strlen(text));
  put(bytes, 4, strlen(text) + 1000);
  put_text(bytes, text);
}

/* Begins a pcapng block; `block_end` writes its length in both places. */
static inline size_t block_begin(struct bytes *bytes, uint32_t type) {
  size_t begin = bytes->size;
  put(bytes, 4, type);
  put(bytes, 4, 0);
  return begin;
}

static inline void block_end(struct bytes *bytes, size_t begin) {
  while (bytes->size % 4 != begin % 4) put(bytes, 1, 0);
  size_t end = bytes->size + 4;
  put(bytes, 4, end - begin);
  bytes->size = begin + 4;
  put(bytes, 4, end - begin);
  bytes->size = end;
}

static inline void put_section(struct bytes *bytes) {
  size_t block = block_begin(bytes, 0x0a0d0d0a);
  put(bytes, 4, 0x1a2b3c4d);
  put(bytes, 2, 1);
  put(bytes, 2, 0);
  put(bytes, 8, UINT64_MAX);
  block_end(bytes, block);
}

/* `resolution` < 0 and `offset` 0: without the option. */
static inline void put_interface(struct bytes *bytes, uint16_t linktype, uint32_t snaplen,
                                 int resolution, int64_t offset) {
  size_t block = block_begin(bytes, 1);
  put(bytes, 2, linktype);
  put(bytes, 2, 0);
  put(bytes, 4, snaplen);
  if (resolution >= 0) {
    put(bytes, 2, 9);
    put(bytes, 2, 1);
    put(bytes, 1, (uint64_t)resolution);
    bytes->size += 3;
  }
  if (offset) {
    put(bytes, 2, 14);
    put(bytes, 2, 8);
    put(bytes, 8, (uint64_t)offset);
  }
  block_end(bytes, block);
}

static inline void put_enhanced(struct bytes *bytes, uint32_t interface_id, uint64_t ticks,
                                const char *text) {
  size_t block = block_begin(bytes, 6);
  put(bytes, 4, interface_id);
  put(bytes, 4, ticks >> 32);
  put(bytes, 4, ticks & 0xffffffff);
  put(bytes, 4, strlen(text));
  put(bytes, 4, strlen(text) + 1000);
  put_text(bytes, text);
  block_end(bytes, block);
}

/* A capture of these bytes, taken whole (0) or in pieces. */
static inline struct weft_capture *capture_of(const struct bytes *bytes, size_t piece) {
  struct source *source = NULL;
  struct weft_error error;
  if (source_memory("t", bytes->at, bytes->size, piece, &source, &error) < 0)
    fail_msg("%s", error.text);
  struct weft_capture *capture = capture_over(source);
  assert_non_null(capture);
  return capture;
}

/* The next frame has this text and time. */
static inline struct weft_frame expect_frame(struct weft_capture *capture, weft_time time,
                                             const char *text) {
  struct weft_frame frame = {0};
  struct weft_error error = {0};
  int rc = weft_capture_next(capture, &frame, 1, &error);
  if (rc != 1) fail_msg("no frame \"%s\": %d %s", text, rc, error.text);
  assert_int_equal(frame.caplen, strlen(text));
  assert_memory_equal(frame.data, text, frame.caplen);
  assert_int_equal(frame.mark.time, time);
  return frame;
}

static inline void expect_end(struct weft_capture *capture) {
  struct weft_frame frame;
  struct weft_error error = {0};
  int rc = weft_capture_next(capture, &frame, 1, &error);
  if (rc != 0) fail_msg("not the end: %d %s", rc, error.text);
  assert_true(weft_capture_ended(capture));
  weft_capture_close(capture);
}

/* The next call fails with `status`, after frame `frame`, at `position`, and
   the text has `words` in it; then the capture is at its end. */
static inline void expect_failure(struct weft_capture *capture, int status, uint64_t frame,
                                  uint64_t position, const char *words) {
  struct weft_frame frames[4];
  struct weft_error error = {0};
  assert_int_equal(weft_capture_next(capture, frames, 4, &error), status);
  assert_int_equal(error.status, status);
  assert_int_equal(error.frame, frame);
  assert_int_equal(error.position, position);
  if (!strstr(error.text, words)) fail_msg("\"%s\" is not in: %s", words, error.text);
  expect_end(capture);
}

/* A file of these bytes, for the caller to unlink. */
static inline void write_file(char path[32], const struct bytes *bytes) {
  strcpy(path, "test_capture_XXXXXX");
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, bytes->at, bytes->size), (ssize_t)bytes->size);
  close(fd);
}

#endif
