/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <weft/http.h>

#include "allocator.h"

/*
 * weft_http on a connection that is played by hand: this file is its own
 * weft_conn_*, so each delivery, gap and acknowledgement is exactly as written.
 * The same through a real engine is in tests/api/test_http_engine.c.
 */
#define C WEFT_FROM_CLIENT
#define S WEFT_FROM_SERVER

struct weft_conn {
  const struct weft_stream_ops *ops;
  void *user;
  struct weft_tuple tuple;
  struct weft_conn_info info;
  uint64_t acked[2], offset[2];
  struct weft_span kept[2][64];
  size_t nkept[2];
  uint64_t keep;
  int detached, keep_fails;
};

int weft_conn_set_ops(struct weft_conn *conn, const struct weft_stream_ops *ops, void *user) {
  conn->ops = ops;
  conn->user = user;
  return 0;
}

int weft_conn_keep(struct weft_conn *conn, enum weft_dir dir, uint64_t offset) {
  (void)dir;
  if (conn->keep_fails) return WEFT_E_NOMEM;
  conn->keep = offset;
  return 0;
}

void *weft_conn_user(const struct weft_conn *conn) { return conn->user; }
uint64_t weft_conn_id(const struct weft_conn *conn) { return (void)conn, 7; }
uint64_t weft_conn_acked(const struct weft_conn *conn, enum weft_dir dir) { return conn->acked[dir]; }
const struct weft_tuple *weft_conn_tuple(const struct weft_conn *conn) { return &conn->tuple; }

void weft_conn_inspect(const struct weft_conn *conn, struct weft_conn_info *ret) {
  *ret = conn->info;
}

const uint8_t *weft_data_flat(const struct weft_data *data, uint64_t offset, size_t length,
                              uint8_t *scratch) {
  size_t n = 0;
  assert_true(offset == data->offset && length <= data->length);
  for (size_t i = 0; i < data->nspans && n < length; i++) {
    size_t take = data->spans[i].len < length - n ? data->spans[i].len : length - n;
    memcpy(scratch + n, data->spans[i].base, take);
    n += take;
  }
  return scratch;
}

/* ---- the play --------------------------------------------------------- */

struct play {
  struct weft_conn conn;
  struct test_allocator memory;
  struct weft_allocator allocator;
  struct weft_http *http;
  uint64_t frame;
  char log[8192], body[1024];
  size_t nlog, nbody;
  int stop_at, calls; /* the callback with this number stops */
  int take;           /* on_other takes the connection over */
  int others, heads, ends;
};

static void log_add(struct play *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void log_add(struct play *p, const char *format, ...) {
  va_list args;
  va_start(args, format);
  p->nlog += (size_t)vsnprintf(p->log + p->nlog, sizeof p->log - p->nlog, format, args);
  va_end(args);
  assert_true(p->nlog < sizeof p->log);
}

static int stop(struct play *p) { return ++p->calls == p->stop_at ? WEFT_E_USER - 1 : 0; }

static int on_head(struct weft_conn *conn, const struct weft_http_message *m, void **message_user,
                   void *user) {
  struct play *p = user;
  assert_ptr_equal(conn, &p->conn);
  *message_user = (void *)(uintptr_t)(m->offset + 1);
  p->heads++;
  return stop(p);
}

static int on_body(struct weft_conn *conn, const struct weft_http_message *m, const uint8_t *data,
                   size_t length, void *message_user, void *user) {
  struct play *p = user;
  (void)conn;
  if (!data) {
    assert_int_equal(length, 0);
    p->ends++;
    return stop(p);
  }
  if (!p->stop_at) assert_int_equal((uintptr_t)message_user, m->offset + 1);
  assert_true(p->nbody + length < sizeof p->body);
  memcpy(p->body + p->nbody, data, length);
  p->nbody += length;
  return stop(p);
}

/* "1 GET /a > 200 elapsed 1", "1 > 200", "1 GET /a >". */
static int on_exchange(struct weft_conn *conn, const struct weft_http_exchange *x, void *user) {
  struct play *p = user;
  (void)conn;
  assert_int_equal(x->conn_id, 7);
  log_add(p, "%u", (unsigned)x->conn_tx);
  if (x->request)
    log_add(p, " %.*s %.*s", (int)x->request->method.len, x->request->method.base,
            (int)x->request->target.len, x->request->target.base);
  log_add(p, " >");
  if (x->response) log_add(p, " %u", x->response->status);
  if (x->timing.elapsed != WEFT_TIME_NONE) log_add(p, " elapsed %d", (int)x->timing.elapsed);
  if (x->interim_count) log_add(p, " interim %u", x->interim_count);
  if (x->timing.bounds) log_add(p, " bounds %u", x->timing.bounds);
  if (x->request && x->request->flags & WEFT_HTTP_TRUNCATED) log_add(p, " request-truncated");
  if (x->response && x->response->flags & WEFT_HTTP_TRUNCATED) log_add(p, " response-truncated");
  if (x->response && x->response->flags & WEFT_HTTP_UPGRADED) log_add(p, " upgraded");
  if (x->tuple->source.port != 1000) log_add(p, " turned");
  log_add(p, "\n");
  assert_int_equal(x->match, !x->request    ? WEFT_MATCH_UNMATCHED_RESPONSE
                             : !x->response ? WEFT_MATCH_UNMATCHED_REQUEST
                                            : WEFT_MATCH_FIFO);
  return stop(p);
}

static int taken_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                      void *user) {
  struct play *p = user;
  (void)conn;
  for (size_t i = 0; i < data->nspans; i++)
    log_add(p, "other %s %.*s\n", dir == C ? "client" : "server", (int)data->spans[i].len,
            (const char *)data->spans[i].base);
  return 0;
}

