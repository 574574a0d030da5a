/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_BRIEF_H
#define WEFT_HTTP_BRIEF_H

#include "http/message.h"

/*
 * A request that waits for its answer, in brief: nearly all came whole in one frame,
 * without a body, and then most of what a struct http_message has room for is zero, or
 * the same several times.  Many wait at once, and so they are what the memory is used
 * for, and what has to be fetched when the answer comes.
 *
 *     struct http_brief | GET / HTTP/1.1 CR LF Host: a CR LF CR LF | name,value | name,value |
 */
struct http_brief {
  struct http_turn turn; /* first */
  void *user;            /* view.user */
  uint32_t flags;        /* view.flags */
  uint32_t index;        /* in the store */
  uint16_t head_length, method_length, target, target_length, nfields;
  uint8_t major, minor, dir;
  uint8_t roomy;   /* HTTP_BRIEF_ROOMY_SIZE */
  uint8_t bytes[]; /* the head, then its fields, packed */
};

/* Whole cache lines: what a short request takes, and what a browser's does. */
#define HTTP_BRIEF_SIZE 192
#define HTTP_BRIEF_ROOMY_SIZE 512
#define HTTP_BRIEF_HEADER_SIZE offsetof(struct http_brief, bytes) /* of either */

static inline struct http_brief *http_brief_of(struct http_turn *turn) {
  return (struct http_brief *)turn;
}

/* What such a request takes. */
static inline size_t http_brief_size(size_t head_length, size_t nfields) {
  return HTTP_BRIEF_HEADER_SIZE + head_length + nfields * sizeof(struct http_packed_field);
}

/* The complete request in brief, which says all that is known of it.  NULL: it cannot, or there
   is no memory.  The message is left as it was. */
struct http_brief *http_brief_new(struct http_store *, const struct http_message *);

/* The request as a message, packed.  *ret is zero, or was used for this alone before and is
   laid aside; it lives no longer than the brief. */
void http_brief_show(struct http_brief *, struct http_message *ret);

void http_brief_free(struct http_store *, struct http_brief *);

#endif
