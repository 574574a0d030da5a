/* SPDX-License-Identifier: BSD-2-Clause */
#include "http_play.h"

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
  expect(&P, "1 POST / > 200 elapsed 1 interim 2: 100#2-2 103#4-4\n");
}

static void early_response(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
  say(&P, S, "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
  say(&P, C, "cd");
  expect(&P, "1 POST / > 413 elapsed -1 early\n");
}

static void early_response_to_what_was_never_sent(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
  say(&P, S, "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
  end(&P, C, WEFT_END_FIN);
  expect(&P, "1 POST / > 413 elapsed 1 early bounds 3 request-truncated\n");
}

/* Two queues merged: the server's packet says that it had read the request. */
static void captured_before_its_request_is_not_early(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/1"));
  say(&P, S, OK);
  P.conn.acked[C] = P.conn.offset[C] + strlen(GET("/2"));
  struct weft_span span = {(const uint8_t *)OK, strlen(OK), P.conn.offset[S], {3, 3}};
  deliver(&P, S, &span, 1);
  P.frame = 3;
  say(&P, C, GET("/2"));
  expect(&P, "1 GET /1 > 200 elapsed 1\n2 GET /2 > 200 elapsed -1\n");
}

#define INTERIM(n) "HTTP/1.1 10" #n " x\r\n\r\n"
#define SIX INTERIM(3) INTERIM(3) INTERIM(3) INTERIM(3) INTERIM(3) INTERIM(3)

static void interim_responses_are_bounded(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/1") GET("/2"));
  say(&P, S, SIX SIX SIX OK);
  say(&P, S, INTERIM(2) OK);
  expect(&P, "1 GET /1 > 200 elapsed 1 interim 18: 103#2-2 103#2-2 103#2-2 103#2-2 103#2-2 103#2-2 "
             "103#2-2 103#2-2 103#2-2 103#2-2 103#2-2 103#2-2 103#2-2 103#2-2 103#2-2 103#2-2\n"
             "2 GET /2 > 200 elapsed 2 interim 1: 102#3-3\n");
}

/* ... in two frames, and of a request that has yet to come through. */
static void interim_before_its_request(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/1"));
  say(&P, S, OK);
  P.conn.acked[C] = P.conn.offset[C] + strlen(GET("/2"));
  const char *parts[] = {"HTTP/1.1 100", " Go\r\n\r\n", OK};
  for (size_t i = 0; i < 3; i++) {
    uint64_t frame = 3 + i;
    struct weft_span span = {
        (const uint8_t *)parts[i], strlen(parts[i]), P.conn.offset[S], {(weft_time)frame, frame}};
    deliver(&P, S, &span, 1);
  }
  P.frame = 5;
  say(&P, C, GET("/2"));
  expect(&P, "1 GET /1 > 200 elapsed 1\n2 GET /2 > 200 elapsed -1 interim 1: 100#3-4\n");
}

static void interim_alone(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/1"));
  say(&P, S, INTERIM(2));
  end(&P, S, WEFT_END_RESET);
  end(&P, C, WEFT_END_RESET);
  expect(&P, "1 GET /1 > interim 1: 102#2-2\n");
}

static void interim_of_what_nobody_asked_for(void **state) {
  (void)state;
  begin(&P);
  say(&P, S, INTERIM(2) OK);
  end(&P, S, WEFT_END_FIN);
  expect(&P, "1 > 200 interim 1: 102#1-1\n");
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
  expect(&P, "1 GET / > 200 elapsed 2 last-byte 1\n");
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

/* All is told and let go of by then, not when the connection is removed. */
static void nothing_is_left_behind_both_ends(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/"));
  say(&P, S, OK);
  end(&P, C, WEFT_END_FIN);
  assert_non_null(P.conn.ops->on_close);
  end(&P, S, WEFT_END_FIN);
  assert_string_equal(P.log, "1 GET / > 200 elapsed 1\n");
  assert_null(P.conn.ops->on_close);
  weft_http_free(P.http);
  assert_int_equal(P.memory.live, 0);
}

static void simple_requests_of_long_ago(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "GET /old\r\n");
  say(&P, S, "<html>");
  end(&P, S, WEFT_END_FIN);
  expect(&P, "1 GET /old > 0 elapsed 2 last-byte 1\n");
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
  expect(&P,
         "1 GET /a/path/that/is/cu > 200 elapsed 2 bounds 7 request-truncated response-truncated\n"
         "2 GET /another/path > 304 elapsed 1 bounds 7 request-truncated response-truncated\n");
}

/* ---- recognition -------------------------------------------------------------- */

/* The frames were seen, so their times are known. */
static void times_of_cut_bodies_are_no_bounds(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "POST /a HTTP/1.1\r\nContent-Length: 100\r\n\r\n");
  lose(&P, C, 100, WEFT_GAP_SNAPLEN);
  say(&P, S, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
  lose(&P, S, 50, WEFT_GAP_SNAPLEN);
  say(&P, S, "x");
  lose(&P, S, 49, WEFT_GAP_SNAPLEN);
  say(&P, C, GET("/b"));
  say(&P, S, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
  lose(&P, S, 100, WEFT_GAP_ACKED);
  expect(&P, "1 POST /a > 200 elapsed 2\n2 GET /b > 200 elapsed 1 bounds 4\n");
}

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

/* Both requests wait in brief when they are reported, the second one first shown in place of the
   first, which on_other is told of after it. */
static void the_request_of_an_upgrade_is_told_last(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, "GET /chat HTTP/1.1\r\nHost: first\r\n\r\n");
  say(&P, C, "POST /b HTTP/1.1\r\nHost: second\r\nContent-Length: 10\r\n\r\n");
  assert_int_equal(say(&P, S, "HTTP/1.1 101 Switching Protocols\r\n\r\n\x81"), WEFT_DETACH);
  expect(&P, "1 GET /chat > 101 elapsed 2 upgraded\n2 POST /b > bounds 1 request-truncated\n"
             "other after 1\n");
  assert_string_equal(P.other, "/chat first");
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
  say(p, S,
      "TP/1.1 100 C\r\n\r\n" OK "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab");
  lose(p, S, 3, WEFT_GAP_ACKED);
  say(p, S, "\n0\r\n\r\n");
  say(p, C, "CONNECT x:1 HTTP/1.1\r\n\r\n" GET("/not"));
  repeat(p, C, p->conn.offset[C] - 3, 3);
  say(p, S, "HTTP/1.1 200 OK\r\n\r\nx");
}

static void what_came_again_without_memory(void **state) {
  (void)state;
  begin(&P);
  say(&P, C, GET("/a"));
  P.memory.fail_at = P.memory.calls + 1;
  assert_int_equal(repeat(&P, C, 0, 5), WEFT_E_NOMEM);
  P.memory.fail_at = P.memory.calls + 2;
  assert_int_equal(repeat(&P, C, 0, 5), WEFT_E_NOMEM);
  assert_int_equal(repeat(&P, C, 4, 5), 0);
  P.conn.acked[C] = 6;
  assert_int_equal(repeat(&P, C, 0, 6), 0); /* had arrived */
  say(&P, S, OK);
  P.conn.acked[C] = 0;
  assert_int_equal(repeat(&P, C, 0, 5), 0); /* stays until the connection closes */
  expect(&P, "1 GET /a > 200 elapsed 5 bounds 8 again #4\n");
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

/* What nobody hears of is only counted; but past the pipeline bound a response that waits may be
   told by then, and whoever is told may stop. */
static void a_stop_within_a_body_that_is_only_counted_comes_back(void **state) {
  (void)state;
  static const struct weft_http_ops quiet = {.size = sizeof quiet, .on_exchange = on_exchange};
  static const char answer[] = "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n";
  begin(&P);
  weft_http_free(P.http);
  const struct weft_http_options options = {
      .size = sizeof options, .allocator = &P.allocator, .pipeline_max = 1};
  assert_int_equal(weft_http_new(&options, &quiet, &P, &P.http), 0);
  assert_int_equal(weft_http_attach(P.http, &P.conn), 0);
  P.stop_at = 2;
  say(&P, C, "POST /a HTTP/1.1\r\nContent-Length: 100\r\n\r\n");
  /* Nothing is acknowledged by these: the second one waits for its request. */
  for (int i = 0; i < 2; i++) {
    struct weft_mark mark = {(weft_time)++P.frame, P.frame};
    struct weft_span span = {(const uint8_t *)answer, strlen(answer), P.conn.offset[S], mark};
    assert_int_equal(deliver(&P, S, &span, 1), 0);
  }
  /* It gives way to the third one, which would not have had to wait. */
  assert_int_equal(say(&P, S, answer), 0);
  assert_int_equal(P.calls, 1);
  assert_int_equal(say(&P, C, "0123456789"), WEFT_E_USER - 1);
  finish(&P);
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
  /* It answers what was lost. */
  assert_string_equal(P.log, "1 GET /1 > 200 elapsed 1\n2 > 200\n3 GET /3 >\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_exchange),
      cmocka_unit_test(pipelined),
      cmocka_unit_test(interim_is_not_the_answer),
      cmocka_unit_test(early_response),
      cmocka_unit_test(early_response_to_what_was_never_sent),
      cmocka_unit_test(captured_before_its_request_is_not_early),
      cmocka_unit_test(interim_responses_are_bounded),
      cmocka_unit_test(interim_before_its_request),
      cmocka_unit_test(interim_alone),
      cmocka_unit_test(interim_of_what_nobody_asked_for),
      cmocka_unit_test(head_answered_with_a_length),
      cmocka_unit_test(unanswered_and_unasked),
      cmocka_unit_test(response_delivered_before_its_request),
      cmocka_unit_test(a_lost_response_shifts_nothing),
      cmocka_unit_test(a_lost_request_shifts_nothing),
      cmocka_unit_test(past_the_pipeline_bound),
      cmocka_unit_test(until_close),
      cmocka_unit_test(reset_in_the_middle),
      cmocka_unit_test(nothing_is_left_behind_both_ends),
      cmocka_unit_test(simple_requests_of_long_ago),
      cmocka_unit_test(cut_frames_are_paired),
      cmocka_unit_test(times_of_cut_bodies_are_no_bounds),
      cmocka_unit_test(roles_are_by_content),
      cmocka_unit_test(answers_alone_are_recognised),
      cmocka_unit_test(half_a_start_line_is_waited_for),
      cmocka_unit_test(a_proxy_handshake_first),
      cmocka_unit_test(tls_is_let_go_at_once),
      cmocka_unit_test(http2_is_not_misread),
      cmocka_unit_test(others_are_let_go_after_a_while),
      cmocka_unit_test(tunnels_are_handed_over),
      cmocka_unit_test(upgrades_end_http),
      cmocka_unit_test(the_request_of_an_upgrade_is_told_last),
      cmocka_unit_test(refused_tunnels_go_on),
      cmocka_unit_test(mid_stream),
      cmocka_unit_test(what_came_again_without_memory),
      cmocka_unit_test(each_allocation_may_fail),
      cmocka_unit_test(each_callback_may_stop),
      cmocka_unit_test(a_stop_comes_back),
      cmocka_unit_test(a_stop_within_a_body_that_is_only_counted_comes_back),
      cmocka_unit_test(what_may_not_be_kept_is_lost),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
