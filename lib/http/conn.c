/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/conn.h"

#include <assert.h>
#include <string.h>

#include "http/brief.h"
#include "http/notes.h"
#include "http/timing.h"

/* 2^13 connections are a little more than two mebibytes, a huge page. */
enum { CONNS_SHIFT = 13 };

/* What a segment within a body needs is the line of its parser, and the end of a direction no
   more than that and the first line. */
struct http_conn {
  struct weft_http *http;
  struct http_notes *notes; /* NULL: none yet */
  uint32_t index;           /* in weft_http::conns */
  uint8_t client;           /* enum weft_dir: who sends the requests */
  uint8_t leaving;          /* weft_http::last_* are of this connection */
  uint8_t request_lines;    /* of the request that waits: for conn_on_soon, */
  uint8_t fields_line;      /* ... and where fields are in the response that is being read */
  struct http_pair pair;
  struct weft_conn *conn;
  /* What the engine knows of it lies apart, and was fetched when its first bytes came. */
  uint64_t id;                                /* weft_conn_id */
  weft_duration connect;                      /* weft_conn_handshake, as far as it was known then */
  uint64_t tx;                                /* exchanges reported */
  _Alignas(64) struct http_parser parsers[2]; /* by enum weft_dir */
};
_Static_assert(sizeof(struct http_conn) == HTTP_CONN_SIZE &&
                   offsetof(struct http_conn, pair.seen) == 64,
               "five cache lines");

/* ---- reporting ---------------------------------------------------------- */

/* The HTTP client is whoever sent the requests, also when the capture began in
   the middle and the engine guessed the other way. */
static void conn_tuple(const struct http_conn *c, struct weft_tuple *ret) {
  weft_conn_tuple_copy(c->conn, ret);
  if (c->client == WEFT_FROM_CLIENT) return;
  struct weft_endpoint source = ret->source;
  ret->source = ret->target;
  ret->target = source;
}

static void conn_count(struct weft_http *http, const struct weft_http_exchange *exchange) {
  http->stats.exchanges++;
  if (exchange->match == WEFT_MATCH_UNMATCHED_REQUEST) http->stats.unmatched_requests++;
  if (exchange->match == WEFT_MATCH_UNMATCHED_RESPONSE) http->stats.unmatched_responses++;
}

/* The message that has this turn. */
static struct http_message *conn_message(struct weft_http *http, struct http_turn *turn) {
  if (!turn || !turn->brief) return http_message_of(turn);
  http_brief_show(http_brief_of(turn), &http->shown);
  return &http->shown;
}

/* A callback is to see the message, which may have been packed. */
static void conn_show(struct http_conn *c, struct http_message *m) {
  if (m && http_message_unpack(&c->http->store, m)) c->http->status = WEFT_E_NOMEM;
}

static void conn_tell(struct http_conn *c, const struct weft_http_exchange *exchange,
                      struct http_message *request, struct http_message *response) {
  conn_count(c->http, exchange);
  if (!c->http->ops.on_exchange || c->http->result) return;
  conn_show(c, request);
  conn_show(c, response);
  c->http->result = c->http->ops.on_exchange(c->conn, exchange, c->http->user);
}

/* Written in place, for it is large.  `turn`: the request's, where it is kept. */
static void conn_exchange(struct http_conn *c, const struct http_turn *turn,
                          const struct http_message *request, const struct http_message *response,
                          uint64_t id, uint64_t tx, struct http_told *told) {
  struct weft_http_exchange *x = &told->exchange;
  x->id = id;
  x->conn_id = c->id;
  x->conn_tx = tx;
  conn_tuple(c, &told->tuple);
  x->tuple = &told->tuple;
  x->request = request ? &request->view : NULL;
  x->response = response ? &response->view : NULL;
  x->interim_count = request ? request->turn.interim : response->turn.interim;
  x->match = !request    ? WEFT_MATCH_UNMATCHED_RESPONSE
             : !response ? WEFT_MATCH_UNMATCHED_REQUEST
                         : WEFT_MATCH_FIFO;
  http_timing_of(request, response, &x->timing);
  if (tx == 1)
    x->timing.connect = c->connect != WEFT_TIME_NONE ? c->connect : weft_conn_handshake(c->conn);
  x->interims = NULL;
  x->ninterims = 0;
  x->again = NULL;
  if (c->notes) http_notes_tell(c->notes, turn, request, response, told);
}

