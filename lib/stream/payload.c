/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "stream/engine.h"

/*
 * What a segment's payload and FIN do: delivered when they begin at or before
 * the expected number, held when beyond, given a place when the stream's
 * beginning is not known, and all within the bounds.
 */

/* Where offsets start while the first byte is not known: with room below. */
#define FLOAT_BASE (UINT64_C(1) << 40)

/* Numbers below are settled. */
static uint64_t half_floor(const struct half *half) {
  return half->flags & HALF_FLOATING ? 0 : half->next;
}

static void count_overlap(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                          struct weft_overlap *overlap) {
  e->stats.overlaps++;
  e->stats.overlap_bytes += overlap->length;
  if (overlap->held && overlap->arrived)
    overlap->differs = memcmp(overlap->held, overlap->arrived, overlap->length) != 0;
  e->stats.overlaps_differing += (uint64_t)overlap->differs;
  if (!conn_ops(e, conn)->on_overlap || conn->flags & (CONN_DETACHED | CONN_DETACH | CONN_CLOSE))
    return;
  e->calling = conn;
  conn_called(conn, conn_ops(e, conn)->on_overlap(conn, dir, overlap, conn->user));
  e->calling = NULL;
}

/* Those of [start, end), if any: `arrived` are theirs, NULL where they were not captured. */
static void overlap_settled(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                            struct weft_overlap *overlap, uint64_t start, uint64_t end,
                            const uint8_t *arrived) {
  if (start >= end) return;
  overlap->offset = start;
  overlap->length = end - start;
  overlap->arrived = arrived;
  count_overlap(e, conn, dir, overlap);
}

/* Bytes that were delivered before.  Of a segment cut by the snapshot length those that were
   captured are told of apart from the rest. */
static void overlap_delivered(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                              int64_t from, uint64_t to, const struct weft_segment *s) {
  const struct half *half = &conn->half[dir];
  to -= !!(s->tcp_flags & WEFT_TCP_FIN);
  uint64_t start = from < 0 ? 0 : (uint64_t)from, end = to < half->next ? to : half->next;
  uint64_t skipped = (uint64_t)((int64_t)start - from), cut = start;
  struct weft_overlap overlap = {.arrived_start = start,
                                 .arrived_end = to,
                                 .held_mark = half_last(half, s->mark.frame),
                                 .arrived_mark = s->mark};
  if (skipped < s->caplen) {
    cut = start + (s->caplen - skipped);
    if (cut > end) cut = end;
    overlap_settled(e, conn, dir, &overlap, start, cut, s->payload + skipped);
  }
  overlap_settled(e, conn, dir, &overlap, cut, end, NULL);
}

/* The policy of the first rule that the direction's receiver meets. */
static unsigned policy_by_rule(const struct weft_options *options, const struct weft_conn *conn,
                               enum weft_dir dir) {
  const struct weft_tuple *tuple = weft_conn_tuple(conn);
  const uint8_t *receiver = dir == WEFT_FROM_CLIENT ? tuple->target.address : tuple->source.address;
  for (size_t i = 0; i < options->noverlap_rules; i++) {
    const struct weft_overlap_rule *rule = &options->overlap_rules[i];
    unsigned bytes = rule->prefix / 8, bits = rule->prefix % 8;
    if (memcmp(rule->network, receiver, bytes)) continue;
    if (bits && (rule->network[bytes] ^ receiver[bytes]) >> (8 - bits)) continue;
    return rule->policy;
  }
  return options->overlap;
}

static inline unsigned conn_policy(const struct weft_engine *e, const struct weft_conn *conn,
                                   enum weft_dir dir) {
  return e->options.noverlap_rules ? policy_by_rule(&e->options, conn, dir) : e->options.overlap;
}

/* How an arrival is judged against what waits. */
struct judgement {
  unsigned policy;
  uint64_t stands; /* what waits below it stays as it is */
};

/* Bytes that wait in `piece`, if the arrival has some of them.  Tells, before the segment is
   held or delivered, who will have them. */
