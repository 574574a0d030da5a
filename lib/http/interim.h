/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_INTERIM_H
#define WEFT_HTTP_INTERIM_H

#include "http/message.h"

/*
 * The interim responses of a connection that await the report of the exchange
 * they belong to, in the order they came.  Each has an owner: the request they
 * are for or, where that was not known, the final response behind them; NULL
 * until that one comes.
 */
struct http_interim {
  struct http_interim *next;
  const struct http_turn *owner;
  struct weft_http_interim view;
};

/* An interim response of `owner`, whose head is complete.  0 or WEFT_E_NOMEM. */
int http_interims_add(struct http_interim **list, struct http_store *,
                      const struct http_turn *owner, const struct http_message *interim);

/* This final response is the owner of those without one. */
void http_interims_claim(struct http_interim *list, const struct http_turn *response);

/* Copies those of the two, either of which may be NULL; returns how many. */
size_t http_interims_of(const struct http_interim *list, const struct http_turn *request,
                        const struct http_turn *response,
                        struct weft_http_interim ret[WEFT_HTTP_INTERIMS_MAX]);

/* Frees those of `owner`. */
void http_interims_forget(struct http_interim **list, struct http_store *,
                          const struct http_turn *owner);

/* Frees all. */
void http_interims_done(struct http_interim **list, struct http_store *);

#endif