/* `m`: as conn_message has it. */
static void conn_forget(struct http_conn *c, struct http_turn *turn, struct http_message *m) {
  struct weft_http *http = c->http;
  if (!m) return;
  if (c->notes) http_notes_forget(c->notes, &http->store, turn, m);
  if (turn->brief) {
    http_message_lay_aside(&http->store, m);
    http_brief_free(&http->store, http_brief_of(turn));
    return;
  }
  if (http->finished == m) http->finished = NULL;
  http_message_free(&http->store, m);
}

/* After this exchange the connection is not HTTP/1: conn_leave. */
static void conn_last(struct http_conn *c, struct http_turn *request, struct http_message *response,
                      const struct weft_http_exchange *exchange) {
  struct weft_http *http = c->http;
  c->leaving = 1;
  http->last_request = request;
  http->last_response = response;
  http->last_id = exchange->id;
  http->last_tx = exchange->conn_tx;
  /* Others may be shown in the same place before. */
  if (request && request->brief) http_message_lay_aside(&http->store, &http->shown);
}

static void conn_report(void *context, struct http_turn *turn, struct http_answer *answer) {
  struct http_conn *c = context;
  struct weft_http *http = c->http;
  struct http_message *request = conn_message(http, turn),
                      *response = http_message_of_answer(answer);
  struct http_told told;
  if (request && response && http_timing_is_early(request, response))
    response->view.flags |= WEFT_HTTP_EARLY;
  conn_exchange(c, turn, request, response, ++http->exchanges, ++c->tx, &told);
  conn_tell(c, &told.exchange, request, response);
  if (response && (response->view.flags & WEFT_HTTP_UPGRADED) && !c->leaving) {
    conn_last(c, turn, response, &told.exchange);
    return;
  }
  conn_forget(c, turn, request);
  if (response) conn_forget(c, &response->turn, response);
}

/* ---- what the parsers say ------------------------------------------------ */

static void conn_on_head(struct http_conn *c, struct http_message *m) {
  if (!c->http->ops.on_head || c->http->result) return;
  c->http->result = c->http->ops.on_head(c->conn, &m->view, &m->view.user, c->http->user);
}

static int method_is(const struct http_message *request, const char *method, size_t length) {
  const struct weft_text *have = &request->view.method;
  return have->len == length && !memcmp(have->base, method, length);
}

/* Which responses are known to have begun, as an offset. */
static uint64_t conn_answered(const struct http_parser *responses) {
  return responses->hidden || responses->after_gap ? 0 : responses->offset;
}

/* How far requests are known, told to the pairing after each of its deliveries: no
   farther than the head of one that goes on, so that nothing depends on how its
   bytes are delivered. */
static void conn_requests_seen(struct http_conn *c) {
  const struct http_parser *p = &c->parsers[c->client];
  const struct http_message *m = p->message;
  uint64_t seen = !m                             ? p->offset
                  : p->state == HTTP_PARSER_HEAD ? m->view.offset
                                                 : m->view.offset + m->view.head_length;
  http_pair_seen(&c->pair, seen, p->hidden);
}

/* Was it captured after it was acknowledged?  Then what its sender has acknowledged by
   now may be later as well. */
static int conn_is_overtaken(const struct http_conn *c, const struct http_message *m) {
  return !m->turn.late &&
         weft_conn_acked(c->conn, m->view.dir) >= m->view.offset + m->view.head_length;
}

static void conn_request_head(struct http_conn *c, struct http_message *m) {
  struct http_parser *responses = &c->parsers[http_other_dir((enum weft_dir)c->client)];
  c->http->stats.requests++;
  m->turn.acked = weft_conn_acked(c->conn, http_other_dir((enum weft_dir)c->client));
  m->turn.overtaken = conn_is_overtaken(c, m);
  m->turn.is_head = method_is(m, "HEAD", 4);
  m->turn.is_connect = method_is(m, "CONNECT", 7);
  m->turn.is_bare = m->view.major == 0 && !m->view.nfields;
  /* A response that lost its place is over once its client asks again. */
  if (!c->pair.pipelined) http_parser_settle(responses);
  /* What waits for requests up to here does not wait for this one. */
  if (c->pair.held) http_pair_seen(&c->pair, m->view.offset, m->turn.after_gap);
  uint64_t missing = m->turn.after_gap ? weft_conn_gap_bytes(c->conn, m->view.dir) : 0;
  http_pair_request(&c->pair, &m->turn, conn_answered(responses), missing);
}

