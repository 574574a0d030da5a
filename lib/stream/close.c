/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "stream/engine.h"

/* ---- ends ----------------------------------------------------------- */

static void call_end(struct weft_conn *conn, enum weft_dir dir, struct weft_mark mark) {
  struct weft_engine *e = conn_engine(conn);
  const struct half *half = &conn->half[dir];
  struct weft_data kept;
  struct weft_end end = {.cause = half_end_cause(half), .length = half->next, .mark = mark};
  /* The FIN's number is not a byte. */
  if (half->flags & HALF_FIN) end.length--;
  if (half->flags & HALF_FLOATING) end.length = 0;
  if (deliver_kept(e, conn, dir, &kept)) end.kept = &kept;
  e->calling = conn;
  conn_called(conn, conn_ops(e, conn)->on_end(conn, dir, &end, conn->user));
  e->calling = NULL;
  e->spans.count = 0;
}

/* Those who want to know are told, and what waits is let go of. */
static __attribute__((noinline)) void half_ended(struct weft_conn *conn, enum weft_dir dir,
                                                 uint32_t cause, struct weft_mark mark) {
  struct weft_engine *e = conn_engine(conn);
  engine_log(e, WEFT_LOG_DEBUG, conn, "the %s ended: %s", dir_name(dir),
             weft_end_cause_name(cause));
  if (!(conn->flags & (CONN_DETACHED | CONN_DETACH)) && conn_ops(e, conn)->on_end)
    call_end(conn, dir, mark);
  struct hold *hold = conn_hold(e, conn, dir);
  if (!hold) return;
  segs_clear(&hold->waiting, &e->segs);
  segs_clear(&hold->kept, &e->segs);
  hold->acked_since = WEFT_TIME_NONE;
}

void half_end(struct weft_conn *conn, enum weft_dir dir, uint32_t cause, struct weft_mark mark) {
  const struct weft_engine *e = conn_engine(conn);
  struct half *half = &conn->half[dir];
  if (half->flags & HALF_ENDED) return;
  half->flags |= HALF_ENDED;
  half_set_end_cause(half, cause);
  if (e->options.log || conn->flags & CONN_WAITS || conn_ops(e, conn)->on_end)
    half_ended(conn, dir, cause, mark);
}

/* What the receiver acknowledged at the very end and the capture lacks. */
static void end_tail(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir) {
  const struct half *half = &conn->half[dir];
  if (!(half->flags & HALF_ACKED) || !(half->flags & HALF_DATA) || !(half->flags & HALF_STARTED) ||
      half->flags & HALF_FLOATING)
    return;
  int32_t missing = seq32_distance(half->seq, half->acked);
  /* One number more is the FIN's, or might be. */
  if (missing > 1 && missing < 1 << 30)
    deliver_gap(e, conn, dir, half->next + (uint32_t)missing, WEFT_GAP_ACKED, NULL);
}

static void half_finish(struct weft_conn *conn, enum weft_dir dir, uint32_t cause) {
  struct weft_engine *e = conn_engine(conn);
  const struct half *half = &conn->half[dir];
  for (;;) {
    const struct hold *hold = conn_hold(e, conn, dir);
    if (!hold || !hold->waiting.count || half->flags & HALF_ENDED || conn_stops(conn)) break;
    hole_release(e, conn, dir, WEFT_GAP_END);
  }
  if (half->flags & HALF_ENDED) return;
  if (!conn_stops(conn)) end_tail(e, conn, dir);
  half_end(conn, dir, cause, e->trigger);
}

void conn_finish(struct weft_conn *conn, uint32_t cause) {
  for (int dir = 0; dir < 2 && !conn_is_closed(conn); dir++)
    half_finish(conn, (enum weft_dir)dir, cause);
  conn_remove(conn);
}

/* ---- removal -------------------------------------------------------- */

static inline void call_close(struct weft_engine *e, struct weft_conn *conn) {
  void (*on_close)(struct weft_conn *, void *) = conn_ops(e, conn)->on_close;
  if (conn->flags & CONN_DETACHED || !on_close) return;
  e->calling = conn;
  on_close(conn, conn->user);
  e->calling = NULL;
}

static void rare_clear(struct weft_conn *conn, struct rare *rare) {
  struct weft_engine *e = conn_engine(conn);
  for (int dir = 0; dir < 2; dir++) {
    segs_clear(&rare->hold[dir].waiting, &e->segs);
    segs_clear(&rare->hold[dir].kept, &e->segs);
    rare->hold[dir].acked_since = WEFT_TIME_NONE;
    doubt_drop(conn, (enum weft_dir)dir);
  }
  mem_free(&e->mem, rare->syn, sizeof *rare->syn);
  rare->syn = NULL;
}