static void overlap_piece(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                          const struct arrival *a, const struct piece *piece,
                          struct judgement judged) {
  uint64_t start = piece->start > a->start ? piece->start : a->start;
  uint64_t held_end = piece->start + piece_length(piece);
  uint64_t end = held_end < a->to - a->fin ? held_end : a->to - a->fin;
  if (end > a->limit) end = a->limit;
  if (start >= end) return;
  struct weft_overlap overlap = {.offset = start,
                                 .length = end - start,
                                 .held = piece->bytes ? piece->bytes + (start - piece->from) : NULL,
                                 .arrived = a->bytes ? a->bytes + (start - a->from) : NULL,
                                 .held_start = piece->from,
                                 .held_end = piece->to - piece->fin,
                                 .arrived_start = a->from,
                                 .arrived_end = a->to - a->fin,
                                 .held_mark = piece->mark,
                                 .arrived_mark = a->mark,
                                 .arrived_wins = start >= judged.stands &&
                                                 arrival_wins(judged.policy, a, piece)};
  count_overlap(e, conn, dir, &overlap);
}

static void overlap_waiting(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                            const struct arrival *a, struct judgement judged) {
  struct hold *hold = conn_hold(e, conn, dir);
  if (!hold || !hold->waiting.count) return;
  struct segs *waiting = &hold->waiting;
  struct segs_range range = segs_overlapped(waiting, &e->segs, a->start, a->limit);
  for (uint32_t i = range.low; i < range.high; i++)
    overlap_piece(e, conn, dir, a, segs_at(waiting, &e->segs, i), judged);
}

enum hold_result { HOLD_DONE, HOLD_RELEASED, HOLD_IMPOSSIBLE };

/* Gives up the lowest hole: in front of what waits, or, where the arrival is
   lower, in front of that. */
static enum hold_result hold_gives_way(struct weft_engine *e, struct weft_conn *conn,
                                       enum weft_dir dir, const struct arrival *a) {
  const struct hold *hold = conn_hold(e, conn, dir);
  int simple = !(conn->half[dir].flags & (HALF_FLOATING | HALF_SYN_DATA)) &&
               e->options.deliver != WEFT_DELIVER_ACKED;
  if (!hold->waiting.count) return HOLD_IMPOSSIBLE;
  if (simple && a->start < segs_first(&hold->waiting, &e->segs)->start) return HOLD_IMPOSSIBLE;
  hole_release(e, conn, dir, WEFT_GAP_LIMIT);
  return HOLD_RELEASED;
}

/* Whether there is no room for what costs so much; `hold` may be NULL. */
static int dir_is_full(const struct weft_engine *e, const struct hold *hold, uint64_t cost) {
  uint64_t held = hold ? hold->waiting.cost + hold->kept.cost : 0;
  return held + cost > e->options.held_bytes_dir_max;
}

static int engine_is_full(const struct weft_engine *e, uint64_t cost) {
  return e->segs.cost + cost > e->options.held_bytes_max;
}

/* Makes room for an arrival within the bounds. */
static enum hold_result hold_room(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                                  const struct hold *hold, const struct arrival *a) {
  uint64_t cost = segs_cost(a->bytes ? a->to - a->from : 0);
  int dir_full = dir_is_full(e, hold, cost), all_full = engine_is_full(e, cost);
  if (!dir_full && !all_full) return HOLD_DONE;
  if (dir_full) e->stats.limit_held_dir++;
  if (all_full) e->stats.limit_held++;
  engine_log(e, WEFT_LOG_WARNING, conn, "no room to hold %llu more bytes: %s is reached",
             (unsigned long long)cost, dir_full ? "held_bytes_dir_max" : "held_bytes_max");
  return hold_gives_way(e, conn, dir, a);
}

/* Holds what each frame brought of an arrival.  As segs_insert. */
static int hold_parts(struct weft_engine *e, struct segs *waiting, const struct arrival *a,
                      struct block **copy, unsigned policy) {
  if (!e->parts.count || !a->bytes) return segs_insert(waiting, &e->segs, policy, a, copy);
  struct arrival part = *a;
  int status = 0;
  if (copy && !(*copy = arrival_copy(&e->segs, a))) return WEFT_E_NOMEM;
  for (; part.start < a->limit && !status; part.start = part.limit) {
    part.mark = a->mark;
    part.limit = part.start + parts_run(&e->parts, a->bytes + (part.start - a->from),
                                        a->limit - part.start, &part.mark);
    status = segs_insert(waiting, &e->segs, policy, &part, copy);
  }
  return status;
}

