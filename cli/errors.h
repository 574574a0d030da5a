/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_ERRORS_H
#define CLI_ERRORS_H

#include <stddef.h>

#include <weft/capture.h>

/* What the process ends with; weft(1) EXIT STATUS. */
enum exit_status {
  EXIT_OK = 0,
  EXIT_USAGE = 1,
  EXIT_INPUT = 2,   /* could not be read */
  EXIT_DAMAGED = 3, /* ended damaged after some frames were used */
  EXIT_OUTPUT = 4   /* could not be written */
};

/* "weft: ..." and a line end, on standard error.  A progress bar there is taken away first. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The word of `words` (NULL-terminated) that `typed` most likely meant, or NULL
   when none is near. */
const char *nearest_word(const char *typed, const char *const *words);

/* Reports how an output ended; a reader that went away (EPIPE) is no failure.
   Returns EXIT_OUTPUT or `so_far`. */
int output_status(int status, const struct weft_error *, int so_far);

#endif
