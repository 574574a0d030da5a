/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <weft/http.h>

#include "allocator.h"
#include "build.h"

/*
 * Whole exchanges through a real engine, with the public API alone: what other
 * tools get wrong, one case each.  Frames count from 1, a millisecond apart;
 * each side's bytes follow those it sent before unless a case says otherwise.
 * A line of the log is an exchange, times in milliseconds, segments as
 * #frame(bytes):
 *
 *     GET /1 #4(30) > 200 #5(50) #6(2) elapsed 2
 */
struct talk {
  struct test_allocator memory;
  struct weft_allocator allocator;
  struct weft_engine *engine;
  struct weft_http *http;
  struct feed feed;
  unsigned conn;
  uint32_t seq[2];
  char log[4096], body[512];
  size_t nlog, nbody;
};

static void log_add(struct talk *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void log_add(struct talk *t, const char *format, ...) {
  va_list args;
  va_start(args, format);
  t->nlog += (size_t)vsnprintf(t->log + t->nlog, sizeof t->log - t->nlog, format, args);
  va_end(args);
  assert_true(t->nlog < sizeof t->log);
}

static void log_message(struct talk *t, const struct weft_http_message *m) {
  for (size_t i = 0; i < m->nparts; i++)
    log_add(t, " #%u(%u)", (unsigned)m->parts[i].mark.frame, (unsigned)m->parts[i].length);
  if (m->flags & WEFT_HTTP_TRUNCATED) log_add(t, " truncated");
  if (m->body_missing) log_add(t, " missing %u", (unsigned)m->body_missing);
}

static int on_exchange(struct weft_conn *conn, const struct weft_http_exchange *x, void *user) {
  struct talk *t = user;
  assert_true(x->conn_id == weft_conn_id(conn));
  if (x->request) {
    log_add(t, "%.*s %.*s", (int)x->request->method.len, x->request->method.base,
            (int)x->request->target.len, x->request->target.base);
    log_message(t, x->request);
    log_add(t, " ");
  }
  log_add(t, ">");
  if (x->response) {
    log_add(t, " %u", x->response->status);
    log_message(t, x->response);
  }
  if (x->timing.elapsed != WEFT_TIME_NONE)
    log_add(t, " elapsed %d", (int)(x->timing.elapsed / FEED_STEP));
  if (x->timing.bounds) log_add(t, " bounds %u", x->timing.bounds);
  if (x->interim_count) log_add(t, " interim %u", x->interim_count);
  if (x->tuple->source.port < 1024) log_add(t, " turned");
  log_add(t, "\n");
  return 0;
}

static int on_body(struct weft_conn *conn, const struct weft_http_message *m, const uint8_t *data,
                   size_t length, void *message_user, void *user) {
  struct talk *t = user;
  (void)conn, (void)m, (void)message_user;
  assert_true(t->nbody + length < sizeof t->body);
  if (length) memcpy(t->body + t->nbody, data, length);
  t->nbody += length;
  return 0;
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  (void)open;
  return weft_http_attach(((struct talk *)user)->http, conn);
}

static struct talk T;

/* A segment of that side with other sequence numbers than the next. */
static void at(enum weft_dir dir, uint32_t seq, const char *text, unsigned flags) {
  struct weft_segment s = seg_of(seg_acks(seg(dir, seq, text, flags), T.seq[!dir]), T.conn);
  assert_true(feed_push(&T.feed, s) >= 0);
}

static void say(enum weft_dir dir, const char *text) {
  at(dir, T.seq[dir], text, ACK);
  T.seq[dir] += (uint32_t)strlen(text);
}

/* Sent, acknowledged, and not in the capture. */
static void lose(enum weft_dir dir, const char *text) { T.seq[dir] += (uint32_t)strlen(text); }

static void fin(enum weft_dir dir) { at(dir, T.seq[dir]++, "", FIN | ACK); }

static void shake(uint32_t client, uint32_t server) {
  T.seq[C] = client;
  T.seq[S] = server;
  assert_true(feed_push(&T.feed, seg_of(seg(C, T.seq[C]++, "", SYN), T.conn)) >= 0);
  at(S, T.seq[S]++, "", SYN | ACK);
  say(C, "");
}

static void begin_midstream(void) {
  static const struct weft_http_ops http_ops = {
      .size = sizeof http_ops, .on_exchange = on_exchange, .on_body = on_body};
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_open = on_open};
  memset(&T, 0, sizeof T);
  T.allocator = test_allocator_of(&T.memory);
  const struct weft_http_options options = {
      .size = sizeof options, .allocator = &T.allocator, .parts_max = 100};
  assert_int_equal(weft_http_new(&options, &http_ops, &T, &T.http), 0);
  assert_int_equal(weft_engine_new(WEFT_OPTIONS(.hash_key = {1, 1}), &ops, &T, &T.engine), 0);
  T.feed = feed_of(T.engine);
  T.seq[C] = 1000;
  T.seq[S] = 5000;
}

