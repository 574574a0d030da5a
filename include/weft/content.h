/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_CONTENT_H
#define WEFT_CONTENT_H

#include <weft/http.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Content codings undone (RFC 9110 section 8.4): body bytes in, as the message
 * carried them, the bytes that were meant out.  gzip and x-gzip, deflate with
 * the zlib header or without it, br, zstd, compress and x-compress, and lists of
 * these; which but the last two a build has depends on the libraries it was built
 * with.  In libweftio.
 *
 * Memory is bounded by the codings' own windows (zstd: 8 MiB, RFC 9659; br:
 * 16 MiB) times WEFT_CONTENT_CODINGS_MAX, whatever comes.  So are bytes that
 * come out: a body that would grow beyond reason is given up.
 */
struct weft_content;

#define WEFT_CONTENT_CODINGS_MAX 4 /* of one body */

/* How a body turned out. */
enum weft_content_end {
  WEFT_CONTENT_DECODED = 0,
  WEFT_CONTENT_CUT,     /* it ended too early; what was there came out; compress cannot tell */
  WEFT_CONTENT_DAMAGED, /* not what its coding says */
  WEFT_CONTENT_RATIO,   /* more than ratio_max bytes out of each */
  WEFT_CONTENT_SIZE,    /* more than bytes_max */
  WEFT_CONTENT_UNKNOWN  /* a coding this build does not have, or too many */
};

/* "decoded", "cut", "damaged", "ratio", "size", "unknown": static, never NULL. */
WEFT_API const char *weft_content_end_name(uint32_t end);

struct weft_content_options {
  size_t size;
  uint64_t bytes_max; /* bytes out, of each coding; default 4 GiB */
  uint64_t ratio_max; /* bytes out for each byte in, of all codings together; default 250 */
  /* So much may come out whatever the ratio: a short text of one letter is no
     attack.  Default 16 MiB. */
  uint64_t ratio_free;
};

/* `lists` are the values of the message's Content-Encoding fields in order:
   each a list of codings, in the order they were applied.  Nothing, and
   "identity", is no coding.  on_bytes gets what comes out, from inside
   weft_content_write and _finish, and returns 0, or a negative value to stop.
   Options may be NULL.  WEFT_E_NOTBUILT for a coding this build does not have
   or more of them than WEFT_CONTENT_CODINGS_MAX; WEFT_E_NOMEM.  On failure *ret
   is untouched. */
WEFT_API int weft_content_new(const struct weft_text *lists, size_t nlists,
                              const struct weft_content_options *,
                              int (*on_bytes)(const uint8_t *, size_t length, void *user),
                              void *user, struct weft_content **ret);

/* NULL is fine. */
WEFT_API void weft_content_free(struct weft_content *);

/* The next bytes of the body.  0; WEFT_E_FORMAT once no more can come out
   (weft_content_finish says why), WEFT_E_NOMEM, or what on_bytes returned. */
WEFT_API int weft_content_write(struct weft_content *, const uint8_t *, size_t length);

/* The body is over.  Returns an enum weft_content_end, or a failure as
   weft_content_write does. */
WEFT_API int weft_content_finish(struct weft_content *);

/* 1 when the lists name a coding other than identity. */
WEFT_API int weft_content_is_coded(const struct weft_text *lists, size_t nlists);

#ifdef __cplusplus
}
#endif

#endif
