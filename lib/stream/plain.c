/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream/engine.h"

/*
 * Nearly every segment of a healthy connection moves edges and nothing else: it
 * is in order, acknowledges what was seen, and nothing waits in either
 * direction.  All that segment.c would find out about it is found out here by
 * a few comparisons (Van Jacobson's header prediction); whatever is not quite
 * so goes the long way.
 */

/* Set or clear, these make a direction special. */
#define HALF_SPECIAL \
  (HALF_STARTED | HALF_FLOATING | HALF_URGENT | HALF_FIN | HALF_ENDED | HALF_DISCARD | \
   HALF_SYN_DATA)

static int acks_what_was_seen(const struct half *back, const struct weft_segment *s) {
  return back->flags & HALF_ACKED && !seq32_before(s->ack, back->acked) &&
         !seq32_after(s->ack, back->seq);
}

/* A handshake that was begun must have been completed. */
static int is_synced(const struct half *half, const struct half *back) {
  return half->flags & HALF_SYNCED || !((half->flags | back->flags) & HALF_SYN);
}

/* No option but a timestamp that is not old (RFC 7323 section 5.3). */
static int options_are_usual(const struct half *half, const struct weft_segment *s) {
  if (s->options & ~(unsigned)WEFT_TCPOPT_TIMESTAMP) return 0;
  return !(half->flags & HALF_TIMESTAMP) || !s->options ||
         seq32_distance(half->ts_recent, s->ts_value) >= 0;
}

int conn_plain(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
               const struct weft_segment *s) {
  struct half *half = &conn->half[dir], *back = &conn->half[!dir];
  if ((s->tcp_flags & ~(unsigned)WEFT_TCP_PSH) != WEFT_TCP_ACK || s->seq != half->seq ||
      s->caplen != s->wirelen || s->nsack || s->checksum == WEFT_CHECKSUM_BAD)
    return 0;
  if (conn->flags & ~(unsigned)(CONN_GUESSED | CONN_ESTABLISHED | CONN_QUIET) ||
      (conn->rare != SLAB_NONE && !(conn->flags & CONN_QUIET)))
    return 0;
  if ((half->flags & HALF_SPECIAL) != HALF_STARTED ||
      (back->flags & (HALF_STARTED | HALF_FLOATING | HALF_SYN_DATA)) != HALF_STARTED)
    return 0;
  if (!is_synced(half, back) || !acks_what_was_seen(back, s) || !options_are_usual(half, s) ||
      e->ops[conn->ops]->on_segment)
    return 0;

  half->segments++;
  if (s->checksum == WEFT_CHECKSUM_GOOD) half->flags |= HALF_CHECKSUM;
  half_sent(half, s);
  half_acked(back, half, s);
  half_accepted(half, s, 0);
  if (s->wirelen) {
    half->flags |= HALF_DATA;
    deliver_plain(e, conn, dir, s);
  }
  half->last = (struct weft_mark){e->now, s->mark.frame};
  if (conn_stops(conn)) conn_settle(conn);
  return 1;
}
