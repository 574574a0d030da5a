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
static struct http_message messages[128];
static struct http_pair pair;
static char text[256];
static uint64_t missing; /* bytes of requests so far */

static char name_of(const struct http_message *m) { return m ? (char)(m - messages) : '-'; }

static void report(void *context, struct http_message *request, struct http_message *response) {
  assert_ptr_equal(context, &pair);
  size_t n = strlen(text);
  assert_true(n + 4 < sizeof text);
  snprintf(text + n, sizeof text - n, "%s%c%c", n ? " " : "", name_of(request), name_of(response));
}

static void begin(uint32_t max) {
  memset(messages, 0, sizeof messages);
  text[0] = 0;
  missing = 0;
  http_pair_init(&pair, max, report, &pair);
}

static void head(char name) { http_pair_request(&pair, &messages[(int)name], 0, missing); }

static void over(char name) {
  messages[(int)name].complete = 1;
  http_pair_finished(&pair, &messages[(int)name], name < 'a');
}

static void request(char name) {
  head(name);
  over(name);
}

/* The request's name, or '-'. */
static char answer(char name) { return name_of(http_pair_response(&pair, &messages[(int)name])); }

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
  http_pair_interim(&pair, &messages['0']);
  http_pair_interim(&pair, &messages['0']);
  assert_int_equal(messages['a'].interim, 2);
  response('1');
  http_pair_interim(&pair, &messages['0']); /* before its request came through */
  response('2');
  request('b');
  assert_int_equal(messages['b'].interim, 1);
  finish("a1 b2");
}

/* The next final response is not the first unanswered request's then. */
static void interim_responses_behind_a_held_one(void **state) {
  (void)state;
  begin(9);
  head('a');
  messages['1'].after_gap = 1;
  messages['1'].acked = 100; /* the server had read more than was seen yet */
  assert_int_equal(answer('1'), '-');
  assert_null(http_pair_interim(&pair, &messages['0']));
  assert_int_equal(messages['a'].interim, 0);
  answer('2');
  assert_int_equal(messages['2'].interim, 1);
  over('a'), over('1'), over('2');
  finish("-2 a1");
}

static void interim_responses_of_what_was_forgotten(void **state) {
  (void)state;
  begin(2);
  request('a'), request('b'), request('c');
  assert_null(http_pair_interim(&pair, &messages['0']));
  response('1');
  assert_int_equal(messages['1'].interim, 1);
  assert_ptr_equal(http_pair_interim(&pair, &messages['0']), &messages['b']);
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
  messages['1'].acked = 50;
  messages['b'].view.offset = 50;
  response('1');
  request('a'); /* at 0: seen by the server before it answered */
  request('b');
  finish("a1 b-");
}

static void a_held_response_is_not_given_to_a_later_request(void **state) {
  (void)state;
  begin(9);
  messages['1'].acked = 50;
  messages['b'].view.offset = 50;
  response('1');
  request('b');
  response('2');
  finish("-1 b2");
}

static void without_acknowledgements_times_tell(void **state) {
  (void)state;
  begin(9);
  messages['1'].view.first = (struct weft_mark){10, 10};
  messages['a'].view.first = (struct weft_mark){20, 20};
  messages['2'].view.first = (struct weft_mark){30, 30};
  response('1');
  request('a');
  response('2');
  finish("-1 a2");
}

static void a_response_that_is_not_to_wait(void **state) {
  (void)state;
  begin(9);
  messages['1'].acked = 7;
  messages['a'].view.offset = 7;
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
  messages['b'].acked = 300; /* its client had the answer to a, all 300 bytes */
  request('b');
  messages['2'].view.offset = 300;
  messages['2'].after_gap = 1;
  assert_int_equal(answer('2'), 'b');
  over('2');
  finish("a- b2");
}

static void after_a_loss_pipelines_are_not_guessed_at(void **state) {
  (void)state;
  begin(9);
  request('a'), request('b'); /* both before any answer */
  messages['c'].acked = 300;
  request('c');
  messages['1'].view.offset = 300;
  messages['1'].after_gap = 1;
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
  messages['1'].acked = 140;
  assert_int_equal(answer('1'), 'a');
  messages['1'].view.last = (struct weft_mark){8, 8};
  over('1');
  messages['2'].view.offset = 50;
  messages['2'].acked = 180;
  answer('2');
  messages['2'].view.last = (struct weft_mark){14, 14};
  over('2');
  messages['3'].view.offset = 90;
  messages['3'].acked = 240;
  answer('3');
  over('3');
  messages['a'].view.wire_length = 100;
  over('a');
  messages['d'].view.offset = 180;
  messages['d'].view.wire_length = 60;
  messages['d'].acked = 90;
  messages['d'].after_gap = 1;
  request('d');
  finish("a1 -2 -3 d-");
}