/* NULL: no memory. */
static struct http_notes *conn_notes(struct http_conn *c) {
  if (!c->notes) c->notes = mem_alloc_zero(&c->http->store.mem, sizeof *c->notes);
  return c->notes;
}

static int is_interim(const struct http_message *m) {
  return m->view.status / 100 == 1 && m->view.status != 101;
}

static void conn_interim_head(struct http_conn *c, const struct http_message *m) {
  const struct http_turn *request = http_pair_interim(&c->pair, &m->turn);
  uint32_t n = request ? request->interim : c->pair.interim;
  if (n > WEFT_HTTP_INTERIMS_MAX) return;
  struct http_notes *notes = conn_notes(c);
  if (!notes || http_interims_add(&notes->interims, &c->http->store, request, m))
    c->http->status = WEFT_E_NOMEM;
}

static unsigned conn_response_head(struct http_conn *c, struct http_parser *p,
                                   struct http_message *m) {
  unsigned status = m->view.status;
  c->http->stats.responses++;
  if (is_interim(m)) {
    conn_interim_head(c, m);
    return 0;
  }
  if (c->notes) http_interims_claim(c->notes->interims, &m->turn);
  m->turn.acked = weft_conn_acked(c->conn, (enum weft_dir)c->client);
  m->turn.overtaken = conn_is_overtaken(c, m);
  const struct http_turn *request = http_pair_response(&c->pair, &m->answer);
  p->expect_bare = 0;
  /* A request that lost its place is over once it is answered. */
  if (request && !request->complete) http_parser_settle(&c->parsers[c->client]);
  if (request && request->is_connect && status / 100 == 2) {
    m->view.flags |= WEFT_HTTP_UPGRADED;
    return HTTP_ANSWERS_CONNECT;
  }
  if (status == 101) m->view.flags |= WEFT_HTTP_UPGRADED;
  if (!request) return HTTP_ANSWERS_UNKNOWN;
  return request->is_head ? HTTP_ANSWERS_HEAD : 0;
}

static unsigned parser_head(struct http_parser *p, struct http_message *m) {
  struct http_conn *c = p->context;
  unsigned answers = 0;
  m->turn.offset = m->view.offset;
  m->turn.end = http_message_end(m);
  m->turn.first = m->view.first;
  m->turn.after_gap = p->hidden;
  m->turn.late = m->view.head_last.frame != c->http->trigger;
  p->hidden = 0;
  if (p->kind == HTTP_REQUEST)
    conn_request_head(c, m);
  else
    answers = conn_response_head(c, p, m);
  conn_on_head(c, m);
  return answers;
}

static void parser_body(struct http_parser *p, struct http_message *m, const uint8_t *data,
                        size_t length) {
  struct http_conn *c = p->context;
  if (!c->http->ops.on_body || c->http->result) return;
  conn_show(c, m);
  c->http->result =
      c->http->ops.on_body(c->conn, &m->view, data, length, m->view.user, c->http->user);
}

/* The message, which is complete, has to wait for its partner, longer than its frame lives. */
static void conn_wait(struct http_conn *c, struct http_parser *p, struct http_message *m) {
  struct http_store *store = &c->http->store;
  /* Nearly always the one request that is under way. */
  int alone = http_pair_has_only(&c->pair, &m->turn);
  struct http_brief *brief = alone ? http_brief_new(store, m) : NULL;
  if (brief) {
    http_pair_moved(&c->pair, &brief->turn);
    c->request_lines = (uint8_t)((http_brief_size(brief->head_length, brief->nfields) + 63) / 64);
    http_message_free(store, m);
    return;
  }
  if (http_message_lay_aside(store, m)) p->status = WEFT_E_NOMEM;
  if (p->kind == HTTP_REQUEST) c->request_lines = HTTP_MESSAGE_SIZE / 64;
}

