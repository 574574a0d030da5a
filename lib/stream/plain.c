/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream/steady.h"

#include "reasm/receiver.h"

/*
 * Nearly every segment of a healthy connection moves edges and nothing else: it
 * is in order, acknowledges what was seen, and nothing waits in either
 * direction.  All that segment.c would find out about it is found out here by
 * a few comparisons (Van Jacobson's header prediction).  What begins a connection
 * or ends a direction as it should is no less usual, where connections are short.
 * What is out of order, or comes while something waits, but is otherwise the same
 * needs no more of segment.c than its payload.  Whatever is not quite so goes the long way,
 * and what is must come out as if it had.
 */

/* What the short way asks of a segment.  It has an ACK, and no other flags than these; no options
   but a timestamp; it is whole. */
struct plain {
  const uint8_t *payload;
  uint32_t length, seq, ack;
  uint32_t ts_value;
  uint8_t timestamp, fin, stable, checksum_good;
};

/* A segment's two directions: the one it came in, and the other one.  Their flags are copies,
   which `directions_end` writes back, so that what is found out about them stays in registers. */
struct directions {
  struct half *half, *back;
  uint32_t own, other;
};

static inline struct directions directions_of(struct weft_conn *conn, enum weft_dir dir) {
  struct half *half = &conn->half[dir], *back = &conn->half[1 - dir];
  return (struct directions){half, back, half->flags, back->flags};
}

static inline void directions_end(const struct directions *d) {
  d->half->flags = d->own;
  d->back->flags = d->other;
}

/* A handshake that was begun has been completed, or is by this. */
static inline int is_synced(const struct directions *d, const struct plain *p) {
  if (d->own & HALF_SYNCED || !((d->own | d->other) & HALF_SYN)) return 1;
  return d->own & d->other & HALF_SYN && p->ack == d->back->seq;
}

static inline int acks_what_was_seen(const struct directions *d, const struct plain *p) {
  uint32_t seen = d->back->seq, acked = d->other & HALF_ACKED ? d->back->acked : seen;
  return (seq32_distance(acked, p->ack) | seq32_distance(p->ack, seen)) >= 0;
}

/* RFC 7323 section 5.3. */
static inline int timestamp_is_old(const struct directions *d, const struct plain *p) {
  return p->timestamp && d->own & HALF_TIMESTAMP &&
         seq32_distance(d->half->ts_recent, p->ts_value) < 0;
}

/* The other direction is under way as well, and the segment is not old. */
static inline int is_timely(const struct directions *d, const struct plain *p) {
  return (d->other & (HALF_STARTED | HALF_FLOATING | HALF_SYN_DATA)) == HALF_STARTED &&
         is_synced(d, p) && !timestamp_is_old(d, p);
}

static inline int is_plain(const struct directions *d, const struct plain *p) {
  /* A direction that has ended may still acknowledge. */
  uint32_t special = HALF_SPECIAL;
  if (d->own & d->other & HALF_ENDED) return 0;
  if (!(p->length | p->fin)) special &= ~(uint32_t)(HALF_FIN | HALF_ENDED);
  return (d->own & special) == HALF_STARTED && is_timely(d, p) && acks_what_was_seen(d, p);
}

/* As half_sent. */
static inline void take_sent(struct directions *d, const struct plain *p) {
  uint32_t end = p->seq + p->length + p->fin;
  d->half->sent = d->own & HALF_SENT ? seq32_max(d->half->sent, end) : end;
  d->own |= HALF_SENT;
  if (p->checksum_good) d->own |= HALF_CHECKSUM;
}

/* As half_acked, but for the window, which only a strict receiver looks at. */
static inline void take_ack(struct weft_conn *conn, struct directions *d, const struct plain *p,
                            const struct weft_mark *mark) {
  d->other |= HALF_ACKED;
  d->back->acked = p->ack;
  if (conn->flags & CONN_ESTABLISHED || !(d->own & d->other & HALF_SYN)) return;
  d->own |= HALF_SYNCED;
  if (!(d->other & HALF_SYNCED)) return;
  conn->flags |= CONN_ESTABLISHED;
  conn_cold(conn)->established = *mark;
}

/* As half_accepted. */
static inline void take_timestamp(const struct directions *d, const struct plain *p) {
  if (!p->timestamp || !(d->own & HALF_TIMESTAMP)) return;
  if (!seq32_after(p->seq, d->own & HALF_ACKED ? d->half->acked : d->half->seq))
    d->half->ts_recent = p->ts_value;
}

