/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_PARSER_H
#define WEFT_HTTP_PARSER_H

#include "http/chunked.h"
#include "http/head.h"
#include "http/message.h"

/*
 * One direction of a connection: spans and gaps in, messages out.
 *
 *             +---------------------------------------------------+
 *             v                                                   |
 *   bytes -> START -> HEAD -> COUNTED | CHUNKED | UNTIL_CLOSE -> done
 *             |         |                   |
 *             | no      | gap               | gap between chunks
 *             v start   v                   v
 *             RESYNC: the bytes belong to the message that lost its place, if
 *                     there is one, until the next plausible start line
 *                     (or chunk, where it was chunked)
 *
 * A chunk found so may be data that look like one: until another follows it, a start
 * line within it is believed first.
 *
 * A body with a length is stepped over by arithmetic, so a gap inside it is a
 * number.  What a delivery ends with that cannot be judged yet (half a start
 * line) is not consumed: the caller keeps it and offers it again in front of
 * the next bytes, with its marks.
 */
struct http_parser;

struct http_parser_ops {
  /* A response may begin at the next byte, which is there: sets what the parser may
     expect.  Called once or, where that takes several deliveries, again.  NULL: nothing. */
  void (*begin)(struct http_parser *);
  /* The head is complete, or all that will come of it.  Returns enum
     http_answers for a response, so that its body can be framed. */
  unsigned (*head)(struct http_parser *, struct http_message *);
  void (*body)(struct http_parser *, struct http_message *, const uint8_t *data, size_t length);
  /* The message is over and the callee's; every message has had its head
     called.  May stop the parser. */
  void (*done)(struct http_parser *, struct http_message *);
};

/* What parsers of a kind share. */
struct http_parser_host {
  const struct http_parser_ops *ops;
  struct http_store *store;
  int quiet; /* nobody wants to hear of bodies, or of parts: most of them are only counted */
};

enum http_parser_state {
  HTTP_PARSER_START,
  HTTP_PARSER_HEAD,
  HTTP_PARSER_COUNTED,
  HTTP_PARSER_CHUNKED,
  HTTP_PARSER_UNTIL_CLOSE,
  HTTP_PARSER_RESYNC,
  HTTP_PARSER_STOPPED /* what comes is not HTTP/1 */
};

struct http_parser {
  const struct http_parser_host *host;
  void *context;
  struct http_message *message; /* being read; NULL between messages */
  uint64_t offset;              /* of the next byte */
  uint64_t frame;               /* that brought the byte before it, 0: missing */
  union {
    struct http_head *head;      /* HTTP_PARSER_HEAD; lent by the store */
    uint64_t remaining;          /* HTTP_PARSER_COUNTED */
    struct http_chunked chunked; /* HTTP_PARSER_CHUNKED */
  };
  int status;                 /* WEFT_E_NOMEM: something of the messages is missing */
  uint8_t state;              /* enum http_parser_state */
  uint8_t kind;               /* enum http_kind */
  uint8_t dir;                /* enum weft_dir */
  uint8_t after_gap : 1;      /* bytes between the last message and the next are missing */
  uint8_t hidden : 1;         /* ... whole frames of them, which may have held other messages */
  uint8_t line_start : 1;     /* HTTP_PARSER_RESYNC: a line may begin at the next byte */
  uint8_t seek_chunk : 1;     /* HTTP_PARSER_RESYNC: of a chunked body */
  uint8_t body_doubtful : 1;  /* there may be none: the request, perhaps a HEAD, is not known */
  uint8_t expect_bare : 1;    /* a response without a head may come: the request was HTTP/0.9 */
  uint8_t judged : 1;         /* HTTP_PARSER_START: the next byte is known to begin a message */
  uint8_t chunk_doubtful : 1; /* HTTP_PARSER_CHUNKED: found after a gap, so it may be none */
};

_Static_assert(sizeof(struct http_parser) == 64, "a cache line: http/conn.c");

/* Is a head being read that names no version: HTTP/0.9, unless more comes? */
static inline int http_parser_is_versionless(const struct http_parser *p) {
  return p->state == HTTP_PARSER_HEAD && p->head->versionless;
}

/* `host` and `context` are borrowed for the parser's life. */
void http_parser_setup(struct http_parser *, const struct http_parser_host *, void *context,
                       enum http_kind, enum weft_dir);

/* Frees the message being read, unreported. */
void http_parser_done(struct http_parser *);

/* Are these spans a single one that is all within a body, with more of it to follow?  So are
   those of most deliveries. */
static inline int http_parser_is_body(const struct http_parser *p, const struct weft_span *spans,
                                      size_t nspans) {
  if (nspans != 1 || p->body_doubtful) return 0;
  if (p->state == HTTP_PARSER_COUNTED) return spans->len < p->remaining;
  if (p->state == HTTP_PARSER_CHUNKED)
    return !p->chunk_doubtful && p->chunked.state == HTTP_CHUNKED_DATA &&
           spans->len < p->chunked.remaining;
  return p->state == HTTP_PARSER_UNTIL_CLOSE;
}

/* Takes such a one, where the host is quiet.  0: it is for http_parser_data. */
static inline int http_parser_pass(struct http_parser *p, const struct weft_span *spans,
                                   size_t nspans) {
  struct http_message *m = p->message;
  if (!p->host->quiet || !http_parser_is_body(p, spans, nspans) || !spans->len) return 0;
  if (p->state == HTTP_PARSER_COUNTED) p->remaining -= spans->len;
  if (p->state == HTTP_PARSER_CHUNKED) p->chunked.remaining -= spans->len;
  http_message_count_frame(m, spans->mark);
  http_message_count_body(m, spans->mark, spans->len);
  m->view.body_length += spans->len;
  p->frame = spans->mark.frame;
  p->offset = spans->offset + spans->len;
  return 1;
}

/* Takes `nspans` adjoining spans.  Returns the offset of the first byte not
   consumed, to be offered again, or WEFT_OFFSET_NONE.  `last`: no byte follows
   these, so everything is judged now. */
uint64_t http_parser_data(struct http_parser *, const struct weft_span *spans, size_t nspans,
                          int last);

/* `length` bytes at `offset` are missing.  `mark`: the frame that brought them
   cut short, frame 0 if none did. */
void http_parser_gap(struct http_parser *, uint64_t offset, uint64_t length, struct weft_mark mark);

/* The direction ended; by a FIN with that mark when `fin`. */
void http_parser_end(struct http_parser *, int fin, struct weft_mark mark);

/* The other side shows that the message being read is over, although its end
   was not seen: a head without empty line (HTTP/0.9), a message that lost its
   place.  Does nothing to any other. */
void http_parser_settle(struct http_parser *);

/* Ends the message being read, if any, as TRUNCATED, and stops for good. */
void http_parser_stop(struct http_parser *);

#endif