static void parser_done(struct http_parser *p, struct http_message *m) {
  struct http_conn *c = p->context;
  parser_body(p, m, NULL, 0);
  if (p->kind == HTTP_RESPONSE && is_interim(m)) {
    http_message_free(&c->http->store, m);
    return;
  }
  /* RFC 9110 sections 7.8 and 9.3.6: after this response neither side speaks
     HTTP/1, and its request is over however much of it came.  A response whose
     request has yet to come through leaves the requests' parser alone. */
  int upgraded = (m->view.flags & WEFT_HTTP_UPGRADED) != 0, answers = m->turn.partner != NULL;
  if (upgraded) p->state = HTTP_PARSER_STOPPED;
  c->http->finished = m;
  uint64_t end = m->turn.end = http_message_end(m);
  if (p->kind == HTTP_RESPONSE)
    http_pair_response_over(&c->pair, &m->answer, m->view.last);
  else
    http_pair_request_over(&c->pair, &m->turn);
  if (p->kind == HTTP_REQUEST && c->pair.held) http_pair_seen(&c->pair, end, p->hidden);
  if (c->http->finished) conn_wait(c, p, m);
  if (upgraded && answers) http_parser_stop(&c->parsers[c->client]);
}

/* Bytes of a server show that an HTTP/0.9 request, which ends without a sign,
   was over, and what they may be. */
static void parser_begin(struct http_parser *responses) {
  struct http_conn *c = responses->context;
  struct http_parser *requests = &c->parsers[c->client];
  if (http_parser_is_versionless(requests)) http_parser_settle(requests);
  const struct http_turn *request = c->pair.unanswered;
  responses->expect_bare = request && request->is_bare;
}

static const struct http_parser_ops parser_ops = {
    .begin = parser_begin, .head = parser_head, .body = parser_body, .done = parser_done};

/* ---- a connection -------------------------------------------------------- */

static struct http_conn *conn_new(struct weft_http *http, struct weft_conn *conn,
                                  enum weft_dir client) {
  uint32_t index = http_reuse_take(&http->conns);
  if (index == SLAB_NONE) return NULL;
  struct http_conn *c = http_reuse_at(&http->conns, index, HTTP_CONN_SIZE);
  c->http = http;
  c->conn = conn;
  c->notes = NULL;
  c->id = weft_conn_id(conn);
  c->connect = weft_conn_handshake(conn);
  c->tx = 0;
  c->index = index;
  c->client = (uint8_t)client;
  c->leaving = 0;
  c->request_lines = HTTP_MESSAGE_SIZE / 64;
  c->fields_line = 0;
  http_parser_setup(&c->parsers[client], &http->host, c, HTTP_REQUEST, client);
  enum weft_dir server = http_other_dir(client);
  http_parser_setup(&c->parsers[server], &http->host, c, HTTP_RESPONSE, server);
  http_pair_init(&c->pair, http->pipeline_max, conn_report, c);
  return c;
}

/* Its parsers hold nothing. */
static void conn_drop(struct http_conn *c) {
  if (c->notes) http_notes_free(c->notes, &c->http->store);
  http_reuse_give(&c->http->conns, c->index);
}

static void conn_free(struct http_conn *c) {
  http_parser_done(&c->parsers[0]);
  http_parser_done(&c->parsers[1]);
  conn_drop(c);
}

/* Nothing more will come: reports all there is. */
static void conn_flush(struct http_conn *c) {
  http_parser_stop(&c->parsers[c->client]);
  http_pair_end(&c->pair, 0);
  http_parser_stop(&c->parsers[http_other_dir((enum weft_dir)c->client)]);
  http_pair_end(&c->pair, 1);
  assert(!c->pair.first && !c->pair.held);
}

/* HTTP/1 is over on this connection, which is then somebody else's.  Frees `c`
   and returns 1 when the program took it. */
static int conn_leave(struct http_conn *c, int *result) {
  struct weft_http *http = c->http;
  struct http_turn *turn = http->last_request;
  struct http_message *response = http->last_response;
  struct http_told told;
  int taken;
  conn_flush(c);
  if (!*result) *result = http->result;
  http->result = 0;
  struct http_message *request = conn_message(http, turn);
  conn_show(c, request);
  conn_show(c, response);
  conn_exchange(c, turn, request, response, http->last_id, http->last_tx, &told);
  taken = http_offer(http, c->conn, &told.exchange, result);
  conn_forget(c, turn, request);
  conn_forget(c, &response->turn, response);
  conn_free(c);
  return taken;
}

/* Has something to be told or done once the callback ends? */
static inline int conn_is_asked(const struct http_conn *c, const struct http_parser *p) {
  return (c->http->result | p->status | c->http->status | c->leaving) != 0;
}