static void take_fin(struct weft_conn *conn, enum weft_dir dir, const struct weft_mark *mark) {
  struct half *half = &conn->half[dir];
  if (conn_stops(conn)) return;
  half_advance(half, half->next + 1);
  half->flags |= HALF_FIN;
  half_end(conn, dir, WEFT_END_FIN, *mark);
}

/* In those below: what a segment says then need not go through memory. */
static inline int take(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                       const struct plain *p, const struct weft_mark *mark) {
  struct directions d = directions_of(conn, dir);
  if (p->seq != d.half->seq || conn->flags & ~(unsigned)CONN_PLAIN || !is_plain(&d, p)) return 0;
  d.half->segments++;
  take_sent(&d, p);
  take_ack(conn, &d, p, mark);
  take_timestamp(&d, p);
  directions_end(&d);
  if (p->length) deliver_plain(e, conn, dir, p->payload, p->length, p->stable);
  if (p->fin) take_fin(conn, dir, mark);
  half_mark(d.half, e->now, mark->frame);
  if (p->fin || conn_stops(conn)) conn_settle(conn);
  return 1;
}

/* ---- out of order ---------------------------------------------------- */

/* Something that has not been seen, which the capture may lack. */
static inline int acks_more(const struct directions *d, const struct plain *p) {
  return d->other & HALF_ACKED && d->own & (HALF_SYN | HALF_DATA) &&
         seq32_after(p->ack, d->back->seq) && !seq32_before(p->ack, d->back->acked);
}

/* All that is said above, but not in order, or while something waits, or as if more had been
   seen. */
static inline int is_acceptable(const struct weft_engine *e, const struct weft_conn *conn,
                                const struct directions *d, const struct plain *p) {
  if (conn->flags & ~(unsigned)(CONN_PLAIN | CONN_WAITS) || (d->own & HALF_SPECIAL) != HALF_STARTED)
    return 0;
  if (conn->flags & CONN_WAITS && conn_rare(e, conn)->syn) return 0;
  return receiver_in_reach(d->half, p->seq) && is_timely(d, p) &&
         (acks_what_was_seen(d, p) || acks_more(d, p));
}

static struct plain plain_of(const struct weft_segment *s) {
  return (struct plain){.payload = s->payload,
                        .length = s->wirelen,
                        .seq = s->seq,
                        .ack = s->ack,
                        .ts_value = s->ts_value,
                        .timestamp = !!s->options,
                        .fin = !!(s->tcp_flags & WEFT_TCP_FIN),
                        .stable = !!(s->frame_flags & WEFT_FRAME_STABLE),
                        .checksum_good = s->checksum == WEFT_CHECKSUM_GOOD};
}

/* What segment.c does with such a segment; 0: it is not one. */
static int take_unordered(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                          const struct weft_segment *s) {
  struct directions d = directions_of(conn, dir);
  struct plain p = plain_of(s);
  if (!is_acceptable(e, conn, &d, &p)) return 0;
  d.half->segments++;
  take_sent(&d, &p);
  take_ack(conn, &d, &p, &s->mark);
  take_timestamp(&d, &p);
  directions_end(&d);
  if (seq32_after(p.ack, d.back->seq)) hole_acked(e, conn, (enum weft_dir)(1 - dir));
  conn_payload(e, conn, dir, s);
  hole_check(e, conn);
  half_mark(d.half, e->now, s->mark.frame);
  conn_settle(conn);
  return 1;
}

/* Apart, so that what is in order need not pass its door. */
static __attribute__((noinline)) int take_unordered_frame(struct weft_engine *e,
                                                          struct weft_conn *conn, enum weft_dir dir,
                                                          const struct weft_frame *frame) {
  struct weft_segment s; /* but for the tuple, which nobody looks at any more */
  plain_segment(frame, &s);
  return take_unordered(e, conn, dir, &s);
}

/* ---- handshakes ------------------------------------------------------ */

/* What a SYN leaves behind. */
#define HALF_OFFERS (HALF_TIMESTAMP | HALF_SACK | HALF_WSCALE)
#define HALF_SYN_SENT (HALF_SYN | HALF_STARTED | HALF_SENT)

/* A SYN that opens a connection, or the one that answers it, neither with data: nothing else
   has been seen of them, and nobody has wished anything. */
