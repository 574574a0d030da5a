/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nothing lost, the first request without an answer gets the next response.
 * That count is worth nothing once heads may be missing: when bytes between two
 * responses are, or between two requests.  What is left then are the
 * acknowledgements, which say who knew what:
 *
 *     client   |---- Q1 ----|---- Q2 ----|              B: the client had read that
 *                                ^ A                       much when it asked
 *     server        |---- R1 ----|---- R2 ----|         A: the server had read that
 *                                ^ B                       much when it answered
 *
 *   - R answers no request that starts at or beyond its A: not read yet
 *   - R answers no request whose B lies beyond R's start: asked later
 *
 * If that leaves one request and no bytes that could have held another, it is
 * that one.  If it leaves several, the client may still be known to ask one
 * thing at a time: then R answers the last of them, provided that its B is
 * R's start, so that nothing else was on its way.  Of a client that has been
 * seen to pipeline this is not believed, nor of one of which nothing has been seen,
 * where its first bytes are missing and may have been two requests.  Then R, and what it may have answered,
 * is reported without a partner: a wrong pair is worse than none.
 */
#include "http/pair.h"

#include <assert.h>

#include "base/clear.h"

void http_pair_init(struct http_pair *pair, uint32_t max,
                    void (*report)(void *, struct http_turn *, struct http_answer *),
                    void *context) {
  clear(pair, sizeof *pair);
  pair->max = max;
  pair->report = report;
  pair->context = context;
}

/* A response's turn begins its struct. */
static struct http_answer *answer_of(struct http_turn *turn) { return (struct http_answer *)turn; }

static int seen_before(const struct http_turn *request, const struct http_answer *response) {
  return !response->turn.first.frame || !http_mark_after(request->first, response->turn.first);
}

/* Had the server read more than this request when it answered? */
static int read_on(const struct http_turn *request, const struct http_answer *response) {
  return !response->turn.late && request->complete && response->turn.acked > request->end;
}

static void pair_bind(struct http_pair *pair, struct http_turn *request,
                      struct http_answer *response) {
  const struct http_turn *next = request->next;
  if (read_on(request, response)) pair->pipelined = 1;
  if (next && next->first.frame && seen_before(next, response)) pair->pipelined = 1;
  for (; pair->unanswered != request; pair->unanswered = pair->unanswered->next)
    pair->unanswered->abandoned = 1;
  request->partner = &response->turn;
  response->turn.partner = request;
  request->interim += response->turn.interim;
  pair->unanswered = request->next;
  pair->unsure = 0;
  pair->strays = 0;
  pair->bound = 1;
}

/* Takes the oldest request off the list. */
static struct http_turn *pair_pop(struct http_pair *pair) {
  struct http_turn *request = pair->first;
  pair->first = request->next;
  if (!pair->first) pair->last = NULL;
  if (pair->unanswered == request) pair->unanswered = request->next;
  request->next = NULL;
  pair->nrequests--;
  return request;
}

static int pair_request_settled(const struct http_pair *pair, const struct http_turn *request) {
  if (!request->complete) return 0;
  if (request->partner) return request->partner->complete;
  return request->abandoned || (pair->responses_ended && !pair->held);
}

/* Reports every request at the front whose fate is known. */
static void pair_advance(struct http_pair *pair) {
  while (pair->first && pair_request_settled(pair, pair->first)) {
    struct http_turn *request = pair_pop(pair);
    pair->report(pair->context, request, answer_of(request->partner));
  }
}

/* ---- after a loss --------------------------------------------------------- */

/* Had the server read the request when it answered?  Where nothing is known of
   that, the capture's order tells. */
static int was_read(const struct http_turn *request, const struct http_answer *response) {
  return response->turn.acked ? request->offset < response->turn.acked
                              : seen_before(request, response);
}

/* Is request->acked what its own segment said?  Otherwise it is what was known
   when its turn came, which may be more. */
