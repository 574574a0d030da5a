/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <string.h>

#include "stream/engine.h"
#include "stream/poison.h"

/*
 * A run is everything that can be delivered now without a hole:
 *
 *     kept      live frame       waiting pieces
 *     |=====|==================|======|====|          |====|
 *     ^ offset                 ^ run.at                ^ still waits
 *           ^ fresh
 *
 * It is gathered as spans and handed over in one on_data, or in several where
 * something that is not bytes lies between: a part that was not captured, an
 * urgent byte.  The FIN ends it.
 */
struct run {
  struct weft_conn *conn;
  enum weft_dir dir;
  uint64_t at;                /* numbers below are gathered or delivered */
  uint64_t limit;             /* numbers from here on are not to be delivered yet */
  struct weft_mark delivered; /* of the last byte this run handed over */
};

/* ---- keeping -------------------------------------------------------- */

int weft_conn_keep(struct weft_conn *conn, enum weft_dir dir, uint64_t offset) {
  struct weft_engine *e = conn_engine(conn);
  if (e->calling != conn || !e->offered || dir != e->keep_dir) return WEFT_E_INVAL;
  const struct weft_data *data = e->offered;
  uint64_t end = data->offset + data->length;
  conn->flags &= (uint16_t)~CONN_KEEP;
  if (offset < data->offset) offset = data->offset;
  if (offset >= end) return 0;
  uint64_t cost = end - offset + data->nspans * segs_cost(0);
  const struct hold *hold = conn_hold(e, conn, dir);
  uint64_t held = hold ? hold->kept.cost : 0, waiting = hold ? hold->waiting.cost : 0;
  if (cost + waiting > e->options.held_bytes_dir_max) {
    e->stats.limit_held_dir++;
    return WEFT_E_NOMEM;
  }
  /* Old and new copies of kept bytes are there at once for a moment. */
  if (cost > held && e->segs.cost + cost - held > e->options.held_bytes_max) {
    e->stats.limit_held++;
    return WEFT_E_NOMEM;
  }
  conn->flags |= CONN_KEEP;
  e->keep_from = offset;
  return 0;
}

/* Puts one delivered span behind the kept ones. */
static int keep_span(struct weft_engine *e, struct segs *kept, uint32_t i, uint64_t from) {
  const struct weft_span *span = &e->spans.span[i];
  uint64_t end = span->offset + span->len, start = from > span->offset ? from : span->offset;
  struct arrival arrival = {start,      end, start, end, span->base + (start - span->offset),
                            span->mark, 0};
  struct block *block = e->spans.block[i];
  if (!block && e->live && span->base >= e->live && span->base < e->live + e->live_length) {
    block = block_new(&e->segs.blocks, arrival.bytes, (uint32_t)(end - start));
    if (!block) return WEFT_E_NOMEM;
    arrival.bytes = block->bytes;
    int status = segs_append(kept, &e->segs, &arrival, block);
    block_release(&e->segs.blocks, block);
    return status;
  }
  return segs_append(kept, &e->segs, &arrival, block);
}

/* After on_data: kept bytes are let go of, but for those the callback wants
   again. */
static void keep_apply(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                       uint32_t nkept) {
  struct hold *hold = conn_hold(e, conn, dir);
  if (!(conn->flags & CONN_KEEP)) {
    if (hold) segs_clear(&hold->kept, &e->segs);
    return;
  }
  conn->flags &= (uint16_t)~CONN_KEEP;
  struct rare *rare = conn_rare_make(e, conn);
  if (!rare) {
    engine_fail(e, WEFT_E_NOMEM);
    return;
  }
  hold = &rare->hold[dir];
  segs_trim(&hold->kept, &e->segs, e->keep_from);
  for (uint32_t i = nkept; i < e->spans.count; i++) {
    const struct weft_span *span = &e->spans.span[i];
    if (span->offset + span->len <= e->keep_from) continue;
    if (keep_span(e, &hold->kept, i, e->keep_from)) {
      engine_fail(e, WEFT_E_NOMEM);
      segs_clear(&hold->kept, &e->segs);
      return;
    }
  }
}

