/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "allocator.h"
#include "http/message.h"

static struct test_allocator memory;
static struct weft_allocator allocator;
static struct http_store store;

static struct http_message *begin(uint32_t parts_max) {
  memory = (struct test_allocator){0};
  allocator = test_allocator_of(&memory);
  const struct weft_http_options options = {
      .size = sizeof options, .allocator = &allocator, .parts_max = parts_max};
  http_store_init(&store, &options);
  return http_message_new(&store);
}

static void finish(struct http_message *m) {
  http_message_free(&store, m);
  http_store_done(&store);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
}

/* Bytes from a frame whose time is given. */
static void arrive(struct http_message *m, uint64_t frame, weft_time time, uint64_t offset,
                   uint64_t length) {
  assert_int_equal(http_message_arrived(&store, m, (struct weft_mark){time, frame}, offset, length),
                   0);
}

static void adjoining_bytes_of_a_frame_are_one_part(void **state) {
  (void)state;
  struct http_message *m = begin(10);
  arrive(m, 1, 100, 0, 5);
  arrive(m, 1, 100, 5, 7);
  arrive(m, 2, 200, 12, 1);
  assert_int_equal(m->view.nparts, 2);
  assert_int_equal(m->view.parts[0].length, 12);
  assert_int_equal(m->view.parts[1].offset, 12);
  assert_int_equal(m->view.frames, 2);
  finish(m);
}

static void the_latest_frame_is_last(void **state) {
  (void)state;
  struct http_message *m = begin(10);
  arrive(m, 2, 200, 0, 1);
  arrive(m, 5, 300, 1, 1);
  arrive(m, 4, 300, 2, 1); /* the same time: the greater frame */
  arrive(m, 3, 250, 3, 1);
  assert_int_equal(m->view.first.frame, 2);
  assert_int_equal(m->view.last.frame, 5);
  finish(m);
}

static void a_frame_on_both_sides_of_another_counts_once(void **state) {
  (void)state;
  struct http_message *m = begin(10);
  arrive(m, 1, 100, 0, 5);
  arrive(m, 2, 200, 5, 5);
  arrive(m, 1, 100, 10, 5);
  assert_int_equal(m->view.frames, 2);
  assert_int_equal(m->view.nparts, 3);
  finish(m);
}

static void parts_stop_at_their_bound(void **state) {
  (void)state;
  struct http_message *m = begin(3);
  for (uint64_t i = 1; i <= 20; i++) arrive(m, i, (weft_time)i, i, 1);
  assert_int_equal(m->view.nparts, 3);
  assert_int_equal(m->view.frames, 20);
  assert_int_equal(m->view.last.frame, 20);
  finish(m);
}

static void texts_follow_the_head(void **state) {
  (void)state;
  struct http_message *m = begin(0);
  char frame[] = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
  m->head = (const uint8_t *)frame;
  m->borrowed = 1;
  m->view.method = (struct weft_text){frame, 3};
  assert_int_equal(
      http_message_add_field(&store, m, (struct weft_http_field){{frame + 16, 1}, {frame + 19, 1}}),
      0);
  assert_int_equal(http_message_settle(&store, m, sizeof frame - 1), 0);
  memset(frame, 'x', sizeof frame);
  assert_memory_equal(m->view.method.base, "GET", 3);
  assert_memory_equal(m->view.fields[0].value.base, "b", 1);
  assert_int_equal(http_message_reserve(&store, m, 5000), 0);
  assert_memory_equal(m->view.fields[0].name.base, "A", 1);
  assert_int_equal(http_message_settle(&store, m, 1), 0); /* has its own: nothing to do */
  finish(m);
}

static void without_memory_the_head_is_lost(void **state) {
  (void)state;
  struct http_message *m = begin(0);
  const char frame[] = "GET / HTTP/1.1\r\n\r\n";
  m->head = (const uint8_t *)frame;
  m->borrowed = 1;
  m->view.method = (struct weft_text){frame, 3};
  memory.fail_at = memory.calls + 1;
  assert_int_equal(http_message_settle(&store, m, sizeof frame - 1), WEFT_E_NOMEM);
  assert_int_equal(m->view.method.len, 0);
  assert_true(m->view.flags & WEFT_HTTP_HEAD_LOST);
  finish(m);
}

static void free_messages_are_used_again(void **state) {
  (void)state;
  struct http_message *m = begin(4);
  assert_int_equal(http_message_reserve(&store, m, 100), 0);
  arrive(m, 1, 1, 0, 1);
  m->view.status = 200;
  http_message_free(&store, m);
  uint64_t calls = memory.calls;
  struct http_message *again = http_message_new(&store);
  assert_ptr_equal(again, m);
  assert_int_equal(again->view.status, 0);
  assert_int_equal(again->view.nparts, 0);
  assert_int_equal(http_message_reserve(&store, again, 100), 0);
  arrive(again, 1, 1, 0, 1);
  assert_int_equal(memory.calls, calls);
  finish(again);
}

static void large_ones_are_given_back(void **state) {
  (void)state;
  struct http_message *m = begin(0);
  assert_int_equal(http_message_reserve(&store, m, 60000), 0);
  http_message_free(&store, m);
  assert_int_equal(memory.live, 0);
  http_store_done(&store);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(adjoining_bytes_of_a_frame_are_one_part),
      cmocka_unit_test(the_latest_frame_is_last),
      cmocka_unit_test(a_frame_on_both_sides_of_another_counts_once),
      cmocka_unit_test(parts_stop_at_their_bound),
      cmocka_unit_test(texts_follow_the_head),
      cmocka_unit_test(without_memory_the_head_is_lost),
      cmocka_unit_test(free_messages_are_used_again),
      cmocka_unit_test(large_ones_are_given_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
