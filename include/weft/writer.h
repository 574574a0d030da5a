/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_WRITER_H
#define WEFT_WRITER_H

#include <weft/capture.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Text on its way to a file, through one buffer and without printf: numbers,
 * times and escapes are made here, so that a million short records cost
 * little.  In libweftio.  A writer belongs to one thread at a time.
 *
 * Failure is remembered rather than returned by every call: after the system
 * has refused once, further text is thrown away, and flush and close say so.
 */
struct weft_writer;

/* Creates or empties the file; "-" is standard output.  WEFT_E_IO, WEFT_E_NOMEM. */
WEFT_API int weft_writer_open(const char *path, struct weft_writer **ret,
                              struct weft_error *reterr);

/* Writes to a descriptor that stays the caller's; `name` is copied and appears in errors. */
WEFT_API int weft_writer_on_fd(int fd, const char *name, struct weft_writer **ret,
                               struct weft_error *reterr);

/* Hands everything to the system.  0, or WEFT_E_IO for a failure now or earlier. */
WEFT_API int weft_writer_flush(struct weft_writer *);

/* Flushes, then frees even on failure: the last chance to learn of one.
   `reterr` may be NULL; its os_error is EPIPE when the reader went away.  NULL
   is fine. */
WEFT_API int weft_writer_close(struct weft_writer *, struct weft_error *reterr);

/* 0, or the errno of the first failure. */
WEFT_API int weft_writer_os_error(const struct weft_writer *);

/* Bytes that wait for the next flush. */
WEFT_API size_t weft_writer_pending(const struct weft_writer *);

WEFT_API void weft_write_bytes(struct weft_writer *, const void *, size_t length);
WEFT_API void weft_write_string(struct weft_writer *, const char *);
WEFT_API void weft_write_char(struct weft_writer *, char);
WEFT_API void weft_write_uint(struct weft_writer *, uint64_t);

/* 1.234567890, -0.000000001: seconds with nine digits, from the integer. */
WEFT_API void weft_write_seconds(struct weft_writer *, weft_duration);

/* 2011-09-01T06:23:59.123456789Z: ISO 8601, UTC, nanoseconds. */
WEFT_API void weft_write_time(struct weft_writer *, weft_time);

/* A JSON string with its quotes.  Valid UTF-8 passes through; a byte that is
   not part of any becomes the character of that number, as \u00e9 for 0xE9
   (ISO 8859-1), so that nothing is lost and the result is always valid. */
WEFT_API void weft_write_json(struct weft_writer *, const char *, size_t length);

/* The same characters without quotes or escapes: always valid UTF-8. */
WEFT_API void weft_write_utf8(struct weft_writer *, const char *, size_t length);

/* Safe to show on a terminal: printable UTF-8 as it is; control characters,
   blanks, characters that change the direction of writing, and bytes that are
   not UTF-8 as \xNN for each byte. */
WEFT_API void weft_write_visible(struct weft_writer *, const char *, size_t length);

/* RFC 4648 section 4, with padding, of all spans as one run of bytes. */
WEFT_API void weft_write_base64(struct weft_writer *, const struct weft_span *, size_t nspans);

/* Two lower-case digits a byte. */
WEFT_API void weft_write_hex(struct weft_writer *, const uint8_t *, size_t length);

/* Blanks up to `width` columns after `used` of them, at most 1024; none when it is reached. */
WEFT_API void weft_write_pad(struct weft_writer *, size_t used, size_t width);

#ifdef __cplusplus
}
#endif

#endif