/* ---- handing over --------------------------------------------------- */

static int conn_listens(const struct weft_conn *conn) {
  return !(conn->flags & (CONN_DETACHED | CONN_DETACH | CONN_CLOSE));
}

int conn_called(struct weft_conn *conn, int returned) {
  if (returned < 0) engine_fail(conn_engine(conn), returned);
  if (returned == WEFT_DETACH) conn->flags |= CONN_DETACH;
  return returned;
}

static inline void call_on_data(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                                struct weft_data *data, const struct weft_stream_ops *ops) {
  struct poison poison;
  if (poison_cover(&poison, data)) {
    engine_fail(e, WEFT_E_NOMEM);
    return;
  }
  e->calling = conn;
  e->offered = data;
  e->keep_dir = dir;
  int returned = ops->on_data(conn, dir, data, conn->user);
  if (returned) conn_called(conn, returned);
  e->offered = NULL;
  e->calling = NULL;
  poison_uncover(&poison);
}

static void call_data(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                      struct weft_data *data) {
  const struct weft_stream_ops *ops = conn_ops(e, conn);
  if (!conn_listens(conn) || !ops->on_data) return;
  if (conn->half[dir].flags & HALF_DISCARD) return;
  call_on_data(e, conn, dir, data, ops);
}

/* Delivers what was gathered.  Waiting pieces below run->at are still there
   and are let go of here. */
static void run_flush(struct run *run) {
  struct weft_engine *e = conn_engine(run->conn);
  struct half *half = &run->conn->half[run->dir];
  struct spans *spans = &e->spans;
  uint64_t fresh = half->next;
  half_advance(half, run->at);
  struct hold *hold = conn_hold(e, run->conn, run->dir);
  if (spans->count && spans->span[spans->count - 1].offset >= fresh) {
    const struct weft_span *last = &spans->span[spans->count - 1];
    struct weft_data data = {.spans = spans->span,
                             .nspans = spans->count,
                             .offset = spans->span[0].offset,
                             .length = last->offset + last->len - spans->span[0].offset,
                             .fresh = fresh,
                             .trigger = e->trigger};
    uint32_t nkept = hold ? hold->kept.count : 0;
    run->delivered = last->mark;
    if (hold) hold->before = last->mark;
    e->stats.bytes_delivered += data.offset + data.length - fresh;
    for (uint32_t i = nkept; i < spans->count; i++)
      if (!spans->block[i]) e->stats.bytes_delivered_uncopied += spans->span[i].len;
    call_data(e, run->conn, run->dir, &data);
    keep_apply(e, run->conn, run->dir, nkept);
  }
  spans->count = 0;
  hold = conn_hold(e, run->conn, run->dir);
  if (hold) segs_trim(&hold->waiting, &e->segs, run->at);
}

/* Gathers the kept bytes, for the next delivery to start with. */
static void kept_gather(struct weft_engine *e, struct hold *hold) {
  e->spans.count = 0;
  for (uint32_t i = 0; hold && i < hold->kept.count; i++) {
    const struct piece *piece = segs_at(&hold->kept, &e->segs, i);
    struct weft_span span = {piece->bytes + (piece->start - piece->from), piece_length(piece),
                             piece->start, piece->mark};
    if (spans_add(&e->spans, &e->mem, span, piece->block)) {
      /* Better the bytes once than not at all. */
      engine_fail(e, WEFT_E_NOMEM);
      segs_clear(&hold->kept, &e->segs);
      e->spans.count = 0;
    }
  }
}

int deliver_kept(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                 struct weft_data *ret) {
  kept_gather(e, conn_hold(e, conn, dir));
  if (!e->spans.count) return 0;
  const struct weft_span *first = e->spans.span, *last = &first[e->spans.count - 1];
  *ret = (struct weft_data){.spans = first,
                            .nspans = e->spans.count,
                            .offset = first->offset,
                            .length = last->offset + last->len - first->offset,
                            .fresh = last->offset + last->len,
                            .trigger = e->trigger};
  return 1;
}