/* Holds an arrival that cannot be delivered yet. */
static enum hold_result hold_arrival(struct weft_engine *e, struct weft_conn *conn,
                                     enum weft_dir dir, const struct arrival *a, int lasts,
                                     unsigned policy) {
  struct rare *rare = conn_rare_make(e, conn);
  if (!rare) {
    engine_fail(e, WEFT_E_NOMEM);
    return HOLD_DONE;
  }
  struct hold *hold = &rare->hold[dir];
  enum hold_result room = hold_room(e, conn, dir, hold, a);
  if (room != HOLD_DONE) return room;
  struct block *block = NULL;
  int status = hold_parts(e, &hold->waiting, a, lasts ? NULL : &block, policy);
  block_release(&e->segs.blocks, block);
  if (status == SEGS_FULL) {
    e->stats.limit_segments++;
    return hold_gives_way(e, conn, dir, a);
  }
  if (status) engine_fail(e, status);
  if (a->mark.time < e->now) hold->late = e->now;
  return HOLD_DONE;
}

/* Up to where bytes wait only for their acknowledgement. */
static uint64_t waiting_in_order(const struct weft_engine *e, const struct weft_conn *conn,
                                 enum weft_dir dir) {
  const struct segs_pool *pool = &e->segs;
  const struct hold *hold = conn_hold(e, conn, dir);
  uint64_t at = conn->half[dir].next;
  if (!hold || !hold->waiting.count) return at;
  const struct segs *waiting = &hold->waiting;
  const struct piece *last = segs_at(waiting, pool, waiting->count - 1);
  /* Without a hole it is not looked for. */
  if (last->end - at == waiting->payload) return last->end;
  for (uint32_t i = 0; i < waiting->count; i++) {
    const struct piece *piece = segs_at(waiting, pool, i);
    if (piece->start > at) break;
    at = piece->end;
  }
  return at;
}

/* WEFT_DELIVER_ACKED: a receiver that has a byte in order keeps it whatever
   comes after, so the first copy stands, unless the receiver has said, by
   acknowledging what lies beyond it selectively, that it did not arrive: then
   what was sent again is what it got. */
static void judge_unacked(const struct weft_engine *e, const struct weft_conn *conn,
                          enum weft_dir dir, const struct arrival *a, struct judgement *judged) {
  const struct half *half = &conn->half[dir];
  uint64_t in_order = waiting_in_order(e, conn, dir);
  if (a->start >= in_order) return;
  int lacks = half->flags & HALF_SACKED &&
              seq32_after(conn_cold(conn)->rest[dir].sacked, half->acked) &&
              half_offset(half, half->acked) < (int64_t)a->limit;
  if (lacks)
    judged->policy = WEFT_OVERLAP_LAST;
  else
    judged->stands = in_order < a->limit ? in_order : a->limit;
}

static inline struct judgement judge_arrival(const struct weft_engine *e,
                                             const struct weft_conn *conn, enum weft_dir dir,
                                             const struct arrival *a) {
  const struct half *half = &conn->half[dir];
  struct judgement judged = {conn_policy(e, conn, dir), 0};
  /* What arrives in order the receiver takes without asking what waits, where
     its policy lets an earlier start win at all. */
  if (!(half->flags & (HALF_FLOATING | HALF_SYN_DATA)) && a->from <= half->next &&
      e->options.deliver != WEFT_DELIVER_ACKED &&
      overlap_table[judged.policy][OVERLAP_BEFORE][OVERLAP_BEFORE])
    judged.policy = WEFT_OVERLAP_LAST;
  if (e->options.deliver == WEFT_DELIVER_ACKED && !(half->flags & HALF_FLOATING))
    judge_unacked(e, conn, dir, a, &judged);
  return judged;
}

/* Whether some of the numbers that it shares with what waits are not the arrival's. */
static int arrival_loses(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                         const struct arrival *a, unsigned policy) {
  const struct segs_pool *pool = &e->segs;
  struct segs *waiting = &conn_hold(e, conn, dir)->waiting;
  struct segs_range range = segs_overlapped(waiting, pool, a->start, a->limit);
  for (uint32_t i = range.low; i < range.high; i++)
    if (!arrival_wins(policy, a, segs_at(waiting, pool, i))) return 1;
  return 0;
}

