/* SPDX-License-Identifier: BSD-2-Clause */
#include "http_engine.h"

static void three_pipelined_in_one_frame(void **state) {
  (void)state;
  begin();
  say(C, GET("/1") GET("/2") GET("/3"));
  say(S, OK OK OK);
  expect("GET /1 #4(19) > 200 #5(40) elapsed 1\n"
         "GET /2 #4(19) > 200 #5(40) elapsed 1\n"
         "GET /3 #4(19) > 200 #5(40) elapsed 1\n");
}

static void three_pipelined_answered_one_by_one(void **state) {
  (void)state;
  begin();
  say(C, GET("/1") GET("/2") GET("/3"));
  say(S, OK);
  say(S, OK);
  say(S, OK);
  expect("GET /1 #4(19) > 200 #5(40) elapsed 1\n"
         "GET /2 #4(19) > 200 #6(40) elapsed 2\n"
         "GET /3 #4(19) > 200 #7(40) elapsed 3\n");
}

static void two_requests_answered_in_one_frame(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  say(C, GET("/2"));
  say(S, OK OK);
  expect("GET /1 #4(19) > 200 #6(40) elapsed 2\n"
         "GET /2 #5(19) > 200 #6(40) elapsed 1\n");
}

static void continue_is_not_the_answer(void **state) {
  (void)state;
  begin();
  say(C, "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  say(S, "HTTP/1.1 100 Continue\r\n\r\n");
  say(C, "abc");
  say(S, OK);
  expect("POST / #4(60) #6(3) > 200 #7(40) elapsed 1 interim 100 #5 at 5\n");
}

static void early_hints_are_not_the_answer(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  say(S, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  feed_wait(&T.feed, WEFT_SECOND);
  say(S, "HTTP/1.1 103 Early Hints\r\n\r\n" OK);
  say(C, GET("/2"));
  say(S, OK);
  expect("GET /1 #4(19) > 200 #6(40) elapsed 1002 interim 103 #5 at 5 interim 103 #6 at 1006\n"
         "GET /2 #7(19) > 200 #8(40) elapsed 1\n");
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

static void say_late(uint32_t seq, const char *text, uint32_t acks) {
  assert_true(feed_push(&T.feed, seg_of(seg_acks(seg(S, seq, text, ACK), acks), T.conn)) >= 0);
}

/* Behind a lost request what a client had read is not known.  Then the answer to /3,
   captured when /4 had been, does not look like the answer to /4. */
static void answers_captured_after_the_next_request(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  say(S, OK);
  lose(C, GET("/2"));
  uint32_t asked = T.seq[C], answered = T.seq[S];
  lose(S, OK);
  say(C, GET("/3"));
  say_late(answered, OK, asked);
  asked = T.seq[C], answered = T.seq[S];
  lose(S, OK);
  say(C, GET("/4"));
  say(S, OK);
  say_late(answered, OK, asked);
  expect("GET /1 #4(19) > 200 #5(40) elapsed 1\n"
         "> 200 #7(40)\n"
         "> 200 #10(40)\n"
         "> 200 #9(40)\n"
         "GET /3 #6(19) >\n"
         "GET /4 #8(19) >\n");
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
  expect("GET / #4(18) > 200 #5(25) #6(2) #7(0) elapsed 3 last-byte 2\n");
}

static void close_delimited_with_the_fin_on_data(void **state) {
  (void)state;
  begin();
  say(C, "GET / HTTP/1.0\r\n\r\n");
  say(S, "HTTP/1.0 200 OK\r\n\r\n");
  at(S, T.seq[S], "end", FIN | ACK);
  expect("GET / #4(18) > 200 #5(19) #6(3) elapsed 2\n");
}

/* An HTTP/0.9 answer behind another one in a segment. */
static void a_bare_answer_behind_another(void **state) {
  (void)state;
  begin();
  say(C, GET("/1") "GET /2\r\n");
  say(S, "HTTP/1.1 204 x\r\n\r\nplain");
  fin(S);
  expect("GET /1 #4(19) > 204 #5(18) elapsed 1\n"
         "GET /2 #4(8) > 0 #5(5) #6(0) elapsed 2 last-byte 1\n");
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
  expect("POST / #4(41) #6(3) > 413 #5(45) early elapsed -1\n");
}

static void early_413_and_no_more(void **state) {
  (void)state;
  begin();
  say(C, "POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc");
  say(S, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  fin(S);
  at(C, T.seq[C], "", RST);
  expect("POST / #4(41) truncated > 413 #5(45) early elapsed 1 bounds 3\n");
}

static void a_redirect_while_the_upload_goes_on(void **state) {
  (void)state;
  begin();
  say(C, "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc");
  say(S, "HTTP/1.1 307 x\r\nContent-Length: 2\r\n\r\n");
  say(C, "def");
  say(S, "no");
  say(C, "ghi");
  say(C, GET("/2"));
  say(S, OK);
  expect("POST / #4(41) #6(3) #8(3) > 307 #5(37) #7(2) early elapsed -1\n"
         "GET /2 #9(19) > 200 #10(40) elapsed 1\n");
}

static void an_expectation_that_failed(void **state) {
  (void)state;
  begin();
  say(C, "POST / HTTP/1.1\r\nExpect: x\r\nContent-Length: 3\r\n\r\n");
  say(S, "HTTP/1.1 417 x\r\nContent-Length: 0\r\n\r\n");
  fin(C);
  fin(S);
  expect("POST / #4(49) truncated > 417 #5(37) early elapsed 1 bounds 3\n");
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

/* The next response is not taken for the rest of a chunk. */
static void chunks_lost_up_to_what_looks_like_one(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  say(S, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab");
  lose(S, "\r\n1");
  say(S, "\r\nb\r\n0\r\n\r\n");
  say(C, GET("/2"));
  say(S, OK);
  feed_wait(&T.feed, WEFT_SECOND);
  expect("GET /1 #4(19) > 200 #5(52) #6(10) missing 3 elapsed 2 bounds 4\n"
         "GET /2 #7(19) > 200 #8(40) elapsed 1\n");
}

/* What is left of the second response looks like more of the first: its last frame is
   a bound. */
static void the_end_of_a_chunked_body_lost_with_the_next_head(void **state) {
  (void)state;
  begin();
  say(C, GET("/1"));
  say(S, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab");
  lose(S, "\r\n0\r\n\r\n");
  say(C, GET("/2"));
  lose(S, OK_HEAD(4));
  say(S, "0123");
  say(C, GET("/3"));
  say(S, OK);
  feed_wait(&T.feed, WEFT_SECOND);
  expect("GET /1 #4(19) > 200 #5(52) #7(4) missing 45 elapsed 3 bounds 4\n"
         "GET /2 #6(19) >\n"
         "GET /3 #8(19) > 200 #9(40) elapsed 1\n");
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
      cmocka_unit_test(three_pipelined_answered_one_by_one),
      cmocka_unit_test(two_requests_answered_in_one_frame),
      cmocka_unit_test(continue_is_not_the_answer),
      cmocka_unit_test(early_hints_are_not_the_answer),
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
      cmocka_unit_test(answers_captured_after_the_next_request),
      cmocka_unit_test(head_whose_request_comes_late),
      cmocka_unit_test(the_beginning_of_an_upload_lost),
      cmocka_unit_test(close_delimited),
      cmocka_unit_test(close_delimited_with_the_fin_on_data),
      cmocka_unit_test(a_bare_answer_behind_another),
      cmocka_unit_test(mid_stream),
      cmocka_unit_test(mid_stream_answers_of_unseen_requests),
      cmocka_unit_test(early_413),
      cmocka_unit_test(early_413_and_no_more),
      cmocka_unit_test(a_redirect_while_the_upload_goes_on),
      cmocka_unit_test(an_expectation_that_failed),
      cmocka_unit_test(response_captured_before_its_request),
      cmocka_unit_test(head_with_a_length),
      cmocka_unit_test(no_content_and_not_modified),
      cmocka_unit_test(keep_alive_garbage),
      cmocka_unit_test(port_reuse),
      cmocka_unit_test(sequence_wrap),
      cmocka_unit_test(chunked_with_extensions_and_trailers),
      cmocka_unit_test(chunks_lost_up_to_what_looks_like_one),
      cmocka_unit_test(the_end_of_a_chunked_body_lost_with_the_next_head),
      cmocka_unit_test(the_engine_guessed_the_wrong_client),
      cmocka_unit_test(half_a_start_line_at_a_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
