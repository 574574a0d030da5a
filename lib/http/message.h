/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_MESSAGE_H
#define WEFT_HTTP_MESSAGE_H

#include <assert.h>
#include <stddef.h>

#include <weft/http.h>

#include "base/mem.h"
#include "base/prefetch.h"
#include "http/reuse.h"
#include "http/spare.h"
#include "http/turn.h"

/*
 * One message being read or remembered, and the store such messages come from.
 *
 *     read      its head lies in a frame, or in `bytes` where it came in several;
 *               its fields on a sheet, as the API shows them
 *     settled   what has to outlive the callback: the head is copied once
 *     packed    ... and its fields lie behind it, as places in the head:
 *
 *         bytes  | GET / HTTP/1.1 CR LF Host: a CR LF CR LF | name,value | name,value |
 *
 * The texts of `view` point into `head`, which is either a frame's bytes, for
 * as long as the engine's callback runs (`borrowed`), or the message's own
 * `bytes`.  There are few sheets, always the same ones, and so they are in the
 * cache; a message that waits takes little memory, most of them no more than
 * their own 512 bytes, or 1024 where the head is not short: then it lies where the
 * message lies, and is there as soon.  Most requests take less still: http/brief.h.
 */
struct http_sheet {
  struct http_sheet *next; /* free */
  uint32_t max;            /* http_store::fields_max at most */
  struct weft_http_field fields[];
};

/* Where a field lies in the head. */
struct http_packed_field {
  uint16_t name, name_length, value, value_length;
};

#define HTTP_MESSAGE_SIZE 512
#define HTTP_MESSAGE_ROOMY_SIZE 1024
#define HTTP_INSIDE_SIZE 96 /* of either, for the head */
#define HTTP_INSIDE_ROOMY_SIZE 608

struct http_message {
  union {
    struct http_turn turn;
    struct http_answer answer; /* of a response */
  };
  const uint8_t *head;

  struct weft_http_message view;

  union {
    uint64_t recent[2];         /* frames of the last two parts, to count frames and not parts */
    struct weft_mark data_last; /* where a FIN ended it: view.last without the FIN */
  };
  struct http_sheet *sheet;     /* of its fields; NULL: there are none, or they are packed */
  uint32_t last_frame_lost : 1; /* the last byte so far is missing */
  uint32_t borrowed : 1;
  uint32_t packed : 1;
  uint32_t place_lost : 1; /* behind a gap: what came last may be another message's */
  uint32_t by_fin : 1;     /* a FIN was its end */
  uint32_t roomy : 1;      /* HTTP_MESSAGE_ROOMY_SIZE */

  uint32_t parts_max;
  struct weft_http_part *parts;
  uint32_t bytes_used; /* of `bytes`, by the head */

  /* All above is zero in a new message. */
  uint32_t index; /* in the store */
  uint8_t *bytes; /* own memory, */
  uint32_t bytes_max;
};
_Static_assert(sizeof(struct http_message) + HTTP_INSIDE_SIZE == HTTP_MESSAGE_SIZE &&
                   sizeof(struct http_message) + HTTP_INSIDE_ROOMY_SIZE == HTTP_MESSAGE_ROOMY_SIZE,
               "whole cache lines");

/* The message that has this turn, which is not `brief`; NULL of NULL. */
static inline struct http_message *http_message_of(struct http_turn *turn) {
  return (struct http_message *)turn;
}

static inline struct http_message *http_message_of_answer(struct http_answer *answer) {
  return (struct http_message *)answer;
}

/* What `bytes` begins as. */
static inline uint8_t *http_message_inside(struct http_message *m) { return (uint8_t *)(m + 1); }

/* In which of its lines its fields begin, laid aside; the last of the struct where they do not lie
   behind it. */
static inline uint8_t http_message_fields_line(struct http_message *m) {
  int inside = m->packed && m->bytes == http_message_inside(m);
  return (uint8_t)((sizeof *m + (inside ? m->bytes_used : 0)) / 64);
}

/* What a segment of the body changes lies in two of them. */
enum {
  HTTP_MESSAGE_HOT = offsetof(struct http_message, view.wire_length),
  HTTP_MESSAGE_HOT_END = offsetof(struct http_message, parts)
};
_Static_assert(HTTP_MESSAGE_HOT % 64 == 0 && HTTP_MESSAGE_HOT_END == HTTP_MESSAGE_HOT + 128,
               "two cache lines");

struct http_store {
  struct mem mem;
  uint32_t head_bytes_max, fields_max, parts_max;
  struct http_reuse messages, roomy_messages;
  struct http_reuse briefs, roomy_briefs; /* of struct http_brief */
  struct http_sheet *sheets;              /* free ones, the last used first */
  uint32_t nsheets;
  struct http_spare blocks; /* for heads that do not fit inside */
  struct http_spare heads;  /* of struct http_head, see parser.h */
  uint64_t resyncs;
};