/* Delivers an arrival that begins at or before `next`. */
static void deliver_arrival(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                            struct arrival *a) {
  struct hold *hold = conn_hold(e, conn, dir);
  a->start = conn->half[dir].next;
  if (hold && hold->waiting.count) {
    unsigned policy = judge_arrival(e, conn, dir, a).policy;
    /* The frame is borrowed: all of it is delivered before this returns. */
    if (arrival_loses(e, conn, dir, a, policy) &&
        !segs_insert(&hold->waiting, &e->segs, policy, a, NULL)) {
      deliver_run(e, conn, dir, NULL, UINT64_MAX);
      return;
    }
  }
  deliver_run(e, conn, dir, a, UINT64_MAX);
}

/* The stream has begun meanwhile: puts the arrival, which begins with `seq`,
   where it belongs now.  Non-zero when all of it lies before the beginning. */
static int arrival_landed(const struct half *half, struct arrival *a, uint32_t seq) {
  int64_t from = half_offset(half, seq), shift = (int64_t)a->from - from;
  int64_t limit = (int64_t)a->limit - shift;
  if (limit <= 0) return 1;
  uint64_t before = from < 0 ? (uint64_t)-from : 0;
  int64_t start = (int64_t)a->start - shift;
  a->from = from < 0 ? 0 : (uint64_t)from;
  a->start = start < 0 ? 0 : (uint64_t)start;
  a->limit = (uint64_t)limit;
  a->to = (uint64_t)((int64_t)a->to - shift);
  if (a->bytes) a->bytes += before;
  return 0;
}

/* Makes a floating stream begin at the arrival. */
static void arrival_lands(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                          struct arrival *a) {
  struct half *half = &conn->half[dir];
  half_start(half, half->seq + (uint32_t)(a->from - half->next));
  a->to -= a->from;
  a->limit -= a->from;
  a->start -= a->from;
  a->from = 0;
  deliver_start_gap(e, conn, dir, a->mark);
}

/* Takes one arrival: delivers it, or holds it, giving up older holes when there
   is no room. */
static void take_arrival(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                         struct arrival *a, int lasts, struct judgement judged) {
  struct half *half = &conn->half[dir];
  int acked_only = e->options.deliver == WEFT_DELIVER_ACKED;
  for (;; judged = judge_arrival(e, conn, dir, a)) {
    uint64_t floor = half_floor(half);
    if (half->flags & HALF_ENDED || a->limit <= floor || conn_stops(conn)) return;
    if (a->start < floor) a->start = floor;
    int waits = half->flags & (HALF_FLOATING | HALF_SYN_DATA) || acked_only;
    if (!waits && a->from <= half->next) {
      deliver_arrival(e, conn, dir, a);
      return;
    }
    uint32_t seq = half->seq + (uint32_t)(a->from - half->next);
    int floated = half->flags & HALF_FLOATING;
    if (a->start < judged.stands) a->start = judged.stands;
    if (a->start == a->limit) return;
    switch (hold_arrival(e, conn, dir, a, lasts, judged.policy)) {
    case HOLD_DONE:
      if (acked_only) deliver_run(e, conn, dir, NULL, hole_limit(e, conn, dir));
      return;
    case HOLD_RELEASED:
      if (floated && arrival_landed(half, a, seq)) return;
      break;
    case HOLD_IMPOSSIBLE:
      /* Nothing waits below it and yet there is no room: it cannot wait. */
      if (half->flags & HALF_FLOATING) arrival_lands(e, conn, dir, a);
      half->flags &= ~(uint32_t)HALF_SYN_DATA;
      if (a->start > half->next) deliver_gap(e, conn, dir, a->start, WEFT_GAP_LIMIT, NULL);
      deliver_arrival(e, conn, dir, a);
      return;
    }
  }
}

