/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/pair.h"

/*
 * Requests are named by letters, responses by digits; the log has what was
 * reported: "a1" a pair, "b-" an unanswered request, "-3" a response nobody
 * asked for.
 */
static struct http_answer answers[128]; /* of requests the turn alone */
static struct weft_mark lasts[128];     /* what completes them */
static struct http_pair pair;
static char text[256];
static uint64_t missing; /* bytes of requests so far */

static struct http_turn *turn(char name) { return &answers[(int)name].turn; }

static char name_of(const struct http_turn *turn) {
  return turn ? (char)((const struct http_answer *)turn - answers) : '-';
}

static void report(void *context, struct http_turn *request, struct http_answer *response) {
  assert_ptr_equal(context, &pair);
  size_t n = strlen(text);
  assert_true(n + 4 < sizeof text);
  snprintf(text + n, sizeof text - n, "%s%c%c", n ? " " : "", name_of(request),
           name_of(response ? &response->turn : NULL));
}

static void begin(uint32_t max) {
  memset(answers, 0, sizeof answers);
  memset(lasts, 0, sizeof lasts);
  text[0] = 0;
  missing = 0;
  http_pair_init(&pair, max, report, &pair);
}

static void head(char name) {
  if (turn(name)->end < turn(name)->offset) turn(name)->end = turn(name)->offset;
  http_pair_request(&pair, turn(name), 0, missing);
}

static void over(char name) {
  turn(name)->complete = 1;
  if (name < 'a')
    http_pair_response_over(&pair, &answers[(int)name], lasts[(int)name]);
  else
    http_pair_request_over(&pair, turn(name));
}

static void request(char name) {
  head(name);
  over(name);
}

/* The request's name, or '-'. */
static char answer(char name) { return name_of(http_pair_response(&pair, &answers[(int)name])); }

static void response(char name) {
  answer(name);
  over(name);
}

static void finish(const char *expected) {
  http_pair_end(&pair, 0);
  http_pair_end(&pair, 1);
  assert_null(pair.first);
  assert_null(pair.held);
  assert_int_equal(pair.nrequests, 0);
  assert_string_equal(text, expected);
}

static void in_order(void **state) {
  (void)state;
  begin(9);
  request('a'), request('b');
  response('1'), request('c'), response('2'), response('3');
  finish("a1 b2 c3");
}

static void an_early_response_waits_for_its_request(void **state) {
  (void)state;
  begin(9);
  head('a');
  response('1');
  assert_string_equal(text, "");
  over('a');
  finish("a1");
}

static void interim_responses_are_counted(void **state) {
  (void)state;
  begin(9);
  request('a');
  http_pair_interim(&pair, turn('0'));
  http_pair_interim(&pair, turn('0'));
  assert_int_equal(turn('a')->interim, 2);
  response('1');
  http_pair_interim(&pair, turn('0')); /* before its request came through */
  response('2');
  request('b');
  assert_int_equal(turn('b')->interim, 1);
  finish("a1 b2");
}

/* The next final response is not the first unanswered request's then. */
static void interim_responses_behind_a_held_one(void **state) {
  (void)state;
  begin(9);
  head('a');
  turn('1')->after_gap = 1;
  turn('1')->acked = 100; /* the server had read more than was seen yet */
  assert_int_equal(answer('1'), '-');
  assert_null(http_pair_interim(&pair, turn('0')));
  assert_int_equal(turn('a')->interim, 0);
  answer('2');
  assert_int_equal(turn('2')->interim, 1);
  over('a'), over('1'), over('2');
  finish("-2 a1");
}

static void interim_responses_of_what_was_forgotten(void **state) {
  (void)state;
  begin(2);
  request('a'), request('b'), request('c');
  assert_null(http_pair_interim(&pair, turn('0')));
  response('1');
  assert_int_equal(turn('1')->interim, 1);
  assert_ptr_equal(http_pair_interim(&pair, turn('0')), turn('b'));
  response('2'), response('3');
  finish("a- -1 b2 c3");
}

static void unanswered_requests_are_reported_in_order(void **state) {
  (void)state;
  begin(9);
  request('a'), request('b');
  head('c');
  http_pair_end(&pair, 1);
  assert_string_equal(text, "a- b-");
  over('c');
  finish("a- b- c-");
}

static void a_held_response_waits_for_the_request_it_acknowledged(void **state) {
  (void)state;
  begin(9);
  turn('1')->acked = 50;
  turn('b')->offset = 50;
  response('1');
  request('a'); /* at 0: seen by the server before it answered */
  request('b');
  finish("a1 b-");
}

