/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_CHUNKED_H
#define WEFT_HTTP_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

/*
 * The chunked transfer coding (RFC 9112 section 7.1), byte by byte between the
 * chunks and by count inside them.
 *
 *     5;name=value CR LF  hello CR LF  0 CR LF  Trailer: x CR LF  CR LF
 *     SIZE EXTENSION      DATA  AFTER  SIZE     TRAILER           TRAILER_START
 *
 * Read leniently: bare LF ends a line, blanks around a size are skipped.
 */
enum http_chunked_state {
  HTTP_CHUNKED_SIZE,
  HTTP_CHUNKED_EXTENSION, /* the rest of the size line */
  HTTP_CHUNKED_DATA,
  HTTP_CHUNKED_AFTER, /* the line end after the data */
  HTTP_CHUNKED_TRAILER_START,
  HTTP_CHUNKED_TRAILER,
  HTTP_CHUNKED_DONE,
  HTTP_CHUNKED_BAD /* this is no chunk */
};

struct http_chunked {
  uint64_t remaining; /* the size being read, or the data still to come */
  uint8_t state;      /* enum http_chunked_state */
  uint8_t digits;     /* there was one */
  uint8_t blank;      /* one came after the digits */
};

void http_chunked_init(struct http_chunked *);

/* Consumes at least one of the `length` (> 0) bytes, or none and the state is
   BAD, whose offending byte stays.  Stops after a run of data, at DONE and BAD.  Returns how
   many bytes were consumed.  When they end with data, the data are the last
   *ret_data of them. */
size_t http_chunked_step(struct http_chunked *, const uint8_t *bytes, size_t length,
                         size_t *ret_data);

/* Steps over `length` bytes that were not captured: 1 when all of them are the
   current chunk's data, else 0 and nothing changed. */
int http_chunked_skip(struct http_chunked *, uint64_t length);

/* Do these bytes begin with the line end and the size line of a chunk, behind a last
   one the end or a trailer?  The length of these two lines with *ret_size, 0, or -1
   when more bytes must tell.  How a reader that lost its place finds the next chunk.
   Extensions are not expected. */
int http_chunked_plausible(const uint8_t *bytes, size_t length, uint64_t *ret_size);
#define HTTP_CHUNKED_PLAUSIBLE_MAX 96 /* bytes this looks at, at most */

/* A chunk of that size, whose size line is over. */
void http_chunked_begin(struct http_chunked *, uint64_t size);

#endif