static int acked_is_exact(const struct http_turn *request) {
  return !request->late && !request->overtaken;
}

/* Could the one be the answer to the other, as far as can be known? */
static int could_answer(const struct http_turn *request, const struct http_answer *response) {
  if (!was_read(request, response)) return 0;
  if (acked_is_exact(request)) return request->acked <= response->start;
  /* Of a response that waited for others it is not known how much its server had
     read; then the order in the capture tells, but for what came out of order. */
  return !response->turn.late || !request->late || seen_before(request, response);
}

/* Does the order in the capture tell which came first: the request, or the end of
   what the server said before this response? */
static int order_tells(const struct http_answer *response) {
  return !response->turn.after_gap && !response->turn.late && !response->turn.overtaken;
}

/* Had the client read all that the server said before this response when it
   sent the request? */
static int asked_after(const struct http_turn *request, const struct http_answer *response) {
  if (acked_is_exact(request)) return request->acked == response->start;
  if (request->acked < response->start) return 0; /* it is never too little */
  if (!order_tells(response) || request->overtaken) return 0;
  return response->before_last.frame ? http_mark_after(request->first, response->before_last)
                                     : !response->start;
}

/* Or may it have?  Where what the request acknowledged is not known, nor does the
   order in the capture tell, all but too little may be. */
static int perhaps_asked_after(const struct http_turn *request,
                               const struct http_answer *response) {
  int known = acked_is_exact(request) || (order_tells(response) && !request->overtaken);
  return known ? asked_after(request, response) : request->acked >= response->start;
}

/* One request is missing directly before this one and was answered by the response
   before this one: its server had read that much and no more. */
static int hidden_answered(const struct http_pair *pair, const struct http_turn *request,
                           const struct http_answer *response) {
  if (!request->after_gap) return 1;
  return pair->bound && pair->strays == 1 && !response->turn.after_gap &&
         response->before_last.frame && response->before_acked == request->offset;
}

/* Bytes missing after the request may hold another that was answered. */
static int hidden_after(const struct http_pair *pair, const struct http_turn *request,
                        const struct http_answer *response) {
  int hidden = request->next ? request->next->after_gap : pair->requests_hidden;
  return hidden && (!request->complete || response->turn.acked > request->end);
}

/* Is it out of the question for more than the order in the capture? */
static int surely_not(const struct http_turn *request, const struct http_answer *response) {
  return !was_read(request, response) ||
         (acked_is_exact(request) && request->acked > response->start);
}

/* The requests that could be meant, the first unanswered one among them.
   Writes the last one. */
static uint32_t pair_candidates(const struct http_pair *pair, const struct http_answer *response,
                                struct http_turn **ret_last) {
  uint32_t n = 0;
  *ret_last = NULL;
  for (struct http_turn *q = pair->unanswered; q && could_answer(q, response); q = q->next)
    *ret_last = q, n++;
  return n;
}

static struct http_turn *pair_find(const struct http_pair *pair, const struct http_answer *response,
                                   struct http_turn *last, uint32_t n) {
  struct http_turn *q = pair->unanswered;
  if (!n || hidden_after(pair, last, response)) return NULL;
  if (last->next && !surely_not(last->next, response)) return NULL;
  if (n == 1 && !q->after_gap) return q;
  if (pair->pipelined || (pair->several_hidden && !pair->bound)) return NULL;
  while (q != last && !perhaps_asked_after(q, response)) q = q->next;
  if (q != last) return NULL; /* two of them would be a pipeline */
  if (read_on(q, response)) return NULL;
  return asked_after(q, response) && hidden_answered(pair, q, response) ? q : NULL;
}

/* ---- deciding --------------------------------------------------------------- */

/* Are heads missing that this response, or its request, may have been counted with? */
static int count_is_broken(const struct http_pair *pair, const struct http_answer *response) {
  return pair->unsure || response->turn.after_gap ||
         (pair->unanswered && pair->unanswered->after_gap);
}

