/* SPDX-License-Identifier: BSD-2-Clause */
#include "commands.h"
#include "conns.h"
#include "output.h"
#include "run.h"
#include "switch.h"

#include <stdlib.h>
#include <string.h>

#include <weft/protocol.h>

/* What was missing from a direction; a damaged one has no end of it. */
enum { GAPS_MAX = 1 << 16 };

static struct conn *conn_new(int digest) {
  struct conn *c = calloc(1, sizeof *c + (digest ? 2 * sizeof(struct sha256_ctx) : 0));
  if (c == NULL || !digest) return c;
  c->digests = (struct sha256_ctx *)(c + 1);
  for (int d = 0; d < 2; d++) sha256_init(&c->digests[d]);
  return c;
}

static void conn_free(struct conn *c) {
  free(c->sides[0].gaps);
  free(c->sides[1].gaps);
  free(c->server_name);
  free(c->websockets);
  free(c);
}

static int gaps_add(struct side *s, uint64_t offset, uint64_t length) {
  if (s->ngaps == GAPS_MAX) return 0;
  if ((s->ngaps & (s->ngaps - 1)) == 0) { /* full at each power of two */
    void *more = realloc(s->gaps, (s->ngaps > 0 ? 2 * s->ngaps : 1) * sizeof *s->gaps);
    if (more == NULL) return WEFT_E_NOMEM;
    s->gaps = more;
  }
  s->gaps[s->ngaps][0] = offset;
  s->gaps[s->ngaps++][1] = length;
  return 0;
}

/* ---- what it speaks ---- */

/* As much of the data from `offset` on as fits, in one piece. */
static const uint8_t *bytes_from(struct conns *all, const struct weft_data *data, uint64_t offset,
                                 size_t *ret) {
  uint64_t left = data->offset + data->length - offset;
  *ret = left < sizeof all->scratch ? (size_t)left : sizeof all->scratch;
  return weft_data_flat(data, offset, *ret, all->scratch);
}

/* 1 when more bytes must tell and those that are there will be offered again. */
static int wait_for_more(struct weft_conn *conn, enum weft_dir dir, uint64_t offset,
                         size_t looked_at) {
  return looked_at < sizeof((struct conns *)NULL)->scratch &&
         weft_conn_keep(conn, dir, offset) == 0;
}

static int read_server_name(struct conn *c, const uint8_t *bytes, size_t length) {
  const char *name;
  size_t n;
  int status = weft_tls_server_name(bytes, length, &name, &n);
  if (status != 1 || n > SERVER_NAME_MAX || c->server_name != NULL) return status;
  c->server_name = calloc(1, n + 1);
  if (c->server_name != NULL) memcpy(c->server_name, name, n);
  return status;
}

/* The first bytes of either direction decide it. */
static void side_probe(struct weft_conn *conn, struct conn *c, enum weft_dir dir,
                       const struct weft_data *data) {
  size_t length;
  const uint8_t *bytes = bytes_from(c->all, data, data->offset, &length);
  int protocol = weft_protocol_probe(bytes, length);
  int unsure = protocol == WEFT_E_AGAIN || (protocol == WEFT_PROTOCOL_TLS &&
                                            read_server_name(c, bytes, length) == WEFT_E_AGAIN);
  if (protocol > WEFT_PROTOCOL_OTHER || (protocol == WEFT_PROTOCOL_OTHER && c->protocol < 0))
    c->protocol = protocol;
  c->sides[dir].probed = !unsure || !wait_for_more(conn, dir, data->offset, length);
}

/* A response 101 makes something else of it, for both directions.  It is looked for where
   segments begin, for a delivery may hold several that waited for one another.  Returns
   the offset from where on. */
