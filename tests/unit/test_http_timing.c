/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/timing.h"

static struct http_message message(weft_time first, weft_time last) {
  struct http_message m = {0};
  m.view.first = (struct weft_mark){first, 1};
  m.view.last = (struct weft_mark){last, 2};
  return m;
}

static struct weft_http_timing timing_of(const struct http_message *request,
                                         const struct http_message *response) {
  struct weft_http_timing t;
  http_timing_of(request, response, &t);
  return t;
}

static void five_durations(void **state) {
  (void)state;
  struct http_message request = message(100, 130), response = message(150, 250);
  struct weft_http_timing t = timing_of(&request, &response);
  assert_true(t.connect == WEFT_TIME_NONE);
  assert_int_equal(t.send, 30);
  assert_int_equal(t.wait, 20);
  assert_int_equal(t.receive, 100);
  assert_int_equal(t.elapsed, 120);
  assert_int_equal(t.bounds, 0);
}

static void an_early_answer_has_negative_times(void **state) {
  (void)state;
  struct http_message request = message(100, 300), response = message(150, 160);
  struct weft_http_timing t = timing_of(&request, &response);
  assert_int_equal(t.wait, -150);
  assert_int_equal(t.elapsed, -140);
}

static void a_fin_comes_after_the_last_byte(void **state) {
  (void)state;
  struct http_message request = message(100, 130), response = message(150, 250);
  assert_int_equal(timing_of(&request, &response).last_byte, 120);
  response.by_fin = 1;
  response.data_last = (struct weft_mark){200, 2};
  assert_int_equal(timing_of(&request, &response).last_byte, 70);
  assert_int_equal(timing_of(&request, &response).elapsed, 120);
}

static void early(void **state) {
  (void)state;
  struct http_message request = message(100, 300), response = message(150, 160);
  request.view.wire_length = 50;
  response.turn.acked = 49;
  assert_true(http_timing_is_early(&request, &response));
  response.turn.acked = 50; /* the server had read it all, so the capture's order is wrong */
  assert_false(http_timing_is_early(&request, &response));
  response.turn.late = 1; /* that was acknowledged by then, but perhaps not by this segment */
  assert_true(http_timing_is_early(&request, &response));
}

static void early_for_what_was_never_completed(void **state) {
  (void)state;
  struct http_message request = message(100, 130), response = message(150, 250);
  assert_false(http_timing_is_early(&request, &response));
  request.view.flags = WEFT_HTTP_TRUNCATED;
  assert_true(http_timing_is_early(&request, &response));
  request.view.body_missing = 1; /* it may have been */
  assert_false(http_timing_is_early(&request, &response));
}

static void what_is_not_there_has_no_time(void **state) {
  (void)state;
  struct http_message m = message(100, 130);
  struct weft_http_timing t = timing_of(&m, NULL);
  assert_int_equal(t.send, 30);
  assert_true(t.wait == WEFT_TIME_NONE && t.receive == WEFT_TIME_NONE &&
              t.elapsed == WEFT_TIME_NONE);
  t = timing_of(NULL, &m);
  assert_int_equal(t.receive, 30);
  assert_true(t.send == WEFT_TIME_NONE && t.wait == WEFT_TIME_NONE && t.elapsed == WEFT_TIME_NONE);
}

static void a_lost_end_makes_bounds(void **state) {
  (void)state;
  struct http_message request = message(100, 130), response = message(150, 250);
  request.last_frame_lost = 1;
  assert_int_equal(timing_of(&request, &response).bounds, WEFT_BOUND_SEND | WEFT_BOUND_WAIT);
  request.last_frame_lost = 0;
  response.view.flags = WEFT_HTTP_TRUNCATED;
  assert_int_equal(timing_of(&request, &response).bounds, WEFT_BOUND_RECEIVE);
  response.view.flags = WEFT_HTTP_HEAD_LOST;
  assert_int_equal(timing_of(&request, &response).bounds, WEFT_BOUND_WAIT);
  response.view.flags = 0;
  response.place_lost = 1;
  assert_int_equal(timing_of(&request, &response).bounds, WEFT_BOUND_RECEIVE);
}

static void absurd_times_do_not_overflow(void **state) {
  (void)state;
  struct http_message request = message(INT64_MAX, INT64_MIN + 1), response = message(5, INT64_MAX);
  struct weft_http_timing t = timing_of(&request, &response);
  assert_int_equal(t.send, 2); /* modulo 2^64, as unsigned numbers are */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(five_durations),
      cmocka_unit_test(an_early_answer_has_negative_times),
      cmocka_unit_test(a_fin_comes_after_the_last_byte),
      cmocka_unit_test(early),
      cmocka_unit_test(early_for_what_was_never_completed),
      cmocka_unit_test(what_is_not_there_has_no_time),
      cmocka_unit_test(a_lost_end_makes_bounds),
      cmocka_unit_test(absurd_times_do_not_overflow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