static const struct weft_stream_ops taken = {.size = sizeof taken, .on_data = taken_data};

static int on_other(struct weft_conn *conn, const struct weft_http_exchange *x, void *user) {
  struct play *p = user;
  p->others++;
  log_add(p, "other after %u\n", x ? (unsigned)x->conn_tx : 0);
  if (p->take) weft_conn_set_ops(conn, &taken, p);
  return stop(p);
}

static void begin_with(struct play *p, struct weft_http_options options) {
  static const struct weft_http_ops ops = {sizeof ops, on_head, on_body, on_exchange, on_other};
  memset(p, 0, sizeof *p);
  p->allocator = test_allocator_of(&p->memory);
  p->conn.tuple.source.port = 1000;
  p->conn.tuple.target.port = 80;
  p->conn.keep = WEFT_OFFSET_NONE;
  options.size = sizeof options;
  options.allocator = &p->allocator;
  assert_int_equal(weft_http_new(&options, &ops, p, &p->http), 0);
  assert_int_equal(weft_http_attach(p->http, &p->conn), 0);
}

static void begin(struct play *p) { begin_with(p, (struct weft_http_options){0}); }

static int deliver(struct play *p, enum weft_dir dir, const struct weft_span *spans, size_t n) {
  struct weft_conn *conn = &p->conn;
  struct weft_span all[128];
  size_t count = conn->nkept[dir];
  memcpy(all, conn->kept[dir], count * sizeof *all);
  memcpy(all + count, spans, n * sizeof *all);
  count += n;
  const struct weft_span *last = &all[count - 1];
  const struct weft_data data = {.spans = all, .nspans = count, .offset = all[0].offset,
                                 .length = last->offset + last->len - all[0].offset,
                                 .fresh = spans[0].offset, .trigger = last->mark};
  conn->keep = WEFT_OFFSET_NONE;
  conn->nkept[dir] = 0;
  conn->offset[dir] = last->offset + last->len;
  if (conn->detached || !conn->ops->on_data) return 0;
  int result = conn->ops->on_data(conn, dir, &data, conn->user);
  if (result == WEFT_DETACH) conn->detached = 1;
  for (size_t i = 0; i < count; i++) {
    if (all[i].offset + all[i].len <= conn->keep) continue;
    size_t skip = conn->keep > all[i].offset ? (size_t)(conn->keep - all[i].offset) : 0;
    assert_true(conn->nkept[dir] < 64);
    conn->kept[dir][conn->nkept[dir]++] = (struct weft_span){
      all[i].base + skip, all[i].len - skip, all[i].offset + skip, all[i].mark};
  }
  return result;
}

