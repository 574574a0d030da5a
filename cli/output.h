/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <weft/record.h>
#include <weft/writer.h>

#include "args.h"

/* Where conns, follow and stats write: a writer, and on it records unless the
   format is text. */
struct output {
  struct weft_writer *writer;
  struct weft_record *record; /* NULL: text */
};

/* EXIT_OK, or another status after saying why. */
int output_open(struct output *, const struct args *);

/* The final word on the output: EXIT_OUTPUT, or `so_far`. */
int output_close(struct output *, int so_far);

int output_flush(struct output *);
size_t output_pending(const struct output *);
int output_failed(const struct output *);

/* One column of a line: padded to `width`, with a blank behind it. */
void output_left(struct output *, const char *text, size_t width);
void output_right(struct output *, const char *text, size_t width);
void output_number(struct output *, uint64_t, size_t width);

/* The last column, as long as it is, and the end of the line. */
void output_last(struct output *, const char *text);

#endif