/* The value a callback of ours returns. */
static int conn_return(struct http_conn *c, struct http_parser *p, int *ret_taken) {
  struct weft_http *http = c->http;
  *ret_taken = 0;
  if (!conn_is_asked(c, p)) return 0;
  int status = p->status ? p->status : http->status, leaving = c->leaving;
  int result = http->result ? http->result : status;
  http->result = 0;
  p->status = http->status = 0;
  if (leaving) *ret_taken = conn_leave(c, &result);
  if (result) return result;
  return leaving && !*ret_taken ? WEFT_DETACH : 0;
}

static uint64_t conn_feed(struct http_conn *c, struct http_parser *p, const struct weft_data *data,
                          int last) {
  c->http->trigger = data->trigger.frame;
  uint64_t keep = http_parser_data(p, data->spans, data->nspans, last);
  if (p->kind == HTTP_REQUEST)
    conn_requests_seen(c);
  else if (p->message)
    c->fields_line = http_message_fields_line(p->message);
  return keep;
}

static void conn_miss(struct http_conn *c, struct http_parser *p, uint64_t offset, uint64_t length,
                      struct weft_mark mark) {
  http_parser_gap(p, offset, length, mark);
  if (p->kind == HTTP_REQUEST) conn_requests_seen(c);
}

/* What a connection has between its end and its removal. */
static const struct weft_stream_ops over_ops = {.size = sizeof over_ops};

/* Both directions have ended and all is reported: what is in the cache now would
   have to be fetched again when the connection is removed. */
static void conn_over(struct http_conn *c, struct weft_conn *conn) {
  assert(!c->pair.first && !c->pair.held && !c->parsers[0].message && !c->parsers[1].message);
  if (!weft_conn_set_ops(conn, &over_ops, NULL)) conn_drop(c);
}

/* Some of the data are not consumed, or somebody has asked for something. */
static __attribute__((noinline)) int conn_settle(struct http_conn *c, struct http_parser *p,
                                                 enum weft_dir dir, const struct weft_data *data,
                                                 uint64_t keep) {
  struct weft_conn *conn = c->conn;
  const struct weft_mark nowhere = {0, 0};
  int kept = keep != WEFT_OFFSET_NONE && !c->leaving && !weft_conn_keep(conn, dir, keep);
  /* What may not be kept is lost. */
  if (keep != WEFT_OFFSET_NONE && !c->leaving && !kept)
    conn_miss(c, p, keep, data->offset + data->length - keep, nowhere);
  int taken, result = conn_return(c, p, &taken);
  if (taken && keep != WEFT_OFFSET_NONE) weft_conn_keep(conn, dir, keep);
  return result;
}

/* Data that http_parser_pass has not taken. */
static __attribute__((noinline)) int conn_read(struct http_conn *c, struct http_parser *p,
                                               enum weft_dir dir, const struct weft_data *data) {
  uint64_t keep = conn_feed(c, p, data, 0);
  if (keep == WEFT_OFFSET_NONE && !conn_is_asked(c, p)) return 0;
  return conn_settle(c, p, dir, data, keep);
}

int http_conn_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  struct http_conn *c = user;
  struct http_parser *p = &c->parsers[dir];
  (void)conn;
  if (!http_parser_pass(p, data->spans, data->nspans)) return conn_read(c, p, dir, data);
  if (p->kind == HTTP_RESPONSE) return 0;
  /* A response that waited for requests may be told by this. */
  conn_requests_seen(c);
  return conn_is_asked(c, p) ? conn_settle(c, p, dir, data, WEFT_OFFSET_NONE) : 0;
}

int http_conn_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  struct http_conn *c = user;
  struct http_parser *p = &c->parsers[dir];
  const struct weft_mark nowhere = {0, 0};
  int taken;
  (void)conn;
  if (gap->cause == WEFT_GAP_START) {
    p->hidden = p->kind == HTTP_RESPONSE; /* answers to requests that were seen, perhaps */
    return 0;
  }
  if (gap->kept) conn_feed(c, p, gap->kept, 1);
  /* A frame cut short did bring these bytes to its receiver. */
  c->http->trigger = gap->trigger.frame;
  conn_miss(c, p, gap->offset, gap->length, gap->cause == WEFT_GAP_SNAPLEN ? gap->before : nowhere);
  return conn_return(c, p, &taken);
}