static void a_held_response_is_not_given_to_a_later_request(void **state) {
  (void)state;
  begin(9);
  turn('1')->acked = 50;
  turn('b')->offset = 50;
  response('1');
  request('b');
  response('2');
  finish("-1 b2");
}

static void without_acknowledgements_times_tell(void **state) {
  (void)state;
  begin(9);
  turn('1')->first = (struct weft_mark){10, 10};
  turn('a')->first = (struct weft_mark){20, 20};
  turn('2')->first = (struct weft_mark){30, 30};
  response('1');
  request('a');
  response('2');
  finish("-1 a2");
}

static void a_response_that_is_not_to_wait(void **state) {
  (void)state;
  begin(9);
  turn('1')->acked = 7;
  turn('a')->offset = 7;
  http_pair_seen(&pair, 7, 0);
  assert_int_equal(answer('1'), '-');
  request('a');
  over('1');
  response('2');
  finish("-1 a2");
}

static void held_responses_are_bounded(void **state) {
  (void)state;
  begin(2);
  response('1'), response('2'), response('3');
  assert_string_equal(text, "-1");
  finish("-1 -2 -3");
}

static void at_the_bound_nothing_shifts(void **state) {
  (void)state;
  begin(2);
  request('a'), request('b'), request('c'), request('d');
  assert_string_equal(text, "a- b-");
  response('1'), response('2'), response('3'), response('4');
  finish("a- b- -1 -2 c3 d4");
}

static void after_a_loss_acknowledgements_tell(void **state) {
  (void)state;
  begin(9);
  request('a');
  turn('b')->acked = 300; /* its client had the answer to a, all 300 bytes */
  request('b');
  turn('2')->offset = 300;
  turn('2')->after_gap = 1;
  assert_int_equal(answer('2'), 'b');
  over('2');
  finish("a- b2");
}

static void after_a_loss_pipelines_are_not_guessed_at(void **state) {
  (void)state;
  begin(9);
  request('a'), request('b'); /* both before any answer */
  turn('c')->acked = 300;
  request('c');
  turn('1')->offset = 300;
  turn('1')->after_gap = 1;
  assert_int_equal(answer('1'), '-');
  over('1');
  finish("a- -1 b- c-");
}

/* The first request ends at 100, which is known only after its answer: its server had
   read up to 140 by then.  So where two requests are missing, [100,180), one answer
   between them and d proves nothing. */
static void a_pipeline_told_by_a_request_that_ends_late(void **state) {
  (void)state;
  begin(9);
  head('a');
  turn('1')->acked = 140;
  assert_int_equal(answer('1'), 'a');
  lasts['1'] = (struct weft_mark){8, 8};
  over('1');
  turn('2')->offset = 50;
  turn('2')->acked = 180;
  answer('2');
  lasts['2'] = (struct weft_mark){14, 14};
  over('2');
  turn('3')->offset = 90;
  turn('3')->acked = 240;
  answer('3');
  over('3');
  turn('a')->end = turn('a')->offset + 100;
  over('a');
  turn('d')->offset = 180;
  turn('d')->end = turn('d')->offset + 60;
  turn('d')->acked = 90;
  turn('d')->after_gap = 1;
  request('d');
  finish("a1 -2 -3 d-");
}

/* Of a, captured after it was acknowledged, the capture's order tells nothing: it may
   have been sent when b was. */
static void after_a_loss_an_overtaken_request_is_not_passed_over(void **state) {
  (void)state;
  begin(9);
  turn('1')->acked = 7;
  turn('1')->after_gap = 1;
  lasts['1'] = (struct weft_mark){44, 44};
  http_pair_seen(&pair, 7, 0);
  response('1');
  turn('a')->offset = 7;
  turn('a')->first = (struct weft_mark){48, 48};
  turn('a')->acked = 300;
  turn('a')->overtaken = 1;
  turn('b')->offset = 50;
  turn('b')->end = turn('b')->offset + 50;
  turn('b')->first = (struct weft_mark){46, 46};
  turn('b')->acked = 300;
  turn('b')->late = 1;
  request('a'), request('b');
  turn('2')->offset = 300;
  turn('2')->acked = 100;
  response('2');
  finish("-1 -2 a- b-");
}

/* The server had not read b when it began its answer 1, and had read c as well when
   it began the next one: so b and c were on their way together.  In the capture 1 ends
   between the two, but it may be captured late. */
