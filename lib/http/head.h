/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_HEAD_H
#define WEFT_HTTP_HEAD_H

#include "http/framing.h"
#include "http/message.h"
#include "http/probe.h"
#include "http/token.h"

/*
 * From the bytes of a head to a message's start line and fields, and to what
 * its framing depends on.  Lenient where servers and clients are, RFC 9112
 * sections 2.2, 3, 4 and 5; what breaks the rules is flagged INVALID.
 */
struct http_head {
  struct http_token token;
  struct http_framing framing;
  uint32_t fold;                 /* where the field starts that the next line may continue, */
  uint32_t fold_colon, fold_end; /* its colon, and its end so far */
  uint8_t has_fold;
  uint8_t kind;        /* enum http_kind */
  uint8_t started;     /* the start line is read */
  uint8_t versionless; /* ... and names no version: HTTP/0.9 ends here */
  uint8_t overflown;   /* past head_bytes_max: see http_head_overflow */
  uint8_t line_used;   /* bytes of the line kept in overflow */
  uint8_t line_long;   /* ... it has more */
  int status;          /* WEFT_E_NOMEM: a field could not be stored */
  uint8_t line[80];
};

void http_head_init(struct http_head *, enum http_kind);

/* Reads on in the head of `m`, which starts at `base` and of which `length`
   bytes are there (m->head == base).  Returns 1 when the empty line was met,
   token.line being the head's length, or 0 when more bytes are needed.  Without
   memory for a field, head->status says so and the head is read on. */
int http_head_read(struct http_head *, struct http_store *, struct http_message *,
                   const uint8_t *base, uint32_t length);

/* Is it a start line without version, and no line of a field yet?  Then it may be
   all there is: HTTP/0.9. */
static inline int http_head_is_bare(const struct http_head *head, const struct http_message *m) {
  return head->versionless && !head->has_fold && !m->view.nfields;
}

/* The head is longer than the store's bound, its first `length` bytes were
   read: from here only the framing fields are looked at. */
void http_head_overflow_begin(struct http_head *, struct http_store *, struct http_message *,
                              const uint8_t *base, uint32_t length);

/* Returns bytes consumed; *ret_complete when they end with the empty line. */
size_t http_head_overflow(struct http_head *, const uint8_t *bytes, size_t length,
                          int *ret_complete);

/* No more bytes will come: reads the started line for what it is worth. */
void http_head_cut(struct http_head *, struct http_store *, struct http_message *,
                   const uint8_t *base, uint32_t length);

#endif
