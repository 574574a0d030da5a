/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_HTTP_PLAY_H
#define TEST_HTTP_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <weft/http.h>

#include "allocator.h"

/*
 * weft_http on a connection that is played by hand: this file is its own
 * weft_conn_*, so each delivery, gap and acknowledgement is exactly as written.
 * The same through a real engine is in tests/api/test_http_engine.c.
 */
#define C WEFT_FROM_CLIENT
#define S WEFT_FROM_SERVER

struct weft_conn {
  const struct weft_stream_ops *ops;
  void *user;
  struct weft_tuple tuple;
  struct weft_conn_info info;
  uint64_t acked[2], offset[2];
  struct weft_span kept[2][64];
  size_t nkept[2];
  uint64_t keep;
  int detached, keep_fails;
};

int weft_conn_set_ops(struct weft_conn *conn, const struct weft_stream_ops *ops, void *user) {
  conn->ops = ops;
  conn->user = user;
  return 0;
}

int weft_conn_keep(struct weft_conn *conn, enum weft_dir dir, uint64_t offset) {
  (void)dir;
  if (conn->keep_fails) return WEFT_E_NOMEM;
  conn->keep = offset;
  return 0;
}

void *weft_conn_user(const struct weft_conn *conn) { return conn->user; }
uint64_t weft_conn_id(const struct weft_conn *conn) { return (void)conn, 7; }
uint64_t weft_conn_acked(const struct weft_conn *conn, enum weft_dir dir) {
  return conn->acked[dir];
}
const struct weft_tuple *weft_conn_tuple(const struct weft_conn *conn) { return &conn->tuple; }
void weft_conn_tuple_copy(const struct weft_conn *conn, struct weft_tuple *ret) {
  *ret = conn->tuple;
}

uint64_t weft_conn_gap_bytes(const struct weft_conn *conn, enum weft_dir dir) {
  return conn->info.gap_bytes[dir];
}
weft_duration weft_conn_handshake(const struct weft_conn *conn) {
  if (!conn->info.syn.frame || !conn->info.established.frame) return WEFT_TIME_NONE;
  return conn->info.established.time - conn->info.syn.time;
}

const uint8_t *weft_data_flat(const struct weft_data *data, uint64_t offset, size_t length,
                              uint8_t *scratch) {
  size_t n = 0;
  assert_true(offset == data->offset && length <= data->length);
  for (size_t i = 0; i < data->nspans && n < length; i++) {
    size_t take = data->spans[i].len < length - n ? data->spans[i].len : length - n;
    memcpy(scratch + n, data->spans[i].base, take);
    n += take;
  }
  return scratch;
}

/* ---- the play --------------------------------------------------------- */

struct play {
  struct weft_conn conn;
  struct test_allocator memory;
  struct weft_allocator allocator;
  struct weft_http *http;
  uint64_t frame;
  char log[8192], body[1024];
  size_t nlog, nbody;
  int stop_at, calls; /* the callback with this number stops */
  int take;           /* on_other takes the connection over */
  int others, heads, ends;
  char other[64]; /* target and first field of the request that on_other was shown */
};

