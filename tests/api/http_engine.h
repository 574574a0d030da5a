/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_HTTP_ENGINE_H
#define TEST_HTTP_ENGINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <weft/http.h>

#include "allocator.h"
#include "build.h"

/*
 * Whole exchanges through a real engine, with the public API alone: what other
 * tools get wrong, one case each.  Frames count from 1, a millisecond apart;
 * each side's bytes follow those it sent before unless a case says otherwise.
 * A line of the log is an exchange, times in milliseconds, segments as
 * #frame(bytes):
 *
 *     GET /1 #4(30) > 200 #5(50) #6(2) elapsed 2
 */
struct talk {
  struct test_allocator memory;
  struct weft_allocator allocator;
  struct weft_engine *engine;
  struct weft_http *http;
  struct feed feed;
  unsigned conn;
  uint32_t seq[2];
  char log[4096], body[512];
  size_t nlog, nbody;
};

static void log_add(struct talk *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void log_add(struct talk *t, const char *format, ...) {
  va_list args;
  va_start(args, format);
  t->nlog += (size_t)vsnprintf(t->log + t->nlog, sizeof t->log - t->nlog, format, args);
  va_end(args);
  assert_true(t->nlog < sizeof t->log);
}

static void log_message(struct talk *t, const struct weft_http_message *m) {
  for (size_t i = 0; i < m->nparts; i++)
    log_add(t, " #%u(%u)", (unsigned)m->parts[i].mark.frame, (unsigned)m->parts[i].length);
  if (m->flags & WEFT_HTTP_TRUNCATED) log_add(t, " truncated");
  if (m->flags & WEFT_HTTP_EARLY) log_add(t, " early");
  if (m->body_missing) log_add(t, " missing %u", (unsigned)m->body_missing);
}

static void log_again(struct talk *t, const struct weft_http_again *again) {
  const struct weft_mark *marks[] = {&again->request, &again->response_first, &again->response};
  static const char *const names[] = {"request", "first", "response"};
  for (int i = 0; i < 3; i++)
    if (marks[i]->frame)
      log_add(t, " %s-again #%u at %d", names[i], (unsigned)marks[i]->frame,
              (int)((marks[i]->time - FEED_START) / FEED_STEP));
}

static int on_exchange(struct weft_conn *conn, const struct weft_http_exchange *x, void *user) {
  struct talk *t = user;
  assert_true(x->conn_id == weft_conn_id(conn));
  if (x->request) {
    log_add(t, "%.*s %.*s", (int)x->request->method.len, x->request->method.base,
            (int)x->request->target.len, x->request->target.base);
    log_message(t, x->request);
    log_add(t, " ");
  }
  log_add(t, ">");
  if (x->response) {
    log_add(t, " %u", x->response->status);
    log_message(t, x->response);
  }
  if (x->timing.elapsed != WEFT_TIME_NONE)
    log_add(t, " elapsed %d", (int)(x->timing.elapsed / FEED_STEP));
  if (x->timing.last_byte != x->timing.elapsed)
    log_add(t, " last-byte %d", (int)(x->timing.last_byte / FEED_STEP));
  unsigned bounds = x->timing.bounds & ~(unsigned)WEFT_BOUND_AGAIN;
  if (bounds) log_add(t, " bounds %u", bounds);
  assert_int_equal(x->again != NULL, (x->timing.bounds & WEFT_BOUND_AGAIN) != 0);
  if (x->again) log_again(t, x->again);
  assert_int_equal(x->interim_count, x->ninterims);
  for (size_t i = 0; i < x->ninterims; i++)
    log_add(t, " interim %u #%u at %d", x->interims[i].status, (unsigned)x->interims[i].last.frame,
            (int)((x->interims[i].last.time - FEED_START) / FEED_STEP));
  if (x->tuple->source.port < 1024) log_add(t, " turned");
  log_add(t, "\n");
  return 0;
}

static int on_body(struct weft_conn *conn, const struct weft_http_message *m, const uint8_t *data,
                   size_t length, void *message_user, void *user) {
  struct talk *t = user;
  (void)conn, (void)m, (void)message_user;
  assert_true(t->nbody + length < sizeof t->body);
  if (length) memcpy(t->body + t->nbody, data, length);
  t->nbody += length;
  return 0;
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  (void)open;
  return weft_http_attach(((struct talk *)user)->http, conn);
}

static struct talk T;

/* A segment of that side with other sequence numbers than the next. */
static void at(enum weft_dir dir, uint32_t seq, const char *text, unsigned flags) {
  struct weft_segment s = seg_of(seg_acks(seg(dir, seq, text, flags), T.seq[!dir]), T.conn);
  assert_true(feed_push(&T.feed, s) >= 0);
}

static void say(enum weft_dir dir, const char *text) {
  at(dir, T.seq[dir], text, ACK);
  T.seq[dir] += (uint32_t)strlen(text);
}

/* Sent, acknowledged, and not in the capture. */
static void lose(enum weft_dir dir, const char *text) { T.seq[dir] += (uint32_t)strlen(text); }

static void fin(enum weft_dir dir) { at(dir, T.seq[dir]++, "", FIN | ACK); }

static void shake(uint32_t client, uint32_t server) {
  T.seq[C] = client;
  T.seq[S] = server;
  assert_true(feed_push(&T.feed, seg_of(seg(C, T.seq[C]++, "", SYN), T.conn)) >= 0);
  at(S, T.seq[S]++, "", SYN | ACK);
  say(C, "");
}

static void begin_midstream(void) {
  static const struct weft_http_ops http_ops = {
      .size = sizeof http_ops, .on_exchange = on_exchange, .on_body = on_body};
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_open = on_open};
  memset(&T, 0, sizeof T);
  T.allocator = test_allocator_of(&T.memory);
  const struct weft_http_options options = {
      .size = sizeof options, .allocator = &T.allocator, .parts_max = 100};
  assert_int_equal(weft_http_new(&options, &http_ops, &T, &T.http), 0);
  assert_int_equal(weft_engine_new(WEFT_OPTIONS(.hash_key = {1, 1}), &ops, &T, &T.engine), 0);
  T.feed = feed_of(T.engine);
  T.seq[C] = 1000;
  T.seq[S] = 5000;
}

/* Frames 1 to 3 are the handshake. */
static void begin(void) {
  begin_midstream();
  shake(1000, 5000);
}

static void expect(const char *text) {
  assert_int_equal(weft_engine_finish(T.engine), 0);
  weft_engine_free(T.engine);
  weft_http_free(T.http);
  assert_int_equal(T.memory.live, 0);
  assert_string_equal(T.log, text);
}

#define GET(path) "GET " path " HTTP/1.1\r\n\r\n"                      /* 18 bytes and the path */
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"            /* 40 bytes */
#define OK_HEAD(n) "HTTP/1.1 200 OK\r\nContent-Length: " #n "\r\n\r\n" /* 37 and the number */

#endif
