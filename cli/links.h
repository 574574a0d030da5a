/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_LINKS_H
#define CLI_LINKS_H

#include <weft/frame.h>

/* Frames of link types that are not read, by number.  Zero is a good beginning. */
enum { LINKS_MAX = 32 };

struct link {
  uint16_t linktype;
  uint8_t is_read;
  uint64_t frames; /* 0 where it is read */
};

struct links {
  struct link link[LINKS_MAX]; /* in the order met */
  unsigned count;
  uint64_t others; /* frames of those that had no room, read or not */
};

void links_count(struct links *, const struct weft_frame *, size_t nframes);

#endif