/* Numbers of a direction that nobody wants: only the end matters. */
static void payload_discard(struct weft_conn *conn, enum weft_dir dir, uint64_t to, int fin,
                            struct weft_mark mark) {
  struct half *half = &conn->half[dir];
  if (to > half->next) half_advance(half, to);
  if (!fin) return;
  half->flags |= HALF_FIN;
  half_end(conn, dir, WEFT_END_FIN, mark);
}

void conn_discard_held(struct weft_conn *conn) {
  struct weft_engine *e = conn_engine(conn);
  for (int dir = 0; dir < 2; dir++) {
    struct half *half = &conn->half[dir];
    struct hold *hold = conn_hold(e, conn, (enum weft_dir)dir);
    if (!(half->flags & HALF_DISCARD) || !hold) continue;
    segs_clear(&hold->kept, &e->segs);
    if (!hold->waiting.count || half->flags & HALF_ENDED) continue;
    struct piece last = *segs_at(&hold->waiting, &e->segs, hold->waiting.count - 1);
    segs_clear(&hold->waiting, &e->segs);
    hold->acked_since = WEFT_TIME_NONE;
    half->flags &= ~(uint32_t)HALF_SYN_DATA;
    /* What comes later tells where the stream is; of what waited only its end
       would be missed. */
    if (!last.fin || last.end != last.to) continue;
    if (half->flags & HALF_FLOATING) {
      half_start(half, half->seq + (uint32_t)(last.start - half->next));
      last.end -= last.start;
    }
    payload_discard(conn, (enum weft_dir)dir, last.end, 1, last.mark);
  }
  conn_rare_tidy(e, conn);
}

/* The data that came with SYN: whether it counts, the acknowledgement says
   (RFC 7413 section 4.2), or where the sender goes on. */
void conn_syn_data_settle(struct weft_conn *conn, enum weft_dir dir, uint32_t seq) {
  struct weft_engine *e = conn_engine(conn);
  struct half *half = &conn->half[dir];
  int64_t taken = half_offset(half, seq);
  if (!(half->flags & HALF_SYN_DATA) || taken < 0) return;
  half->flags &= ~(uint32_t)HALF_SYN_DATA;
  if (taken > 0) deliver_run(e, conn, dir, NULL, (uint64_t)taken);
  /* What was refused of it; not what overtook the SYN. */
  struct hold *hold = conn_hold(e, conn, dir);
  while (hold && hold->waiting.count && segs_first(&hold->waiting, &e->segs)->from == 0)
    segs_drop(&hold->waiting, &e->segs, 1);
  if (hold && hold->waiting.count && !(half->flags & HALF_ENDED) && !conn_stops(conn))
    deliver_run(e, conn, dir, NULL, hole_limit(e, conn, dir));
}

static void count_segment(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                          int64_t from, int64_t to, uint32_t length) {
  const struct half *half = &conn->half[dir];
  if (to <= (int64_t)half->next) {
    /* A keep-alive repeats the last number (RFC 9293 section 3.8.4). */
    if (length > 1 || (length == 1 && to < (int64_t)half->next)) {
      conn_count(e, conn, dir, COUNT_RETRANSMITTED);
      e->stats.segments_retransmitted++;
    }
  } else if (from > (int64_t)half->next && !(half->flags & HALF_FLOATING)) {
    conn_count(e, conn, dir, COUNT_OUT_OF_ORDER);
    e->stats.segments_out_of_order++;
  }
}

/* Takes the captured part of a frame's payload, or, where it was cut by the
   snapshot length, what is known to be missing. */
static void take_part(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                      const struct weft_segment *s, int captured) {
  static const uint8_t nothing;
  struct half *half = &conn->half[dir];
  int fin = !!(s->tcp_flags & WEFT_TCP_FIN), whole = s->caplen >= s->wirelen;
  /* Looked up for each part: the first may have given the stream its start. */
  int64_t offset = half_offset(half, segment_payload_seq(s));
  int64_t to = offset + s->wirelen + fin, cut = whole ? to : offset + s->caplen;
  uint64_t skipped = offset < 0 ? (uint64_t)-offset : 0;
  if (to <= 0 || (captured && cut <= 0)) return;
  struct arrival a = {.from = offset < 0 ? 0 : (uint64_t)offset,
                      .to = (uint64_t)to,
                      .limit = (uint64_t)(captured ? cut : to),
                      .mark = s->mark,
                      .fin = (uint8_t)fin};
  a.start = captured ? a.from : cut > 0 ? (uint64_t)cut : 0;
  if (captured) a.bytes = s->payload ? s->payload + skipped : &nothing;
  if (a.start < half_floor(half)) a.start = half_floor(half);
  if (a.start >= a.limit) return;
  struct judgement judged = judge_arrival(e, conn, dir, &a);
  overlap_waiting(e, conn, dir, &a, judged);
  take_arrival(e, conn, dir, &a, s->frame_flags & WEFT_FRAME_STABLE, judged);
}