/* Frames 1 to 3 are the handshake. */
static void begin(void) {
  begin_midstream();
  shake(1000, 5000);
}

static void expect(const char *text) {
  assert_int_equal(weft_engine_finish(T.engine), 0);
  weft_engine_free(T.engine);
  weft_http_free(T.http);
  assert_int_equal(T.memory.live, 0);
  assert_string_equal(T.log, text);
}

#define GET(path) "GET " path " HTTP/1.1\r\n\r\n"                      /* 18 bytes and the path */
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"            /* 40 bytes */
#define OK_HEAD(n) "HTTP/1.1 200 OK\r\nContent-Length: " #n "\r\n\r\n" /* 37 and the number */

static void three_pipelined_in_one_frame(void **state) {
  (void)state;
  begin();
  say(C, GET("/1") GET("/2") GET("/3"));
  say(S, OK OK OK);
  expect("GET /1 #4(19) > 200 #5(40) elapsed 1\n"
         "GET /2 #4(19) > 200 #5(40) elapsed 1\n"
         "GET /3 #4(19) > 200 #5(40) elapsed 1\n");
}

static void continue_is_not_the_answer(void **state) {
  (void)state;
  begin();
  say(C, "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  say(S, "HTTP/1.1 100 Continue\r\n\r\n");
  say(C, "abc");
  say(S, OK);
  expect("POST / #4(60) #6(3) > 200 #7(40) elapsed 1 interim 1\n");
}

/* The response's three segments of the third case's bytes, in a given order. */
static void three_segments(int a, int b, int c) {
  static const char *const texts[] = {OK_HEAD(8), "0123", "4567"};
  uint32_t starts[3] = {T.seq[S], T.seq[S] + 38, T.seq[S] + 42};
  const int order[3] = {a, b, c};
  for (int i = 0; i < 3; i++) at(S, starts[order[i]], texts[order[i]], ACK);
  T.seq[S] += 46;
  assert_int_equal(T.nbody, 8);
  assert_memory_equal(T.body, "01234567", 8);
}

static void segments_in_order_1_0_2(void **state) {
  (void)state;
  begin();
  say(C, GET("/"));
  three_segments(1, 0, 2);
  expect("GET / #4(18) > 200 #6(38) #5(4) #7(4) elapsed 3\n");
}

static void segments_in_order_0_2_1(void **state) {
  (void)state;
  begin();
  say(C, GET("/"));
  three_segments(0, 2, 1);
  expect("GET / #4(18) > 200 #5(38) #7(4) #6(4) elapsed 3\n");
}

static void of_a_repeated_segment_the_first_copy_counts(void **state) {
  (void)state;
  begin();
  say(C, GET("/"));
  say(S, OK_HEAD(4));
  say(S, "01");
  at(S, T.seq[S] - 2, "01", ACK);
  say(S, "23");
  at(S, T.seq[S] - 2, "23", ACK);
  expect("GET / #4(18) > 200 #5(38) #6(2) #8(2) elapsed 4\n");
}

static void a_lost_segment_of_a_body(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  say(S, OK_HEAD(8));
  lose(S, "0123");
  say(S, "4567");
  say(C, GET("/2"));
  feed_wait(&T.feed, WEFT_SECOND);
  say(S, OK);
  expect("GET /1 #4(19) > 200 #5(38) #6(4) missing 4 elapsed 2\n"
         "GET /2 #7(19) > 200 #8(40) elapsed 1001\n");
}

static void the_end_of_a_body_lost(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  say(S, OK_HEAD(8) "0123");
  lose(S, "4567");
  say(C, GET("/2"));
  say(S, OK);
  feed_wait(&T.feed, WEFT_SECOND);
  expect("GET /1 #4(19) > 200 #5(42) missing 4 elapsed 1 bounds 4\n"
         "GET /2 #6(19) > 200 #7(40) elapsed 1\n");
}

static void a_whole_response_lost(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  lose(S, OK);
  say(C, GET("/2"));
  say(S, OK);
  feed_wait(&T.feed, WEFT_SECOND);
  say(C, GET("/3"));
  say(S, OK);
  expect("GET /1 #4(19) >\n"
         "GET /2 #5(19) > 200 #6(40) elapsed 1\n"
         "GET /3 #7(19) > 200 #8(40) elapsed 1\n");
}

static void a_whole_request_lost(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  say(S, OK);
  lose(C, GET("/2"));
  say(S, OK);
  say(C, GET("/3"));
  say(S, OK);
  feed_wait(&T.feed, WEFT_SECOND);
  expect("GET /1 #4(19) > 200 #5(40) elapsed 1\n"
         "> 200 #6(40)\n"
         "GET /3 #7(19) > 200 #8(40) elapsed 1\n");
}

static void several_responses_lost(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  lose(S, OK);
  say(C, GET("/2"));
  lose(S, OK);
  say(C, GET("/3"));
  say(S, OK);
  feed_wait(&T.feed, WEFT_SECOND);
  expect("GET /1 #4(19) >\n"
         "GET /2 #5(19) >\n"
         "GET /3 #6(19) > 200 #7(40) elapsed 1\n");
}

/* Which of the two it answers nobody can know. */
static void one_of_two_pipelined_responses_lost(void **state) {
  (void)state;
  begin();
  say(C, GET("/1") GET("/2"));
  lose(S, OK);
  say(S, OK);
  feed_wait(&T.feed, WEFT_SECOND);
  expect("GET /1 #4(19) >\n"
         "> 200 #5(40)\n"
         "GET /2 #4(19) >\n");
}

/* The answer to the lost one is not given to the other, which came with it. */
static void one_of_two_pipelined_requests_lost(void **state) {
  (void)state;
  begin();
  lose(C, GET("/1"));
  say(C, GET("/2"));
  say(S, OK);
  say(S, OK);
  feed_wait(&T.feed, WEFT_SECOND);
  expect("> 200 #5(40)\n"
         "> 200 #6(40)\n"
         "GET /2 #4(19) >\n");
}

/* Its request waits behind a hole, so that it may have been HEAD is found out by
   what stands where the body would. */
static void head_whose_request_comes_late(void **state) {
  (void)state;
  begin();
  uint32_t seq = T.seq[C];
  lose(C, "HEAD /1 HTTP/1.1\r\n\r\n" GET("/2"));
  say(S, OK_HEAD(5));
  say(S, OK);
  at(C, seq, "HEAD /1 HTTP/1.1\r\n\r\n" GET("/2"), ACK);
  expect("HEAD /1 #6(20) > 200 #4(38) elapsed -2\n"
         "GET /2 #6(19) > 200 #5(40) elapsed -1\n");
}

/* The rest of a lost request's body and the next request look like one line. */
static void the_beginning_of_an_upload_lost(void **state) {
  (void)state;
  begin();
  say(C, GET("/0"));
  say(S, OK);
  lose(C, "POST /1 HTTP/1.1\r\nContent-Length: 14\r\n\r\n");
  say(C, "the whole body");
  say(S, OK);
  say(C, GET("/2"));
  say(S, OK);
  feed_wait(&T.feed, WEFT_SECOND);
  expect("GET /0 #4(19) > 200 #5(40) elapsed 1\n"
         "> 200 #7(40)\n"
         "GET /2 #8(19) > 200 #9(40) elapsed 1\n");
}

static void close_delimited(void **state) {
  (void)state;
  begin();
  say(C, "GET / HTTP/1.0\r\n\r\n");
  say(S, "HTTP/1.0 200 OK\r\n\r\nall of");
  say(S, "it");
  fin(S);
  fin(C);
  expect("GET / #4(18) > 200 #5(25) #6(2) #7(0) elapsed 3\n");
}

static void close_delimited_with_the_fin_on_data(void **state) {
  (void)state;
  begin();
  say(C, "GET / HTTP/1.0\r\n\r\n");
  say(S, "HTTP/1.0 200 OK\r\n\r\n");
  at(S, T.seq[S], "end", FIN | ACK);
  expect("GET / #4(18) > 200 #5(19) #6(3) elapsed 2\n");
}

static void mid_stream(void **state) {
  (void)state;
  begin_midstream();
  say(S, "the tail of some earlier body");
  say(C, GET("/1"));
  say(S, OK);
  expect("GET /1 #2(19) > 200 #3(40) elapsed 1\n");
}

static void mid_stream_answers_of_unseen_requests(void **state) {
  (void)state;
  begin_midstream();
  say(S, OK);
  say(C, GET("/1"));
  say(S, OK);
  expect("> 200 #1(40)\n"
         "GET /1 #2(19) > 200 #3(40) elapsed 1\n");
}

static void early_413(void **state) {
  (void)state;
  begin();
  say(C, "POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc");
  say(S, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  say(C, "def");
  expect("POST / #4(41) #6(3) > 413 #5(45) elapsed -1\n");
}

static void early_413_and_no_more(void **state) {
  (void)state;
  begin();
  say(C, "POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc");
  say(S, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  fin(S);
  at(C, T.seq[C], "", RST);
  expect("POST / #4(41) truncated > 413 #5(45) elapsed 1 bounds 3\n");
}

static void response_captured_before_its_request(void **state) {
  (void)state;
  begin();
  uint32_t seq = T.seq[C];
  lose(C, GET("/1"));
  say(S, OK);
  at(C, seq, GET("/1"), ACK);
  say(C, GET("/2"));
  say(S, OK);
  expect("GET /1 #5(19) > 200 #4(40) elapsed -1\n"
         "GET /2 #6(19) > 200 #7(40) elapsed 1\n");
}

static void head_with_a_length(void **state) {
  (void)state;
  begin();
  say(C, "HEAD /1 HTTP/1.1\r\n\r\n");
  say(S, OK_HEAD(5));
  say(C, GET("/2"));
  say(S, OK);
  expect("HEAD /1 #4(20) > 200 #5(38) elapsed 1\n"
         "GET /2 #6(19) > 200 #7(40) elapsed 1\n");
}

static void no_content_and_not_modified(void **state) {
  (void)state;
  begin();
  say(C, GET("/1") GET("/2") GET("/3"));
  say(S, "HTTP/1.1 204 x\r\n\r\n");
  say(S, "HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n" OK);
  expect("GET /1 #4(19) > 204 #5(18) elapsed 1\n"
         "GET /2 #4(19) > 304 #6(37) elapsed 2\n"
         "GET /3 #4(19) > 200 #6(40) elapsed 2\n");
}

static void keep_alive_garbage(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  say(S, OK);
  at(C, T.seq[C] - 1, "\n", ACK); /* a probe: the byte before the next */
  at(S, T.seq[S], "", ACK);
  say(C, "\r\n");
  say(C, GET("/2"));
  say(S, OK);
  expect("GET /1 #4(19) > 200 #5(40) elapsed 1\n"
         "GET /2 #9(19) > 200 #10(40) elapsed 1\n");
}

static void port_reuse(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  say(S, OK);
  fin(C);
  fin(S);
  say(C, "");
  feed_wait(&T.feed, WEFT_SECOND);
  shake(900000, 800000);
  say(C, GET("/2"));
  say(S, OK);
  expect("GET /1 #4(19) > 200 #5(40) elapsed 1\n"
         "GET /2 #12(19) > 200 #13(40) elapsed 1\n");
}

static void sequence_wrap(void **state) {
  (void)state;
  begin_midstream();
  shake(0xffffffff - 10, 0xffffffff - 20);
  say(C, GET("/1"));
  three_segments(0, 2, 1);
  say(C, GET("/2"));
  say(S, OK);
  expect("GET /1 #4(19) > 200 #5(38) #7(4) #6(4) elapsed 3\n"
         "GET /2 #8(19) > 200 #9(40) elapsed 1\n");
}

static void chunked_with_extensions_and_trailers(void **state) {
  (void)state;
  begin();
  say(C, GET("/"));
  say(S, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;q=\"1\"\r\nhe");
  say(S, "llo\r\n1\r\n!\r\n0\r");
  say(S, "\nTrailer: x\r\n\r\n");
  assert_int_equal(T.nbody, 6);
  assert_memory_equal(T.body, "hello!", 6);
  expect("GET / #4(18) > 200 #5(58) #6(13) #7(15) elapsed 3\n");
}

static void the_engine_guessed_the_wrong_client(void **state) {
  (void)state;
  begin_midstream();
  say(S, GET("/"));
  say(C, OK);
  expect("GET / #1(18) > 200 #2(40) elapsed 1 turned\n");
}

static void half_a_start_line_at_a_time(void **state) {
  (void)state;
  begin();
  say(C, "G");
  say(C, "ET / HT");
  say(C, "TP/1.1\r\n\r\n");
  say(S, "H");
  say(S, "TTP/1.1 204 x\r\n\r\n");
  expect("GET / #4(1) #5(7) #6(10) > 204 #7(1) #8(17) elapsed 2\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(three_pipelined_in_one_frame),
      cmocka_unit_test(continue_is_not_the_answer),
      cmocka_unit_test(segments_in_order_1_0_2),
      cmocka_unit_test(segments_in_order_0_2_1),
      cmocka_unit_test(of_a_repeated_segment_the_first_copy_counts),
      cmocka_unit_test(a_lost_segment_of_a_body),
      cmocka_unit_test(the_end_of_a_body_lost),
      cmocka_unit_test(a_whole_response_lost),
      cmocka_unit_test(a_whole_request_lost),
      cmocka_unit_test(several_responses_lost),
      cmocka_unit_test(one_of_two_pipelined_responses_lost),
      cmocka_unit_test(one_of_two_pipelined_requests_lost),
      cmocka_unit_test(head_whose_request_comes_late),
      cmocka_unit_test(the_beginning_of_an_upload_lost),
      cmocka_unit_test(close_delimited),
      cmocka_unit_test(close_delimited_with_the_fin_on_data),
      cmocka_unit_test(mid_stream),
      cmocka_unit_test(mid_stream_answers_of_unseen_requests),
      cmocka_unit_test(early_413),
      cmocka_unit_test(early_413_and_no_more),
      cmocka_unit_test(response_captured_before_its_request),
      cmocka_unit_test(head_with_a_length),
      cmocka_unit_test(no_content_and_not_modified),
      cmocka_unit_test(keep_alive_garbage),
      cmocka_unit_test(port_reuse),
      cmocka_unit_test(sequence_wrap),
      cmocka_unit_test(chunked_with_extensions_and_trailers),
      cmocka_unit_test(the_engine_guessed_the_wrong_client),
      cmocka_unit_test(half_a_start_line_at_a_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