static inline int is_plain_syn(const struct weft_conn *conn, const struct half *half,
                               const struct half *back, const struct weft_segment *s) {
  const unsigned congestion = WEFT_TCP_ECE | WEFT_TCP_CWR;
  unsigned flags = s->tcp_flags & ~congestion;
  if (conn->flags || conn->rare != SLAB_NONE || half->flags || s->wirelen || s->nsack ||
      s->checksum == WEFT_CHECKSUM_BAD)
    return 0;
  if (flags == WEFT_TCP_SYN) return !back->flags;
  return flags == (WEFT_TCP_SYN | WEFT_TCP_ACK) && s->ack == back->seq &&
         (back->flags & HALF_FLAGS & ~(unsigned)(HALF_OFFERS | HALF_CHECKSUM)) == HALF_SYN_SENT;
}

static inline int take_syn(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                           const struct weft_segment *s) {
  struct half *half = &conn->half[dir], *back = &conn->half[!dir];
  if (!is_plain_syn(conn, half, back, s)) return 0;
  half->segments++;
  half_start(half, s->seq + 1);
  half_syn(half, s);
  half->sent = half->seq;
  half->flags |= HALF_SENT;
  if (s->checksum == WEFT_CHECKSUM_GOOD) half->flags |= HALF_CHECKSUM;
  half_mark(half, e->now, s->mark.frame);
  if (!(s->tcp_flags & WEFT_TCP_ACK)) return 1;
  conn->flags |= CONN_SYN_ACK;
  conn_cold(conn)->syn_ack = s->mark;
  half->flags |= HALF_SYNCED;
  back->flags |= HALF_ACKED;
  back->acked = s->ack;
  return 1;
}

int conn_plain_syn(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                   const struct weft_segment *s) {
  return take_syn(e, conn, dir, s);
}

/* What is asked above of a SYN without payload. */
static inline struct weft_segment syn_of(const struct weft_frame *frame) {
  const uint8_t *tcp = plain_tcp(frame);
  struct weft_segment options;
  plain_options(frame, plain_header(frame), &options);
  return (struct weft_segment){.mark = frame->mark,
                               .seq = load_be32(tcp + 4),
                               .ack = load_be32(tcp + 8),
                               .tcp_flags = tcp[13],
                               .window_shift = options.window_shift,
                               .nsack = options.nsack,
                               .options = options.options,
                               .ts_value = options.ts_value};
}

/* The long way, for one that is not so; `opened`: the connection that it has just opened. */
static __attribute__((noinline)) int take_syn_long(struct weft_engine *e,
                                                   const struct weft_frame *frame, uint32_t hash,
                                                   struct weft_conn *opened) {
  struct weft_segment s;
  plain_segment(frame, &s);
  plain_tuple(frame, &s.tuple);
  if (!opened) return engine_segment(e, &s, hash, FLOWS_NONE);
  int verdict = conn_segment(opened, WEFT_FROM_CLIENT, &s);
  conn_settle(opened);
  return verdict;
}

int engine_plain_syn(struct weft_engine *e, const struct weft_frame *frame,
                     const struct flow4 *flow, uint32_t hash, struct weft_conn *conn) {
  struct weft_segment s = syn_of(frame);
  uint32_t index = FLOWS_NONE;
  if (!conn) index = flows_seek(&e->flows, hash); /* it may have been opened since */
  if (index != FLOWS_NONE) conn = conn_at(e, index);
  if (conn) {
    enum flows_match match = flow4_match(&conn->key, flow);
    if (match != FLOWS_OTHER && take_syn(e, conn, (enum weft_dir)(match - FLOWS_ALONG), &s))
      return WEFT_IS_SEGMENT;
    return take_syn_long(e, frame, hash, NULL);
  }
  if (s.tcp_flags & WEFT_TCP_ACK) return take_syn_long(e, frame, hash, NULL);
  if (e->flows.slab.used >= e->options.conns_max) conn_evict(e);
  index = flows_add4(&e->flows, flow, hash);
  conn = conn_begin(e, index, frame->mark, WEFT_FROM_CLIENT, WEFT_GUESS_NONE);
  if (!conn) return WEFT_IS_STRAY;
  if (take_syn(e, conn, WEFT_FROM_CLIENT, &s)) return WEFT_IS_SEGMENT;
  return take_syn_long(e, frame, hash, conn);
}

/* ---- all others ------------------------------------------------------ */

