/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_NOTES_H
#define WEFT_HTTP_NOTES_H

#include "http/copies.h"
#include "http/interim.h"

/* What few connections have: interim responses, and bytes that came again, of exchanges that
   were not reported yet. */
struct http_notes {
  struct http_interim *interims;
  struct http_copy *copies[2]; /* by enum weft_dir */
};

/* An exchange while it is told, and what it points to. */
struct http_told {
  struct weft_http_exchange exchange;
  struct weft_tuple tuple;
  struct weft_http_interim interims[WEFT_HTTP_INTERIMS_MAX];
  struct weft_http_again again;
};

/* Adds to told->exchange what is noted of it.  Either message may be NULL; `turn` is the request's,
   where it is kept. */
void http_notes_tell(const struct http_notes *, const struct http_turn *turn,
                     const struct http_message *request, const struct http_message *response,
                     struct http_told *told);

/* Lets go of what is noted of the message, whose turn is kept at `turn`. */
void http_notes_forget(struct http_notes *, struct http_store *, const struct http_turn *turn,
                       const struct http_message *);

void http_notes_free(struct http_notes *, struct http_store *);

#endif