static void run_span(struct run *run, struct weft_span span, struct block *block) {
  struct weft_engine *e = conn_engine(run->conn);
  if (!span.len) return;
  if (spans_add(&e->spans, &e->mem, span, block)) {
    /* No memory to gather more: hand over what there is. */
    run_flush(run);
    kept_gather(e, conn_hold(e, run->conn, run->dir));
    if (spans_add(&e->spans, &e->mem, span, block)) {
      engine_fail(e, WEFT_E_NOMEM);
      segs_clear(&conn_hold(e, run->conn, run->dir)->kept, &e->segs);
      e->spans.count = 0;
      spans_add(&e->spans, &e->mem, span, block); /* the first few always fit */
    }
  }
  run->at = span.offset + span.len;
}

static void call_gap(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                     struct weft_gap *gap) {
  struct hold *hold = conn_hold(e, conn, dir);
  struct weft_data kept;
  if (deliver_kept(e, conn, dir, &kept)) {
    kept.fresh = conn->half[dir].next;
    gap->kept = &kept;
  }
  if (conn_listens(conn) && conn_ops(e, conn)->on_gap && !(conn->half[dir].flags & HALF_DISCARD)) {
    e->calling = conn;
    conn_called(conn, conn_ops(e, conn)->on_gap(conn, dir, gap, conn->user));
    e->calling = NULL;
  }
  e->spans.count = 0;
  if (hold) segs_clear(&hold->kept, &e->segs);
}

/* The frame in front of what was not delivered so far. */
static struct weft_mark remembered(const struct weft_engine *e, const struct weft_conn *conn,
                                   enum weft_dir dir, const struct hold *hold) {
  const struct half *half = &conn->half[dir];
  if (hold) return hold->before;
  return half->next ? half_last(half, e->frame) : (struct weft_mark){0, 0};
}

static void count_gap(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                      uint64_t length) {
  struct rare *rare = conn_rare_make(e, conn);
  if (rare)
    rare->gap_bytes[dir] += length;
  else
    engine_fail(e, WEFT_E_NOMEM);
}

void deliver_gap(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir, uint64_t to,
                 uint32_t cause, const struct weft_mark *before) {
  struct half *half = &conn->half[dir];
  struct hold *hold = conn_hold(e, conn, dir);
  struct weft_gap gap = {.offset = half->next,
                         .length = to - half->next,
                         .cause = cause,
                         .before = before ? *before : remembered(e, conn, dir, hold),
                         .trigger = e->trigger};
  assert(to > half->next);
  if (hold && hold->waiting.count) {
    const struct piece *piece = segs_first(&hold->waiting, &e->segs);
    if (piece->start <= to) gap.after = piece->mark;
  }
  if (cause != WEFT_GAP_URGENT) {
    e->stats.gaps++;
    e->stats.gap_bytes += gap.length;
    count_gap(e, conn, dir, gap.length);
  }
  half_advance(half, to);
  engine_log(e, cause == WEFT_GAP_LIMIT ? WEFT_LOG_WARNING : WEFT_LOG_INFO, conn,
             "gap of %llu bytes at %llu from the %s: %s", (unsigned long long)gap.length,
             (unsigned long long)gap.offset, dir_name(dir), weft_gap_cause_name(cause));
  call_gap(e, conn, dir, &gap);
}

void deliver_start_gap(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                       struct weft_mark after) {
  struct weft_gap gap = {.length = WEFT_LENGTH_UNKNOWN,
                         .cause = WEFT_GAP_START,
                         .after = after,
                         .trigger = e->trigger};
  call_gap(e, conn, dir, &gap);
}

/* ---- runs ----------------------------------------------------------- */