static void after_a_loss_two_requests_read_at_once_are_a_pipeline(void **state) {
  (void)state;
  begin(9);
  turn('1')->acked = 100;
  turn('1')->after_gap = 1;
  turn('1')->first = lasts['1'] = (struct weft_mark){108, 108};
  http_pair_seen(&pair, 100, 0);
  response('1');
  turn('b')->offset = 100;
  turn('b')->first = (struct weft_mark){107, 107};
  turn('c')->offset = 150;
  turn('c')->end = turn('c')->offset + 50;
  turn('c')->first = (struct weft_mark){109, 109};
  turn('b')->acked = turn('c')->acked = 300;
  turn('b')->late = turn('c')->late = 1;
  request('b'), request('c');
  turn('2')->offset = 300;
  turn('2')->acked = 200;
  turn('2')->first = (struct weft_mark){110, 110};
  response('2');
  finish("-1 -2 b- c-");
}

/* What b acknowledged is not known, for it waited behind a hole, as 2 did, so that their order
   in the capture tells nothing either: b may have been sent together with c. */
static void after_losses_on_both_sides_order_tells_nothing(void **state) {
  (void)state;
  begin(9);
  turn('1')->after_gap = 1;
  turn('1')->acked = 200;
  turn('1')->late = 1;
  turn('1')->first = lasts['1'] = (struct weft_mark){32, 32};
  http_pair_seen(&pair, 100, 1);
  turn('b')->offset = 100;
  turn('b')->first = (struct weft_mark){35, 35};
  turn('b')->late = 1;
  turn('c')->offset = 150;
  turn('c')->end = turn('c')->offset + 50;
  turn('c')->first = (struct weft_mark){37, 37};
  turn('b')->acked = turn('c')->acked = 300;
  request('b'), request('c');
  response('1');
  turn('2')->offset = 300;
  turn('2')->acked = 200;
  turn('2')->late = 1;
  turn('2')->first = (struct weft_mark){36, 36};
  response('2');
  finish("-1 -2 b- c-");
}

/* A client that always has two requests on their way looks like one that waits where the first
   two are missing: each answer comes when one more request has been read.  With
   `lost` bytes in front of b. */
static void first_requests_lost(uint64_t lost) {
  begin(9);
  turn('1')->acked = lost;
  lasts['1'] = (struct weft_mark){5, 5};
  http_pair_seen(&pair, lost, 1);
  response('1');
  missing = lost;
  turn('b')->after_gap = 1;
  uint64_t request_at = lost, response_at = 100;
  const char *b = "bcd", *two = "234";
  for (unsigned i = 0; b[i]; i++, request_at += 45, response_at += 100) {
    struct http_turn *q = turn(b[i]), *r = turn(two[i]);
    q->offset = request_at;
    q->end = request_at + 45;
    q->first = (struct weft_mark){10 * i + 10, 10 * i + 10};
    q->acked = response_at;
    request(b[i]);
    r->offset = response_at;
    r->acked = request_at + 45;
    r->first = lasts[(int)two[i]] = (struct weft_mark){10 * i + 15, 10 * i + 15};
    response(two[i]);
  }
}

static void before_any_pair_one_lost_request_leaves_no_doubt(void **state) {
  (void)state;
  first_requests_lost(50);
  finish("-1 -2 b- c3 d4");
}

static void before_any_pair_room_for_two_lost_requests_leaves_all_in_doubt(void **state) {
  (void)state;
  first_requests_lost(90);
  finish("-1 -2 -3 -4 b- c- d-");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(in_order),
      cmocka_unit_test(an_early_response_waits_for_its_request),
      cmocka_unit_test(interim_responses_are_counted),
      cmocka_unit_test(interim_responses_behind_a_held_one),
      cmocka_unit_test(interim_responses_of_what_was_forgotten),
      cmocka_unit_test(unanswered_requests_are_reported_in_order),
      cmocka_unit_test(a_held_response_waits_for_the_request_it_acknowledged),
      cmocka_unit_test(a_held_response_is_not_given_to_a_later_request),
      cmocka_unit_test(without_acknowledgements_times_tell),
      cmocka_unit_test(a_response_that_is_not_to_wait),
      cmocka_unit_test(held_responses_are_bounded),
      cmocka_unit_test(at_the_bound_nothing_shifts),
      cmocka_unit_test(after_a_loss_acknowledgements_tell),
      cmocka_unit_test(after_a_loss_pipelines_are_not_guessed_at),
      cmocka_unit_test(a_pipeline_told_by_a_request_that_ends_late),
      cmocka_unit_test(after_a_loss_an_overtaken_request_is_not_passed_over),
      cmocka_unit_test(after_a_loss_two_requests_read_at_once_are_a_pipeline),
      cmocka_unit_test(after_losses_on_both_sides_order_tells_nothing),
      cmocka_unit_test(before_any_pair_one_lost_request_leaves_no_doubt),
      cmocka_unit_test(before_any_pair_room_for_two_lost_requests_leaves_all_in_doubt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