static void pair_without(struct http_pair *pair, struct http_answer *response) {
  response->turn.abandoned = 1;
  if (response->turn.complete) pair->report(pair->context, NULL, response);
}

/* Since its last answer the server has read what begins here; a client that waits
   has sent one request in that time. */
static int read_since_last(const struct http_turn *request, const struct http_answer *response) {
  return !response->turn.after_gap && response->before_acked &&
         response->before_acked <= request->offset;
}

/* Does the client not wait?  Of `next`, that is not a candidate, the server knew
   nothing when it sent the response, yet it was on its way.  Or the server read
   two of them, or one and what is missing before it, after its last answer. */
static void pair_suspect(struct http_pair *pair, const struct http_turn *next,
                         const struct http_answer *response, uint32_t ncandidates) {
  const struct http_turn *q = pair->unanswered;
  if (ncandidates > 1 && read_since_last(q, response)) pair->pipelined = 1;
  if (response->turn.late) return;
  if (next && !was_read(next, response) && asked_after(next, response) &&
      seen_before(next, response))
    pair->pipelined = 1;
  if (q && q != next && q->after_gap && !response->turn.after_gap &&
      response->before_acked < q->offset)
    pair->pipelined = 1;
}

/* All that could matter to this response is there. */
static struct http_turn *pair_decide(struct http_pair *pair, struct http_answer *response) {
  struct http_turn *last, *request;
  if (count_is_broken(pair, response)) {
    uint32_t n = pair_candidates(pair, response, &last);
    pair_suspect(pair, n ? last->next : pair->unanswered, response, n);
    request = pair_find(pair, response, last, n);
    /* Whichever it answers, the first one's time is over. */
    if (!request && n && !pair->unanswered->after_gap) {
      pair->unanswered->abandoned = 1;
      pair->unanswered = pair->unanswered->next;
    }
    if (!request) pair->unsure = 1;
  } else {
    request = pair->unanswered;
    if (request && !was_read(request, response)) request = NULL;
  }
  if (request)
    pair_bind(pair, request, response);
  else
    pair_without(pair, response);
  if (!request && pair->strays < 2) pair->strays++;
  return request;
}

/* May a request still come that was sent before this response? */
static int must_wait(const struct http_pair *pair, const struct http_answer *response) {
  if (pair->requests_ended) return 0;
  if (pair->unanswered && !count_is_broken(pair, response)) return 0;
  if (!response->turn.acked) return !pair->unanswered;
  return response->turn.acked > pair->seen;
}

/* ---- responses before their requests ------------------------------------- */

static void held_push(struct http_pair *pair, struct http_answer *response) {
  if (pair->held)
    pair->held_last->turn.next = &response->turn;
  else
    pair->held = response;
  pair->held_last = response;
  pair->nheld++;
}

static struct http_answer *held_pop(struct http_pair *pair) {
  struct http_answer *response = pair->held;
  pair->held = answer_of(response->turn.next);
  response->turn.next = NULL;
  pair->nheld--;
  return response;
}

static void held_offer(struct http_pair *pair) {
  while (pair->held && !must_wait(pair, pair->held)) pair_decide(pair, held_pop(pair));
}

/* ---- events --------------------------------------------------------------- */

/* At the bound the oldest unanswered request is reported and its response, the
   next to come, will be one without a request: nothing shifts. */
static void pair_forget(struct http_pair *pair) {
  if (pair->first != pair->unanswered || !pair->first->complete) return;
  struct http_turn *request = pair_pop(pair);
  pair->forgotten++;
  pair->report(pair->context, request, NULL);
}