/* Of a, captured after it was acknowledged, the capture's order tells nothing: it may
   have been sent when b was. */
static void after_a_loss_an_overtaken_request_is_not_passed_over(void **state) {
  (void)state;
  begin(9);
  messages['1'].acked = 7;
  messages['1'].after_gap = 1;
  messages['1'].view.last = (struct weft_mark){44, 44};
  http_pair_seen(&pair, 7, 0);
  response('1');
  messages['a'].view.offset = 7;
  messages['a'].view.first = (struct weft_mark){48, 48};
  messages['a'].acked = 300;
  messages['a'].overtaken = 1;
  messages['b'].view.offset = 50;
  messages['b'].view.wire_length = 50;
  messages['b'].view.first = (struct weft_mark){46, 46};
  messages['b'].acked = 300;
  messages['b'].late = 1;
  request('a'), request('b');
  messages['2'].view.offset = 300;
  messages['2'].acked = 100;
  response('2');
  finish("-1 -2 a- b-");
}

/* The server had not read b when it began its answer 1, and had read c as well when
   it began the next one: so b and c were on their way together.  In the capture 1 ends
   between the two, but it may be captured late. */
static void after_a_loss_two_requests_read_at_once_are_a_pipeline(void **state) {
  (void)state;
  begin(9);
  messages['1'].acked = 100;
  messages['1'].after_gap = 1;
  messages['1'].view.first = messages['1'].view.last = (struct weft_mark){108, 108};
  http_pair_seen(&pair, 100, 0);
  response('1');
  messages['b'].view.offset = 100;
  messages['b'].view.first = (struct weft_mark){107, 107};
  messages['c'].view.offset = 150;
  messages['c'].view.wire_length = 50;
  messages['c'].view.first = (struct weft_mark){109, 109};
  messages['b'].acked = messages['c'].acked = 300;
  messages['b'].late = messages['c'].late = 1;
  request('b'), request('c');
  messages['2'].view.offset = 300;
  messages['2'].acked = 200;
  messages['2'].view.first = (struct weft_mark){110, 110};
  response('2');
  finish("-1 -2 b- c-");
}

/* What b acknowledged is not known, for it waited behind a hole, as 2 did, so that their order
   in the capture tells nothing either: b may have been sent together with c. */
static void after_losses_on_both_sides_order_tells_nothing(void **state) {
  (void)state;
  begin(9);
  messages['1'].after_gap = 1;
  messages['1'].acked = 200;
  messages['1'].late = 1;
  messages['1'].view.first = messages['1'].view.last = (struct weft_mark){32, 32};
  http_pair_seen(&pair, 100, 1);
  messages['b'].view.offset = 100;
  messages['b'].view.first = (struct weft_mark){35, 35};
  messages['b'].late = 1;
  messages['c'].view.offset = 150;
  messages['c'].view.wire_length = 50;
  messages['c'].view.first = (struct weft_mark){37, 37};
  messages['b'].acked = messages['c'].acked = 300;
  request('b'), request('c');
  response('1');
  messages['2'].view.offset = 300;
  messages['2'].acked = 200;
  messages['2'].late = 1;
  messages['2'].view.first = (struct weft_mark){36, 36};
  response('2');
  finish("-1 -2 b- c-");
}

/* A client that always has two requests on their way looks like one that waits where the first
   two are missing: each answer comes when one more request has been read.  With
   `lost` bytes in front of b. */
static void first_requests_lost(uint64_t lost) {
  begin(9);
  messages['1'].acked = lost;
  messages['1'].view.last = (struct weft_mark){5, 5};
  http_pair_seen(&pair, lost, 1);
  response('1');
  missing = lost;
  messages['b'].after_gap = 1;
  uint64_t request_at = lost, response_at = 100;
  const char *b = "bcd", *two = "234";
  for (unsigned i = 0; b[i]; i++, request_at += 45, response_at += 100) {
    struct http_message *q = &messages[(int)b[i]], *r = &messages[(int)two[i]];
    q->view.offset = request_at;
    q->view.head_length = q->view.wire_length = 45;
    q->view.first = (struct weft_mark){10 * i + 10, 10 * i + 10};
    q->acked = response_at;
    request(b[i]);
    r->view.offset = response_at;
    r->acked = request_at + 45;
    r->view.first = r->view.last = (struct weft_mark){10 * i + 15, 10 * i + 15};
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