int http_conn_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  struct http_conn *c = user;
  struct http_parser *p = &c->parsers[dir];
  int taken;
  if (end->kept) conn_feed(c, p, end->kept, 1);
  c->http->trigger = end->mark.frame; /* a head that is cut here has waited, or came with it */
  http_parser_end(p, end->cause == WEFT_END_FIN, end->mark);
  http_pair_end(&c->pair, p->kind == HTTP_RESPONSE);
  int over = c->pair.requests_ended && c->pair.responses_ended && !c->leaving;
  int result = conn_return(c, p, &taken);
  if (over) conn_over(c, conn);
  return result;
}

/* Bytes came again.  Of those that were acknowledged it is known that the first copy
   had arrived. */
static int conn_on_overlap(struct weft_conn *conn, enum weft_dir dir,
                           const struct weft_overlap *overlap, void *user) {
  struct http_conn *c = user;
  uint64_t acked = weft_conn_acked(conn, dir), end = overlap->offset + overlap->length;
  uint64_t start = overlap->offset > acked ? overlap->offset : acked;
  if (start >= end) return 0;
  struct http_notes *notes = conn_notes(c);
  if (!notes) return WEFT_E_NOMEM;
  return http_copies_add(&notes->copies[dir], &c->http->store, start, end, overlap->arrived_mark);
}

static void conn_on_close(struct weft_conn *conn, void *user) {
  struct http_conn *c = user;
  (void)conn;
  c->leaving = 1; /* nobody is left to take the connection over */
  c->http->trigger = 0;
  conn_flush(c);
  c->http->result = 0; /* nor to be told */
  conn_free(c);
}

/* The next segment is most likely the last of the message that is being read; of one in chunks,
   perhaps. */
static int ends_soon(const struct http_parser *p) {
  enum { SEGMENT = 1460 };
  if (p->state == HTTP_PARSER_CHUNKED) return p->chunked.remaining <= SEGMENT;
  return p->state == HTTP_PARSER_COUNTED && p->remaining <= SEGMENT;
}

/* A processor waits for a dozen or two cache lines at a time, so it is asked only for what is
   needed.  What that is shows the parser: the message whose body goes on; or, where one ends or
   begins, all of it and of the connection, and the request that is answered. */
static void conn_on_soon(void *user, enum weft_dir dir, int step) {
  const struct http_conn *c = user;
  const struct http_parser *p = &c->parsers[dir];
  if (step == 0) {
    prefetch(c);
    prefetch(p);
    return;
  }
  const char *message = (const char *)p->message;
  if (message && !ends_soon(p)) {
    prefetch_lines(message + HTTP_MESSAGE_HOT, HTTP_MESSAGE_HOT_END - HTTP_MESSAGE_HOT);
    return;
  }
  prefetch_lines((const char *)c + 64, sizeof *c - 64);
  if (message) prefetch_lines(message, sizeof *p->message);
  if (!c->pair.first || c->client == dir) return;
  if (message) prefetch_lines(message + (size_t)c->fields_line * 64, 128);
  prefetch_lines(c->pair.first, (size_t)c->request_lines * 64);
}

static const struct weft_stream_ops conn_ops = {
    .size = sizeof conn_ops,
    .on_soon = conn_on_soon,
    .on_data = http_conn_data,
    .on_gap = http_conn_gap,
    .on_end = http_conn_end,
    .on_close = conn_on_close,
    .on_overlap = conn_on_overlap,
};

int http_conn_begin(struct weft_http *http, struct weft_conn *conn, enum weft_dir dir,
                    enum http_kind kind, struct http_conn **ret) {
  struct http_conn *c = conn_new(http, conn, kind == HTTP_REQUEST ? dir : http_other_dir(dir));
  if (!c) return WEFT_E_NOMEM;
  int status = weft_conn_set_ops(conn, &conn_ops, c);
  if (status) {
    conn_free(c);
    return status;
  }
  c->parsers[dir].judged = 1;
  /* What was missed before HTTP was recognised may have held messages. */
  for (int i = 0; i < 2; i++)
    c->parsers[i].hidden = weft_conn_gap_bytes(conn, (enum weft_dir)i) != 0;
  http->stats.conns_http++;
  *ret = c;
  return 0;
}

void http_conns_init(struct weft_http *http) {
  int quiet = !http->ops.on_body && !http->store.parts_max;
  http->host = (struct http_parser_host){&parser_ops, &http->store, quiet};
  http_reuse_init(&http->conns, &http->store.mem, HTTP_CONN_SIZE, CONNS_SHIFT);
}

void http_conns_done(struct weft_http *http) { http_reuse_done(&http->conns); }