/* A segment in the next frame; a millisecond a frame, time in milliseconds.
   It acknowledges all that was delivered of the other direction. */
static int say(struct play *p, enum weft_dir dir, const char *text) {
  struct weft_mark mark = {(weft_time)++p->frame, p->frame};
  struct weft_span span = {(const uint8_t *)text, strlen(text), p->conn.offset[dir], mark};
  p->conn.acked[!dir] = p->conn.offset[!dir];
  return deliver(p, dir, &span, 1);
}

static const struct weft_data *kept_of(struct play *p, enum weft_dir dir, struct weft_data *data) {
  struct weft_conn *conn = &p->conn;
  if (!conn->nkept[dir]) return NULL;
  const struct weft_span *first = conn->kept[dir], *last = &first[conn->nkept[dir] - 1];
  *data = (struct weft_data){.spans = first, .nspans = conn->nkept[dir], .offset = first->offset,
                             .length = last->offset + last->len - first->offset,
                             .fresh = last->offset + last->len};
  conn->nkept[dir] = 0;
  return data;
}

static int lose(struct play *p, enum weft_dir dir, uint64_t length, uint32_t cause) {
  struct weft_data kept;
  struct weft_gap gap = {.offset = p->conn.offset[dir], .length = length, .cause = cause,
                         .kept = kept_of(p, dir, &kept),
                         .before = {(weft_time)p->frame, p->frame}};
  if (cause != WEFT_GAP_START) p->conn.offset[dir] += length;
  if (p->conn.detached || !p->conn.ops->on_gap) return 0;
  return p->conn.ops->on_gap(&p->conn, dir, &gap, p->conn.user);
}

static int end(struct play *p, enum weft_dir dir, uint32_t cause) {
  struct weft_data kept;
  struct weft_mark mark = {(weft_time)++p->frame, p->frame};
  struct weft_end e = {.cause = cause, .length = p->conn.offset[dir], .mark = mark,
                       .kept = kept_of(p, dir, &kept)};
  if (p->conn.detached || !p->conn.ops->on_end) return 0;
  return p->conn.ops->on_end(&p->conn, dir, &e, p->conn.user);
}

static struct weft_http_stats finish(struct play *p) {
  struct weft_http_stats stats = {.size = sizeof stats};
  if (!p->conn.detached && p->conn.ops->on_close) p->conn.ops->on_close(&p->conn, p->conn.user);
  weft_http_stats(p->http, &stats);
  weft_http_free(p->http);
  assert_int_equal(p->memory.live, 0);
  assert_int_equal(p->memory.wrong_sizes, 0);
  return stats;
}