/* Not bytes, but in the way of the next ones. */
static void run_gap(struct run *run, uint64_t to, uint32_t cause) {
  struct weft_engine *e = conn_engine(run->conn);
  run_flush(run);
  if (conn_stops(run->conn)) return;
  deliver_gap(e, run->conn, run->dir, to, cause, run->delivered.frame ? &run->delivered : NULL);
  run->at = to;
  struct hold *hold = conn_hold(e, run->conn, run->dir);
  if (hold) segs_trim(&hold->waiting, &e->segs, to);
}

/* Gathers bytes that were sent together, as a span for each frame that brought some: of a
   fragmented datagram that is not `span.mark`. */
static void run_spans(struct run *run, struct weft_span span, struct block *block) {
  const struct parts *parts = &conn_engine(run->conn)->parts;
  if (!parts->count || block) {
    run_span(run, span, block);
    return;
  }
  struct weft_span rest = span;
  for (; rest.len; rest.base += span.len, rest.offset += span.len, rest.len -= span.len) {
    span = rest;
    span.len = parts_run(parts, rest.base, rest.len, &span.mark);
    run_span(run, span, NULL);
  }
}

/* Gathers [start, end) of what one segment sent, where `bytes` is of `start`. */
static void run_bytes(struct run *run, const uint8_t *bytes, uint64_t start, uint64_t end,
                      struct weft_mark mark, struct block *block) {
  struct half *half = &run->conn->half[run->dir];
  if (half->flags & HALF_URGENT) {
    int64_t urgent = half_offset(half, conn_cold(run->conn)->rest[run->dir].urgent);
    if (urgent >= (int64_t)start && urgent < (int64_t)end) {
      uint64_t at = (uint64_t)urgent;
      run_spans(run, (struct weft_span){bytes, at - start, start, mark}, block);
      run_gap(run, at + 1, WEFT_GAP_URGENT);
      if (conn_stops(run->conn)) return;
      half->flags &= ~(uint32_t)HALF_URGENT;
      bytes += at + 1 - start;
      start = at + 1;
    }
  }
  run_spans(run, (struct weft_span){bytes, end - start, start, mark}, block);
}

/* Gathers a piece from run->at on.  Non-zero when it ended the stream.  The
   piece may be gone afterwards: what is delivered is let go of. */
static int run_piece(struct run *run, const struct piece *piece) {
  uint64_t end = piece->end < run->limit ? piece->end : run->limit;
  int fin = piece->fin && end == piece->to;
  uint64_t data_end = fin ? end - 1 : end, at = run->at;
  struct weft_mark mark = piece->mark;
  if (piece->bytes && at < data_end)
    run_bytes(run, piece->bytes + (at - piece->from), at, data_end, mark, piece->block);
  else if (at < data_end)
    run_gap(run, data_end, WEFT_GAP_SNAPLEN);
  if (conn_stops(run->conn)) return 1;
  if (!fin) return 0;
  run_flush(run);
  if (conn_stops(run->conn)) return 1;
  half_advance(&run->conn->half[run->dir], end);
  run->conn->half[run->dir].flags |= HALF_FIN;
  half_end(run->conn, run->dir, WEFT_END_FIN, mark);
  return 1;
}

/* Gathers what waits from run->at on, up to the next hole or the limit.
   Non-zero when it ended the stream. */
static int run_waiting(struct run *run, struct segs *waiting) {
  struct segs_pool *pool = &conn_engine(run->conn)->segs;
  uint32_t i = segs_find(waiting, pool, run->at);
  while (i < waiting->count && run->at < run->limit) {
    uint32_t count = waiting->count;
    const struct piece *piece = segs_at(waiting, pool, i);
    if (piece->start > run->at) break;
    if (run_piece(run, piece)) return 1;
    /* Some may have been delivered and let go of on the way. */
    i = waiting->count == count ? i + 1 : segs_find(waiting, pool, run->at);
  }
  return 0;
}