static void log_add(struct play *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void log_add(struct play *p, const char *format, ...) {
  va_list args;
  va_start(args, format);
  p->nlog += (size_t)vsnprintf(p->log + p->nlog, sizeof p->log - p->nlog, format, args);
  va_end(args);
  assert_true(p->nlog < sizeof p->log);
}

static int stop(struct play *p) { return ++p->calls == p->stop_at ? WEFT_E_USER - 1 : 0; }

static int on_head(struct weft_conn *conn, const struct weft_http_message *m, void **message_user,
                   void *user) {
  struct play *p = user;
  assert_ptr_equal(conn, &p->conn);
  *message_user = (void *)(uintptr_t)(m->offset + 1);
  p->heads++;
  return stop(p);
}

static int on_body(struct weft_conn *conn, const struct weft_http_message *m, const uint8_t *data,
                   size_t length, void *message_user, void *user) {
  struct play *p = user;
  (void)conn;
  if (!data) {
    assert_int_equal(length, 0);
    p->ends++;
    return stop(p);
  }
  if (!p->stop_at) assert_int_equal((uintptr_t)message_user, m->offset + 1);
  assert_true(p->nbody + length < sizeof p->body);
  memcpy(p->body + p->nbody, data, length);
  p->nbody += length;
  return stop(p);
}

/* "1 GET /a > 200 elapsed 1", "1 > 200", "1 GET /a >". */
static int on_exchange(struct weft_conn *conn, const struct weft_http_exchange *x, void *user) {
  struct play *p = user;
  (void)conn;
  assert_int_equal(x->conn_id, 7);
  if (!p->stop_at && x->request)
    assert_int_equal((uintptr_t)x->request->user, x->request->offset + 1);
  if (!p->stop_at && x->response)
    assert_int_equal((uintptr_t)x->response->user, x->response->offset + 1);
  log_add(p, "%u", (unsigned)x->conn_tx);
  if (x->request)
    log_add(p, " %.*s %.*s", (int)x->request->method.len, x->request->method.base,
            (int)x->request->target.len, x->request->target.base);
  log_add(p, " >");
  if (x->response) log_add(p, " %u", x->response->status);
  if (x->timing.elapsed != WEFT_TIME_NONE) log_add(p, " elapsed %d", (int)x->timing.elapsed);
  if (x->timing.last_byte != x->timing.elapsed)
    log_add(p, " last-byte %d", (int)x->timing.last_byte);
  if (x->interim_count) log_add(p, " interim %u:", x->interim_count);
  for (size_t i = 0; i < x->ninterims; i++)
    log_add(p, " %u#%u-%u", x->interims[i].status, (unsigned)x->interims[i].first.frame,
            (unsigned)x->interims[i].last.frame);
  if (x->response && x->response->flags & WEFT_HTTP_EARLY) log_add(p, " early");
  if (x->timing.bounds) log_add(p, " bounds %u", x->timing.bounds);
  if (x->again) log_add(p, " again #%u", (unsigned)x->again->request.frame);
  if (x->request && x->request->flags & WEFT_HTTP_TRUNCATED) log_add(p, " request-truncated");
  if (x->response && x->response->flags & WEFT_HTTP_TRUNCATED) log_add(p, " response-truncated");
  if (x->response && x->response->flags & WEFT_HTTP_UPGRADED) log_add(p, " upgraded");
  if (x->tuple->source.port != 1000) log_add(p, " turned");
  log_add(p, "\n");
  assert_int_equal(x->match, !x->request    ? WEFT_MATCH_UNMATCHED_RESPONSE
                             : !x->response ? WEFT_MATCH_UNMATCHED_REQUEST
                                            : WEFT_MATCH_FIFO);
  return stop(p);
}

static int taken_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                      void *user) {
  struct play *p = user;
  (void)conn;
  for (size_t i = 0; i < data->nspans; i++)
    log_add(p, "other %s %.*s\n", dir == C ? "client" : "server", (int)data->spans[i].len,
            (const char *)data->spans[i].base);
  return 0;
}

static const struct weft_stream_ops taken = {.size = sizeof taken, .on_data = taken_data};

static int on_other(struct weft_conn *conn, const struct weft_http_exchange *x, void *user) {
  struct play *p = user;
  p->others++;
  log_add(p, "other after %u\n", x ? (unsigned)x->conn_tx : 0);
  if (x && x->request && x->request->nfields)
    snprintf(p->other, sizeof p->other, "%.*s %.*s", (int)x->request->target.len,
             x->request->target.base, (int)x->request->fields[0].value.len,
             x->request->fields[0].value.base);
  if (p->take) weft_conn_set_ops(conn, &taken, p);
  return stop(p);
}

static void begin_with(struct play *p, struct weft_http_options options) {
  static const struct weft_http_ops ops = {sizeof ops, on_head, on_body, on_exchange, on_other};
  memset(p, 0, sizeof *p);
  p->allocator = test_allocator_of(&p->memory);
  p->conn.tuple.source.port = 1000;
  p->conn.tuple.target.port = 80;
  p->conn.keep = WEFT_OFFSET_NONE;
  options.size = sizeof options;
  options.allocator = &p->allocator;
  assert_int_equal(weft_http_new(&options, &ops, p, &p->http), 0);
  assert_int_equal(weft_http_attach(p->http, &p->conn), 0);
}

static void begin(struct play *p) { begin_with(p, (struct weft_http_options){0}); }

