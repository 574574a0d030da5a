/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_CODINGS_H
#define CLI_CODINGS_H

#include <weft/http.h>

enum { CODINGS_MAX = 16 }; /* field lines that name any */

/* The message's codings in the order they were applied, for weft_content_new:
   those of the content, then of the transfer (RFC 9112 section 6.1) without
   chunked, which weft has undone.  Returns how many lines; they point into the
   message. */
size_t message_codings(const struct weft_http_message *, struct weft_text ret[CODINGS_MAX]);

#endif