static void expect(struct play *p, const char *text) {
  finish(p);
  assert_string_equal(p->log, text);
  assert_int_equal(p->heads, p->ends);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static struct play P;

/* ---- pairing --------------------------------------------------------------- */

static void one_exchange(void **state) {
  (void)state;
  begin(&P);
  P.conn.info.syn = (struct weft_mark){10, 1};
  say(&P, C, GET("/"));
  say(&P, S, OK);
  expect(&P, "1 GET / > 200 elapsed 1\n");
  assert_memory_equal(P.body, "ok", 2);
}

static void pipelined(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/1") GET("/2") GET("/3"));
  say(&P, S, OK OK);
  say(&P, S, OK);
  expect(&P, "1 GET /1 > 200 elapsed 1\n2 GET /2 > 200 elapsed 1\n3 GET /3 > 200 elapsed 2\n");
}

static void interim_is_not_the_answer(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  say(&P, S, "HTTP/1.1 100 Continue\r\n\r\n");
  say(&P, C, "ab");
  say(&P, S, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK);
  expect(&P, "1 POST / > 200 elapsed 1 interim 2\n");
}

static void early_response(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
  say(&P, S, "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
  say(&P, C, "cd");
  expect(&P, "1 POST / > 413 elapsed -1\n");
}

static void head_answered_with_a_length(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "HEAD /1 HTTP/1.1\r\n\r\n" GET("/2"));
  say(&P, S, "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" OK);
  expect(&P, "1 HEAD /1 > 200 elapsed 1\n2 GET /2 > 200 elapsed 1\n");
}

static void unanswered_and_unasked(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/1"));
  say(&P, S, OK);
  say(&P, S, "HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n");
  say(&P, C, GET("/2"));
  end(&P, S, WEFT_END_FIN);
  end(&P, C, WEFT_END_FIN);
  struct weft_http_stats stats = finish(&P);
  assert_string_equal(P.log, "1 GET /1 > 200 elapsed 1\n2 > 408\n3 GET /2 >\n");
  assert_int_equal(stats.unmatched_requests, 1);
  assert_int_equal(stats.unmatched_responses, 1);
  assert_int_equal(stats.exchanges, 3);
  assert_int_equal(stats.requests, 2);
  assert_int_equal(stats.responses, 2);
  assert_int_equal(stats.conns_http, 1);
}

static void response_delivered_before_its_request(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/1"));
  say(&P, S, OK);
  /* The server has acknowledged a request that waits behind a hole here. */
  P.conn.acked[C] = 1000;
  struct weft_span late = {(const uint8_t *)OK, strlen(OK), P.conn.offset[S], {10, 10}};
  deliver(&P, S, &late, 1);
  P.frame = 5;
  say(&P, C, GET("/2"));
  say(&P, C, GET("/3"));
  say(&P, S, OK);
  expect(&P, "1 GET /1 > 200 elapsed 1\n2 GET /2 > 200 elapsed 4\n3 GET /3 > 200 elapsed 1\n");
}

static void a_lost_response_shifts_nothing(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/1"));
  say(&P, S, OK);
  say(&P, C, GET("/2"));
  lose(&P, S, 300, WEFT_GAP_ACKED); /* all of it, and its client saw all of it */
  say(&P, C, GET("/3"));
  say(&P, S, OK);
  end(&P, S, WEFT_END_FIN);
  expect(&P, "1 GET /1 > 200 elapsed 1\n2 GET /2 >\n3 GET /3 > 200 elapsed 1\n");
}

static void a_lost_request_shifts_nothing(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/1"));
  say(&P, S, OK);
  P.conn.acked[C] = P.conn.offset[C] + 100; /* of a request that was not captured */
  struct weft_span span = {(const uint8_t *)OK, strlen(OK), P.conn.offset[S], {3, 3}};
  deliver(&P, S, &span, 1);
  lose(&P, C, 100, WEFT_GAP_ACKED);
  P.frame = 3;
  say(&P, C, GET("/3"));
  say(&P, S, OK);
  expect(&P, "1 GET /1 > 200 elapsed 1\n2 > 200\n3 GET /3 > 200 elapsed 1\n");
}

static void past_the_pipeline_bound(void **state) {
  (void)state;
  begin_with(&P, (struct weft_http_options){.pipeline_max = 2});
  say(&P, C, GET("/1") GET("/2") GET("/3"));
  say(&P, S, OK OK OK);
  expect(&P, "1 GET /1 >\n2 > 200\n3 GET /2 > 200 elapsed 1\n4 GET /3 > 200 elapsed 1\n");
}

static void until_close(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "GET / HTTP/1.0\r\n\r\n");
  say(&P, S, "HTTP/1.0 200 OK\r\n\r\nto the end");
  end(&P, S, WEFT_END_FIN);
  expect(&P, "1 GET / > 200 elapsed 2\n");
}

static void reset_in_the_middle(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/"));
  say(&P, S, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab");
  end(&P, C, WEFT_END_RESET);
  end(&P, S, WEFT_END_RESET);
  expect(&P, "1 GET / > 200 elapsed 1 bounds 4 response-truncated\n");
}

static void simple_requests_of_long_ago(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "GET /old\r\n");
  say(&P, S, "<html>");
  end(&P, S, WEFT_END_FIN);
  expect(&P, "1 GET /old > 0 elapsed 2\n");
}

