/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_CONN_H
#define WEFT_HTTP_CONN_H

#include "http/message.h"
#include "http/pair.h"
#include "http/parser.h"
#include "http/probe.h"

/*
 * A connection that speaks HTTP/1: a parser for each direction, and the pairing
 * between them.  It has the engine's callbacks until it closes or until an
 * exchange makes something else of it (CONNECT, Upgrade).
 */
struct http_conn;
#define HTTP_CONN_SIZE 320 /* five cache lines */

/* What all connections of one weft_http share. */
struct weft_http {
  struct http_store store;
  struct http_parser_host host;
  struct weft_http_ops ops;
  void *user;
  uint32_t pipeline_max;
  struct http_reuse conns; /* of struct http_conn */
  struct weft_http_stats stats;
  uint64_t exchanges; /* ids given out */
  /* Of the callback of the engine that runs: */
  uint64_t trigger;              /* the frame that is being worked on, if heads may be read */
  int result;                    /* of the first callback of the user that asked to stop */
  int status;                    /* WEFT_E_NOMEM: something of the messages is missing */
  struct http_message *finished; /* this message, unless it was freed since */
  struct http_message shown;     /* the request of an exchange, where it was kept in brief */
  /* The exchange after which the connection is not HTTP/1, kept until the
     callback ends: the parsers may be in the middle of a step. */
  struct http_turn *last_request;
  struct http_message *last_response;
  uint64_t last_id, last_tx;
};

void http_conns_init(struct weft_http *);
void http_conns_done(struct weft_http *);

/* Takes the connection over: a message of that kind begins in `dir`.  0,
   WEFT_E_NOMEM, or what weft_conn_set_ops returns. */
int http_conn_begin(struct weft_http *, struct weft_conn *, enum weft_dir, enum http_kind,
                    struct http_conn **ret);

/* The engine's callbacks, for what arrived with the decision to begin. */
int http_conn_data(struct weft_conn *, enum weft_dir, const struct weft_data *, void *http_conn);
int http_conn_gap(struct weft_conn *, enum weft_dir, const struct weft_gap *, void *http_conn);
int http_conn_end(struct weft_conn *, enum weft_dir, const struct weft_end *, void *http_conn);

/* ---- http.c ---------------------------------------------------------------- */

/* Offers a connection that is not HTTP/1, or no longer, to the program.  1: it
   took it, 0: it did not.  *result, where 0, gets what a callback returned. */
int http_offer(struct weft_http *, struct weft_conn *, const struct weft_http_exchange *,
               int *result);

/* Whoever is not this one. */
static inline enum weft_dir http_other_dir(enum weft_dir dir) {
  return dir == WEFT_FROM_CLIENT ? WEFT_FROM_SERVER : WEFT_FROM_CLIENT;
}

#endif