/* The live frame as a piece that nobody holds. */
static struct piece live_piece(const struct arrival *live) {
  return (struct piece){.start = live->start,
                        .end = live->limit,
                        .from = live->from,
                        .to = live->to,
                        .fin = live->fin,
                        .bytes = live->bytes,
                        .mark = live->mark};
}

/* Gathers a run of what is nearly always all there is: the live frame (may be NULL) and pieces,
   each of them whole and of bytes alone.  How many pieces; -1: something else is in it. */
static int spans_gather(struct spans *spans, const struct segs_pool *pool,
                        const struct segs *waiting, const struct arrival *live, uint64_t at) {
  uint32_t n = 0, count = 0;
  if (live) {
    uint64_t length = live->limit - live->start;
    spans->span[count] = (struct weft_span){live->bytes + (live->start - live->from), length,
                                            live->start, live->mark};
    spans->block[count++] = NULL;
    at = live->limit;
  }
  for (; waiting && n < waiting->count; n++) {
    const struct piece *piece = segs_at(waiting, pool, n);
    if (piece->start > at) break;
    if (piece->start < at || !piece->bytes || piece->fin || count == spans->room) return -1;
    if (piece->block) prefetch(piece->block); /* to be let go of */
    spans->span[count] = (struct weft_span){piece->bytes + (piece->start - piece->from),
                                            piece->end - at, at, piece->mark};
    spans->block[count++] = piece->block;
    at = piece->end;
  }
  spans->count = count;
  return (int)n;
}

/* Delivers such a run.  0: it is not one, and nothing has happened. */
static int deliver_whole(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                         struct hold *hold, const struct arrival *live) {
  struct half *half = &conn->half[dir];
  struct spans *spans = &e->spans;
  if ((hold && hold->kept.count) || half->flags & HALF_URGENT || e->parts.count ||
      (live && (live->fin || !live->bytes)))
    return 0;
  int n = spans_gather(spans, &e->segs, hold ? &hold->waiting : NULL, live, half->next);
  if (n < 0 || !spans->count) return 0;
  const struct weft_span *span = spans->span, *last = &span[spans->count - 1];
  uint64_t length = last->offset + last->len - half->next;
  struct weft_data data = {span, spans->count, half->next, length, half->next, e->trigger};
  half_advance(half, half->next + length);
  e->stats.bytes_delivered += length;
  for (uint32_t i = 0; i < spans->count; i++)
    if (!spans->block[i]) e->stats.bytes_delivered_uncopied += span[i].len;
  if (hold) hold->before = last->mark;
  call_data(e, conn, dir, &data);
  if (conn->flags & CONN_KEEP) keep_apply(e, conn, dir, 0);
  spans->count = 0;
  if (n) segs_drop(&hold->waiting, &e->segs, (uint32_t)n);
  return 1;
}

void deliver_run(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                 const struct arrival *live, uint64_t limit) {
  struct run run = {conn, dir, conn->half[dir].next, limit, {0, 0}};
  struct hold *hold = conn_hold(e, conn, dir);
  if (conn_stops(conn)) return;
  if (limit == UINT64_MAX && deliver_whole(e, conn, dir, hold, live)) return;
  kept_gather(e, hold);
  if (live) {
    struct piece piece = live_piece(live);
    if (run_piece(&run, &piece)) return;
    hold = conn_hold(e, conn, dir);
  }
  if (hold && hold->waiting.count && run_waiting(&run, &hold->waiting)) return;
  run_flush(&run);
}

/* What was handed over is wanted again. */
static void keep_plain(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                       const struct weft_span *span, int stable) {
  e->spans.span[0] = *span;
  e->spans.block[0] = NULL;
  e->spans.count = 1;
  e->live = stable ? NULL : span->base;
  e->live_length = (uint32_t)span->len;
  keep_apply(e, conn, dir, 0);
  e->spans.count = 0;
  e->live = NULL;
}

