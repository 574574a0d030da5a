/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IO_SINK_URL_H
#define IO_SINK_URL_H

#include <weft/http.h>

/* The parts of a request's address, pointing into its message.  base is NULL
   where there is none; an empty query (a bare question mark) has length 0. */
struct url {
  struct weft_text domain; /* host without port; an IPv6 literal keeps its brackets */
  struct weft_text path, query;
};

/* From the target in any of its four forms (RFC 9112 section 3.2), with Host
   for the domain unless the target names one itself. */
void url_split(const struct weft_http_message *request, struct url *ret);

#endif
