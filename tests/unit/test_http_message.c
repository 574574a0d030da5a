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
  return http_message_new(&store, 0);
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

/* A field whose value comes directly after "name:". */
static void add(struct http_message *m, const void *at, const char *name, const char *value) {
  const char *text = at;
  struct weft_http_field field = {{text, strlen(name)}, {NULL, strlen(value)}};
  if (*value) field.value.base = text + strlen(name) + 1;
  if (*value && *field.value.base == ' ') field.value.base++;
  assert_int_equal(http_message_add_field(&store, m, field), 0);
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

static void what_is_laid_aside_comes_back(void **state) {
  (void)state;
  struct http_message *m = begin(0);
  char head[] = "GET / HTTP/1.1\r\nA: b\r\nEmpty:\r\n\r\n", copy[sizeof head];
  memcpy(copy, head, sizeof head);
  m->head = (const uint8_t *)copy;
  m->borrowed = 1;
  m->view.head_length = sizeof head - 1;
  m->view.target = (struct weft_text){copy + 4, 1};
  add(m, copy + 16, "A", "b");
  add(m, copy + 22, "Empty", "");
  for (int again = 0; again < 3; again++) {
    assert_int_equal(http_message_lay_aside(&store, m), 0);
    assert_null(m->view.fields);
    memset(copy, 'x', sizeof copy);
    assert_int_equal(m->view.nfields, 2);
    assert_int_equal(http_message_unpack(&store, m), 0);
    assert_memory_equal(m->view.target.base, "/", 1);
    assert_memory_equal(m->view.fields[0].name.base, "A", 1);
    assert_memory_equal(m->view.fields[0].value.base, "b", 1);
    assert_int_equal(m->view.fields[1].name.len, 5);
    assert_memory_equal(m->view.fields[1].name.base, "Empty", 5);
    assert_null(m->view.fields[1].value.base);
    assert_int_equal(m->view.fields[1].value.len, 0);
  }
  finish(m);
}

static void more_fields_than_a_sheet_holds(void **state) {
  (void)state;
  struct http_message *m = begin(0);
  uint8_t head[8000];
  for (size_t i = 0; i < sizeof head; i++) head[i] = (uint8_t)('a' + i % 26);
  m->head = head;
  m->borrowed = 1;
  m->view.head_length = sizeof head;
  for (size_t i = 0; i < 300; i++) add(m, head + 20 * i, "aaa", "bbb");
  assert_int_equal(m->view.nfields, 256);
  assert_true(m->view.flags & WEFT_HTTP_INVALID);
  assert_int_equal(http_message_lay_aside(&store, m), 0);
  assert_int_equal(http_message_unpack(&store, m), 0);
  for (size_t i = 0; i < 256; i++)
    assert_memory_equal(m->view.fields[i].value.base, head + 20 * i + 4, 3);
  finish(m);
}

static void without_memory_fields_are_lost_or_stay(void **state) {
  (void)state;
  struct http_message *m = begin(0);
  uint8_t head[500] = "A: b"; /* fills a block, so packing needs another */
  http_message_reserve(&store, m, sizeof head);
  memcpy(m->bytes, head, sizeof head);
  m->head = m->bytes;
  m->bytes_used = sizeof head;
  add(m, m->bytes, "A", "b");
  add(m, m->bytes, "A", "b");
  memory.fail_at = memory.calls + 1;
  assert_int_equal(http_message_lay_aside(&store, m), WEFT_E_NOMEM);
  assert_memory_equal(m->view.fields[1].name.base, "A", 1);
  assert_int_equal(http_message_lay_aside(&store, m), 0);
  struct http_message *other = http_message_new(&store, 0); /* takes the sheet */
  other->head = head;
  other->borrowed = 1;
  add(other, head, "A", "b");
  memory.fail_at = memory.calls + 1;
  assert_int_equal(http_message_unpack(&store, m), WEFT_E_NOMEM);
  assert_int_equal(m->view.nfields, 0);
  assert_true(m->view.flags & WEFT_HTTP_HEAD_LOST);
  http_message_free(&store, other);
  finish(m);
}

static void without_memory_the_head_is_lost(void **state) {
  (void)state;
  struct http_message *m = begin(0);
  char frame[300] = "GET / HTTP/1.1\r\nA: b\r\n\r\n"; /* more than fits inside */
  m->head = (const uint8_t *)frame;
  m->borrowed = 1;
  m->view.method = (struct weft_text){frame, 3};
  add(m, frame + 16, "A", "b");
  memory.fail_at = memory.calls + 1;
  assert_int_equal(http_message_settle(&store, m, sizeof frame - 1), WEFT_E_NOMEM);
  assert_int_equal(m->view.nfields, 0);
  assert_int_equal(m->view.method.len, 0);
  assert_true(m->view.flags & WEFT_HTTP_HEAD_LOST);
  finish(m);
}

static void free_messages_are_used_again(void **state) {
  (void)state;
  struct http_message *m = begin(0);
  assert_int_equal(http_message_reserve(&store, m, 400), 0);
  add(m, m->bytes, "A", "b");
  m->view.status = 200;
  http_message_free(&store, m);
  uint64_t calls = memory.calls;
  struct http_message *again = http_message_new(&store, 0);
  assert_ptr_equal(again, m);
  assert_int_equal(again->view.status, 0);
  assert_int_equal(again->view.nfields, 0);
  assert_int_equal(http_message_reserve(&store, again, 400), 0);
  add(again, again->bytes, "A", "b");
  assert_int_equal(memory.calls, calls);
  finish(again);
}

/* ... and takes no memory beside the message's own. */
static void a_head_that_is_expected_lies_inside(void **state) {
  (void)state;
  struct http_message *first = begin(0), *m = http_message_new(&store, 500);
  assert_int_equal(m->view.status, 0);
  uint64_t calls = memory.calls;
  assert_int_equal(http_message_reserve(&store, m, HTTP_INSIDE_ROOMY_SIZE), 0);
  memset(m->bytes, 'x', HTTP_INSIDE_ROOMY_SIZE);
  assert_ptr_equal(m->bytes, http_message_inside(m));
  assert_int_equal(memory.calls, calls);
  m->bytes_used = HTTP_INSIDE_ROOMY_SIZE;
  assert_int_equal(http_message_reserve(&store, m, HTTP_INSIDE_ROOMY_SIZE + 1), 0);
  assert_ptr_not_equal(m->bytes, http_message_inside(m));
  assert_int_equal(m->bytes[HTTP_INSIDE_ROOMY_SIZE - 1], 'x');
  http_message_free(&store, m);
  struct http_message *again = http_message_new(&store, HTTP_INSIDE_SIZE);
  assert_ptr_equal(again, m);
  assert_ptr_equal(again->bytes, http_message_inside(again));
  http_message_free(&store, again);
  finish(first);
}

static void large_ones_are_given_back(void **state) {
  (void)state;
  struct http_message *m = begin(0);
  uint64_t live = memory.live;
  assert_int_equal(http_message_reserve(&store, m, 60000), 0);
  http_message_free(&store, m);
  assert_int_equal(memory.live, live);
  http_store_done(&store);
  assert_int_equal(memory.live, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(adjoining_bytes_of_a_frame_are_one_part),
      cmocka_unit_test(the_latest_frame_is_last),
      cmocka_unit_test(a_frame_on_both_sides_of_another_counts_once),
      cmocka_unit_test(parts_stop_at_their_bound),
      cmocka_unit_test(texts_follow_the_head),
      cmocka_unit_test(what_is_laid_aside_comes_back),
      cmocka_unit_test(more_fields_than_a_sheet_holds),
      cmocka_unit_test(without_memory_fields_are_lost_or_stay),
      cmocka_unit_test(without_memory_the_head_is_lost),
      cmocka_unit_test(free_messages_are_used_again),
      cmocka_unit_test(a_head_that_is_expected_lies_inside),
      cmocka_unit_test(large_ones_are_given_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
