/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_H
#define WEFT_HTTP_H

#include <weft/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * HTTP/1 messages on top of streams, paired into exchanges and timed.
 * Built only from stream.h: a model for other protocols.
 *
 * Connections are recognised by content, on any port: attach every connection
 * in on_open and weft_http detaches from those that are not HTTP after their
 * first bytes.
 */
struct weft_http;

struct weft_text { /* FROZEN; not NUL-terminated; base is NULL when len is 0 */
  const char *base;
  size_t len;
};

struct weft_http_field {        /* FROZEN; in wire order */
  struct weft_text name, value; /* value without surrounding blanks; folded lines as sent */
};

enum weft_http_flag {
  WEFT_HTTP_TRUNCATED = 1 << 0,   /* the connection or the capture ended inside the message */
  WEFT_HTTP_BODY_GAP = 1 << 1,    /* body bytes are missing from the capture */
  WEFT_HTTP_HEAD_LOST = 1 << 2,   /* found mid-message: fields are absent */
  WEFT_HTTP_UNTIL_CLOSE = 1 << 3, /* body framed by the end of connection (RFC 9112 section 6.3) */
  WEFT_HTTP_INVALID = 1 << 4,     /* something in the head breaks RFC 9112 and was read leniently */
  WEFT_HTTP_CHUNKED = 1 << 5,
  WEFT_HTTP_UPGRADED = 1 << 6, /* what follows on the connection is not HTTP/1 */
  /* Repeated or conflicting Content-Length or Transfer-Encoding: a smuggling sign. */
  WEFT_HTTP_AMBIGUOUS_LENGTH = 1 << 7,
  /* A response that began before its request was complete (413, a redirect); told
     in on_exchange, where both are known. */
  WEFT_HTTP_EARLY = 1 << 8
};

/* A run of a message's bytes that one frame brought: "20 reassembled
   segments (300109 bytes)" is twenty of these.  FROZEN. */
struct weft_http_part {
  struct weft_mark mark;
  uint64_t offset; /* in the direction's stream */
  uint64_t length;
};

struct weft_http_message {
  enum weft_dir dir;               /* the stream that offsets are in, as the engine names it */
  uint8_t major, minor;            /* 0.9 when the start line names no version */
  uint16_t status;                 /* 0 in requests */
  struct weft_text method, target; /* empty in responses */
  struct weft_text reason;
  const struct weft_http_field *fields;
  size_t nfields;
  uint32_t stream_id;   /* HTTP/2; 0 in HTTP/1 */
  uint32_t flags;       /* enum weft_http_flag */
  uint64_t offset;      /* of the first byte, in the direction's stream */
  uint64_t head_length; /* start line to the empty line, included */
  /* The bytes' frames: marks of the first and last byte of the head, and below of
     what follows it; frame 0 where there is none. */
  struct weft_mark head_first, head_last;
  /* Every frame of the message in stream order, up to
     weft_http_options::parts_max; a part of no bytes is the FIN, or a frame whose
     bytes were not captured. */
  const struct weft_http_part *parts;
  size_t nparts;
  void *user; /* what on_head left in *message_user; NULL before */
  /* From here on what each segment of a body changes. */
  uint64_t wire_length; /* head and body with chunk framing and trailers, missing bytes included */
  uint64_t body_length; /* chunk framing excluded, content coding as sent, missing bytes excluded */
  uint64_t body_missing;
  struct weft_mark body_first, body_last;
  /* `first` began the message: the frame of its first byte.  `last` made it
     complete: of all frames that brought a byte of it the latest (by time, then
     by number), or, where the end of the connection ended the body, the frame of
     the FIN.  These are the times that count: docs/timing.md. */
  struct weft_mark first, last;
  uint64_t frames; /* how many frames carried it, that FIN included */
};

/* Durations are WEFT_TIME_NONE where the capture cannot tell; `bounds` says
   which of the others are limits rather than values, because a frame that
   would have settled them is missing. */
struct weft_http_timing {
  weft_duration connect; /* SYN to handshake's end, on a connection's first exchange */
  weft_duration send;    /* first to last request frame */
  weft_duration wait;    /* last request frame to first response frame */
  weft_duration receive; /* first to last response frame */
  weft_duration elapsed; /* last request frame to last response frame: Wireshark's http.time */
  /* Last request frame to the latest frame that brought a byte of the response: less
     than `elapsed` where a FIN ended the body, else the same. */
  weft_duration last_byte;
  uint32_t bounds; /* enum weft_http_bound */
};
/* `elapsed` and `last_byte` are limits where `wait` or `receive` is. */
enum weft_http_bound {
  WEFT_BOUND_SEND = 1,
  WEFT_BOUND_WAIT = 2,
  WEFT_BOUND_RECEIVE = 4,
  /* The times are right for the first copies, but others came: weft_http_exchange::again
     says from, or to, when they may have to be counted. */
  WEFT_BOUND_AGAIN = 8
};

enum weft_http_match {
  WEFT_MATCH_FIFO = 0, /* the n-th final response answers the n-th request */
  WEFT_MATCH_UNMATCHED_REQUEST,
  WEFT_MATCH_UNMATCHED_RESPONSE
};

/* "fifo", "unmatched_request", "unmatched_response": static, never NULL. */
WEFT_API const char *weft_http_match_name(uint32_t match);

/* An interim response: 1xx, but for 101.  FROZEN. */
struct weft_http_interim {
  uint16_t status;
  struct weft_mark first, last; /* of the frames that brought it, as of a message */
};
#define WEFT_HTTP_INTERIMS_MAX 16 /* remembered of each exchange */

