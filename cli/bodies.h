/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_BODIES_H
#define CLI_BODIES_H

#include <weft/sink.h>

/*
 * The beginnings of bodies, kept until their exchange is written: what
 * weft_sink_options::bodies wants.  Functions for the callbacks of weft_http of
 * the same names; 0 or WEFT_E_NOMEM.
 */
struct body;

struct bodies {
  uint64_t each_max; /* bytes kept of one, and of what it decodes to; 0: none are kept */
  uint64_t held;     /* of all */
  struct body *all;
};

int bodies_on_head(struct bodies *, const struct weft_http_message *, void **message_user);
int bodies_on_body(struct bodies *, const struct weft_http_message *, const uint8_t *,
                   size_t length, void *message_user);

/* Makes message->user what a sink shows.  NULL is fine. */
void bodies_decode(struct bodies *, const struct weft_http_message *);
/* The exchange was written.  NULL is fine. */
void bodies_drop(struct bodies *, const struct weft_http_message *);
void bodies_done(struct bodies *);

#endif