static int deliver(struct play *p, enum weft_dir dir, const struct weft_span *spans, size_t n) {
  struct weft_conn *conn = &p->conn;
  struct weft_span all[128];
  size_t count = conn->nkept[dir];
  memcpy(all, conn->kept[dir], count * sizeof *all);
  memcpy(all + count, spans, n * sizeof *all);
  count += n;
  const struct weft_span *last = &all[count - 1];
  const struct weft_data data = {.spans = all,
                                 .nspans = count,
                                 .offset = all[0].offset,
                                 .length = last->offset + last->len - all[0].offset,
                                 .fresh = spans[0].offset,
                                 .trigger = last->mark};
  conn->keep = WEFT_OFFSET_NONE;
  conn->nkept[dir] = 0;
  conn->offset[dir] = last->offset + last->len;
  if (conn->detached || !conn->ops->on_data) return 0;
  int result = conn->ops->on_data(conn, dir, &data, conn->user);
  if (result == WEFT_DETACH) conn->detached = 1;
  for (size_t i = 0; i < count; i++) {
    if (all[i].offset + all[i].len <= conn->keep) continue;
    size_t skip = conn->keep > all[i].offset ? (size_t)(conn->keep - all[i].offset) : 0;
    assert_true(conn->nkept[dir] < 64);
    conn->kept[dir][conn->nkept[dir]++] = (struct weft_span){all[i].base + skip, all[i].len - skip,
                                                             all[i].offset + skip, all[i].mark};
  }
  return result;
}

/* A segment in the next frame; a millisecond a frame, time in milliseconds.
   It acknowledges all that was delivered of the other direction. */
static int say(struct play *p, enum weft_dir dir, const char *text) {
  struct weft_mark mark = {(weft_time)++p->frame, p->frame};
  struct weft_span span = {(const uint8_t *)text, strlen(text), p->conn.offset[dir], mark};
  p->conn.acked[!dir] = p->conn.offset[!dir];
  return deliver(p, dir, &span, 1);
}

static const struct weft_data *kept_of(struct play *p, enum weft_dir dir, struct weft_data *data) {
  struct weft_conn *conn = &p->conn;
  if (!conn->nkept[dir]) return NULL;
  const struct weft_span *first = conn->kept[dir], *last = &first[conn->nkept[dir] - 1];
  *data = (struct weft_data){.spans = first,
                             .nspans = conn->nkept[dir],
                             .offset = first->offset,
                             .length = last->offset + last->len - first->offset,
                             .fresh = last->offset + last->len};
  conn->nkept[dir] = 0;
  return data;
}

static int lose(struct play *p, enum weft_dir dir, uint64_t length, uint32_t cause) {
  struct weft_data kept;
  struct weft_gap gap = {.offset = p->conn.offset[dir],
                         .length = length,
                         .cause = cause,
                         .kept = kept_of(p, dir, &kept),
                         .before = {(weft_time)p->frame, p->frame}};
  if (cause != WEFT_GAP_START) p->conn.offset[dir] += length;
  if (p->conn.detached || !p->conn.ops->on_gap) return 0;
  return p->conn.ops->on_gap(&p->conn, dir, &gap, p->conn.user);
}

/* In the next frame bytes come again that were delivered. */
static int repeat(struct play *p, enum weft_dir dir, uint64_t offset, size_t length) {
  struct weft_overlap overlap = {
      .offset = offset, .length = length, .arrived_mark = {(weft_time)++p->frame, p->frame}};
  if (p->conn.detached || !p->conn.ops->on_overlap) return 0;
  return p->conn.ops->on_overlap(&p->conn, dir, &overlap, p->conn.user);
}

static int end(struct play *p, enum weft_dir dir, uint32_t cause) {
  struct weft_data kept;
  struct weft_mark mark = {(weft_time)++p->frame, p->frame};
  struct weft_end e = {
      .cause = cause, .length = p->conn.offset[dir], .mark = mark, .kept = kept_of(p, dir, &kept)};
  if (p->conn.detached || !p->conn.ops->on_end) return 0;
  return p->conn.ops->on_end(&p->conn, dir, &e, p->conn.user);
}

static struct weft_http_stats finish(struct play *p) {
  struct weft_http_stats stats = {.size = sizeof stats};
  if (!p->conn.detached && p->conn.ops->on_close) p->conn.ops->on_close(&p->conn, p->conn.user);
  weft_http_stats(p->http, &stats);
  weft_http_free(p->http);
  assert_int_equal(p->memory.live, 0);
  assert_int_equal(p->memory.wrong_sizes, 0);
  return stats;
}

static void expect(struct play *p, const char *text) {
  finish(p);
  assert_string_equal(p->log, text);
  assert_int_equal(p->heads, p->ends);
}

#endif
