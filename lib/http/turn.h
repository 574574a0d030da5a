/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_TURN_H
#define WEFT_HTTP_TURN_H

#include <weft/stream.h>

/*
 * What pairing knows of a message: of a request all it needs, so that the rest of
 * one that waits for its answer may lie packed (http/brief.h).
 */
struct http_turn {
  struct http_turn *next;    /* in a queue */
  struct http_turn *partner; /* the response of this request, the request of this response */
  uint64_t offset;           /* where it begins */
  uint64_t end;              /* where it ends, once complete; before, its head does */
  uint64_t acked;            /* of the other direction, when its head was complete; 0 unknown */
  struct weft_mark first;    /* of the frame that began it */
  uint32_t interim;          /* 1xx responses before the final one */
  uint32_t complete : 1;     /* no byte of it will come any more */
  uint32_t abandoned : 1;    /* its answer is known to be lost */
  uint32_t after_gap : 1;    /* bytes directly before it are missing, which may hold others */
  uint32_t late : 1;         /* its head waited for other bytes, so `acked` may be too much */
  uint32_t overtaken : 1;    /* it was acknowledged before it was captured, likewise */
  uint32_t brief : 1;        /* the request is a struct http_brief, not a struct http_message */
  uint32_t is_head : 1;      /* the request's method is HEAD, */
  uint32_t is_connect : 1;   /* CONNECT; */
  uint32_t is_bare : 1;      /* or it is one of HTTP/0.9 */
};
_Static_assert(sizeof(struct http_turn) == 64, "a cache line: http/brief.h");

/* A final response, and what there was before it. */
struct http_answer {
  struct http_turn turn;        /* first */
  uint64_t start;               /* where it or its 1xx begin */
  uint64_t before_acked;        /* `acked` of the response before it, */
  struct weft_mark before_last; /* and the frame that completed that; 0: there was none */
};

/* 1 when a comes after b: by time, then by frame number. */
static inline int http_mark_after(struct weft_mark a, struct weft_mark b) {
  return a.time != b.time ? a.time > b.time : a.frame > b.frame;
}

#endif
