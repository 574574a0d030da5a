/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocator.h"
#include "http/parser.h"

/*
 * A parser fed from a script.  Each frame of a script is one span, frame
 * numbers count from 1 and frame n comes n milliseconds after the epoch:
 *
 *     data(&t, "GET / HTTP/1.1\r\n\r\n");
 *     gap(&t, 10);
 *
 * What comes out is a line for each message:
 *
 *     GET / 1.1 at 0+18 head 18 body 0 frames 1-1/1 [1:18]
 *      method target (or status) version, offset+wire length, first-last/count,
 *      parts as [frame:length ...], then what is odd about it
 */
struct test {
  struct test_allocator memory;
  struct weft_allocator allocator;
  struct http_store store;
  struct http_parser_host host;
  struct http_parser parser;
  unsigned answers;
  char log[8192], body[8192];
  size_t nlog, nbody;
  /* What the parser wants to see again. */
  struct weft_span kept[4096];
  size_t nkept;
  uint64_t offset, frame;
  size_t piece; /* cut data into pieces of this size; 0: a span each */
  int heads, dones, passed;
};

static void log_add(struct test *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void log_add(struct test *t, const char *format, ...) {
  va_list args;
  va_start(args, format);
  t->nlog += (size_t)vsnprintf(t->log + t->nlog, sizeof t->log - t->nlog, format, args);
  va_end(args);
  assert_true(t->nlog < sizeof t->log);
}

static unsigned on_head(struct http_parser *p, struct http_message *m) {
  struct test *t = p->context;
  t->heads++;
  m->view.user = t;
  return m->view.status ? t->answers : 0;
}

static void on_body(struct http_parser *p, struct http_message *m, const uint8_t *data, size_t n) {
  struct test *t = p->context;
  assert_ptr_equal(m->view.user, t);
  assert_true(t->nbody + n < sizeof t->body);
  memcpy(t->body + t->nbody, data, n);
  t->nbody += n;
}

static void log_flags(struct test *t, const struct weft_http_message *m) {
  static const char *const names[] = {"truncated", "body-gap", "head-lost", "until-close",
                                      "invalid",   "chunked",  "upgraded",  "ambiguous"};
  for (unsigned i = 0; i < 8; i++)
    if (m->flags >> i & 1) log_add(t, " %s", names[i]);
  if (m->body_missing) log_add(t, " missing %u", (unsigned)m->body_missing);
}

static void on_done(struct http_parser *p, struct http_message *message) {
  struct test *t = p->context;
  const struct weft_http_message *m = &message->view;
  t->dones++;
  if (p->kind == HTTP_RESPONSE)
    log_add(t, "%u %.*s", m->status, (int)m->reason.len, m->reason.base);
  else
    log_add(t, "%.*s %.*s", (int)m->method.len, m->method.base, (int)m->target.len, m->target.base);
  log_add(t, " %u.%u at %u+%u head %u body %u", m->major, m->minor, (unsigned)m->offset,
          (unsigned)m->wire_length, (unsigned)m->head_length, (unsigned)m->body_length);
  log_add(t, " frames %u-%u/%u [", (unsigned)m->first.frame, (unsigned)m->last.frame,
          (unsigned)m->frames);
  for (size_t i = 0; i < m->nparts; i++)
    log_add(t, "%s%u:%u", i ? " " : "", (unsigned)m->parts[i].mark.frame,
            (unsigned)m->parts[i].length);
  log_add(t, "]");
  log_flags(t, m);
  log_add(t, "\n");
  http_message_free(p->host->store, message);
}

static const struct http_parser_ops ops = {.head = on_head, .body = on_body, .done = on_done};

static void begin(struct test *t, enum http_kind kind) {
  const struct weft_http_options options = {
      .size = sizeof options, .parts_max = 1000, .allocator = &t->allocator};
  memset(t, 0, sizeof *t);
  t->allocator = test_allocator_of(&t->memory);
  http_store_init(&t->store, &options);
  t->host = (struct http_parser_host){&ops, &t->store, 0};
  http_parser_setup(&t->parser, &t->host, t, kind, WEFT_FROM_CLIENT);
}

static void feed(struct test *t, struct weft_span span, int last) {
  struct weft_span spans[4097];
  memcpy(spans, t->kept, t->nkept * sizeof *spans);
  spans[t->nkept] = span;
  size_t n = t->nkept + (span.len > 0), i = 0;
  uint64_t keep = WEFT_OFFSET_NONE;
  if (!last && http_parser_pass(&t->parser, spans, n))
    t->passed++;
  else
    keep = http_parser_data(&t->parser, spans, n, last);
  t->nkept = 0;
  if (keep == WEFT_OFFSET_NONE) return;
  assert_false(last);
  for (; i < n; i++) {
    if (spans[i].offset + spans[i].len <= keep) continue;
    size_t skip = keep > spans[i].offset ? (size_t)(keep - spans[i].offset) : 0;
    assert_true(t->nkept < 4096);
    t->kept[t->nkept++] = (struct weft_span){spans[i].base + skip, spans[i].len - skip,
                                             spans[i].offset + skip, spans[i].mark};
  }
}

/* One frame of those bytes, which stay where they are. */
static void frame(struct test *t, const char *bytes, size_t length) {
  struct weft_mark mark = {(weft_time)++t->frame * 1000000, t->frame};
  for (size_t i = 0; i < length;) {
    size_t n = t->piece && t->piece < length - i ? t->piece : length - i;
    /* In pieces a span may not be the whole frame, yet its mark is the same. */
    feed(t, (struct weft_span){(const uint8_t *)bytes + i, n, t->offset, mark}, 0);
    t->offset += n;
    i += n;
  }
}

static void data(struct test *t, const char *text) { frame(t, text, strlen(text)); }

static void drop(struct test *t, uint64_t length) {
  const struct weft_mark nowhere = {0, 0};
  if (t->nkept) feed(t, (struct weft_span){NULL, 0, t->offset, nowhere}, 1);
  http_parser_gap(&t->parser, t->offset, length, nowhere);
  t->offset += length;
}

static void end(struct test *t, int fin) {
  struct weft_mark mark = {(weft_time)(t->frame + 1) * 1000000, t->frame + 1};
  if (t->nkept) feed(t, (struct weft_span){NULL, 0, t->offset, mark}, 1);
  http_parser_end(&t->parser, fin, mark);
}

static void finish(struct test *t) {
  http_parser_done(&t->parser);
  http_store_done(&t->store);
  assert_int_equal(t->heads, t->dones);
  assert_int_equal(t->memory.live, 0);
  assert_int_equal(t->memory.wrong_sizes, 0);
}

#define EXPECT(t, text) \
  do { \
    assert_string_equal((t)->log, text); \
    finish(t); \
  } while (0)

static struct test T; /* large */

/* ---- whole messages ------------------------------------------------------ */

static void one_request(void **state) {
  (void)state;
  begin(&T, HTTP_REQUEST);
  data(&T, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT(&T, "GET / 1.1 at 0+27 head 27 body 0 frames 1-1/1 [1:27]\n");
}

static void three_requests_in_one_frame(void **state) {
  (void)state;
  begin(&T, HTTP_REQUEST);
  data(&T, "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n");
  EXPECT(&T, "GET /1 1.1 at 0+19 head 19 body 0 frames 1-1/1 [1:19]\n"
             "GET /2 1.1 at 19+19 head 19 body 0 frames 1-1/1 [1:19]\n"
             "GET /3 1.1 at 38+19 head 19 body 0 frames 1-1/1 [1:19]\n");
}

static void counted_body_over_frames(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
  data(&T, "01234");
  data(&T, "56789HTTP/1.1 204 No\r\n\r\n");
  assert_int_equal(T.nbody, 10);
  EXPECT(&T, "200 OK 1.1 at 0+49 head 39 body 10 frames 1-3/3 [1:39 2:5 3:5]\n"
             "204 No 1.1 at 49+19 head 19 body 0 frames 3-3/1 [3:19]\n");
}

static void head_over_frames(void **state) {
  (void)state;
  begin(&T, HTTP_REQUEST);
  data(&T, "GE");
  data(&T, "T /long HTTP/1.1\r\nA: b\r");
  data(&T, "\n\r\n");
  EXPECT(&T, "GET /long 1.1 at 0+28 head 28 body 0 frames 1-3/3 [1:2 2:23 3:3]\n");
}

static void the_hole_filler_is_last(void **state) {
  (void)state;
  /* Frames 1, 3, 2 in stream order, as they come when 2 was late. */
  const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
  struct weft_span spans[3] = {
      {(const uint8_t *)head, sizeof head - 1, 0, {1000, 1}},
      {(const uint8_t *)"ab", 2, sizeof head - 1, {3000, 3}},
      {(const uint8_t *)"cd", 2, sizeof head + 1, {2000, 2}},
  };
  begin(&T, HTTP_RESPONSE);
  assert_true(http_parser_data(&T.parser, spans, 3, 0) == WEFT_OFFSET_NONE);
  EXPECT(&T, "200 OK 1.1 at 0+42 head 38 body 4 frames 1-3/3 [1:38 3:2 2:2]\n");
}

static void until_close_ends_with_the_fin(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.0 200 OK\r\n\r\nbody");
  end(&T, 1);
  EXPECT(&T, "200 OK 1.0 at 0+23 head 19 body 4 frames 1-2/2 [1:23 2:0] until-close\n");
}

static void until_close_without_fin_is_truncated(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.0 200 OK\r\n\r\nbody");
  end(&T, 0);
  EXPECT(&T, "200 OK 1.0 at 0+23 head 19 body 4 frames 1-1/1 [1:23] truncated until-close\n");
}

static void answers_to_head_have_no_body(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  T.answers = HTTP_ANSWERS_HEAD;
  data(&T, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nHTTP/1.1 304 Not Modified\r\n"
           "Content-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
  EXPECT(&T, "200 OK 1.1 at 0+39 head 39 body 0 frames 1-1/1 [1:39]\n"
             "304 Not Modified 1.1 at 39+48 head 48 body 0 frames 1-1/1 [1:48]\n"
             "200 OK 1.1 at 87+19 head 19 body 0 frames 1-1/1 [1:19]\n");
}

static void chunked_with_extensions_and_trailers(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  data(&T, "5;a=\"b\"\r\nhello\r\n 6 \r\n");
  data(&T, " world\r\n0\r\nX-Sum: 1\r\n\r\nHTTP/1.1 204 x\r\n\r\n");
  assert_memory_equal(T.body, "hello world", 11);
  EXPECT(&T, "200 OK 1.1 at 0+91 head 47 body 11 frames 1-3/3 [1:47 2:21 3:23] chunked\n"
             "204 x 1.1 at 91+18 head 18 body 0 frames 3-3/1 [3:18]\n");
}

static void chunked_in_name_only(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nplain text");
  end(&T, 1);
  EXPECT(
      &T,
      "200 OK 1.1 at 0+57 head 47 body 10 frames 1-2/2 [1:57 2:0] until-close invalid ambiguous\n");
}

static void lenient_lines(void **state) {
  (void)state;
  begin(&T, HTTP_REQUEST);
  data(&T, "\r\n\n\r\nGET /a b HTTP/1.1\nA:b\n c\nD : e\n\n");
  data(&T, "ODD_METHOD * http/1.0\r\n\r\n");
  EXPECT(&T, "GET /a b 1.1 at 5+32 head 32 body 0 frames 1-1/1 [1:32] invalid\n"
             "ODD_METHOD * 1.0 at 37+25 head 25 body 0 frames 2-2/1 [2:25] invalid\n");
}

static void streaming_servers_say_icy(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "ICY 200 OK\r\nicy-name: x\r\n\r\n...");
  end(&T, 1);
  EXPECT(&T, "200 OK 1.0 at 0+30 head 27 body 3 frames 1-2/2 [1:30 2:0] until-close invalid\n");
}

static void a_request_without_version_ends_when_told(void **state) {
  (void)state;
  begin(&T, HTTP_REQUEST);
  data(&T, "GET /old\r\n");
  assert_int_equal(T.dones, 0);
  http_parser_settle(&T.parser);
  EXPECT(&T, "GET /old 0.9 at 0+10 head 10 body 0 frames 1-1/1 [1:10] invalid\n");
}

/* Whether the field is known to be whole or not. */
static void a_request_without_version_but_with_a_field_is_not_over(void **state) {
  (void)state;
  begin(&T, HTTP_REQUEST);
  data(&T, "GET /old\r\nA: b\r\n");
  end(&T, 1);
  EXPECT(&T, "GET /old 0.9 at 0+16 head 16 body 0 frames 1-1/1 [1:16] truncated invalid\n");
  begin(&T, HTTP_REQUEST);
  data(&T, "GET /old\r\nA: b\r\nC");
  end(&T, 1);
  EXPECT(&T, "GET /old 0.9 at 0+17 head 17 body 0 frames 1-1/1 [1:17] truncated invalid\n");
}

static void bare_answer_to_an_old_request(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  T.parser.expect_bare = 1;
  data(&T, "<html>");
  /* Though it has no head: if it waits for its request, this tells which came first. */
  assert_int_equal(T.parser.message->turn.first.frame, 1);
  data(&T, "</html>");
  end(&T, 1);
  EXPECT(&T, "0  0.9 at 0+13 head 0 body 13 frames 1-3/3 [1:6 2:7 3:0] until-close\n");
}

/* ---- bounds ---------------------------------------------------------------- */

static void a_head_past_its_bound_is_still_framed(void **state) {
  (void)state;
  begin(&T, HTTP_REQUEST);
  T.store.head_bytes_max = 40;
  data(&T, "POST / HTTP/1.1\r\nCookie: 0123456789012345678901234567890123456789\r\n"
           "Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n");
  EXPECT(&T, "POST / 1.1 at 0+91 head 88 body 3 frames 1-1/1 [1:91] invalid\n"
             "GET / 1.1 at 91+18 head 18 body 0 frames 1-1/1 [1:18]\n");
}

static void fields_past_their_bound_are_left_out(void **state) {
  (void)state;
  begin(&T, HTTP_REQUEST);
  T.store.fields_max = 1;
  data(&T, "POST / HTTP/1.1\r\nA: b\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT(&T, "POST / 1.1 at 0+47 head 44 body 3 frames 1-1/1 [1:47] invalid\n");
}

/* ---- loss ------------------------------------------------------------------ */

static void gap_in_a_counted_body(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01");
  drop(&T, 5);
  data(&T, "789HTTP/1.1 204 x\r\n\r\n");
  EXPECT(&T, "200 OK 1.1 at 0+49 head 39 body 5 frames 1-2/2 [1:41 2:3] body-gap missing 5\n"
             "204 x 1.1 at 49+18 head 18 body 0 frames 2-2/1 [2:18]\n");
}

static void gap_past_a_counted_body(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n01");
  drop(&T, 50);
  data(&T, "of anything HTTP/1.1 204 x\r\n\r\n");
  EXPECT(&T, "200 OK 1.1 at 0+42 head 38 body 2 frames 1-1/1 [1:40] body-gap missing 2\n"
             "204 x 1.1 at 102+18 head 18 body 0 frames 2-2/1 [2:18]\n");
}

static void gap_in_a_head(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.1 200 OK\r\nServer: x\r\nConte");
  drop(&T, 100);
  data(&T, "tail of the bodyHTTP/1.1 204 x\r\n\r\n");
  assert_int_equal(T.store.resyncs, 1);
  EXPECT(&T, "200 OK 1.1 at 0+149 head 33 body 16 frames 1-2/2 [1:33 2:16] "
             "truncated body-gap missing 100\n"
             "204 x 1.1 at 149+18 head 18 body 0 frames 2-2/1 [2:18]\n");
}

static void gap_inside_a_chunk(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n01");
  drop(&T, 6);
  data(&T, "89\r\n0\r\n\r\n");
  assert_int_equal(T.store.resyncs, 0);
  EXPECT(&T,
         "200 OK 1.1 at 0+67 head 47 body 4 frames 1-2/2 [1:52 2:9] body-gap chunked missing 6\n");
}

static void gap_over_chunks(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n01");
  drop(&T, 20);
  data(&T, "xyz\r");
  data(&T, "\n3");
  data(&T, "\r\nabc\r\n0\r\n\r\nHTTP/1.1 204 x\r\n\r\n");
  assert_memory_equal(T.body, "01xyzabc", 8);
  EXPECT(&T, "200 OK 1.1 at 0+90 head 47 body 8 frames 1-4/4 [1:52 2:4 3:2 4:12] "
             "body-gap chunked missing 20\n"
             "204 x 1.1 at 90+18 head 18 body 0 frames 4-4/1 [4:18]\n");
}

/* Of "1 b 0" the first was lost: then the data look like a size, whose eleven bytes
   would be the end of this body and the next start line. */
static void data_that_look_like_a_chunk(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789");
  drop(&T, 3);
  data(&T, "\r\nb\r\n0\r\n\r\nHTTP/1.1 204 x\r\n\r\n");
  EXPECT(&T, "200 OK 1.1 at 0+73 head 47 body 15 frames 1-2/2 [1:60 2:10] "
             "body-gap chunked missing 3\n"
             "204 x 1.1 at 73+18 head 18 body 0 frames 2-2/1 [2:18]\n");
}

/* What looks like a chunk of two, and is not followed by another, is none. */
static void a_chunk_found_is_proved_by_the_next(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n01");
  drop(&T, 20);
  data(&T, "x\r\n2\r\nxy, and this goes on\r\n3\r\nabc\r\n0\r\n\r\n");
  data(&T, "HTTP/1.1 204 x\r\n\r\n");
  EXPECT(&T, "200 OK 1.1 at 0+113 head 47 body 26 frames 1-2/2 [1:52 2:41] "
             "body-gap chunked missing 20\n"
             "204 x 1.1 at 113+18 head 18 body 0 frames 3-3/1 [3:18]\n");
}

/* The last chunk is one only where the body's end or a trailer follows. */
static void a_zero_among_data_is_no_last_chunk(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n01");
  drop(&T, 20);
  data(&T, "x\r\n0\r\n");
  data(&T, "in a list of numbers\r\n0\r\nT: 1\r\n\r\nHTTP/1.1 204 x\r\n\r\n");
  EXPECT(&T, "200 OK 1.1 at 0+111 head 47 body 28 frames 1-3/3 [1:52 2:6 3:33] "
             "body-gap chunked missing 20\n"
             "204 x 1.1 at 111+18 head 18 body 0 frames 3-3/1 [3:18]\n");
}

static void a_gap_in_a_chunk_that_is_not_proved(void **state) {
  (void)state;
  begin(&T, HTTP_RESPONSE);
  data(&T, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n01");
  drop(&T, 20);
  data(&T, "\r\nfff\r\nab");
  drop(&T, 20);
  data(&T, "c\r\n1\r\nx\r\n0\r\n\r\nHTTP/1.1 204 x\r\n\r\n");
  assert_int_equal(T.store.resyncs, 2);
  EXPECT(&T, "200 OK 1.1 at 0+115 head 47 body 6 frames 1-3/3 [1:52 2:9 3:14] "
             "body-gap chunked missing 40\n"
             "204 x 1.1 at 115+18 head 18 body 0 frames 3-3/1 [3:18]\n");
}

static void mid_stream_requests(void **state) {
  (void)state;
  begin(&T, HTTP_REQUEST);
  data(&T, "rest of a body\r\nGET not yet\nPOST /x HTTP/1.");
  data(&T, "1\r\n\r\n");
  EXPECT(&T, "POST /x 1.1 at 28+20 head 20 body 0 frames 1-2/2 [1:15 2:5]\n");
}

static void the_end_of_a_lost_place(void **state) {
  (void)state;
  begin(&T, HTTP_REQUEST);
  data(&T, "GET /cut");
  drop(&T, 30);
  end(&T, 1);
  EXPECT(&T, "GET /cut 0.9 at 0+38 head 8 body 0 frames 1-1/1 [1:8] "
             "truncated body-gap missing 30\n");
}

/* ---- properties -------------------------------------------------------------- */

static const char mixed[] =
    "\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n"
    "garbage here HTTP/1.1 not, HTTP/1.1 404 Not Found\r\nContent-Length: 1, 1\r\n fold: x\r\n\r\n"
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 500 Oops\nContent-Length: 2\nContent-Length: 4\n\nab"
    "HTTP/1.1 200 OK\r\n\r\nuntil the end";

/* Without the parts, which do depend on the cuts. */
static void whole_of(struct test *t, char ret[8192]) {
  begin(t, HTTP_RESPONSE);
  t->store.parts_max = 0;
  frame(t, mixed, sizeof mixed - 1);
  end(t, 1);
  memcpy(ret, t->log, sizeof t->log);
  finish(t);
}

static void cut_anywhere_the_same(void **state) {
  (void)state;
  static char expected[8192];
  whole_of(&T, expected);
  for (size_t piece = 1; piece < sizeof mixed; piece++) {
    begin(&T, HTTP_RESPONSE);
    T.store.parts_max = 0;
    T.piece = piece;
    frame(&T, mixed, sizeof mixed - 1);
    end(&T, 1);
    EXPECT(&T, expected);
  }
}

/* Pieces in frames of their own. */
static void in_frames(struct test *t, size_t piece, int quiet) {
  begin(t, HTTP_RESPONSE);
  t->store.parts_max = 0;
  t->host.quiet = quiet;
  for (size_t i = 0; i < sizeof mixed - 1; i += piece)
    frame(t, mixed + i, piece < sizeof mixed - 1 - i ? piece : sizeof mixed - 1 - i);
  end(t, 1);
}

static void what_is_only_counted_counts_the_same(void **state) {
  (void)state;
  static char expected[8192];
  for (size_t piece = 1; piece < sizeof mixed; piece++) {
    in_frames(&T, piece, 0);
    assert_int_equal(T.passed, 0);
    memcpy(expected, T.log, sizeof T.log);
    finish(&T);
    in_frames(&T, piece, 1);
    assert_true(T.passed > 0 || piece > 2);
    EXPECT(&T, expected);
  }
}

static void each_allocation_may_fail(void **state) {
  (void)state;
  int failed = 1;
  for (uint64_t at = 1; failed; at++) {
    begin(&T, HTTP_RESPONSE);
    T.memory.fail_at = at;
    T.piece = 7;
    frame(&T, mixed, sizeof mixed - 1);
    end(&T, 1);
    failed = T.memory.calls >= at;
    assert_int_equal(T.parser.status, failed ? WEFT_E_NOMEM : 0);
    finish(&T);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_request),
      cmocka_unit_test(three_requests_in_one_frame),
      cmocka_unit_test(counted_body_over_frames),
      cmocka_unit_test(head_over_frames),
      cmocka_unit_test(the_hole_filler_is_last),
      cmocka_unit_test(until_close_ends_with_the_fin),
      cmocka_unit_test(until_close_without_fin_is_truncated),
      cmocka_unit_test(answers_to_head_have_no_body),
      cmocka_unit_test(chunked_with_extensions_and_trailers),
      cmocka_unit_test(chunked_in_name_only),
      cmocka_unit_test(lenient_lines),
      cmocka_unit_test(streaming_servers_say_icy),
      cmocka_unit_test(a_request_without_version_ends_when_told),
      cmocka_unit_test(a_request_without_version_but_with_a_field_is_not_over),
      cmocka_unit_test(bare_answer_to_an_old_request),
      cmocka_unit_test(a_head_past_its_bound_is_still_framed),
      cmocka_unit_test(fields_past_their_bound_are_left_out),
      cmocka_unit_test(gap_in_a_counted_body),
      cmocka_unit_test(gap_past_a_counted_body),
      cmocka_unit_test(gap_in_a_head),
      cmocka_unit_test(gap_inside_a_chunk),
      cmocka_unit_test(gap_over_chunks),
      cmocka_unit_test(data_that_look_like_a_chunk),
      cmocka_unit_test(a_chunk_found_is_proved_by_the_next),
      cmocka_unit_test(a_zero_among_data_is_no_last_chunk),
      cmocka_unit_test(a_gap_in_a_chunk_that_is_not_proved),
      cmocka_unit_test(mid_stream_requests),
      cmocka_unit_test(the_end_of_a_lost_place),
      cmocka_unit_test(cut_anywhere_the_same),
      cmocka_unit_test(what_is_only_counted_counts_the_same),
      cmocka_unit_test(each_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
