/* SPDX-License-Identifier: BSD-2-Clause */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int terminal_columns(const struct args *a) {
  struct winsize size;
  if (strcmp(a->output, "-") != 0 || !isatty(STDOUT_FILENO)) return 0;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

int terminal_colour(const struct args *a) {
  const char *off = getenv("NO_COLOR"), *term = getenv("TERM");
  if (terminal_columns(a) == 0 || (off != NULL && off[0] != '\0')) return 0;
  return term == NULL || strcmp(term, "dumb") != 0;
}
