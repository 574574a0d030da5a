/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_FAULT_H
#define WEFTIO_CAPTURE_FAULT_H

#include <weft/capture.h>

/* Fills `error`, unless it is NULL, and returns `status`.  The text ends where
   the room does. */
int fault(struct weft_error *error, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds to the text. */
void fault_add(struct weft_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for a failed system call: WEFT_E_IO, with errno kept and its
   meaning put after the text. */
int fault_system(struct weft_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* WEFT_E_NOMEM; `what` was to be done for `name`. */
int fault_memory(struct weft_error *error, const char *name);

/* Adds where it happened and passes `status` through. */
int fault_place(struct weft_error *error, int status, uint64_t position, uint64_t frame);

#endif