static void cut_frames_are_paired(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "GET /a/path/that/is/cu");
  lose(&P, C, 300, WEFT_GAP_SNAPLEN);
  say(&P, S, "HTTP/1.1 200 OK\r\nServer: x\r\nCon");
  lose(&P, S, 1000, WEFT_GAP_SNAPLEN);
  say(&P, S, "some of the body");
  lose(&P, S, 1000, WEFT_GAP_SNAPLEN);
  say(&P, C, "GET /another/path");
  lose(&P, C, 300, WEFT_GAP_SNAPLEN);
  say(&P, S, "HTTP/1.1 304 Not Modified\r\nConte");
  lose(&P, S, 100, WEFT_GAP_SNAPLEN);
  end(&P, S, WEFT_END_FIN);
  expect(&P, "1 GET /a/path/that/is/cu > 200 elapsed 2 bounds 7 request-truncated response-truncated\n"
             "2 GET /another/path > 304 elapsed 1 bounds 7 request-truncated response-truncated\n");
}

/* ---- recognition -------------------------------------------------------------- */

static void roles_are_by_content(void **state) {
  (void)state;
  begin(&P);
  say(&P, S, GET("/"));
  say(&P, C, OK);
  expect(&P, "1 GET / > 200 elapsed 1 turned\n");
}

static void answers_alone_are_recognised(void **state) {
  (void)state;
  begin(&P);
  P.conn.offset[C] = 0;
  say(&P, S, OK);
  end(&P, S, WEFT_END_FIN);
  expect(&P, "1 > 200\n");
}

static void half_a_start_line_is_waited_for(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "P");
  say(&P, C, "OST");
  say(&P, C, " /x HTTP/1.1\r\n\r\n");
  say(&P, S, "HT");
  say(&P, S, "TP/1.1 204 x\r\n\r\n");
  expect(&P, "1 POST /x > 204 elapsed 2\n");
}

static void a_proxy_handshake_first(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "\x05\x01\x02");
  say(&P, S, "\x05\x02");
  say(&P, C, GET("/"));
  say(&P, S, OK);
  expect(&P, "1 GET / > 200 elapsed 1\n");
}

static void tls_is_let_go_at_once(void **state) {
  (void)state;
  begin(&P);
  assert_int_equal(say(&P, C, "\x16\x03\x01\x02\x05\x01"), WEFT_DETACH);
  assert_int_equal(P.memory.calls, 1); /* the weft_http itself */
  expect(&P, "other after 0\n");
}

static void http2_is_not_misread(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "PRI * HT");
  assert_int_equal(say(&P, C, "TP/2.0\r\n\r\nSM\r\n\r\n"), WEFT_DETACH);
  expect(&P, "other after 0\n");
}

static void others_are_let_go_after_a_while(void **state) {
  (void)state;
  static char lines[2049];
  memset(lines, 'x', 2048);
  begin(&P);
  assert_int_equal(say(&P, S, "220 mail ready\r\n"), 0);
  assert_int_equal(say(&P, C, "EHLO me\r\n"), 0);
  assert_int_equal(say(&P, C, lines), 0);
  assert_int_equal(say(&P, C, lines), WEFT_DETACH);
  assert_int_equal(finish(&P).conns_other, 1);
}

static void tunnels_are_handed_over(void **state) {
  (void)state;
  begin(&P);
  P.take = 1;
  say(&P, C, "CONNECT a:443 HTTP/1.1\r\n\r\n");
  assert_int_equal(say(&P, S, "HTTP/1.1 200 Established\r\n\r\nhello"), 0);
  say(&P, S, " you");
  say(&P, C, "hi");
  expect(&P, "1 CONNECT a:443 > 200 elapsed 1 upgraded\nother after 1\n"
             "other server hello\nother server  you\nother client hi\n");
}

static void upgrades_end_http(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/chat") "early bytes");
  assert_int_equal(say(&P, S, "HTTP/1.1 101 Switching Protocols\r\n\r\n\x81"), WEFT_DETACH);
  expect(&P, "1 GET /chat > 101 elapsed 1 upgraded\nother after 1\n");
}

static void refused_tunnels_go_on(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "CONNECT a:443 HTTP/1.1\r\n\r\n");
  say(&P, S, "HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n");
  say(&P, C, GET("/"));
  say(&P, S, OK);
  expect(&P, "1 CONNECT a:443 > 407 elapsed 1\n2 GET / > 200 elapsed 1\n");
}

