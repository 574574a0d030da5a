/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/interim.h"
#include "http_kept.h"

static struct http_turn request, other, response;
static struct http_interim *list;
static struct weft_http_interim got[WEFT_HTTP_INTERIMS_MAX];

static int begin(void **state) {
  (void)state;
  store_begin();
  list = NULL;
  return 0;
}

static int finish(void **state) {
  (void)state;
  http_interims_done(&list, &store);
  return store_finish() || list ? -1 : 0;
}

static int add(const struct http_turn *owner, uint16_t status) {
  struct http_message m = {.view = {.status = status, .first = {1, status}, .last = {2, status}}};
  return http_interims_add(&list, &store, owner, &m);
}

static void in_the_order_they_came(void **state) {
  (void)state;
  add(&request, 100), add(&other, 102), add(NULL, 103);
  assert_int_equal(http_interims_of(list, &request, NULL, got), 1);
  http_interims_claim(list, &response);
  add(NULL, 104); /* of the next */
  assert_int_equal(http_interims_of(list, &request, &response, got), 2);
  assert_int_equal(got[0].status, 100);
  assert_int_equal(got[1].status, 103);
  assert_int_equal(got[1].first.frame, 103);
  assert_int_equal(got[1].last.time, 2);
  assert_int_equal(http_interims_of(list, NULL, &response, got), 1);
}

static void forgotten_with_their_owner(void **state) {
  (void)state;
  add(&request, 100), add(&other, 102), add(&request, 103);
  http_interims_forget(&list, &store, &request);
  assert_int_equal(http_interims_of(list, &request, &other, got), 1);
  assert_int_equal(got[0].status, 102);
}

static void no_more_than_there_is_room_for(void **state) {
  (void)state;
  for (uint16_t i = 0; i <= WEFT_HTTP_INTERIMS_MAX; i++) add(&request, i);
  assert_int_equal(http_interims_of(list, &request, NULL, got), WEFT_HTTP_INTERIMS_MAX);
  assert_int_equal(got[WEFT_HTTP_INTERIMS_MAX - 1].status, WEFT_HTTP_INTERIMS_MAX - 1);
}

static void without_memory_nothing_changes(void **state) {
  (void)state;
  add(&request, 100);
  memory.fail_at = memory.calls + 1;
  assert_int_equal(add(&request, 102), WEFT_E_NOMEM);
  assert_int_equal(http_interims_of(list, &request, NULL, got), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(in_the_order_they_came, begin, finish),
      cmocka_unit_test_setup_teardown(forgotten_with_their_owner, begin, finish),
      cmocka_unit_test_setup_teardown(no_more_than_there_is_room_for, begin, finish),
      cmocka_unit_test_setup_teardown(without_memory_nothing_changes, begin, finish),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