/* Times are those of the first copies of bytes.  Where bytes came again before they were
   acknowledged, the first copy may have been lost behind the place of capture: the
   receiver had the message at some time from the one to the other (docs/timing.md).
   Frame 0: nothing came again, or before the mark that counts anyway.  What comes again
   once the exchange was reported cannot be told.  FROZEN. */
struct weft_http_again {
  struct weft_mark request;        /* the latest copy of a byte, after request->last */
  struct weft_mark response_first; /* of the first byte, after response->first */
  struct weft_mark response;       /* of any byte, after response->last */
};

struct weft_http_exchange {
  uint64_t id;      /* from 1, in the order reported, over all connections of this weft_http */
  uint64_t conn_id; /* weft_conn_id */
  uint64_t conn_tx; /* from 1, in the order reported on this connection */
  const struct weft_tuple *tuple;                     /* source is the HTTP client */
  const struct weft_http_message *request, *response; /* either may be NULL, not both */
  uint32_t interim_count;                             /* 1xx responses before the final one */
  uint32_t match;                                     /* enum weft_http_match */
  struct weft_http_timing timing;
  /* The first WEFT_HTTP_INTERIMS_MAX of the interim responses, in order; fewer where
     there was no memory for them. */
  const struct weft_http_interim *interims;
  size_t ninterims;
  const struct weft_http_again *again; /* NULL where nothing of it came again that counts */
};

/* Callbacks run inside those of the engine, under the same rules: only
   weft_conn_* on this connection.  Return 0 to go on or a value <= WEFT_E_USER
   to stop; then the rest of this delivery is read without callbacks.  Messages
   and exchanges, with all they point to, live for the call; a request lives
   until its exchange was reported, so message_user may refer to it by (dir,
   offset).  Any member may be NULL. */
struct weft_http_ops {
  size_t size;
  /* A head is complete, of an interim response too, or all that will come of it
     (WEFT_HTTP_TRUNCATED); *message_user is handed to on_body of this message. */
  int (*on_head)(struct weft_conn *, const struct weft_http_message *, void **message_user,
                 void *user);
  /* A run of body bytes, chunk framing removed; length 0 and data NULL when
     the message ends. */
  int (*on_body)(struct weft_conn *, const struct weft_http_message *, const uint8_t *data,
                 size_t length, void *message_user, void *user);
  /* An exchange is complete, or will never be: its messages have ended, in
     on_body as well.  Exchanges of a connection come in the same order however
     its bytes were delivered; how the heads and ends of other messages lie between
     them depends on the deliveries. */
  int (*on_exchange)(struct weft_conn *, const struct weft_http_exchange *, void *user);
  /* The connection turned out not to be HTTP/1, or stopped being it after
     `exchange` (CONNECT, Upgrade; else NULL).  weft_http lets go of it; call
     weft_conn_set_ops here to follow it: the bytes from there on are offered to
     the new ops.  Otherwise it is detached. */
  int (*on_other)(struct weft_conn *, const struct weft_http_exchange *, void *user);
};

struct weft_http_options {
  size_t size;
  const struct weft_allocator *allocator; /* default: malloc and free */
  uint32_t head_bytes_max;                /* default 64 KiB */
  uint32_t fields_max;   /* default 256; further ones are skipped, the message flagged INVALID */
  uint32_t pipeline_max; /* unanswered requests remembered; default 128 */
  uint32_t parts_max;    /* parts recorded for each message; default 0, none */
};

/* Copies the options (NULL: all defaults) and ops (NULL: none).  `user` is handed
   to every callback.  WEFT_E_INVAL for a value out of range, WEFT_E_UNKNOWN for
   a field this library does not have, WEFT_E_NOMEM.  On failure *ret is
   untouched.  A weft_http belongs to the thread of its engine. */
WEFT_API int weft_http_new(const struct weft_http_options *, const struct weft_http_ops *,
                           void *user, struct weft_http **ret);
/* After every attached connection has closed (weft_engine_finish or _free).
   NULL is fine. */
WEFT_API void weft_http_free(struct weft_http *);

/* From on_open: takes the connection over with weft_conn_set_ops, and so the
   connection's user pointer.  Nothing is allocated before its first bytes look
   like HTTP.  Returns what weft_conn_set_ops does. */
WEFT_API int weft_http_attach(struct weft_http *, struct weft_conn *);

struct weft_http_stats {
  size_t size;
  uint64_t conns_http, conns_other; /* recognised, let go */
  uint64_t requests, responses, exchanges;
  uint64_t unmatched_requests, unmatched_responses;
  uint64_t resyncs; /* times the next start line had to be searched for */
  /* Of conns_other: those whose first bytes, or whose 101, said so. */
  uint64_t conns_tls, conns_http2, conns_websocket;
};
/* Fills as many fields as `ret->size` says the caller knows. */
WEFT_API void weft_http_stats(const struct weft_http *, struct weft_http_stats *ret);

/* How much the first bytes look like HTTP/1: 1 yes, 0 no, WEFT_E_AGAIN unsure. */
WEFT_API int weft_http_probe(const uint8_t *data, size_t length);

/* The value of the first field of that name, ASCII case ignored; empty when absent. */
WEFT_API struct weft_text weft_http_find(const struct weft_http_message *, const char *name);

#ifdef __cplusplus
}
#endif

#endif
