/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_STREAM_STEADY_H
#define WEFT_STREAM_STEADY_H

#include "stream/engine.h"
#include "wire/plain.h"

/*
 * The short way of plain.c once more, for most segments of all but the shortest connections:
 * after the first few there is no flag left to be set, and what remains to be done takes fewer
 * instructions than calling a function to do it.
 */

/* Set or clear, these make a direction special. */
#define HALF_SPECIAL \
  (HALF_STARTED | HALF_FLOATING | HALF_URGENT | HALF_FIN | HALF_ENDED | HALF_DISCARD | \
   HALF_SYN_DATA)

/* These say nothing about how a segment is to be taken. */
#define CONN_PLAIN \
  (CONN_GUESSED | CONN_ESTABLISHED | CONN_SYN_ACK | CONN_LINGERS | CONN_QUEUED | CONN_PATIENT)

/* The receiver of `half`'s segments has completed its handshake, as its sender has, and each has
   acknowledged something. */
static inline int is_steady(const struct half *half, const struct half *back) {
  const uint32_t set = HALF_STARTED | HALF_SENT | HALF_ACKED | HALF_SYNCED;
  return (half->flags & (HALF_SPECIAL | set)) == set &&
         (back->flags & (HALF_FLOATING | HALF_SYN_DATA | set)) == set;
}

/* Moves the edges by a segment whose numbers were found to be right; `length` is that of its
   payload, `fin` 1 where it has one.  0: its timestamp is old, and nothing has happened. */
static inline int edges_move(struct half *half, struct half *back, const uint8_t *tcp,
                             uint32_t header, uint32_t length, uint32_t fin) {
  uint32_t seq = load_be32(tcp + 4);
  if (header != PLAIN_TCP && half->flags & HALF_TIMESTAMP) {
    uint32_t value = load_be32(tcp + PLAIN_TCP + 4);
    if (seq32_before(value, half->ts_recent)) return 0; /* RFC 7323 section 5.3 */
    half->ts_recent = seq32_after(seq, half->acked) ? half->ts_recent : value; /* half_accepted */
  }
  half->segments++;
  half->sent = seq32_max(half->sent, seq + length + fin);
  back->acked = load_be32(tcp + 8);
  return 1;
}

/* The same by a frame that plain_look calls ordinary, if it is a steady connection's; `fin` is
   how its flags must have it. */
static inline int steady_edges(struct weft_conn *conn, enum weft_dir dir, const uint8_t *tcp,
                               uint32_t header, uint32_t length, uint32_t fin) {
  struct half *half = &conn->half[dir], *back = &conn->half[1 - dir];
  uint32_t ack = load_be32(tcp + 8);
  __asm__("" : "+r"(half), "+r"(back)); /* or GCC works them out anew at each use */
  return load_be32(tcp + 4) == half->seq && !(conn->flags & ~(unsigned)CONN_PLAIN) &&
         (tcp[13] & WEFT_TCP_FIN) == fin && is_steady(half, back) &&
         !seq32_before(ack, back->acked) && !seq32_after(ack, back->seq) &&
         edges_move(half, back, tcp, header, length, fin);
}

/* Takes such a frame, if it has no FIN.  `header` is the length of the TCP header, `length` that
   of the payload. */
static inline int take_steady(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                              const struct weft_frame *frame, uint32_t header, uint32_t length) {
  const uint8_t *tcp = plain_tcp(frame);
  if (!steady_edges(conn, dir, tcp, header, length, 0)) return 0;
  if (length) deliver_plain(e, conn, dir, tcp + header, length, frame->flags & WEFT_FRAME_STABLE);
  half_mark(&conn->half[dir], e->now, frame->mark.frame);
  /* Last: it may be gone then. */
  if (length && conn_stops(conn)) conn_settle(conn);
  return 1;
}

#endif