static inline void rare_free(struct weft_engine *e, struct weft_conn *conn) {
  if (conn->rare == SLAB_NONE) return;
  if (conn->flags & CONN_WAITS) rare_clear(conn, conn_rare(e, conn));
  conn_rare_release(e, conn);
}

void conn_remove(struct weft_conn *conn) {
  struct weft_engine *e = conn_engine(conn);
  call_close(e, conn);
  rare_free(e, conn);
  wheel_remove(&e->idle, conn->index);
  struct conn_links links = *conn_links(e, conn->index);
  if (links.older != CONN_NONE)
    conn_links(e, links.older)->newer = links.newer;
  else
    e->oldest = links.newer;
  if (links.newer != CONN_NONE)
    conn_links(e, links.newer)->older = links.older;
  else
    e->newest = links.older;
  if (conn->flags & CONN_QUEUED) queue_forget(&e->lingers, *conn_place(conn));
  e->stats.conns_open--;
  e->removals++;
  flows_remove(&e->flows, conn->index);
}

void conn_settle_now(struct weft_conn *conn) {
  if ((conn->half[0].flags | conn->half[1].flags) & HALF_DISCARD) conn_discard_held(conn);
  struct weft_engine *e = conn_engine(conn);
  if (conn->flags & CONN_DETACH && !(conn->flags & CONN_DETACHED)) {
    call_close(e, conn);
    conn->flags |= CONN_DETACHED;
    rare_free(e, conn);
  }
  if (conn->flags & CONN_CLOSE) {
    half_end(conn, WEFT_FROM_CLIENT, WEFT_END_CLOSED, e->trigger);
    half_end(conn, WEFT_FROM_SERVER, WEFT_END_CLOSED, e->trigger);
    conn_remove(conn);
    return;
  }
  if (!conn_is_closed(conn) || conn->flags & CONN_LINGERS) return;
  weft_duration linger = conn_linger(conn);
  if (linger <= 0)
    conn_remove(conn);
  else
    linger_begin(conn, linger);
}

/* ---- silence -------------------------------------------------------- */

weft_time conn_idle_due(const struct weft_conn *conn) {
  const struct weft_options *options = &conn_engine(conn)->options;
  weft_duration wait = options->idle_wait;
  if (conn_is_closed(conn))
    wait = conn_linger(conn);
  else if (!((conn->half[0].flags | conn->half[1].flags) & HALF_DATA) &&
           !(conn->half[0].flags & conn->half[1].flags & HALF_SYNCED))
    wait = options->handshake_wait;
  return time_after(conn_last_time(conn), wait);
}

/* Looks at one connection that was due when it was last looked at. */
static void idle_look(struct weft_engine *e, uint32_t index, int exact, uint32_t *chain) {
  struct weft_conn *conn = conn_at(e, index);
  weft_time due = conn_idle_due(conn);
  if (due > e->now && exact) {
    wheel_hold(&e->idle, index, chain);
    return;
  }
  wheel_put(&e->idle, index, due);
  if (due <= e->now) conn_finish(conn, WEFT_END_IDLE);
}

void idle_expire(struct weft_engine *e, int exact) {
  enum { AHEAD = 16 };
  uint32_t index, chain = CONN_NONE, next[AHEAD];
  int ahead = 0;
  linger_expire(e, exact);
  while (!e->status && (index = wheel_take(&e->idle, e->now, exact)) != CONN_NONE) {
    if (ahead-- <= 0) {
      ahead = wheel_peek(&e->idle, next, AHEAD);
      conns_prefetch(e, next, ahead);
    }
    idle_look(e, index, exact, &chain);
  }
  while ((index = wheel_unhold(&e->idle, &chain)) != CONN_NONE)
    wheel_put(&e->idle, index, conn_idle_due(conn_at(e, index)));
}

int conn_evict(struct weft_engine *e) {
  /* Each turn that does not evict moves a connection to where its last
     packet belongs, so all turns together are as many as packets. */
  for (;;) {
    weft_time bound = wheel_first_due(&e->idle);
    uint32_t index = linger_first(e, bound);
    if (index == CONN_NONE) {
      index = wheel_take_first(&e->idle);
      if (index == CONN_NONE) return 0;
      weft_time due = conn_idle_due(conn_at(e, index));
      wheel_put(&e->idle, index, due);
      if (due >= bound && bound != INT64_MAX) continue;
    }
    struct weft_conn *conn = conn_at(e, index);
    e->stats.conns_evicted++;
    e->stats.limit_conns++;
    engine_log(e, WEFT_LOG_WARNING, conn, "gives way: conns_max is reached");
    conn_finish(conn, WEFT_END_EVICTED);
    return 1;
  }
}