/* The store must not be moved. */
void http_store_init(struct http_store *, const struct weft_http_options *);
void http_store_done(struct http_store *);

/* A message of nothing yet, or NULL: no memory.  Its head has most likely no more than
   `expected` bytes. */
struct http_message *http_message_new(struct http_store *, size_t expected);
/* NULL is fine. */
void http_message_free(struct http_store *, struct http_message *);

/* Makes room for `size` bytes of head of its own; what was there stays.  0 or
   WEFT_E_NOMEM and nothing changed. */
int http_message_reserve(struct http_store *, struct http_message *, uint32_t size);

/* Takes in the head's first `length` bytes, so that it no longer borrows.
   Without memory the message loses its texts and fields, is flagged
   WEFT_HTTP_HEAD_LOST, and WEFT_E_NOMEM is returned. */
int http_message_settle(struct http_store *, struct http_message *, uint32_t length);

/* Its fields are to come: gives it a sheet for them, where one is at hand. */
static inline void http_message_expect_fields(struct http_store *store, struct http_message *m) {
  struct http_sheet *sheet = store->sheets;
  if (!sheet || m->sheet) return;
  assert(!m->packed && !m->view.nfields);
  store->sheets = sheet->next;
  store->nsheets--;
  m->sheet = sheet;
  m->view.fields = sheet->fields;
}

/* http_message_add_field, where the sheet is full or missing. */
int http_message_add_sheet(struct http_store *, struct http_message *, struct weft_http_field);

/* Adds a field, borrowed from head; past fields_max it is left out and the
   message flagged INVALID.  0 or WEFT_E_NOMEM. */
static inline int http_message_add_field(struct http_store *store, struct http_message *m,
                                         struct weft_http_field field) {
  struct http_sheet *sheet = m->sheet;
  if (!sheet || m->view.nfields == sheet->max) return http_message_add_sheet(store, m, field);
  sheet->fields[m->view.nfields++] = field;
  return 0;
}

/* Writes its fields, which are not packed yet, as struct http_packed_field: places in the head,
   which has no more than UINT16_MAX bytes.  `to` need not be aligned. */
void http_message_pack_fields(const struct http_message *, uint8_t *to);

/* The message, whose head has been read, will not be looked at for a while:
   settles it and packs its fields, if it is not yet.  Fails as
   http_message_settle, or, for want of memory for the packed fields, with nothing lost. */
int http_message_lay_aside(struct http_store *, struct http_message *);

/* It is to be looked at: view.fields is there again.  Without memory the message
   loses its fields, is flagged WEFT_HTTP_HEAD_LOST, and WEFT_E_NOMEM is returned. */
int http_message_unpack(struct http_store *, struct http_message *);

/* Counts a frame that brought a part of it; 1 where it brought the one before as well. */
static inline int http_message_count_frame(struct http_message *m, struct weft_mark mark) {
  struct weft_http_message *view = &m->view;
  int again = view->frames && m->recent[0] == mark.frame;
  if (!view->frames)
    view->first = view->last = mark;
  else if (http_mark_after(mark, view->last))
    view->last = mark;
  if (again) return 1;
  /* Segments may overlap so that one frame's bytes lie on both sides of
     another's: that is still one frame. */
  if (!view->frames || m->recent[1] != mark.frame) view->frames++;
  m->recent[1] = m->recent[0];
  m->recent[0] = mark.frame;
  return 0;
}

/* Where it ends, as far as it has come. */
static inline uint64_t http_message_end(const struct http_message *m) {
  return m->view.offset + m->view.wire_length;
}

/* Counts `n` bytes of it. */
static inline void http_message_count(struct http_message *m, uint64_t n) {
  m->view.wire_length += n;
  m->last_frame_lost = 0;
}

/* ... of its body, or of what frames that. */
static inline void http_message_count_body(struct http_message *m, struct weft_mark mark,
                                           uint64_t n) {
  http_message_count(m, n);
  if (!m->view.body_first.frame) m->view.body_first = mark;
  m->view.body_last = mark;
}

/* Notes it in view.parts.  0 or WEFT_E_NOMEM. */
int http_message_add_part(struct http_store *, struct http_message *, struct weft_http_part,
                          int again);

/* `length` bytes at `offset`, the next of the message, came with that mark
   (docs/timing.md).  Zero bytes: the frame of a FIN that ended it.
   0 or WEFT_E_NOMEM: times and counts are right, a part is missing. */
static inline int http_message_arrived(struct http_store *store, struct http_message *m,
                                       struct weft_mark mark, uint64_t offset, uint64_t length) {
  int again = http_message_count_frame(m, mark);
  if (!store->parts_max) return 0;
  return http_message_add_part(store, m, (struct weft_http_part){mark, offset, length}, again);
}

#endif
