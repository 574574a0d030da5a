/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_PROBE_H
#define WEFT_HTTP_PROBE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Does a message begin at this byte?  Two strictnesses:
 *
 *   start   where a message should begin: anything a client or server sends as
 *           its start line, known method or not
 *   resync  anywhere, after bytes were lost: only what is next to impossible
 *           inside a body, a whole "HTTP/1.1 200 " or "GET /x HTTP/1.1" line
 *
 * All are pure functions of the bytes, so it makes no difference how these were
 * cut into segments.
 */
enum http_kind { HTTP_REQUEST = 0, HTTP_RESPONSE = 1 };

enum http_probe {
  HTTP_PROBE_NO = 0,
  HTTP_PROBE_YES = 1,
  HTTP_PROBE_AGAIN = 2, /* more bytes must tell */
  HTTP_PROBE_NEVER = 3  /* another protocol, and no HTTP/1 will follow */
};

/* None of them needs more bytes than this to tell. */
#define HTTP_PROBE_MAX 2048

enum http_probe http_probe_start(enum http_kind, const uint8_t *bytes, size_t length);

/* `line_start`: the byte before was a line end, or is unknown, so that an
   unknown method may begin here. */
enum http_probe http_probe_resync(enum http_kind, const uint8_t *bytes, size_t length,
                                  int line_start);

/* These bytes are all there will be, http_probe_start could not tell: are they
   the beginning of a start line?  Only what is surely one: a known method and
   a blank, or "HTTP/". */
int http_probe_cut(enum http_kind, const uint8_t *bytes, size_t length);

/* Of a connection nothing is known of: either kind, leading empty lines
   skipped, and protocols whose first bytes say that HTTP/1 never comes. */
enum http_probe http_probe_first(const uint8_t *bytes, size_t length, enum http_kind *ret_kind);

#endif