void deliver_plain(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                   const uint8_t *payload, uint32_t length, int stable) {
  struct half *half = &conn->half[dir];
  uint64_t offset = half->next;
  half->next = offset + length;
  half->seq += length;
  half->flags |= HALF_DATA;
  e->stats.bytes_delivered += length;
  e->stats.bytes_delivered_uncopied += length;
  const struct weft_stream_ops *ops = conn_ops(e, conn);
  if (!ops->on_data) return;
  struct weft_span span = {payload, length, offset, e->trigger};
  struct weft_data data = {&span, 1, offset, length, offset, e->trigger};
  call_on_data(e, conn, dir, &data, ops);
  if (conn->flags & CONN_KEEP) keep_plain(e, conn, dir, &span, stable);
}

/* ---- the rare part -------------------------------------------------- */

/* One in which nothing waits.  0 without memory. */
static int rare_add(struct weft_engine *e, struct weft_conn *conn) {
  uint32_t index = slab_take(&e->rares);
  if (index == SLAB_NONE) return 0;
  conn->rare = index;
  struct rare *rare = conn_rare(e, conn);
  memset(rare, 0, sizeof *rare);
  rare->conn = conn->index;
  rare->due = WEFT_TIME_NONE;
  for (int dir = 0; dir < 2; dir++) {
    struct hold *hold = &rare->hold[dir];
    hold->acked_since = hold->floating_since = hold->late = WEFT_TIME_NONE;
  }
  return 1;
}

struct rare *conn_rare_wake(struct weft_engine *e, struct weft_conn *conn) {
  if (conn->rare == SLAB_NONE && !rare_add(e, conn)) return NULL;
  conn->flags |= CONN_WAITS;
  struct rare *rare = conn_rare(e, conn);
  for (int dir = 0; dir < 2; dir++)
    rare->hold[dir].before = remembered(e, conn, (enum weft_dir)dir, NULL);
  return rare;
}

/* Whether it holds nothing but numbers to be told later. */
static int rare_is_quiet(const struct rare *rare) {
  if (rare->syn || rare->doubt[0] || rare->doubt[1]) return 0;
  for (int dir = 0; dir < 2; dir++) {
    const struct hold *hold = &rare->hold[dir];
    if (hold->waiting.count || hold->kept.count || hold->acked_since != WEFT_TIME_NONE) return 0;
  }
  return 1;
}

static int rare_is_empty(const struct weft_conn *conn, const struct rare *rare) {
  uint64_t numbers = rare->gap_bytes[0] | rare->gap_bytes[1];
  for (int dir = 0; dir < 2; dir++) numbers |= rare->counts[dir][0] | rare->counts[dir][1];
  return !numbers && !(conn->flags & CONN_PATIENT);
}

static void rare_unschedule(struct weft_engine *e, struct rare *rare, uint32_t index) {
  if (rare->due != WEFT_TIME_NONE) wheel_remove(&e->holes, index);
  rare->due = WEFT_TIME_NONE;
}

void conn_rare_release(struct weft_engine *e, struct weft_conn *conn) {
  rare_unschedule(e, conn_rare(e, conn), conn->rare);
  slab_release(&e->rares, conn->rare);
  conn->rare = SLAB_NONE;
  conn->flags &= (uint16_t) ~(CONN_WAITS | CONN_PATIENT);
}

void conn_rare_tidy(struct weft_engine *e, struct weft_conn *conn) {
  if (!(conn->flags & CONN_WAITS)) return;
  struct rare *rare = conn_rare(e, conn);
  if (!rare_is_quiet(rare)) return;
  rare_unschedule(e, rare, conn->rare);
  conn->flags &= (uint16_t)~CONN_WAITS;
  if (rare_is_empty(conn, rare)) conn_rare_release(e, conn);
}

void conn_count(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                enum conn_count kind) {
  struct rare *rare = conn_rare_make(e, conn);
  if (rare)
    rare->counts[dir][kind]++;
  else
    engine_fail(e, WEFT_E_NOMEM);
}
