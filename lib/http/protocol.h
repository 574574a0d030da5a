/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_PROTOCOL_H
#define WEFT_HTTP_PROTOCOL_H

#include <weft/http.h>
#include <weft/protocol.h>

/* A connection that is not HTTP/1, or no longer: counts it under its name.
   `protocol` is an enum weft_protocol or negative, not known. */
void http_protocol_count(struct weft_http_stats *, int protocol);

/* What a connection speaks after this response, which ended HTTP/1 on it:
   enum weft_protocol, OTHER after CONNECT. */
int http_protocol_after(const struct weft_http_message *response);

#endif
