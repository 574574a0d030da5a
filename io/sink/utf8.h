/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IO_SINK_UTF8_H
#define IO_SINK_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Characters of text that strangers wrote.  A sequence is well formed as
 * RFC 3629 section 4 has it: no overlong forms, no surrogates, at most U+10FFFF.
 */

/* How many bytes the character at `text` has, 0 where it is not well formed.
   length > 0.  Stores its number in *ret. */
size_t utf8_decode(const char *text, size_t length, uint32_t *ret);

/* Columns it takes on a terminal: 0 for combining marks, 2 for East Asian wide
   characters and pictographs, -1 for what must not reach a terminal as it is. */
int utf8_columns(uint32_t character);

#endif
