/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_GUARD_H
#define WEFTIO_CAPTURE_GUARD_H

#include <stddef.h>

/*
 * Mapped files that lose their pages.
 *
 * A file that another program truncates while it is mapped, or a disk that
 * cannot read it, makes the next touch of the missing page a SIGBUS.  The
 * touch may be anywhere: in the reader of headers here, or in whoever was
 * handed a frame.  So the process gets a handler that, for an address inside
 * a guarded mapping, puts a page of zeros in its place and notes the fact; the
 * touch then goes on, and the reader, which looks at guard_hit, reports the
 * file as damaged.  A SIGBUS anywhere else goes to whoever handled it before.
 *
 * Each new guard sees to it that the handler is in place; it stays.  A program
 * that installs a handler of its own while a capture is open takes the
 * protection away, unless it calls the one that was there.
 */

/* A number for the guard, or -1: all GUARDS_MAX taken, or no handler to be
   had.  The range is page-aligned at its start.  Any thread. */
#define GUARDS_MAX 1024
int guard_add(const void *base, size_t size);

/* Before the range is unmapped. */
void guard_remove(int guard);

/* Non-zero once a page was found missing. */
int guard_hit(int guard);

#endif
