/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stream/fragments.h"
#include "stream/options.h"

/* ---- making and freeing --------------------------------------------- */

/* WEFT_E_INVAL or WEFT_E_UNKNOWN for callbacks this library does not have. */
static int ops_take(const struct weft_stream_ops *given, struct weft_stream_ops *ret) {
  memset(ret, 0, sizeof *ret);
  return given ? options_copy(ret, sizeof *ret, given, given->size) : 0;
}

static int engine_init(struct weft_engine *e) {
  const struct weft_options *o = &e->options;
  wheel_init(&e->idle, &e->flows.slab, SLAB_LINKS, offsetof(struct conn_links, idle));
  wheel_init(&e->holes, &e->rares, SLAB_HOT, offsetof(struct rare, link));
  queue_init(&e->lingers, &e->mem, o->conns_max);
  slab_init(&e->rares, &e->mem, sizeof(struct rare), RARES_SHIFT);
  defrag_init(&e->defrag, &e->mem, o->fragment_bytes_max, o->fragment_wait, o->fragments,
              o->hash_key);
  e->oldest = e->newest = CONN_NONE;
  e->next_id = e->id_step = 1;
  e->now = WEFT_TIME_NONE;
  static const uint32_t sizes[SLAB_PARTS] = {sizeof(struct weft_conn), sizeof(struct conn_cold),
                                             sizeof(struct conn_links)};
  if (flows_init(&e->flows, &e->mem, o->hash_key, sizes, conns_shift(o)) ||
      segs_pool_init(&e->segs, &e->mem, o->segments_max) || spans_init(&e->spans, &e->mem))
    return WEFT_E_NOMEM;
  e->flows.slab.owner = e; /* conn_engine */
  return 0;
}

int weft_engine_new(const struct weft_options *given, const struct weft_stream_ops *ops, void *user,
                    struct weft_engine **ret) {
  struct weft_options options;
  struct weft_stream_ops taken;
  int status = options_take(given, &options);
  if (!status) status = ops_take(ops, &taken);
  if (status) return status;
  struct mem mem;
  mem_init(&mem, options.allocator, engine_memory_max(&options));
  struct weft_engine *e = mem_alloc_zero(&mem, sizeof *e);
  if (!e) return WEFT_E_NOMEM;
  e->mem = mem;
  e->options = options;
  e->plain = options.receiver == WEFT_RECEIVER_LENIENT && options.deliver == WEFT_DELIVER_ARRIVAL;
  e->own_ops = taken;
  e->ops[e->nops++] = &e->own_ops;
  e->user = user;
  status = options_own(&e->options, &e->mem);
  if (!status) status = engine_init(e);
  if (status) {
    weft_engine_free(e);
    return status;
  }
  *ret = e;
  return 0;
}

void weft_engine_free(struct weft_engine *e) {
  if (!e) return;
  e->busy = 1;
  while (e->flows.slab.used) conn_remove(conn_at(e, e->oldest));
  queue_done(&e->lingers);
  defrag_done(&e->defrag);
  spans_done(&e->spans, &e->mem);
  segs_pool_done(&e->segs);
  slab_done(&e->rares);
  flows_done(&e->flows);
  options_disown(&e->options, &e->mem);
  readers_release(e);
  struct mem mem = e->mem;
  mem_free(&mem, e, sizeof *e);
}

void engine_number(struct weft_engine *e, uint32_t shard, uint32_t shards) {
  e->next_id = shard + UINT64_C(1);
  e->id_step = shards;
  e->pooled = 1;
}

/* ---- clock, flush, finish ------------------------------------------- */

int weft_engine_advance(struct weft_engine *e, weft_time now) {
  int status = engine_enter(e);
  if (status) return status;
  e->trigger = (struct weft_mark){now, 0};
  if (now > e->now) {
    if (e->now == WEFT_TIME_NONE) clock_start(e, now);
    e->now = now;
    hole_expire(e, 1);
    idle_expire(e, 1);
    defrag_advance(&e->defrag, now);
  }
  return engine_leave(e, 0);
}

