/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IO_SINK_URL_H
#define IO_SINK_URL_H

#include <string.h>

#include <weft/http.h>

/* The parts of a request's address, pointing into its message.  base is NULL
   where there is none; an empty query (a bare question mark) has length 0. */
struct url {
  struct weft_text domain; /* host without port; an IPv6 literal keeps its brackets */
  struct weft_text path, query;
};

/* weft_http_find(m, "host"), which is nearly always the first field. */
static inline struct weft_text url_host(const struct weft_http_message *m) {
  for (size_t i = 0; i < m->nfields; i++) {
    uint32_t name, host;
    if (m->fields[i].name.len != 4) continue;
    memcpy(&name, m->fields[i].name.base, 4);
    memcpy(&host, "host", 4);
    if ((name | 0x20202020) == host) return m->fields[i].value;
  }
  return (struct weft_text){NULL, 0};
}

/* Its target is an authority. */
static inline int url_is_connect(struct weft_text method) {
  return method.len == 7 && memcmp(method.base, "CONNECT", 7) == 0;
}

/* From the target in any of its four forms (RFC 9112 section 3.2), with Host
   for the domain unless the target names one itself. */
void url_split(const struct weft_http_message *request, struct url *ret);

#endif