static uint64_t side_switch(struct weft_conn *conn, struct conn *c, enum weft_dir dir,
                            const struct weft_data *data) {
  for (const struct weft_span *s = data->spans; s < data->spans + data->nspans; s++) {
    size_t length, begin, end;
    if (s->len == 0 || s->base[0] != 'H') continue;
    const uint8_t *bytes = bytes_from(c->all, data, s->offset, &length);
    int protocol = switch_find(bytes, length, &begin, &end);
    if (protocol == WEFT_PROTOCOL_HTTP) continue;
    if (protocol == WEFT_E_AGAIN) {
      wait_for_more(conn, dir, s->offset + begin, length - begin);
      break;
    }
    if (protocol != WEFT_PROTOCOL_OTHER) c->protocol = protocol;
    c->switched = 1;
    if (protocol == WEFT_PROTOCOL_WEBSOCKET) c->websockets = calloc(2, sizeof *c->websockets);
    return s->offset + end;
  }
  return WEFT_OFFSET_NONE;
}

/* ---- events ---- */

/* Runs `take` over the spans from `offset` on. */
static void each_from(struct conn *c, enum weft_dir dir, const struct weft_data *data,
                      uint64_t offset,
                      void (*take)(struct conn *, enum weft_dir, const struct weft_span *)) {
  for (size_t i = 0; i < data->nspans; i++) {
    struct weft_span s = data->spans[i];
    if (s.offset + s.len <= offset) continue;
    size_t skip = offset > s.offset ? (size_t)(offset - s.offset) : 0;
    s.base += skip;
    s.len -= skip;
    s.offset += skip;
    take(c, dir, &s);
  }
}

static void take_digest(struct conn *c, enum weft_dir dir, const struct weft_span *s) {
  sha256_update(&c->digests[dir], s->len, s->base);
}

static void take_websocket(struct conn *c, enum weft_dir dir, const struct weft_span *s) {
  weft_websocket_data(&c->websockets[dir], s, 1);
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  (void)open;
  struct conns *all = user;
  struct conn *c = conn_new(all->args->digest);
  if (c == NULL) return WEFT_E_NOMEM;
  c->all = all;
  c->protocol = -1;
  weft_conn_set_user(conn, c);
  return output_failed(&all->output) ? STOP_OUTPUT : 0;
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  struct conn *c = user;
  uint64_t from = data->fresh;
  if (!c->sides[dir].probed) side_probe(conn, c, dir, data);
  if (c->protocol == WEFT_PROTOCOL_HTTP && !c->switched) from = side_switch(conn, c, dir, data);
  if (c->digests != NULL) each_from(c, dir, data, data->fresh, take_digest);
  if (c->websockets != NULL) each_from(c, dir, data, from, take_websocket);
  return 0;
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  (void)conn;
  struct conn *c = user;
  if (gap->length == WEFT_LENGTH_UNKNOWN)
    return 0; /* before the first byte seen: the state says midstream */
  if (c->websockets != NULL) weft_websocket_gap(&c->websockets[dir], gap->length);
  return gaps_add(&c->sides[dir], gap->offset, gap->length);
}

/* The direction that ended last says what ended the connection. */
static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  (void)conn;
  (void)dir;
  ((struct conn *)user)->end = end->cause;
  return 0;
}

static void on_close(struct weft_conn *conn, void *user) {
  struct conn *c = user;
  conns_write(c->all, conn, c);
  conn_free(c);
}

static int flush(void *user) { return output_flush(&((struct conns *)user)->output); }

static size_t pending(void *user) { return output_pending(&((struct conns *)user)->output); }

int cmd_conns(const struct args *a) {
  static const struct weft_stream_ops ops = {
      .size = sizeof ops,
      .on_open = on_open,
      .on_data = on_data,
      .on_gap = on_gap,
      .on_end = on_end,
      .on_close = on_close,
  };
  struct conns all = {.args = a};
  struct run run;
  int status = run_open(&run, a, &ops, &all);
  if (status != EXIT_OK) return status;
  run.flush = flush;
  run.pending = pending;
  status = output_open(&all.output, a);
  if (status == EXIT_OK) {
    conns_begin(&all);
    status = run_all(&run);
  }
  run_close(&run);
  return output_close(&all.output, status);
}
