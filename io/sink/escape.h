/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IO_SINK_ESCAPE_H
#define IO_SINK_ESCAPE_H

#include "sink/writer.h"

/* Copies the longest beginning that needs no JSON escape and returns its length.  `to`
   has room for all of `from`, and behind that beginning anything may be written. */
size_t escape_plain(char *to, const char *from, size_t length);

/* Copies the name of a host if nothing of it is to be escaped and it is no more than
   that: none of ':', '@' and '['.  Else 0, and anything may have been written. */
int escape_name(char *to, const char *from, size_t length);

/* Copies a target to two places, if nothing of it is to be escaped and it has no '#'.
   *ret_mark is where its first '?' is, or length. */
int escape_target(char *to, char *again, const char *from, size_t length, size_t *ret_mark);

/* Length of the longest beginning of printable ASCII: a column each, shown as it is. */
size_t escape_printable(const char *text, size_t length);

/* The next character of `from` as it may appear on a terminal, terminated.
   *ret_used is the bytes it had there; returns the columns it takes. */
#define ESCAPE_VISIBLE_MAX 20
size_t escape_visible(char *to, const char *from, size_t length, size_t *ret_used);

#endif
