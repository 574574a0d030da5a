/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H

#include <weft/stream.h>

#include "output.h"

/*
 * What `weft follow` does with a stream's events: one table for each way to
 * show them.  Functions return 0, or what stops the run; any may be NULL.
 */
struct follow;

struct follow_mode {
  int (*begin)(struct follow *); /* before the first frame; enum exit_status */
  int (*open)(struct follow *, const struct weft_conn *);
  int (*data)(struct follow *, const struct weft_conn *, enum weft_dir, const struct weft_data *);
  int (*gap)(struct follow *, const struct weft_conn *, enum weft_dir, const struct weft_gap *);
  int (*end)(struct follow *, const struct weft_conn *, enum weft_dir, const struct weft_end *);
  void (*close)(struct follow *, const struct weft_conn *);
  void (*done)(struct follow *);
};

extern const struct follow_mode follow_text, follow_raw, follow_hex, follow_records, follow_files;

struct follow {
  const struct args *args;
  const struct follow_mode *mode;
  struct output output;
  uint64_t conns;  /* seen so far */
  int found, over; /* of the one connection asked for */
  /* text: where the last line was left */
  int colour, speaker, line_open;
  /* files */
  struct follow_cache *cache;
  int failed;
};

#endif
