/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/wishes.h"

#include <stdarg.h>
#include <stdio.h>

void wishes_warn(const struct wishes *wishes, int status, uint64_t position, uint64_t frame,
                 const char *format, ...) {
  struct weft_error warning = {.status = status, .position = position, .frame = frame};
  if (!wishes->on_warning || wishes->quiet) return;
  va_list words;
  va_start(words, format);
  vsnprintf(warning.text, sizeof(warning.text), format, words);
  va_end(words);
  wishes->on_warning(&warning, wishes->user);
}
