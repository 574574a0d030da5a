/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "stream/engine.h"
#include "stream/options.h"

uint64_t weft_conn_id(const struct weft_conn *conn) { return conn_cold(conn)->id; }

const struct weft_tuple *weft_conn_tuple(const struct weft_conn *conn) {
  struct weft_tuple *tuple = &conn_cold(conn)->tuple;
  if (conn->key.source) flow4_tuple(&conn->key, tuple);
  return tuple;
}

void weft_conn_tuple_copy(const struct weft_conn *conn, struct weft_tuple *ret) {
  if (conn->key.source)
    flow4_tuple(&conn->key, ret);
  else
    *ret = conn_cold(conn)->tuple;
}

void *weft_conn_user(const struct weft_conn *conn) { return conn->user; }

void weft_conn_set_user(struct weft_conn *conn, void *user) { conn->user = user; }

int weft_conn_set_ops(struct weft_conn *conn, const struct weft_stream_ops *ops, void *user) {
  if (!ops || ops->size < sizeof *ops) return WEFT_E_INVAL;
  struct weft_engine *e = conn_engine(conn);
  unsigned i = 0;
  while (i < e->nops && e->ops[i] != ops) i++;
  if (i == CONN_OPS_MAX) return WEFT_E_INVAL;
  if (i == e->nops) e->ops[e->nops++] = ops;
  conn->ops = (uint8_t)i;
  conn->user = user;
  conn_note_ops(conn);
  return 0;
}

void weft_conn_discard(struct weft_conn *conn, enum weft_dir dir) {
  conn->half[dir].flags |= HALF_DISCARD;
  /* Inside a callback what waits is let go of when the running call unwinds:
     the callback may stand on it. */
  struct weft_engine *e = conn_engine(conn);
  if (e->busy) return;
  e->busy = 1;
  e->trigger = (struct weft_mark){e->now, 0};
  conn_settle(conn);
  e->busy = 0;
}

int weft_conn_close(struct weft_conn *conn) {
  struct weft_engine *e = conn_engine(conn);
  if (e->busy && e->calling != conn) return WEFT_E_BUSY;
  conn->flags |= CONN_CLOSE;
  if (e->busy) return 0;
  e->busy = 1;
  e->status = 0;
  e->trigger = (struct weft_mark){e->now, 0};
  conn_settle(conn);
  e->busy = 0;
  return e->status;
}

int weft_conn_skip_hole(struct weft_conn *conn, enum weft_dir dir) {
  struct weft_engine *e = conn_engine(conn);
  if (e->busy) return WEFT_E_BUSY;
  const struct hold *hold = conn_hold(e, conn, dir);
  if (!hold || !hold->waiting.count || conn->half[dir].flags & HALF_ENDED) return 0;
  e->busy = 1;
  e->status = 0;
  e->trigger = (struct weft_mark){e->now, 0};
  hole_release(e, conn, dir, WEFT_GAP_LIMIT);
  hole_check(e, conn);
  conn_settle(conn);
  e->busy = 0;
  return e->status ? e->status : 1;
}

int weft_conn_linger(struct weft_conn *conn, weft_duration wait) {
  struct weft_engine *e = conn_engine(conn);
  if (wait < 0) return WEFT_E_INVAL;
  struct rare *rare = conn_rare_make(e, conn);
  if (!rare) return WEFT_E_NOMEM;
  rare->linger = wait;
  conn->flags |= CONN_PATIENT;
  return 0;
}

static uint32_t conn_state(const struct weft_conn *conn) {
  const struct half *client = &conn->half[WEFT_FROM_CLIENT];
  const struct half *server = &conn->half[WEFT_FROM_SERVER];
  if (conn->flags & CONN_RESET) return WEFT_CONN_RESET;
  if (client->flags & server->flags & HALF_FIN) return WEFT_CONN_CLOSED;
  if ((client->flags | server->flags) & HALF_FIN) return WEFT_CONN_HALF_CLOSED;
  if (!((client->flags | server->flags) & HALF_SYN)) return WEFT_CONN_MIDSTREAM;
  if (client->flags & HALF_SYNCED || (client->flags | server->flags) & HALF_DATA)
    return WEFT_CONN_ESTABLISHED;
  return server->flags & HALF_SYN ? WEFT_CONN_SYN_RECEIVED : WEFT_CONN_SYN_SENT;
}

uint64_t weft_conn_gap_bytes(const struct weft_conn *conn, enum weft_dir dir) {
  struct weft_engine *e = conn_engine(conn);
  const struct rare *rare = conn_rare(e, conn);
  return rare ? rare->gap_bytes[dir] : 0;
}

