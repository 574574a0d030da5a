/* SPDX-License-Identifier: BSD-2-Clause */
#include "errors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "progress.h"

void complain(const char *format, ...) {
  va_list arguments;
  progress_clear();
  fputs("weft: ", stderr);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
}

int output_status(int status, const struct weft_error *error, int so_far) {
  if (status >= 0 || error->os_error == EPIPE) return so_far;
  complain("%s", error->text);
  return EXIT_OUTPUT;
}

/* Edit distance with neighbours exchanged counting once (optimal string
   alignment), of words of at most WORD_MAX letters. */
enum { WORD_MAX = 31 };

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

static unsigned distance(const char *a, size_t na, const char *b, size_t nb) {
  unsigned rows[3][WORD_MAX + 2];
  unsigned *two_ago = rows[0], *before = rows[1], *now = rows[2];
  for (size_t j = 0; j <= nb; j++) before[j] = two_ago[j] = (unsigned)j;
  for (size_t i = 1; i <= na; i++) {
    now[0] = (unsigned)i;
    for (size_t j = 1; j <= nb; j++) {
      unsigned differs = a[i - 1] != b[j - 1];
      now[j] = least(least(before[j] + 1, now[j - 1] + 1), before[j - 1] + differs);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = least(now[j], two_ago[j - 2] + 1);
    }
    unsigned *spare = two_ago;
    two_ago = before;
    before = now;
    now = spare;
  }
  return before[nb];
}

const char *nearest_word(const char *typed, const char *const *words) {
  const char *best = NULL;
  size_t length = strlen(typed);
  unsigned best_distance = length <= 3 ? 2 : 3; /* not reached */
  if (length == 0 || length > WORD_MAX) return NULL;
  for (; *words != NULL; words++) {
    size_t n = strlen(*words);
    if (n > WORD_MAX) continue;
    unsigned d = distance(typed, length, *words, n);
    /* The beginning of one word only is as good as a slip. */
    if (length >= 2 && n > length && strncmp(typed, *words, length) == 0) d = 1;
    if (d < best_distance) {
      best_distance = d;
      best = *words;
    }
  }
  return best;
}
