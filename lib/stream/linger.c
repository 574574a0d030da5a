/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream/engine.h"

/*
 * A connection stays for a while once both directions have ended, so that late segments
 * find it.  All wait equally long, so they stand in a queue in the order of their last segments;
 * the place that each has in the wheel is left alone, as its neighbours there would have to be
 * touched, which have nothing to do with it.
 *
 *     closed            tick of due            looked at
 *     |---- linger_wait ----|-- < one tick --|
 *
 * One that late segments keep alive goes to the end of the queue: there are always some, since the
 * last FIN is acknowledged.  One that the queue cannot take waits in the wheel, or keeps its
 * place until it is looked at, and waits in the wheel then.
 */

static int64_t tick_of(weft_time t) { return t >> WHEEL_TICK_SHIFT; }

weft_duration conn_linger(const struct weft_conn *conn) {
  struct weft_engine *e = conn_engine(conn);
  if (conn->flags & CONN_PATIENT) return conn_rare(e, conn)->linger;
  return e->options.linger_wait;
}

/* To where its silence is to be acted on. */
static void linger_in_wheel(struct weft_engine *e, struct weft_conn *conn, weft_time due) {
  wheel_remove(&e->idle, conn->index);
  wheel_put(&e->idle, conn->index, due);
}

void linger_begin(struct weft_conn *conn, weft_duration linger) {
  struct weft_engine *e = conn_engine(conn);
  weft_time due = time_after(conn_last_time(conn), linger);
  conn->flags |= CONN_LINGERS;
  /* A wait of its own is in nobody's order. */
  if (linger == e->options.linger_wait &&
      !queue_put(&e->lingers, conn->index, tick_of(due), conn_place(conn)))
    conn->flags |= CONN_QUEUED;
  else
    linger_in_wheel(e, conn, due);
}

void linger_on(struct weft_engine *e, struct weft_conn *conn, weft_time before) {
  if (conn->flags & CONN_PATIENT) return; /* its own wait is seen to in its turn */
  weft_duration linger = e->options.linger_wait;
  uint32_t place = *conn_place(conn);
  int64_t tick = tick_of(time_after(conn_last_time(conn), linger));
  /* What stands at its place need not be read, which lies where nobody has looked for long. */
  if (tick == tick_of(time_after(before, linger))) return;
  if (!queue_put(&e->lingers, conn->index, tick, conn_place(conn)))
    queue_forget(&e->lingers, place);
}

/* ---- looking ahead ---------------------------------------------------- */

/* What looking at a connection, and removing it, will touch: first its own parts, then, when
   those have had time to come, its neighbours'. */
static void conn_prefetch_own(const struct weft_engine *e, uint32_t index) {
  conn_prefetch(conn_at(e, index));
  prefetch(conn_links(e, index));
}

static void links_prefetch(const struct weft_engine *e, uint32_t index) {
  if (index < WHEEL_HEAD) prefetch(conn_links(e, index));
}

static void conn_prefetch_around(const struct weft_engine *e, uint32_t index) {
  const struct conn_links *links = conn_links(e, index);
  const struct weft_conn *conn = conn_at(e, index);
  if (conn->rare != SLAB_NONE) prefetch(conn_rare(e, conn));
  table_prefetch(&e->flows.table, flows_hash_of(&e->flows, index));
  links_prefetch(e, links->idle.next);
  links_prefetch(e, links->idle.prev);
  links_prefetch(e, links->older);
  links_prefetch(e, links->newer);
}

void conns_prefetch(const struct weft_engine *e, const uint32_t *indexes, int n) {
  for (int i = 0; i < n; i++) conn_prefetch_own(e, indexes[i]);
  for (int i = 0; i < n; i++) conn_prefetch_around(e, indexes[i]);
}

/* While the one at `place` is looked at: its followers. */
static void linger_prefetch(const struct weft_engine *e, uint32_t place) {
  enum { OWN = 16, AROUND = 8 };
  const struct queue *queue = &e->lingers;
  if (queue_holds(queue, place + OWN) && queue_at(queue, place + OWN) != QUEUE_NONE)
    conn_prefetch_own(e, queue_at(queue, place + OWN));
  if (queue_holds(queue, place + AROUND) && queue_at(queue, place + AROUND) != QUEUE_NONE)
    conn_prefetch_around(e, queue_at(queue, place + AROUND));
}

/* ---- the time has come ------------------------------------------------ */

/* Looks at one whose tick has come. */
static void linger_look(struct weft_engine *e, struct weft_conn *conn, int exact) {
  weft_time due = conn_idle_due(conn);
  if (due <= e->now) {
    conn_finish(conn, WEFT_END_IDLE);
    return;
  }
  /* Later within this tick, perhaps. */
  if (exact && tick_of(due) == tick_of(e->now)) return;
  queue_forget(&e->lingers, *conn_place(conn));
  conn->flags &= (uint16_t)~CONN_QUEUED;
  linger_in_wheel(e, conn, due);
}

void linger_expire(struct weft_engine *e, int exact) {
  struct queue *queue = &e->lingers;
  int64_t passed = tick_of(e->now) - !exact;
  for (uint32_t place = queue->head; queue_holds(queue, place) && !e->status; place++) {
    if (queue_tick(queue, place) > passed) break;
    linger_prefetch(e, place);
    uint32_t index = queue_at(queue, place);
    if (index != QUEUE_NONE) linger_look(e, conn_at(e, index), exact);
  }
  queue_trim(queue);
}

uint32_t linger_first(struct weft_engine *e, weft_time bound) {
  struct queue *queue = &e->lingers;
  queue_trim(queue);
  for (uint32_t place = queue->head; queue_holds(queue, place); place++) {
    uint32_t index = queue_at(queue, place);
    if (index == QUEUE_NONE) continue;
    struct weft_conn *conn = conn_at(e, index);
    weft_time due = conn_idle_due(conn);
    if (due < bound) return index;
    if (queue_tick(queue, place) >= tick_of(bound)) return CONN_NONE;
    queue_forget(queue, place);
    conn->flags &= (uint16_t)~CONN_QUEUED;
    linger_in_wheel(e, conn, due);
  }
  return CONN_NONE;
}
