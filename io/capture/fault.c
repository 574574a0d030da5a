/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fault_fill(struct weft_error *error, int status, const char *format, va_list words) {
  *error = (struct weft_error){.status = status};
  vsnprintf(error->text, sizeof(error->text), format, words);
}

int fault(struct weft_error *error, int status, const char *format, ...) {
  if (error) {
    va_list words;
    va_start(words, format);
    fault_fill(error, status, format, words);
    va_end(words);
  }
  return status;
}

void fault_add(struct weft_error *error, const char *format, ...) {
  size_t used = strlen(error->text);
  va_list words;
  va_start(words, format);
  vsnprintf(error->text + used, sizeof(error->text) - used, format, words);
  va_end(words);
}

int fault_system(struct weft_error *error, const char *format, ...) {
  int reason = errno;
  if (error) {
    va_list words;
    va_start(words, format);
    fault_fill(error, WEFT_E_IO, format, words);
    va_end(words);
    fault_add(error, ": %s", strerror(reason));
    error->os_error = reason;
  }
  return WEFT_E_IO;
}

int fault_memory(struct weft_error *error, const char *name) {
  return fault(error, WEFT_E_NOMEM, "%s: no memory left to read it", name);
}

int fault_place(struct weft_error *error, int status, uint64_t position, uint64_t frame) {
  if (error) {
    error->position = position;
    error->frame = frame;
  }
  return status;
}
