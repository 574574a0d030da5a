/* SPDX-License-Identifier: BSD-2-Clause */
#include "commands.h"
#include "conns.h"
#include "output.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include <weft/http.h>

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

/* The first bytes of a direction decide what it speaks. */
static void side_probe(struct conn *c, struct side *s, const struct weft_data *data) {
  for (size_t i = 0; i < data->nspans && s->nhead < sizeof s->head; i++) {
    size_t room = sizeof s->head - s->nhead;
    size_t n = data->spans[i].len < room ? data->spans[i].len : room;
    memcpy(s->head + s->nhead, data->spans[i].base, n);
    s->nhead += (uint8_t)n;
  }
  int answer = s->nhead > 0 ? weft_http_probe(s->head, s->nhead) : WEFT_E_AGAIN;
  s->probed = answer >= 0 || s->nhead == sizeof s->head;
  if (answer == 1)
    c->protocol = "http";
  else if (s->probed && c->protocol == NULL)
    c->protocol = "other";
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  (void)open;
  struct conns *all = user;
  struct conn *c = conn_new(all->args->digest);
  if (c == NULL) return WEFT_E_NOMEM;
  c->all = all;
  weft_conn_set_user(conn, c);
  return output_failed(&all->output) ? STOP_OUTPUT : 0;
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  (void)conn;
  struct conn *c = user;
  struct side *s = &c->sides[dir];
  if (!s->probed) side_probe(c, s, data);
  for (size_t i = 0; c->digests != NULL && i < data->nspans; i++)
    sha256_update(&c->digests[dir], data->spans[i].len, data->spans[i].base);
  return 0;
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  (void)conn;
  if (gap->length == WEFT_LENGTH_UNKNOWN)
    return 0; /* before the first byte seen: the state says midstream */
  return gaps_add(&((struct conn *)user)->sides[dir], gap->offset, gap->length);
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