/* Set or clear, these make a direction special. */
#define PAYLOAD_SPECIAL (HALF_STARTED | HALF_FLOATING | HALF_ENDED | HALF_DISCARD | HALF_SYN_DATA)

static void late_hold(struct weft_engine *e, struct hold *hold, uint32_t at,
                      const struct arrival *a, int lasts) {
  int status = segs_insert_between(&hold->waiting, &e->segs, at, a, lasts);
  if (status) engine_fail(e, status);
  if (a->mark.time < e->now) hold->late = e->now;
}

/* Holds an arrival that no piece overlaps where segments_max are there and the first one lies
   below it. */
static void late_make_room(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                           struct arrival *a, int lasts) {
  const struct half *half = &conn->half[dir];
  e->stats.limit_segments++;
  hole_release(e, conn, dir, WEFT_GAP_LIMIT);
  struct hold *hold = conn_hold(e, conn, dir);
  if (half->flags & HALF_ENDED || conn_stops(conn)) return;
  if (a->start > half->next) {
    struct segs_range range = segs_overlapped(&hold->waiting, &e->segs, a->start, a->limit);
    late_hold(e, hold, range.low, a, lasts);
    return;
  }
  e->live = lasts ? NULL : a->bytes;
  e->live_length = (uint32_t)(a->limit - a->start);
  deliver_arrival(e, conn, dir, a);
  e->live = NULL;
}

/* Most that share something with what waits were sent twice: one piece has all their numbers, and
   keeps them.  0: it is not so, and nothing has happened. */
static int take_again(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                      const struct arrival *a, struct rare *rare, struct segs_range range) {
  struct hold *hold = &rare->hold[dir];
  const struct piece *piece = segs_at(&hold->waiting, &e->segs, range.low);
  struct judgement judged = {conn_policy(e, conn, dir), 0};
  if (range.high - range.low != 1 || piece->start > a->start || piece->end < a->limit ||
      arrival_wins(judged.policy, a, piece))
    return 0;
  conn->half[dir].flags |= HALF_DATA;
  rare->counts[dir][COUNT_OUT_OF_ORDER]++;
  e->stats.segments_out_of_order++;
  overlap_piece(e, conn, dir, a, piece, judged);
  if (!conn_stops(conn) && a->mark.time < e->now) hold->late = e->now;
  return 1;
}

/* The short way for what most segments behind a hole are: between others that wait, or the first
   of them, or one of them again; where as many wait as may, the lowest hole is given up.  0: it is
   not one, and nothing has happened. */
static int take_late(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                     const struct weft_segment *s, uint64_t start) {
  struct rare *rare = conn->flags & CONN_WAITS ? conn_rare(e, conn) : NULL;
  uint64_t end = start + s->wirelen, cost = segs_cost(s->wirelen);
  uint32_t count = rare ? rare->hold[dir].waiting.count : 0;
  struct arrival a = {start, end, start, end, s->payload, s->mark, 0};
  struct segs_range range = {0, 0};
  if (dir_is_full(e, rare ? &rare->hold[dir] : NULL, cost) || engine_is_full(e, cost)) return 0;
  if (count) {
    struct segs *waiting = &rare->hold[dir].waiting;
    if (count >= e->segs.pieces_max && start < segs_first(waiting, &e->segs)->start) return 0;
    range = segs_overlapped(waiting, &e->segs, start, end);
    if (range.low != range.high) return take_again(e, conn, dir, &a, rare, range);
  }
  conn->half[dir].flags |= HALF_DATA;
  e->stats.segments_out_of_order++;
  if (!rare && !(rare = conn_rare_wake(e, conn))) {
    engine_fail(e, WEFT_E_NOMEM);
    return 1;
  }
  rare->counts[dir][COUNT_OUT_OF_ORDER]++;
  int lasts = s->frame_flags & WEFT_FRAME_STABLE;
  if (count >= e->segs.pieces_max)
    late_make_room(e, conn, dir, &a, lasts);
  else
    late_hold(e, &rare->hold[dir], range.low, &a, lasts);
  return 1;
}