/* The client's SYN, which is then what opened the connection. */
static struct weft_mark conn_syn(const struct weft_conn *conn) {
  int seen = conn->half[WEFT_FROM_CLIENT].flags & HALF_SYN && !(conn->flags & CONN_GUESSED);
  return seen ? conn_cold(conn)->first : (struct weft_mark){0, 0};
}

/* Times come from files, so a difference may be anything. */
weft_duration weft_conn_handshake(const struct weft_conn *conn) {
  struct weft_mark syn = conn_syn(conn), established = conn_cold(conn)->established;
  if (!syn.frame || !established.frame) return WEFT_TIME_NONE;
  return (weft_duration)((uint64_t)established.time - (uint64_t)syn.time);
}

void weft_conn_inspect(const struct weft_conn *conn, struct weft_conn_info *ret) {
  struct weft_engine *e = conn_engine(conn);
  struct weft_conn_info info = {.first = conn_cold(conn)->first,
                                .last = conn_last(conn),
                                .syn_ack = conn_cold(conn)->syn_ack,
                                .established = conn_cold(conn)->established,
                                .state = conn_state(conn)};
  info.syn = conn_syn(conn);
  const struct rare *rare = conn_rare(e, conn);
  for (int i = 0; i < 2; i++) {
    const struct half *half = &conn->half[i];
    const struct hold *hold = conn_hold(e, conn, (enum weft_dir)i);
    int counted = half->flags & HALF_STARTED && !(half->flags & HALF_FLOATING);
    uint64_t numbers = counted ? half->next - !!(half->flags & HALF_FIN) : 0;
    info.gap_bytes[i] = rare ? rare->gap_bytes[i] : 0;
    info.bytes[i] = numbers - info.gap_bytes[i];
    info.segments[i] = half->segments;
    info.retransmitted[i] = rare ? rare->counts[i][COUNT_RETRANSMITTED] : 0;
    info.out_of_order[i] = rare ? rare->counts[i][COUNT_OUT_OF_ORDER] : 0;
    info.held_bytes[i] = hold ? hold->waiting.payload + hold->kept.payload : 0;
    info.end[i] = half->flags & HALF_ENDED ? half_end_cause(half) : 0;
    info.next_seq[i] = half->seq;
    info.started[i] = (uint8_t)counted;
  }
  size_t size = ret->size < sizeof info ? ret->size : sizeof info;
  info.size = ret->size;
  memcpy(ret, &info, size);
}

uint64_t weft_conn_acked(const struct weft_conn *conn, enum weft_dir dir) {
  const struct half *half = &conn->half[dir];
  if (!(half->flags & HALF_ACKED) || !(half->flags & HALF_STARTED) || half->flags & HALF_FLOATING)
    return 0;
  int64_t acked = half_offset(half, half->acked);
  return acked > 0 ? (uint64_t)acked : 0;
}

/* The bytes of an offset that fit a 32-bit distance are all there is to say. */
static int describe_half(const struct weft_conn *conn, enum weft_dir dir, char *text, size_t size) {
  struct weft_engine *e = conn_engine(conn);
  const struct half *half = &conn->half[dir];
  const struct hold *hold = conn_hold(e, conn, dir);
  if (!(half->flags & HALF_STARTED)) return snprintf(text, size, "not started");
  return snprintf(text, size, "%s%llu delivered, next seq %u, %u waiting, %u kept",
                  half->flags & HALF_ENDED      ? "ended, "
                  : half->flags & HALF_FLOATING ? "start unknown, "
                                                : "",
                  (unsigned long long)(half->flags & HALF_FLOATING ? 0 : half->next), half->seq,
                  hold ? hold->waiting.count : 0, hold ? hold->kept.count : 0);
}

int weft_conn_describe(const struct weft_conn *conn, char *text, size_t size) {
  char from[WEFT_ENDPOINT_STRLEN], to[WEFT_ENDPOINT_STRLEN], client[96], server[96];
  describe_half(conn, WEFT_FROM_CLIENT, client, sizeof client);
  describe_half(conn, WEFT_FROM_SERVER, server, sizeof server);
  return snprintf(text, size, "%llu: %s > %s, %s; client: %s; server: %s",
                  (unsigned long long)conn_cold(conn)->id,
                  weft_endpoint_format(&weft_conn_tuple(conn)->source, from),
                  weft_endpoint_format(&weft_conn_tuple(conn)->target, to),
                  weft_conn_state_name(conn_state(conn)), client, server);
}
