/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_TIMING_H
#define WEFT_HTTP_TIMING_H

#include "http/message.h"

/* The durations of an exchange (docs/timing.md).  Either message may be NULL.
   `connect` is left at WEFT_TIME_NONE: it is the connection's. */
void http_timing_of(const struct http_message *request, const struct http_message *response,
                    struct weft_http_timing *ret);

/* Did the response begin before its request was complete? */
int http_timing_is_early(const struct http_message *request, const struct http_message *response);

#endif
