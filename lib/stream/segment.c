/* SPDX-License-Identifier: BSD-2-Clause */
#include "reasm/receiver.h"
#include "stream/engine.h"

/*
 * What one segment does to its connection: judged, then SYN, acknowledgement,
 * payload and FIN, RST (the order of RFC 9293 section 3.10.7.4, but for RST,
 * which is acted on last so that its acknowledgement still counts).
 */

/* ---- SYN, ACK, RST -------------------------------------------------- */

/* The stream begins at `seq`, whatever came before. */
static void stream_begins(struct weft_conn *conn, enum weft_dir dir, uint32_t seq) {
  struct weft_engine *e = conn_engine(conn);
  struct half *half = &conn->half[dir];
  if (half->flags & HALF_STARTED && !(half->flags & HALF_FLOATING)) return;
  struct hold *hold = half->flags & HALF_FLOATING ? conn_hold(e, conn, dir) : NULL;
  int64_t start = half->flags & HALF_STARTED ? half_offset(half, seq) : 0;
  half_start(half, seq);
  if (!hold) return;
  hold->floating_since = WEFT_TIME_NONE;
  segs_trim(&hold->waiting, &e->segs, (uint64_t)start);
  segs_rebase(&hold->waiting, &e->segs, (uint64_t)start);
}

/* What waited for the beginning.  After the payload of the segment that told
   where it is, if that is of this direction: overlap policy may prefer it. */
static void stream_goes_on(struct weft_conn *conn, enum weft_dir dir) {
  struct weft_engine *e = conn_engine(conn);
  const struct hold *hold = conn_hold(e, conn, dir);
  if (conn->half[dir].flags & (HALF_FLOATING | HALF_ENDED | HALF_SYN_DATA)) return;
  if (hold && hold->waiting.count && !conn_stops(conn))
    deliver_run(e, conn, dir, NULL, hole_limit(e, conn, dir));
}

static void conn_syn(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s) {
  struct weft_engine *e = conn_engine(conn);
  struct half *half = &conn->half[dir], *back = &conn->half[!dir];
  if (half->flags & HALF_SYN) {
    conn_count(e, conn, dir, COUNT_RETRANSMITTED);
    e->stats.segments_retransmitted++;
  } else {
    stream_begins(conn, dir, s->seq + 1);
    /* Not where the stream was under way without it. */
    if (half_isn(half) == s->seq) half_syn(half, s);
  }
  if (!(s->tcp_flags & WEFT_TCP_ACK)) return;
  if (!(conn->flags & CONN_SYN_ACK)) {
    conn->flags |= CONN_SYN_ACK;
    conn_cold(conn)->syn_ack = s->mark;
  }
  /* Its acknowledgement names the other stream's beginning. */
  if (back->flags & HALF_SYN) return;
  stream_begins(conn, (enum weft_dir) !dir, s->ack);
  stream_goes_on(conn, (enum weft_dir) !dir);
}

/* Several servers behind one address may each have answered the SYN: the one
   whose number the client acknowledges is meant. */
static int another_syn_ack(const struct weft_conn *conn, enum weft_dir dir,
                           const struct weft_segment *s) {
  const struct half *half = &conn->half[dir], *back = &conn->half[!dir];
  return conn_engine(conn)->options.receiver == WEFT_RECEIVER_LENIENT && half->flags & HALF_SYN &&
         back->flags & HALF_SYN && !(back->flags & (HALF_DATA | HALF_ACKED)) &&
         s->seq == half_isn(half) + 1 && s->ack != half_isn(back) + 1 &&
         !(s->tcp_flags & WEFT_TCP_SYN);
}

static void conn_ack(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s) {
  struct weft_engine *e = conn_engine(conn);
  struct half *half = &conn->half[dir], *back = &conn->half[!dir];
  enum weft_dir other = (enum weft_dir) !dir;
  /* The SYN-ACK was not captured, and this is what acknowledges it. */
  if (half->flags & HALF_SYN && !(back->flags & (HALF_SYN | HALF_STARTED)) &&
      s->seq == half_isn(half) + 1)
    stream_begins(conn, other, s->ack);
  if (another_syn_ack(conn, dir, s)) {
    half_start(back, s->ack);
  }
  int selective = s->nsack || e->options.receiver == WEFT_RECEIVER_STRICT;
  half_acked(back, selective ? conn_rest(conn, other) : NULL, half, s);
  if (back->flags & HALF_SYN && seq32_after(s->ack, half_isn(back))) half->flags |= HALF_SYNCED;
  if (back->flags & HALF_SYN_DATA) conn_syn_data_settle(conn, other, s->ack);
  if (!(conn->flags & CONN_ESTABLISHED) && half->flags & back->flags & HALF_SYN &&
      half->flags & HALF_SYNCED && back->flags & HALF_SYNCED) {
    conn->flags |= CONN_ESTABLISHED;
    conn_cold(conn)->established = s->mark;
  }
  hole_acked(e, conn, other);
}

static void conn_reset(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s) {
  struct weft_engine *e = conn_engine(conn);
  conn->flags |= CONN_RESET;
  for (int i = 0; i < 2; i++) {
    enum weft_dir side = i ? (enum weft_dir) !dir : dir;
    struct half *half = &conn->half[side];
    /* A receiver throws away what lies beyond a hole; the lenient one might
       have had what the capture lacks. */
    struct hold *hold = conn_hold(e, conn, side);
    if (hold && hold->waiting.count && !(half->flags & (HALF_ENDED | HALF_FLOATING)))
      deliver_run(e, conn, side, NULL, UINT64_MAX);
    while (e->options.receiver == WEFT_RECEIVER_LENIENT && !(half->flags & HALF_ENDED) &&
           !conn_stops(conn) && (hold = conn_hold(e, conn, side)) != NULL && hold->waiting.count)
      hole_release(e, conn, side, WEFT_GAP_END);
    half_end(conn, side, WEFT_END_RESET, s->mark);
  }
}

