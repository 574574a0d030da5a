/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/plain.h"
#include "stream/engine.h"

/*
 * Nearly every segment of a healthy connection moves edges and nothing else: it
 * is in order, acknowledges what was seen, and nothing waits in either
 * direction.  All that segment.c would find out about it is found out here by
 * a few comparisons (Van Jacobson's header prediction); whatever is not quite
 * so goes the long way.  What ends a handshake or a direction as it should is
 * no less usual, where connections are short.
 */

/* Set or clear, these make a direction special. */
#define HALF_SPECIAL \
  (HALF_STARTED | HALF_FLOATING | HALF_URGENT | HALF_FIN | HALF_ENDED | HALF_DISCARD | \
   HALF_SYN_DATA)

/* These say nothing about how a segment is to be taken. */
#define CONN_PLAIN (CONN_GUESSED | CONN_ESTABLISHED | CONN_QUIET | CONN_SYN_ACK | CONN_LINGERS)

static inline int acks_what_was_seen(const struct half *back, const struct weft_segment *s) {
  if (!(back->flags & HALF_ACKED)) return s->ack == back->seq;
  return !seq32_before(s->ack, back->acked) && !seq32_after(s->ack, back->seq);
}

/* A handshake that was begun has been completed, or is by this. */
static inline int is_synced(const struct half *half, const struct half *back,
                            const struct weft_segment *s) {
  if (half->flags & HALF_SYNCED || !((half->flags | back->flags) & HALF_SYN)) return 1;
  return half->flags & back->flags & HALF_SYN && s->ack == back->seq;
}

/* No option but a timestamp that is not old (RFC 7323 section 5.3). */
static inline int options_are_usual(const struct half *half, const struct weft_segment *s) {
  if (s->options & ~(unsigned)WEFT_TCPOPT_TIMESTAMP) return 0;
  return !(half->flags & HALF_TIMESTAMP) || !s->options ||
         seq32_distance(half->ts_recent, s->ts_value) >= 0;
}

static inline int is_plain(const struct weft_engine *e, const struct weft_conn *conn,
                           enum weft_dir dir, const struct weft_segment *s) {
  const struct half *half = &conn->half[dir], *back = &conn->half[!dir];
  if ((s->tcp_flags & ~(unsigned)(WEFT_TCP_PSH | WEFT_TCP_FIN)) != WEFT_TCP_ACK ||
      s->seq != half->seq || s->caplen != s->wirelen || s->nsack ||
      s->checksum == WEFT_CHECKSUM_BAD)
    return 0;
  if (conn->flags & ~(unsigned)CONN_PLAIN ||
      (conn->rare != SLAB_NONE && !(conn->flags & CONN_QUIET)))
    return 0;
  /* A direction that has ended may still acknowledge. */
  int silent = !s->wirelen && !(s->tcp_flags & WEFT_TCP_FIN);
  uint32_t special = half->flags & HALF_SPECIAL;
  if (silent) special &= ~(uint32_t)(HALF_FIN | HALF_ENDED);
  return special == HALF_STARTED &&
         (back->flags & (HALF_STARTED | HALF_FLOATING | HALF_SYN_DATA)) == HALF_STARTED &&
         is_synced(half, back, s) && acks_what_was_seen(back, s) && options_are_usual(half, s) &&
         !e->ops[conn->ops]->on_segment;
}

/* The acknowledgement may be the one that ends a handshake. */
static inline void take_ack(struct weft_conn *conn, enum weft_dir dir,
                            const struct weft_segment *s) {
  struct half *half = &conn->half[dir], *back = &conn->half[!dir];
  half_acked(back, NULL, half, s);
  if (conn->flags & CONN_ESTABLISHED || !(half->flags & back->flags & HALF_SYN)) return;
  half->flags |= HALF_SYNCED;
  if (!(back->flags & HALF_SYNCED)) return;
  conn->flags |= CONN_ESTABLISHED;
  conn_cold(conn)->established = s->mark;
}

static void take_fin(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s) {
  struct half *half = &conn->half[dir];
  if (conn_stops(conn)) return;
  half_advance(half, half->next + 1);
  half->flags |= HALF_FIN;
  half_end(conn, dir, WEFT_END_FIN, s->mark);
}

/* In both of those below: what a frame says then need not go through memory. */
static inline int take(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                       const struct weft_segment *s) {
  struct half *half = &conn->half[dir];
  if (!is_plain(e, conn, dir, s)) return 0;
  half->segments++;
  if (!conn_is_closed(conn)) {
    if (s->checksum == WEFT_CHECKSUM_GOOD) half->flags |= HALF_CHECKSUM;
    half_sent(half, s);
    take_ack(conn, dir, s);
    half_accepted(half, s);
    if (s->wirelen) {
      half->flags |= HALF_DATA;
      deliver_plain(e, conn, dir, s);
    }
    if (s->tcp_flags & WEFT_TCP_FIN) take_fin(conn, dir, s);
  }
  half_mark(half, e->now, s->mark.frame);
  if (conn_stops(conn) || s->tcp_flags & WEFT_TCP_FIN) conn_settle(conn);
  return 1;
}

int conn_plain(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
               const struct weft_segment *s) {
  return take(e, conn, dir, s);
}

int conn_plain_frame(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                     const struct weft_frame *frame) {
  struct weft_segment s;
  plain_segment(frame, &s);
  return take(e, conn, dir, &s);
}