/* One connection's part of a flush; it may be gone afterwards. */
static void flush_conn(struct weft_conn *conn, weft_time gaps_before, weft_time idle_before,
                       struct weft_flushed *flushed) {
  struct weft_engine *e = conn_engine(conn);
  for (int i = 0; i < 2 && gaps_before != WEFT_TIME_NONE; i++) {
    int touched = 0;
    for (;;) {
      struct hold *hold = conn_hold(e, conn, (enum weft_dir)i);
      if (!hold || !hold->waiting.count || conn->half[i].flags & HALF_ENDED || conn_stops(conn))
        break;
      weft_time oldest = segs_first(&hold->waiting, &e->segs)->mark.time;
      if (oldest >= gaps_before && gaps_before != INT64_MAX) break;
      hole_release(e, conn, (enum weft_dir)i, WEFT_GAP_TIME);
      touched = 1;
    }
    flushed->flushed += (uint64_t)touched;
  }
  if (idle_before != WEFT_TIME_NONE &&
      (conn_last_time(conn) < idle_before || idle_before == INT64_MAX)) {
    if (conn_is_closed(conn)) {
      conn_remove(conn);
      return;
    }
    for (int i = 0; i < 2; i++) {
      struct hold *hold = conn_hold(e, conn, (enum weft_dir)i);
      if (conn->half[i].flags & HALF_ENDED || (hold && hold->waiting.count)) continue;
      half_end(conn, (enum weft_dir)i, WEFT_END_IDLE, e->trigger);
      flushed->closed++;
    }
    if (conn_is_closed(conn)) {
      conn_remove(conn);
      return;
    }
  }
  conn_rare_tidy(e, conn);
  conn_settle(conn);
}

int weft_engine_flush(struct weft_engine *e, weft_time gaps_before, weft_time idle_before,
                      struct weft_flushed *ret) {
  struct weft_flushed flushed = {0, 0};
  int status = engine_enter(e);
  if (status) return status;
  e->trigger = (struct weft_mark){e->now, 0};
  uint32_t index = e->oldest, last = e->newest;
  while (index != CONN_NONE && !e->status) {
    struct weft_conn *conn = conn_at(e, index);
    uint32_t next = index == last ? CONN_NONE : conn_links(e, index)->newer;
    flush_conn(conn, gaps_before, idle_before, &flushed);
    index = next;
  }
  if (ret) *ret = flushed;
  return engine_leave(e, 0);
}

/* Ends those that opened first, a few at a time. */
static void finish_oldest(struct weft_engine *e) {
  enum { AHEAD = 16 };
  uint32_t next[AHEAD];
  int n = 0;
  for (uint32_t index = e->oldest; index != CONN_NONE && n < AHEAD;
       index = conn_links(e, index)->newer)
    next[n++] = index;
  conns_prefetch(e, next, n);
  for (int i = 0; i < n && !e->status; i++) conn_finish(conn_at(e, next[i]), WEFT_END_FINISH);
}

int weft_engine_finish(struct weft_engine *e) {
  int status = engine_enter(e);
  if (status) return status;
  e->trigger = (struct weft_mark){e->now, 0};
  while (e->oldest != CONN_NONE && !e->status) finish_oldest(e);
  if (!e->status) {
    defrag_clear(&e->defrag);
    queue_done(&e->lingers);
    e->now = WEFT_TIME_NONE;
    wheel_init(&e->idle, &e->flows.slab, SLAB_LINKS, offsetof(struct conn_links, idle));
    wheel_init(&e->holes, &e->rares, SLAB_HOT, offsetof(struct rare, link));
  }
  return engine_leave(e, 0);
}

/* ---- looking -------------------------------------------------------- */

void weft_engine_stats(const struct weft_engine *e, struct weft_stats *ret) {
  struct weft_stats stats = e->stats;
  stats.held_bytes = e->segs.payload;
  stats.held_bytes_peak = e->segs.payload_peak;
  stats.memory = e->mem.used;
  stats.memory_peak = e->mem.peak;
  stats.limit_memory = e->mem.refused;
  fragments_stats(&e->defrag, &stats);
  size_t size = ret->size < sizeof stats ? ret->size : sizeof stats;
  stats.size = ret->size;
  memcpy(ret, &stats, size);
}

struct weft_conn *weft_engine_next_conn(const struct weft_engine *e,
                                        const struct weft_conn *previous) {
  uint32_t index = previous ? conn_links(e, previous->index)->newer : e->oldest;
  return index == CONN_NONE ? NULL : conn_at(e, index);
}

void engine_tell(struct weft_engine *e, int level, const struct weft_conn *conn, const char *format,
                 ...) {
  char text[320], from[WEFT_ENDPOINT_STRLEN], to[WEFT_ENDPOINT_STRLEN];
  int length = snprintf(text, sizeof text, "frame %llu: ", (unsigned long long)e->trigger.frame);
  if (conn)
    length += snprintf(text + length, sizeof text - (size_t)length,
                       "connection %llu (%s > %s): ", (unsigned long long)conn_cold(conn)->id,
                       weft_endpoint_format(&weft_conn_tuple(conn)->source, from),
                       weft_endpoint_format(&weft_conn_tuple(conn)->target, to));
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + length, sizeof text - (size_t)length, format, arguments);
  va_end(arguments);
  e->options.log(e->options.log_user, level, text);
}
