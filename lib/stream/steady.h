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

/* Takes a frame that plain_look calls ordinary; `header` is the length of the TCP header,
   `length` that of the payload.  0: it is not so, and nothing has happened. */
static inline int take_steady(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                              const struct weft_frame *frame, uint32_t header, uint32_t length) {
  const uint8_t *tcp = plain_tcp(frame);
  struct half *half = &conn->half[dir], *back = &conn->half[1 - dir];
  uint32_t seq = load_be32(tcp + 4), ack = load_be32(tcp + 8);
  if (seq != half->seq || conn->flags & ~(unsigned)CONN_PLAIN || tcp[13] & WEFT_TCP_FIN ||
      !is_steady(half, back) || seq32_before(ack, back->acked) || seq32_after(ack, back->seq))
    return 0;
  if (header != PLAIN_TCP && half->flags & HALF_TIMESTAMP) {
    uint32_t value = load_be32(tcp + PLAIN_TCP + 4);
    if (seq32_before(value, half->ts_recent)) return 0; /* RFC 7323 section 5.3 */
    half->ts_recent = seq32_after(seq, half->acked) ? half->ts_recent : value; /* half_accepted */
  }
  half->segments++;
  half->sent = seq32_max(half->sent, seq + length);
  back->acked = ack;
  if (length) {
    deliver_plain(e, conn, dir, tcp + header, length, frame->flags & WEFT_FRAME_STABLE);
    if (conn_stops(conn)) conn_settle(conn);
  }
  half_mark(half, e->now, frame->mark.frame);
  return 1;
}

#endif
