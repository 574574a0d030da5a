/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_PAIR_H
#define WEFT_HTTP_PAIR_H

#include "http/turn.h"

/*
 * Which response answers which request, on one connection: the n-th final
 * response the n-th request (RFC 9112 section 9.3.2), and what to believe when
 * one of the two is not there.
 *
 *   requests   R1 ----- R2 ----- R3        oldest first; each points to its
 *              |        |        ^         response once that has begun
 *   responses  A1       A2       unanswered
 *
 *   held       responses whose request has not come through yet: its segment
 *              was captured late, or waits behind a hole
 *
 * A request leaves when both are complete, or when no answer can come.  All
 * leave through `report`, in the order of their requests, exactly once.  pair.c
 * opens with how a pairing is found again after a loss.
 */
struct http_pair {
  struct http_turn *first, *last;
  struct http_turn *unanswered; /* the first request without a response, in the list */
  struct http_answer *held;
  uint32_t nrequests;
  uint32_t requests_ended : 1, responses_ended : 1;
  uint32_t has_interim : 1;     /* interim_start means something */
  uint32_t interim_gap : 1;     /* bytes before it are missing */
  uint32_t requests_hidden : 1; /* bytes before `seen` are missing, and no request has come since */
  uint32_t unsure : 1;          /* the next response need not be the first unanswered request's */
  uint32_t bound : 1;           /* there has been a pair */
  uint32_t pipelined : 1;       /* a request was sent before the one before it was answered */
  uint32_t several_hidden : 1;  /* bytes lost before the first pair may have been two requests */
  uint32_t strays : 2;          /* responses without a request since the last one with, 2: more */
  /* The end of a direction needs no more than what is above (http/conn.c). */
  uint64_t seen; /* all request heads below this offset have been told */
  struct http_answer *held_last;
  uint64_t prev_acked;        /* of the response before, */
  struct weft_mark prev_last; /* and the frame that completed it; 0: there was none */
  uint32_t nheld, max;
  uint32_t forgotten;     /* requests reported at the bound: their responses come next */
  uint32_t interim;       /* 1xx whose request is not known yet */
  uint64_t interim_start; /* where the 1xx before the next response begin */
  /* Either may be NULL, not both; both are the callee's to free. */
  void (*report)(void *context, struct http_turn *request, struct http_answer *response);
  void *context;
};

void http_pair_init(struct http_pair *, uint32_t max,
                    void (*report)(void *, struct http_turn *, struct http_answer *),
                    void *context);

/* The head of a request is complete; request->acked says how far its client
   had acknowledged the responses when it was sent.  `answered`: every response
   that begins below this offset has been told, 0 where some may be missing.
   `missing`: where request->after_gap, how many bytes of requests are so far. */
void http_pair_request(struct http_pair *pair, struct http_turn *request, uint64_t answered,
                       uint64_t missing);

/* No request that begins below `seen` is still to come.  `hidden`: the bytes
   directly before it are missing and may hold some that never will. */
void http_pair_seen(struct http_pair *, uint64_t seen, int hidden);

/* The head of a final response is complete; response->turn.acked says how far the
   server had acknowledged the requests.  Returns the request it answers; NULL
   where that is not known, or not yet. */
struct http_turn *http_pair_response(struct http_pair *, struct http_answer *response);

/* The head of an interim response is complete.  Returns the request it is for, NULL
   where that is not known: then it counts with the next final response. */
struct http_turn *http_pair_interim(struct http_pair *, const struct http_turn *interim);

/* The message is complete; of a response the frame that made it so is `last`. */
void http_pair_request_over(struct http_pair *, struct http_turn *request);
void http_pair_response_over(struct http_pair *, struct http_answer *response,
                             struct weft_mark last);

/* Is the request the only one that was not reported, and not answered yet? */
static inline int http_pair_has_only(const struct http_pair *pair,
                                     const struct http_turn *request) {
  return pair->first == request && pair->last == request && pair->unanswered == request;
}

/* Such a one, and all that is known of it, has moved. */
static inline void http_pair_moved(struct http_pair *pair, struct http_turn *request) {
  pair->first = pair->last = pair->unanswered = request;
}

/* No more messages of that kind will come; all that did are finished. */
void http_pair_end(struct http_pair *, int responses);

/* Non-zero when every request was answered: then the next bytes of the server
   are not an answer. */
static inline int http_pair_is_idle(const struct http_pair *pair) { return !pair->first; }

#endif
