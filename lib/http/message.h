/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_MESSAGE_H
#define WEFT_HTTP_MESSAGE_H

#include <weft/http.h>

#include "base/mem.h"

/*
 * One message being read or remembered, and the store such messages come from.
 *
 * The texts of `view` point into `head`, which is either a frame's bytes, for
 * as long as the engine's callback runs (`borrowed`), or the message's own
 * `bytes`.  A message that has to outlive the callback is settled: its head is
 * copied once and the texts follow.
 */
struct http_message {
  struct weft_http_message view;

  struct http_message *next;    /* in a queue, or free */
  struct http_message *partner; /* the response of this request, the request of this response */

  const uint8_t *head;
  uint8_t *bytes; /* own memory: `bytes_max` of it, of which `bytes_used` hold head */
  uint32_t bytes_used, bytes_max;
  struct weft_http_field *fields;
  uint32_t fields_max;
  struct weft_http_part *parts;
  uint32_t parts_max;
  uint64_t recent[2]; /* frames of the last two parts, to count frames and not parts */

  void *user;       /* weft_http_ops::on_head's message_user */
  uint64_t acked;   /* of the other direction, when the head was complete; 0 unknown */
  uint32_t interim; /* 1xx responses before the final one */
  /* Of a response, for pair.c: where it or its 1xx begin; of the one before it,
     `acked` and the frame that completed it (0: there was none). */
  uint64_t answer_start, before_acked;
  struct weft_mark before_last;
  uint32_t last_frame_lost : 1; /* the last byte so far is missing */
  uint32_t borrowed : 1;
  uint32_t complete : 1;  /* no byte of it will come any more */
  uint32_t abandoned : 1; /* its answer is known to be lost */
  uint32_t after_gap : 1; /* bytes directly before it are missing, which may hold others */
  uint32_t late : 1;      /* its head waited for other bytes, so `acked` may be too much */
  uint32_t overtaken : 1; /* it was acknowledged before it was captured, likewise */
};

struct http_store {
  struct mem mem;
  uint32_t head_bytes_max, fields_max, parts_max;
  struct http_message *free;
  uint32_t nfree;
  uint64_t resyncs;
};

void http_store_init(struct http_store *, const struct weft_http_options *);
void http_store_done(struct http_store *);

/* A message of nothing yet, or NULL: no memory. */
struct http_message *http_message_new(struct http_store *);
/* NULL is fine. */
void http_message_free(struct http_store *, struct http_message *);

/* Makes room for `size` bytes of head of its own; what was there stays.  0 or
   WEFT_E_NOMEM and nothing changed. */
int http_message_reserve(struct http_store *, struct http_message *, uint32_t size);

/* Takes in the head's first `length` bytes, so that it no longer borrows.
   Without memory the message loses its texts and fields, is flagged
   WEFT_HTTP_HEAD_LOST, and WEFT_E_NOMEM is returned. */
int http_message_settle(struct http_store *, struct http_message *, uint32_t length);

/* Adds a field, borrowed from head; past fields_max it is left out and the
   message flagged INVALID. */
int http_message_add_field(struct http_store *, struct http_message *, struct weft_http_field);

/* `length` bytes at `offset`, the next of the message, came with that mark
   (docs/timing.md).  Zero bytes: the frame of a FIN that ended it.
   0 or WEFT_E_NOMEM: times and counts are right, a part is missing. */
int http_message_arrived(struct http_store *, struct http_message *, struct weft_mark,
                         uint64_t offset, uint64_t length);

/* 1 when a comes after b: by time, then by frame number. */
int http_mark_after(struct weft_mark a, struct weft_mark b);

#endif
