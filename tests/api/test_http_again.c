/* SPDX-License-Identifier: BSD-2-Clause */
#include "http_engine.h"

/* Bytes that came again before they were acknowledged: docs/timing.md. */

/* A segment that acknowledges less than all. */
static void say_acking(enum weft_dir dir, const char *text, uint32_t ack) {
  struct weft_segment s = seg_of(seg_acks(seg(dir, T.seq[dir], text, ACK), ack), T.conn);
  assert_true(feed_push(&T.feed, s) >= 0);
  T.seq[dir] += (uint32_t)strlen(text);
}

/* The server may have had it only from #5. */
static void a_request_that_came_again(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  at(C, T.seq[C] - 19, GET("/1"), ACK);
  say(S, OK);
  at(C, T.seq[C] - 19, GET("/1"), ACK); /* nobody's: it was answered */
  say(C, GET("/2"));
  say(S, OK);
  expect("GET /1 #4(19) > 200 #6(40) elapsed 2 request-again #5 at 5\n"
         "GET /2 #8(19) > 200 #9(40) elapsed 1\n");
}

/* Its first part was lost, and the second waited for it. */
static void a_part_of_a_request_that_came_again(void **state) {
  (void)state;
  begin();
  say(C, "POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\n");
  say(C, "abcdef");
  at(C, T.seq[C] - 44, "POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\n", ACK);
  say(S, OK);
  expect("POST / #4(38) #5(6) > 200 #7(40) elapsed 2 request-again #6 at 6\n");
}

static void a_request_that_was_acknowledged_before_it_came_again(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  say(S, "");
  at(C, T.seq[C] - 19, GET("/1"), ACK);
  say(S, OK);
  expect("GET /1 #4(19) > 200 #7(40) elapsed 3\n");
}

/* Of what came again only the end was not acknowledged: the second request. */
static void copies_of_pipelined_requests(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  say(C, GET("/2"));
  say_acking(S, "", T.seq[C] - 19);
  at(C, T.seq[C] - 38, GET("/1") GET("/2"), ACK);
  say(S, OK);
  say(S, OK);
  expect("GET /1 #4(19) > 200 #8(40) elapsed 4\n"
         "GET /2 #5(19) > 200 #9(40) elapsed 4 request-again #7 at 7\n");
}

/* The client may have had the head only from #6, but the whole from #7 at the latest. */
static void the_beginning_of_a_response_that_came_again(void **state) {
  (void)state;
  begin();
  say(C, GET("/"));
  say(S, OK_HEAD(4));
  at(S, T.seq[S] - 38, OK_HEAD(4), ACK);
  say(S, "0123");
  expect("GET / #4(18) > 200 #5(38) #7(4) elapsed 3 first-again #6 at 6\n");
}

/* The exchange waits for its request. */
static void a_response_that_came_again_before_it_was_told(void **state) {
  (void)state;
  begin();
  say(C, "POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc");
  say(S, "HTTP/1.1 413 x\r\nContent-Length: 2\r\n\r\n");
  say(S, "no");
  at(S, T.seq[S] - 2, "no", ACK);
  say(C, "def");
  expect("POST / #4(41) #8(3) > 413 #5(37) #6(2) early elapsed -2 response-again #7 at 7\n");
}

/* What was missing at first came later than what waited, and than its copies. */
static void copies_of_what_waits(void **state) {
  (void)state;
  begin();
  say(C, GET("/"));
  uint32_t seq = T.seq[S];
  T.seq[S] += 38;
  say(S, "0123");
  at(S, seq + 38, "0123", ACK);
  at(S, seq, OK_HEAD(4), ACK);
  expect("GET / #4(18) > 200 #7(38) #5(4) elapsed 3\n");
}

static void an_unanswered_request_that_came_again(void **state) {
  (void)state;
  begin();
  say(C, GET("/"));
  at(C, T.seq[C] - 18, GET("/"), ACK);
  at(C, T.seq[C] - 18, GET("/"), ACK);
  expect("GET / #4(18) > request-again #6 at 6\n");
}

/* Of what waits behind a hole that is never filled. */
static void copies_behind_what_is_lost(void **state) {
  (void)state;
  begin();
  say(C, "POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\n");
  lose(C, "abc");
  say(C, "def");
  say_acking(S, "", T.seq[C] - 6);
  at(C, T.seq[C] - 3, "def", ACK);
  feed_wait(&T.feed, WEFT_SECOND);
  say(S, OK);
  expect("POST / #4(38) #5(3) missing 3 > 200 #8(40) elapsed 1003 request-again #7 at 7\n");
}

/* The FIN comes later anyway. */
static void copies_before_the_end_of_the_connection(void **state) {
  (void)state;
  begin();
  say(C, GET("/"));
  say(S, "HTTP/1.1 200 OK\r\n\r\nab");
  at(S, T.seq[S] - 2, "ab", ACK);
  fin(S);
  expect("GET / #4(18) > 200 #5(21) #7(0) elapsed 3 last-byte 1\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_request_that_came_again),
      cmocka_unit_test(a_part_of_a_request_that_came_again),
      cmocka_unit_test(a_request_that_was_acknowledged_before_it_came_again),
      cmocka_unit_test(copies_of_pipelined_requests),
      cmocka_unit_test(the_beginning_of_a_response_that_came_again),
      cmocka_unit_test(a_response_that_came_again_before_it_was_told),
      cmocka_unit_test(copies_of_what_waits),
      cmocka_unit_test(an_unanswered_request_that_came_again),
      cmocka_unit_test(copies_behind_what_is_lost),
      cmocka_unit_test(copies_before_the_end_of_the_connection),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