/* What the request says about its client's habits. */
static void pair_habits(struct http_pair *pair, const struct http_turn *request,
                        uint64_t answered) {
  const struct http_turn *open = pair->unanswered;
  if (!open) return;
  /* Both there before anything of the server was: nothing says that it waited. */
  if (request->late && pair->last->late && !pair->prev_last.frame) pair->pipelined = 1;
  if (!request->acked || (acked_is_exact(pair->last) && pair->last->acked >= request->acked))
    pair->pipelined = 1;
  if (!acked_is_exact(request)) return;
  if (acked_is_exact(open) && !pair->unsure && !pair->held && request->acked > open->acked &&
      request->acked <= answered)
    pair->pipelined = 1;
}

/* Requests of a client are much of a size. */
static int may_be_several(const struct http_turn *request, uint64_t missing) {
  return missing * 2 >= (request->end - request->offset) * 3;
}

void http_pair_request(struct http_pair *pair, struct http_turn *request, uint64_t answered,
                       uint64_t missing) {
  if (pair->nrequests >= pair->max) pair_forget(pair);
  if (request->after_gap && !pair->bound && may_be_several(request, missing))
    pair->several_hidden = 1;
  pair_habits(pair, request, answered);
  if (pair->first)
    pair->last->next = request;
  else
    pair->first = request;
  pair->last = request;
  pair->nrequests++;
  pair->requests_hidden = 0;
  if (!pair->unanswered) pair->unanswered = request;
  held_offer(pair);
}

void http_pair_seen(struct http_pair *pair, uint64_t seen, int hidden) {
  pair->seen = seen;
  pair->requests_hidden = hidden != 0;
  if (!pair->held) return;
  held_offer(pair);
  pair_advance(pair);
}

struct http_turn *http_pair_response(struct http_pair *pair, struct http_answer *response) {
  struct http_turn *request = NULL;
  response->start = pair->has_interim ? pair->interim_start : response->turn.offset;
  response->turn.interim = pair->interim;
  response->before_acked = pair->prev_acked;
  response->before_last = pair->prev_last;
  if (pair->interim_gap) response->turn.after_gap = 1;
  pair->has_interim = pair->interim_gap = 0;
  pair->interim = 0;
  /* Two answers, and nothing read between them. */
  if (!response->turn.after_gap && response->before_last.frame && response->turn.acked &&
      response->turn.acked <= response->before_acked && !response->turn.late)
    pair->pipelined = 1;
  if (pair->forgotten) {
    pair->forgotten--;
    pair_without(pair, response);
    return NULL;
  }
  if (pair->held || must_wait(pair, response)) {
    if (pair->nheld >= pair->max) {
      pair_without(pair, held_pop(pair));
      pair->unsure = 1;
    }
    held_push(pair, response);
  } else {
    request = pair_decide(pair, response);
  }
  pair_advance(pair);
  return request;
}

struct http_turn *http_pair_interim(struct http_pair *pair, const struct http_turn *interim) {
  struct http_turn *request = pair->unanswered;
  if (interim->after_gap) pair->interim_gap = 1;
  if (!pair->has_interim) pair->interim_start = interim->offset;
  pair->has_interim = 1;
  if (pair->held || pair->forgotten) request = NULL; /* another response comes first */
  if (pair->unsure || pair->interim_gap || (request && request->after_gap)) request = NULL;
  if (request)
    request->interim++;
  else
    pair->interim++;
  return request;
}

void http_pair_request_over(struct http_pair *pair, struct http_turn *request) {
  assert(request->complete);
  /* Its end came after its answer, and shows it only now? */
  if (request->partner && read_on(request, answer_of(request->partner))) pair->pipelined = 1;
  pair_advance(pair);
}

void http_pair_response_over(struct http_pair *pair, struct http_answer *response,
                             struct weft_mark last) {
  assert(response->turn.complete);
  pair->prev_acked = response->turn.acked;
  pair->prev_last = last;
  if (response->turn.abandoned)
    pair->report(pair->context, NULL, response);
  else
    pair_advance(pair);
}

void http_pair_end(struct http_pair *pair, int responses) {
  if (responses)
    pair->responses_ended = 1;
  else
    pair->requests_ended = 1;
  held_offer(pair);
  pair_advance(pair);
}
