/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/pair.h"

#include <assert.h>
#include <string.h>

void http_pair_init(struct http_pair *pair, uint32_t max,
                    void (*report)(void *, struct http_message *, struct http_message *),
                    void *context) {
  memset(pair, 0, sizeof *pair);
  pair->max = max;
  pair->report = report;
  pair->context = context;
}

static void pair_bind(struct http_pair *pair, struct http_message *request,
                      struct http_message *response) {
  assert(request == pair->unanswered);
  request->partner = response;
  response->partner = request;
  pair->unanswered = request->next;
}

/* Takes the oldest request off the list. */
static struct http_message *pair_pop(struct http_pair *pair) {
  struct http_message *request = pair->first;
  pair->first = request->next;
  if (!pair->first) pair->last = NULL;
  if (pair->unanswered == request) pair->unanswered = request->next;
  request->next = NULL;
  pair->nrequests--;
  return request;
}

static int pair_request_settled(const struct http_pair *pair, const struct http_message *request) {
  if (!request->complete) return 0;
  if (request->partner) return request->partner->complete;
  return request->abandoned || pair->responses_ended;
}

/* Reports every request at the front whose fate is known. */
static void pair_advance(struct http_pair *pair) {
  while (pair->first && pair_request_settled(pair, pair->first)) {
    struct http_message *request = pair_pop(pair);
    pair->report(pair->context, request, request->partner);
  }
}

/* ---- responses before their requests ------------------------------------- */

static void held_push(struct http_pair *pair, struct http_message *response) {
  if (pair->held)
    pair->held_last->next = response;
  else
    pair->held = response;
  pair->held_last = response;
  pair->nheld++;
}

static struct http_message *held_pop(struct http_pair *pair) {
  struct http_message *response = pair->held;
  pair->held = response->next;
  response->next = NULL;
  pair->nheld--;
  return response;
}

/* Its request will not come. */
static void held_give_up(struct http_pair *pair) {
  struct http_message *response = held_pop(pair);
  response->abandoned = 1;
  if (response->complete) pair->report(pair->context, NULL, response);
}

/* Was this request there before that response was sent?  The server's own
   acknowledgement says so; without one, the times of capture. */
static int held_answers(const struct http_message *response, const struct http_message *request) {
  if (response->acked) return response->acked > request->view.offset;
  return request->view.first.time <= response->view.first.time;
}

static void held_offer(struct http_pair *pair, struct http_message *request) {
  while (pair->held && !held_answers(pair->held, request)) held_give_up(pair);
  if (pair->held) pair_bind(pair, request, held_pop(pair));
}

/* ---- events --------------------------------------------------------------- */

/* At the bound the oldest unanswered request is reported and its response, the
   next to come, will be one without a request: nothing shifts. */
static void pair_forget(struct http_pair *pair) {
  if (pair->first != pair->unanswered || !pair->first->complete) return;
  struct http_message *request = pair_pop(pair);
  pair->forgotten++;
  pair->report(pair->context, request, NULL);
}

void http_pair_request(struct http_pair *pair, struct http_message *request) {
  if (pair->nrequests >= pair->max) pair_forget(pair);
  if (pair->unanswered && pair->last->acked == request->acked) pair->pipelined = 1;
  if (pair->first)
    pair->last->next = request;
  else
    pair->first = request;
  pair->last = request;
  pair->nrequests++;
  request->interim = pair->interim;
  pair->interim = 0;
  if (!pair->unanswered) {
    pair->unanswered = request;
    held_offer(pair, request);
  }
}

/* After a loss: a client that asks one thing at a time had acknowledged every
   byte before this response when it sent this response's request.  The older
   requests' responses are then what was lost. */
static void pair_skip_lost(struct http_pair *pair, const struct http_message *response) {
  struct http_message *match = pair->unanswered;
  if (pair->pipelined || !response->view.offset) return;
  while (match && match->acked != response->view.offset) match = match->next;
  if (!match) return;
  for (; pair->unanswered != match; pair->unanswered = pair->unanswered->next)
    pair->unanswered->abandoned = 1;
}

struct http_message *http_pair_response(struct http_pair *pair, struct http_message *response,
                                        int after_gap, int wait) {
  if (pair->forgotten) {
    pair->forgotten--;
    response->abandoned = 1;
    return NULL;
  }
  if (after_gap) pair_skip_lost(pair, response);
  struct http_message *request = pair->unanswered;
  if (request) {
    pair_bind(pair, request, response);
  } else if (!wait || pair->requests_ended) {
    response->abandoned = 1;
  } else {
    if (pair->nheld >= pair->max) held_give_up(pair);
    held_push(pair, response);
  }
  pair_advance(pair);
  return request;
}

void http_pair_interim(struct http_pair *pair) {
  if (pair->unanswered)
    pair->unanswered->interim++;
  else
    pair->interim++;
}

void http_pair_finished(struct http_pair *pair, struct http_message *m, int is_response) {
  assert(m->complete);
  if (is_response && m->abandoned)
    pair->report(pair->context, NULL, m);
  else
    pair_advance(pair);
}

void http_pair_end(struct http_pair *pair, int responses) {
  if (responses) {
    pair->responses_ended = 1;
    pair_advance(pair);
  } else {
    pair->requests_ended = 1;
    while (pair->held) held_give_up(pair);
  }
}