static void mid_stream(void **state) {
  (void)state;
  begin(&P);
  lose(&P, S, WEFT_LENGTH_UNKNOWN, WEFT_GAP_START);
  say(&P, S, "tail of an old body");
  say(&P, C, GET("/"));
  say(&P, S, OK);
  expect(&P, "1 GET / > 200 elapsed 1\n");
}

/* ---- our own side fails -------------------------------------------------------- */

static void play_some(struct play *p) {
  say(p, C, "POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nab");
  say(p, C, "c" GET("/2"));
  say(p, S, "HT");
  say(p, S, "TP/1.1 100 C\r\n\r\n" OK "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab");
  lose(p, S, 3, WEFT_GAP_ACKED);
  say(p, S, "\n0\r\n\r\n");
  say(p, C, "CONNECT x:1 HTTP/1.1\r\n\r\n" GET("/not"));
  say(p, S, "HTTP/1.1 200 OK\r\n\r\nx");
}

static void each_allocation_may_fail(void **state) {
  (void)state;
  for (uint64_t at = 2, failed = 1; failed; at++) {
    begin_with(&P, (struct weft_http_options){.parts_max = 9});
    P.memory.fail_at = at;
    play_some(&P);
    failed = P.memory.calls >= at;
    finish(&P);
  }
}

static void each_callback_may_stop(void **state) {
  (void)state;
  for (int at = 1; at <= P.calls || at == 1; at++) {
    begin(&P);
    P.stop_at = at;
    play_some(&P);
    finish(&P);
  }
}

static void a_stop_comes_back(void **state) {
  (void)state;
  begin(&P);
  P.stop_at = 3; /* the second head */
  assert_int_equal(say(&P, C, GET("/1") GET("/2") GET("/3")), WEFT_E_USER - 1);
  assert_int_equal(P.calls, 3);
  assert_int_equal(say(&P, S, OK OK OK), 0);
  finish(&P);
  assert_string_equal(P.log, "1 GET /1 > 200 elapsed 1\n2 GET /2 > 200 elapsed 1\n"
                             "3 GET /3 > 200 elapsed 1\n");
}

static void what_may_not_be_kept_is_lost(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/1"));
  say(&P, S, OK);
  P.conn.keep_fails = 1;
  say(&P, C, "GE");
  say(&P, C, "T /2 HTTP/1.1\r\n\r\n" GET("/3"));
  P.conn.keep_fails = 0;
  say(&P, S, OK);
  finish(&P);
  assert_string_equal(P.log, "1 GET /1 > 200 elapsed 1\n2 GET /3 > 200 elapsed 1\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(one_exchange),
    cmocka_unit_test(pipelined),
    cmocka_unit_test(interim_is_not_the_answer),
    cmocka_unit_test(early_response),
    cmocka_unit_test(head_answered_with_a_length),
    cmocka_unit_test(unanswered_and_unasked),
    cmocka_unit_test(response_delivered_before_its_request),
    cmocka_unit_test(a_lost_response_shifts_nothing),
    cmocka_unit_test(a_lost_request_shifts_nothing),
    cmocka_unit_test(past_the_pipeline_bound),
    cmocka_unit_test(until_close),
    cmocka_unit_test(reset_in_the_middle),
    cmocka_unit_test(simple_requests_of_long_ago),
    cmocka_unit_test(cut_frames_are_paired),
    cmocka_unit_test(roles_are_by_content),
    cmocka_unit_test(answers_alone_are_recognised),
    cmocka_unit_test(half_a_start_line_is_waited_for),
    cmocka_unit_test(a_proxy_handshake_first),
    cmocka_unit_test(tls_is_let_go_at_once),
    cmocka_unit_test(http2_is_not_misread),
    cmocka_unit_test(others_are_let_go_after_a_while),
    cmocka_unit_test(tunnels_are_handed_over),
    cmocka_unit_test(upgrades_end_http),
    cmocka_unit_test(refused_tunnels_go_on),
    cmocka_unit_test(mid_stream),
    cmocka_unit_test(each_allocation_may_fail),
    cmocka_unit_test(each_callback_may_stop),
    cmocka_unit_test(a_stop_comes_back),
    cmocka_unit_test(what_may_not_be_kept_is_lost),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
