/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_RESYNC_H
#define WEFT_HTTP_RESYNC_H

#include "http/cursor.h"
#include "http/parser.h"

/*
 * Where in bytes of no known place does something begin: a message, or, where
 * the parser seeks one, a chunk?
 */
enum http_found {
  HTTP_FOUND_NOTHING,
  HTTP_FOUND_START,
  HTTP_FOUND_CHUNK,
  HTTP_FOUND_PERHAPS /* bytes that are not there yet must tell */
};

/* Does a message begin at the cursor?  AGAIN: bytes that are not there yet must tell. */
enum http_probe http_resync_start(const struct http_parser *, const struct cursor *);

/* Looks at `left` bytes from the cursor on, all in its span, and as far behind
   them as need be.  Writes how many come before what was found, `left` for nothing. */
enum http_found http_resync_find(const struct http_parser *, const struct cursor *, size_t left,
                                 size_t *ret);

#endif