int conn_plain(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
               const struct weft_segment *s) {
  if ((s->tcp_flags & ~(unsigned)(WEFT_TCP_PSH | WEFT_TCP_FIN)) != WEFT_TCP_ACK ||
      s->caplen != s->wirelen || s->nsack || s->checksum == WEFT_CHECKSUM_BAD ||
      s->options & ~(unsigned)WEFT_TCPOPT_TIMESTAMP)
    return 0;
  struct plain p = plain_of(s);
  return take(e, conn, dir, &p, &s->mark) || take_unordered(e, conn, dir, s);
}

/* Any that is ordinary. */
static __attribute__((noinline)) int take_frame(struct weft_engine *e, struct weft_conn *conn,
                                                enum weft_dir dir, const struct weft_frame *frame,
                                                uint32_t header, uint32_t length) {
  const uint8_t *tcp = plain_tcp(frame);
  struct plain p = {.payload = tcp + header,
                    .length = length,
                    .seq = load_be32(tcp + 4),
                    .ack = load_be32(tcp + 8),
                    .timestamp = header != PLAIN_TCP,
                    .fin = tcp[13] & WEFT_TCP_FIN,
                    .stable = !!(frame->flags & WEFT_FRAME_STABLE)};
  if (p.timestamp) p.ts_value = load_be32(tcp + PLAIN_TCP + 4);
  return take(e, conn, dir, &p, &frame->mark) || take_unordered_frame(e, conn, dir, frame);
}

/* One that ends a direction, mostly. */
static __attribute__((noinline)) int take_last(struct weft_engine *e, struct weft_conn *conn,
                                               enum weft_dir dir, const struct weft_frame *frame,
                                               uint32_t header, uint32_t length) {
  const uint8_t *tcp = plain_tcp(frame);
  if (!steady_edges(conn, dir, tcp, header, length, WEFT_TCP_FIN))
    return take_frame(e, conn, dir, frame, header, length);
  if (length) deliver_plain(e, conn, dir, tcp + header, length, frame->flags & WEFT_FRAME_STABLE);
  take_fin(conn, dir, &frame->mark);
  half_mark(&conn->half[dir], e->now, frame->mark.frame);
  conn_settle(conn);
  return 1;
}

/* The one that completes a handshake, and does nothing else. */
static __attribute__((noinline)) int take_third(struct weft_engine *e, struct weft_conn *conn,
                                                enum weft_dir dir, const struct weft_frame *frame,
                                                uint32_t header) {
  const uint8_t *tcp = plain_tcp(frame);
  struct half *half = &conn->half[dir], *back = &conn->half[1 - dir];
  const uint32_t begun = HALF_STARTED | HALF_SENT | HALF_SYN,
                 both = begun | HALF_SYNCED | HALF_ACKED;
  if ((half->flags & (HALF_SPECIAL | both)) != (begun | HALF_ACKED) ||
      (back->flags & (HALF_FLOATING | HALF_SYN_DATA | both)) != (begun | HALF_SYNCED) ||
      load_be32(tcp + 4) != half->seq || load_be32(tcp + 8) != back->seq ||
      tcp[13] & WEFT_TCP_FIN || !edges_move(half, back, tcp, header, 0, 0))
    return take_frame(e, conn, dir, frame, header, 0);
  half->flags |= HALF_SYNCED;
  back->flags |= HALF_ACKED;
  conn->flags |= CONN_ESTABLISHED;
  conn_cold(conn)->established = frame->mark;
  half_mark(half, e->now, frame->mark.frame);
  return 1;
}

/* Both directions have ended, and that has been dealt with: nothing more is asked of a segment. */
static inline int is_over(const struct weft_conn *conn) {
  uint32_t one = conn->half[0].flags, other = conn->half[1].flags;
  return (conn->flags & (CONN_LINGERS | ~(unsigned)CONN_PLAIN)) == CONN_LINGERS &&
         one & other & HALF_ENDED && !((one | other) & HALF_DISCARD);
}

int conn_plain_frame(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                     const struct weft_frame *frame, uint32_t header, uint32_t length) {
  if (is_over(conn)) {
    conn->half[dir].segments++;
    conn_mark(e, conn, dir, frame->mark.frame);
    return 1;
  }
  if (conn->flags & CONN_WAITS) return take_unordered_frame(e, conn, dir, frame);
  if (conn->flags == CONN_SYN_ACK && !length) return take_third(e, conn, dir, frame, header);
  if (plain_tcp(frame)[13] & WEFT_TCP_FIN) return take_last(e, conn, dir, frame, header, length);
  return take_frame(e, conn, dir, frame, header, length);
}
