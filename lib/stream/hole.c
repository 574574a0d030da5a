/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>

#include "stream/engine.h"

/*
 * When to give up waiting.  A hole is given up when the receiver has
 * acknowledged its bytes, since then they reached it and the capture lacks
 * them; after ack_wait only, for captures may hold an acknowledgement before
 * its data.  Without such evidence it is given up after gap_wait.
 *
 * A stream whose SYN was not seen floats: its first segments wait, in case an
 * earlier one was overtaken, until the receiver has acknowledged some of them
 * or start_wait has passed; then the lowest byte is offset 0.
 */

/* How far beyond what was delivered the receiver has acknowledged; never beyond what the
   sender was seen to send, since that would be the claim of one packet. */
static inline int32_t acked_ahead(const struct half *half) {
  const uint32_t known = HALF_ACKED | HALF_STARTED;
  if ((half->flags & (known | HALF_FLOATING)) != known) return 0;
  uint32_t acked = half->acked;
  if (half->flags & HALF_SENT && seq32_after(acked, half->sent)) acked = half->sent;
  return seq32_distance(half->seq, acked);
}

uint64_t hole_limit(const struct weft_engine *e, const struct weft_conn *conn, enum weft_dir dir) {
  const struct half *half = &conn->half[dir];
  if (e->options.deliver != WEFT_DELIVER_ACKED || half->flags & HALF_ENDED) return UINT64_MAX;
  if (half->flags & HALF_FLOATING) return 0;
  int32_t ahead = acked_ahead(half);
  return half->next + (ahead > 0 ? (uint32_t)ahead : 0);
}

/* The lowest byte that came is where the stream begins. */
static void float_land(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir) {
  struct half *half = &conn->half[dir];
  struct hold *hold = conn_hold(e, conn, dir);
  const struct piece *first = segs_first(&hold->waiting, &e->segs);
  uint32_t seq = half->seq + (uint32_t)(first->start - half->next);
  struct weft_mark mark = first->mark;
  segs_rebase(&hold->waiting, &e->segs, first->start);
  half_start(half, seq);
  hold->floating_since = WEFT_TIME_NONE;
  if (!(half->flags & HALF_SYN)) deliver_start_gap(e, conn, dir, mark);
}

void hole_release(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                  uint32_t cause) {
  struct half *half = &conn->half[dir];
  struct hold *hold = conn_hold(e, conn, dir);
  assert(hold && hold->waiting.count);
  half->flags &= ~(uint32_t)HALF_SYN_DATA;
  if (half->flags & HALF_FLOATING)
    float_land(e, conn, dir);
  else if (segs_first(&hold->waiting, &e->segs)->start > half->next)
    deliver_gap(e, conn, dir, segs_first(&hold->waiting, &e->segs)->start, cause, NULL);
  deliver_run(e, conn, dir, NULL, UINT64_MAX);
}

/* Gives up what the receiver has acknowledged of the hole, and delivers what it has of what
   waits: more than hole_limit says where a later acknowledgement, half of all numbers ahead, seems
   to be behind.  Never nothing, or hole_check would not end. */
static void release_acked(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                          uint64_t acked) {
  struct hold *hold = conn_hold(e, conn, dir);
  uint64_t limit = hole_limit(e, conn, dir);
  if (limit < acked) limit = acked;
  if (hold->waiting.count) {
    uint64_t start = segs_first(&hold->waiting, &e->segs)->start;
    if (start < acked) acked = start;
  }
  if (acked > conn->half[dir].next) deliver_gap(e, conn, dir, acked, WEFT_GAP_ACKED, NULL);
  deliver_run(e, conn, dir, NULL, limit);
}

static int float_may_land(const struct weft_engine *e, const struct weft_conn *conn,
                          enum weft_dir dir, const struct hold *hold) {
  const struct half *half = &conn->half[dir];
  const struct piece *first = segs_first(&hold->waiting, &e->segs);
  if (half->flags & HALF_ACKED && half_offset(half, half->acked) > (int64_t)first->start) return 1;
  return e->now >= time_after(hold->floating_since, e->options.start_wait);
}

/* An acknowledgement is remembered until what it covers has come: a later one
   does not make the wait shorter, nor a chain of them make it endless. */
static void hole_note_acked(const struct weft_engine *e, const struct half *half,
                            struct hold *hold) {
  if (hold->acked_since != WEFT_TIME_NONE && half->next < hold->acked_upto) return;
  int32_t ahead = acked_ahead(half);
  hold->acked_since = WEFT_TIME_NONE;
  if (ahead <= 0) return;
  hold->acked_since = e->now;
  hold->acked_upto = half->next + (uint32_t)ahead;
}

/* Since when the first piece has waited, by the clock: captures have frames without a
   time, or with one long past. */
static weft_time waits_since(const struct hold *hold, const struct piece *first) {
  return first->mark.time > hold->late ? first->mark.time : hold->late;
}

/* There is nothing to wait for. */
static inline int hole_is_none(const struct half *half, const struct hold *hold) {
  return !hold->waiting.count && hold->acked_since == WEFT_TIME_NONE && acked_ahead(half) <= 0;
}

/* Decides one thing about one direction; non-zero when something was released
   and there may be more. */