/* ---- one segment ---------------------------------------------------- */

static int call_segment(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s) {
  struct weft_engine *e = conn_engine(conn);
  if (!conn_ops(e, conn)->on_segment) return 0;
  e->calling = conn;
  int returned = conn_called(conn, conn_ops(e, conn)->on_segment(conn, dir, s, conn->user));
  e->calling = NULL;
  return returned;
}

static enum weft_check_reason conn_judge(struct weft_conn *conn, enum weft_dir dir,
                                         const struct weft_segment *s) {
  struct weft_engine *e = conn_engine(conn);
  const struct half *half = &conn->half[dir], *back = &conn->half[!dir];
  const struct hold *hold = conn_hold(e, conn, dir);
  /* Another SYN than the first: engine_segment has seen whether it begins a new
     connection, and it does not (RFC 5961 section 4). */
  if (s->tcp_flags & WEFT_TCP_SYN && !(s->tcp_flags & WEFT_TCP_RST) && half->flags & HALF_SYN &&
      s->seq != half_isn(half))
    return WEFT_CHECK_STATE;
  /* Strictness needs a handshake to start from. */
  if (e->options.receiver != WEFT_RECEIVER_STRICT || !((half->flags | back->flags) & HALF_SYN)) {
    const struct half_rest *rest = conn_cold(conn)->rest;
    return receiver_judge_lenient((struct receiver_side){half, &rest[dir]},
                                  (struct receiver_side){back, &rest[!dir]}, s);
  }
  struct receiver_side to = {half, conn_rest(conn, dir)};
  struct receiver_side from = {back, conn_rest(conn, (enum weft_dir) !dir)};
  return receiver_judge_strict(to, from, s, hold && hold->waiting.count);
}

/* What an acceptable segment does, but for RST. */
static void conn_accept(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s) {
  struct weft_engine *e = conn_engine(conn);
  struct half *half = &conn->half[dir];
  half_sent(half, s);
  if (s->tcp_flags & WEFT_TCP_ACK) conn_ack(conn, dir, s);
  half_accepted(half, s);
  if (s->tcp_flags & WEFT_TCP_URG && e->options.urgent == WEFT_URGENT_OUT_OF_BAND)
    half_urgent(half, conn_rest(conn, dir), s);
  if (!(s->tcp_flags & WEFT_TCP_RST)) conn_payload(e, conn, dir, s);
}

/* What this segment says about one that was set aside in the other direction. */
static void conn_answer(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s) {
  enum weft_dir other = (enum weft_dir) !dir;
  struct doubt *doubt = doubt_settle(conn, other, s);
  if (!doubt) return;
  conn_accept(conn, other, &doubt->segment);
  doubt_free(conn_engine(conn), doubt);
}

static int segment_take(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s) {
  struct weft_engine *e = conn_engine(conn);
  struct half *half = &conn->half[dir];
  if (conn->flags & CONN_DETACHED) return WEFT_IS_DETACHED;
  if (s->checksum == WEFT_CHECKSUM_GOOD) half->flags |= HALF_CHECKSUM;
  /* A sender whose checksums were right before does not leave them to its
     network card: the receiver saw this one as we do. */
  if (e->options.checksum == WEFT_CHECKSUM_AUTO && s->checksum == WEFT_CHECKSUM_BAD &&
      half->flags & HALF_CHECKSUM)
    return WEFT_IS_BAD_CHECKSUM;
  int wish = call_segment(conn, dir, s);
  if (wish == WEFT_DROP) return WEFT_IS_REFUSED;
  if (conn->flags & (CONN_DETACH | CONN_CLOSE) || conn_is_closed(conn)) return WEFT_IS_SEGMENT;
  int floated = !!(half->flags & HALF_FLOATING);
  if (wish == WEFT_START && !(s->tcp_flags & WEFT_TCP_SYN)) stream_begins(conn, dir, s->seq);
  conn_answer(conn, dir, s);
  enum weft_check_reason reason = conn_judge(conn, dir, s);
  if (reason) {
    if (reason == RECEIVER_DOUBT)
      doubt_keep(conn, dir, s);
    else
      engine_log(e, WEFT_LOG_DEBUG, conn, "segment from the %s refused: %s", dir_name(dir),
                 weft_check_reason_name((int)reason));
    hole_check(e, conn);
    return WEFT_IS_REFUSED;
  }
  int reset = s->tcp_flags & WEFT_TCP_RST;
  if (s->tcp_flags & WEFT_TCP_SYN && !reset) conn_syn(conn, dir, s);
  conn_accept(conn, dir, s);
  if (wish == WEFT_START && half->flags & HALF_SYN_DATA)
    conn_syn_data_settle(conn, dir, half->sent);
  if (floated) stream_goes_on(conn, dir);
  if (reset) conn_reset(conn, dir, s);
  hole_check(e, conn);
  return WEFT_IS_SEGMENT;
}

int conn_segment(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s) {
  conn->half[dir].segments++;
  int verdict = segment_take(conn, dir, s);
  conn_mark(conn_engine(conn), conn, dir, s->mark.frame);
  return verdict;
}
