/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_DESCRIPTOR_H
#define WEFTIO_CAPTURE_DESCRIPTOR_H

#include "capture/supply.h"

struct wishes;

enum descriptor_kind {
  DESCRIPTOR_REGULAR,  /* a file that has its bytes, or its end, at once */
  DESCRIPTOR_WAITS,    /* a pipe, a terminal: there is waited for bytes */
  DESCRIPTOR_FOLLOWED, /* a file that grows: its end is waited at, see below */
};

/* Reads `fd`, which stays the caller's; `wishes` is borrowed.  NULL: no memory.

   A followed file is looked at again ten times a second.  It ends when it was
   asked to stop, was truncated, or another file or none has its name, and then
   only once everything that was written to it has been read; the last three are
   told as warnings.  `name` is its path. */
struct supply *supply_fd(int fd, enum descriptor_kind, const char *name, struct wishes *wishes);

#endif
