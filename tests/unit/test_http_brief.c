/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/brief.h"
#include "http_kept.h"

static const char text[] = "GET /a HTTP/1.1\r\nHost: b\r\nEmpty:\r\n\r\n";
static char frame[sizeof text]; /* where the head lies, which does not last */
static struct http_message *message, shown;

/* A request of two fields that came in frame 7. */
static int begin(void **state) {
  (void)state;
  const struct weft_mark mark = {70, 7};
  store_begin();
  memcpy(frame, text, sizeof frame);
  memset(&shown, 0, sizeof shown);
  struct http_message *m = message = http_message_new(&store, 0);
  m->head = (const uint8_t *)frame;
  m->borrowed = 1;
  m->turn.complete = m->turn.late = m->turn.is_head = 1;
  m->turn.offset = m->view.offset = 1000;
  m->turn.acked = 5;
  m->view.dir = WEFT_FROM_SERVER; /* where the engine guessed wrong */
  m->view.major = m->view.minor = 1;
  m->view.flags = WEFT_HTTP_INVALID;
  m->view.user = &store;
  m->view.method = (struct weft_text){frame, 3};
  m->view.target = (struct weft_text){frame + 4, 2};
  m->view.head_length = m->view.wire_length = sizeof text - 1;
  m->view.head_first = m->view.head_last = m->view.first = m->view.last = m->turn.first = mark;
  m->view.frames = 1;
  const struct weft_http_field fields[] = {{{frame + 17, 4}, {frame + 23, 1}},
                                           {{frame + 26, 5}, {NULL, 0}}};
  for (int i = 0; i < 2; i++) assert_int_equal(http_message_add_field(&store, m, fields[i]), 0);
  return 0;
}

static int finish(void **state) {
  (void)state;
  http_message_free(&store, message);
  return store_finish();
}

static void assert_text(struct weft_text have, const char *expected) {
  assert_int_equal(have.len, strlen(expected));
  if (have.len) assert_memory_equal(have.base, expected, have.len);
  assert_int_equal(have.base == NULL, have.len == 0);
}

static void comes_back_as_it_was(void **state) {
  (void)state;
  struct weft_http_message before = message->view;
  struct http_brief *b = http_brief_new(&store, message);
  assert_non_null(b);
  assert_int_equal(http_brief_size(b->head_length, b->nfields),
                   HTTP_BRIEF_HEADER_SIZE + sizeof text - 1 + 16);
  assert_int_equal(b->turn.brief, 1);
  assert_int_equal(b->turn.late && b->turn.is_head && b->turn.acked == 5, 1);
  memset(frame, 'x', sizeof frame);
  for (int again = 0; again < 2; again++) {
    http_brief_show(b, &shown);
    assert_int_equal(http_message_unpack(&store, &shown), 0);
    assert_text(shown.view.method, "GET");
    assert_text(shown.view.target, "/a");
    assert_int_equal(shown.view.nfields, 2);
    assert_text(shown.view.fields[0].name, "Host");
    assert_text(shown.view.fields[0].value, "b");
    assert_text(shown.view.fields[1].name, "Empty");
    assert_text(shown.view.fields[1].value, "");
    assert_int_equal(http_message_lay_aside(&store, &shown), 0);
    /* All else of the view is the same to the byte. */
    struct weft_http_message after = shown.view;
    after.method = before.method;
    after.target = before.target;
    after.fields = before.fields;
    assert_memory_equal(&after, &before, sizeof before);
  }
  http_brief_free(&store, b);
}

/* Neither is what is known of it lost, nor does a brief say what is not so. */
static void what_more_is_known_of_is_not_brief(void **state) {
  (void)state;
  struct http_message was = *message;
  struct http_message *m = message;
#define NOT_BRIEF(change) \
  do { \
    change; \
    assert_null(http_brief_new(&store, m)); \
    *m = was; \
  } while (0)
  NOT_BRIEF(m->turn.complete = 0);
  NOT_BRIEF(m->turn.partner = &shown.turn);
  NOT_BRIEF(m->turn.interim = 1);
  NOT_BRIEF(m->view.frames = 2);
  NOT_BRIEF(m->view.nparts = 1);
  NOT_BRIEF(m->view.wire_length++);        /* a body, or bytes that are missing */
  NOT_BRIEF(m->view.head_first.frame = 0); /* found in its middle */
  /* Numbers of frames are the caller's, who may give several the same. */
  NOT_BRIEF(m->view.head_last.time++);
  NOT_BRIEF(m->view.last.time++);
  NOT_BRIEF(m->borrowed = 0); /* past head_bytes_max: of its head less was kept */
  NOT_BRIEF(m->head = NULL);
  NOT_BRIEF(m->by_fin = 1);
  NOT_BRIEF(m->last_frame_lost = 1);
  NOT_BRIEF(m->place_lost = 1);
  struct http_brief *b = http_brief_new(&store, m);
  assert_non_null(b);
  http_brief_free(&store, b);
}

/* With `length` bytes of head, all of it the target. */
static struct http_brief *brief_of(char *head, size_t length) {
  memset(head, 'a', length);
  message->head = (const uint8_t *)head;
  message->view.target = (struct weft_text){head, length};
  message->view.head_length = message->view.wire_length = length;
  return http_brief_new(&store, message);
}

static void as_long_as_there_is_room(void **state) {
  (void)state;
  char head[HTTP_BRIEF_ROOMY_SIZE];
  const size_t header = HTTP_BRIEF_HEADER_SIZE + 16;
  const struct {
    size_t length;
    int roomy;
  } fit[] = {{HTTP_BRIEF_SIZE - header, 0},
             {HTTP_BRIEF_SIZE - header + 1, 1},
             {HTTP_BRIEF_ROOMY_SIZE - header, 1}};
  for (size_t i = 0; i < sizeof fit / sizeof *fit; i++) {
    struct http_brief *b = brief_of(head, fit[i].length);
    assert_non_null(b);
    assert_int_equal(b->roomy, fit[i].roomy);
    http_brief_show(b, &shown);
    assert_int_equal(shown.view.target.len, fit[i].length);
    http_brief_free(&store, b);
  }
  assert_null(brief_of(head, HTTP_BRIEF_ROOMY_SIZE - header + 1));
}

static void without_memory_there_is_none(void **state) {
  (void)state;
  memory.fail_at = memory.calls + 1;
  assert_null(http_brief_new(&store, message));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(comes_back_as_it_was, begin, finish),
      cmocka_unit_test_setup_teardown(what_more_is_known_of_is_not_brief, begin, finish),
      cmocka_unit_test_setup_teardown(as_long_as_there_is_room, begin, finish),
      cmocka_unit_test_setup_teardown(without_memory_there_is_none, begin, finish),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