/* The same for what is next, and shares nothing with what waits behind it. */
static int take_next(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                     const struct weft_segment *s) {
  struct half *half = &conn->half[dir];
  const struct hold *hold = conn_hold(e, conn, dir);
  uint64_t start = half->next, end = start + s->wirelen;
  if (hold && hold->waiting.count && segs_first(&hold->waiting, &e->segs)->start < end) return 0;
  struct arrival a = {start, end, start, end, s->payload, s->mark, 0};
  half->flags |= HALF_DATA;
  e->live = s->frame_flags & WEFT_FRAME_STABLE ? NULL : s->payload;
  e->live_length = s->caplen;
  deliver_run(e, conn, dir, &a, UINT64_MAX);
  e->live = NULL;
  return 1;
}

/* A segment that is whole, of nothing but payload, in a stream under way.  0: it is not one, or
   not for the short ways above. */
static int take_whole(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                      const struct weft_segment *s) {
  const struct half *half = &conn->half[dir];
  int32_t ahead = seq32_distance(half->seq, s->seq);
  if (ahead < 0 || (half->flags & PAYLOAD_SPECIAL) != HALF_STARTED || conn_stops(conn) ||
      s->tcp_flags & (WEFT_TCP_SYN | WEFT_TCP_FIN) || s->caplen < s->wirelen || !s->payload ||
      e->parts.count || e->options.deliver == WEFT_DELIVER_ACKED)
    return 0;
  return ahead ? take_late(e, conn, dir, s, half->next + (uint32_t)ahead)
               : take_next(e, conn, dir, s);
}

void conn_payload(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                  const struct weft_segment *s) {
  struct half *half = &conn->half[dir];
  int fin = !!(s->tcp_flags & WEFT_TCP_FIN), syn = !!(s->tcp_flags & WEFT_TCP_SYN);
  if (!s->wirelen && !fin) return;
  if (s->wirelen && take_whole(e, conn, dir, s)) return;
  if (s->wirelen) half->flags |= HALF_DATA;
  if (half->flags & HALF_ENDED) return;
  uint32_t seq = segment_payload_seq(s);
  if (!(half->flags & HALF_STARTED)) {
    struct rare *rare = conn_rare_make(e, conn);
    if (!rare) {
      engine_fail(e, WEFT_E_NOMEM);
      return;
    }
    half->next = FLOAT_BASE;
    half->seq = seq;
    half->flags |= HALF_STARTED | HALF_FLOATING;
    rare->hold[dir].floating_since = e->now;
  }
  if (syn && s->wirelen && half->next == 0) half->flags |= HALF_SYN_DATA;
  if (!syn && half->flags & HALF_SYN_DATA) conn_syn_data_settle(conn, dir, seq);
  int64_t from = half_offset(half, seq), to = from + s->wirelen + fin;
  count_segment(e, conn, dir, from, to, s->wirelen);
  if (from < (int64_t)half->next && !(half->flags & HALF_FLOATING) && to > 0)
    overlap_delivered(e, conn, dir, from, (uint64_t)to, s);
  if (to <= (int64_t)half->next && !(half->flags & HALF_FLOATING)) return;
  if (half->flags & HALF_DISCARD) {
    payload_discard(conn, dir, (uint64_t)to, fin, s->mark);
    return;
  }
  e->live = s->frame_flags & WEFT_FRAME_STABLE ? NULL : s->payload;
  e->live_length = s->caplen;
  take_part(e, conn, dir, s, 1);
  if (s->caplen < s->wirelen) {
    /* What was captured of it lies in front of what was not. */
    if (s->caplen) half_mark(half, e->now, s->mark.frame);
    take_part(e, conn, dir, s, 0);
  }
  e->live = NULL;
}