static int hole_decide(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                       struct hold *hold) {
  struct half *half = &conn->half[dir];
  if (half->flags & (HALF_ENDED | HALF_SYN_DATA) || conn_stops(conn)) return 0;
  if (half->flags & HALF_FLOATING) {
    if (!hold->waiting.count || !float_may_land(e, conn, dir, hold)) return 0;
    hole_release(e, conn, dir, WEFT_GAP_START);
    return 1;
  }
  hole_note_acked(e, half, hold);
  if (hold->acked_since != WEFT_TIME_NONE &&
      e->now >= time_after(hold->acked_since, e->options.ack_wait)) {
    release_acked(e, conn, dir, hold->acked_upto);
    return 1;
  }
  if (!hold->waiting.count) return 0;
  const struct piece *first = segs_first(&hold->waiting, &e->segs);
  if (first->start <= half->next) return 0; /* only waits for its acknowledgement */
  if (e->now < time_after(waits_since(hold, first), e->options.gap_wait)) return 0;
  hole_release(e, conn, dir, WEFT_GAP_TIME);
  return 1;
}

/* When this direction is to be looked at again. */
static weft_time hole_due(const struct weft_engine *e, const struct half *half,
                          const struct hold *hold) {
  if (half->flags & (HALF_ENDED | HALF_SYN_DATA)) return INT64_MAX;
  weft_time due = INT64_MAX;
  if (half->flags & HALF_FLOATING)
    return hold->waiting.count ? time_after(hold->floating_since, e->options.start_wait) : due;
  if (hold->acked_since != WEFT_TIME_NONE) due = time_after(hold->acked_since, e->options.ack_wait);
  if (hold->waiting.count) {
    const struct piece *first = segs_first(&hold->waiting, &e->segs);
    weft_time late = time_after(waits_since(hold, first), e->options.gap_wait);
    if (first->start > half->next && late < due) due = late;
  }
  return due;
}

static void hole_schedule(struct weft_engine *e, const struct weft_conn *conn, struct rare *rare) {
  weft_time due = INT64_MAX;
  for (int dir = 0; dir < 2; dir++) {
    weft_time own = hole_due(e, &conn->half[dir], &rare->hold[dir]);
    if (own < due) due = own;
  }
  if (due == INT64_MAX) return;
  /* One that stands there too early is put off when its time comes. */
  if (rare->due != WEFT_TIME_NONE && rare->due <= due) return;
  if (rare->due != WEFT_TIME_NONE) wheel_remove(&e->holes, conn->rare);
  rare->due = due;
  wheel_put(&e->holes, conn->rare, due);
}

/* Whether one direction is as it was, for hole_decide and hole_due, when the
   connection was put into the wheel; *waits is set if that is for its sake. */
static inline int hole_stays(const struct weft_engine *e, const struct half *half,
                             const struct hold *hold, weft_time due, int *waits) {
  if (half->flags & (HALF_ENDED | HALF_SYN_DATA | HALF_FLOATING)) return 0;
  if (hold->acked_since != WEFT_TIME_NONE) {
    if (half->next >= hold->acked_upto) return 0;
    *waits = 1;
  } else if (acked_ahead(half) > 0) {
    return 0;
  }
  if (!hold->waiting.count) return 1;
  const struct piece *first = segs_first(&hold->waiting, &e->segs);
  *waits = 1;
  return first->start <= half->next ||
         time_after(waits_since(hold, first), e->options.gap_wait) >= due;
}

/* Most packets that meet a hole leave it as it is: nothing to decide before the
   time it was put into the wheel for. */
static inline int hole_rests(const struct weft_engine *e, const struct weft_conn *conn,
                             const struct rare *rare) {
  int waits = 0;
  if (rare->due == WEFT_TIME_NONE || e->now >= rare->due) return 0;
  return hole_stays(e, &conn->half[0], &rare->hold[0], rare->due, &waits) &&
         hole_stays(e, &conn->half[1], &rare->hold[1], rare->due, &waits) && waits;
}

void hole_check(struct weft_engine *e, struct weft_conn *conn) {
  if (!(conn->flags & CONN_WAITS)) return;
  struct rare *rare = conn_rare(e, conn);
  if (hole_rests(e, conn, rare)) return;
  for (int dir = 0; dir < 2; dir++)
    while (!hole_is_none(&conn->half[dir], &rare->hold[dir]) &&
           hole_decide(e, conn, (enum weft_dir)dir, &rare->hold[dir]))
      continue;
  conn_rare_tidy(e, conn);
  if (conn->flags & CONN_WAITS) hole_schedule(e, conn, rare);
}

void hole_acked(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir) {
  struct half *half = &conn->half[dir];
  if (!(half->flags & HALF_STARTED) || half->flags & (HALF_ENDED | HALF_FLOATING)) return;
  if (acked_ahead(half) <= 0) return;
  struct rare *rare = conn_rare_make(e, conn);
  if (!rare) {
    engine_fail(e, WEFT_E_NOMEM);
    return;
  }
  if (e->options.deliver == WEFT_DELIVER_ACKED)
    deliver_run(e, conn, dir, NULL, hole_limit(e, conn, dir));
}

void hole_expire(struct weft_engine *e, int exact) {
  uint32_t index, chain = SLAB_NONE;
  while (!e->status && (index = wheel_take(&e->holes, e->now, exact)) != SLAB_NONE) {
    struct rare *rare = rare_at(e, index);
    struct weft_conn *conn = conn_at(e, rare->conn);
    if (exact && rare->due > e->now) {
      wheel_hold(&e->holes, index, &chain);
      continue;
    }
    rare->due = WEFT_TIME_NONE;
    hole_check(e, conn);
    assert(conn->rare == SLAB_NONE || conn_stops(conn) || rare->due == WEFT_TIME_NONE ||
           rare->due > e->now);
    conn_settle(conn);
  }
  while ((index = wheel_unhold(&e->holes, &chain)) != SLAB_NONE)
    wheel_put(&e->holes, index, rare_at(e, index)->due);
}
