/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_CHECK_H
#define WEFT_CHECK_H

#include <weft/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Ready-made judgements for on_segment: would the receiver's own stack have
 * taken this segment?  Each is a small value that the caller embeds, one for
 * each connection, zero-filled to start, and a function that answers 0 or
 * WEFT_DROP, to be returned from on_segment as it is, and says why.
 *
 *     struct mine { struct weft_check_state state; struct weft_check_options options; };
 *
 *     static int on_segment(struct weft_conn *conn, enum weft_dir dir,
 *                           const struct weft_segment *segment, void *user) {
 *       struct weft_conn_info info = {.size = sizeof info};
 *       struct mine *mine = user;
 *       int wish = weft_check_state(&mine->state, dir, segment, NULL);
 *       if (wish) return wish;
 *       weft_conn_inspect(conn, &info);
 *       return weft_check_options(&mine->options, dir, segment, info.started[dir],
 *                                 info.next_seq[dir], NULL);
 *     }
 *
 * They are simple on purpose: they look at flags and options alone, and at what
 * they have seen so far.  What a whole receiver does, with its window, its
 * timestamps and its resets, is WEFT_RECEIVER_STRICT (stream.h).
 *
 * Both are pure but for the value they are given: no allocation, any thread,
 * from inside callbacks and outside.  They cannot fail.  `ret` may be NULL;
 * otherwise it is always written, WEFT_CHECK_OK with 0.
 */
enum weft_check_reason {
  WEFT_CHECK_OK = 0,
  WEFT_CHECK_STATE,      /* not a segment this connection state allows */
  WEFT_CHECK_WINDOW,     /* outside the receive window the peer offered */
  WEFT_CHECK_MSS,        /* longer than the peer's maximum segment size */
  WEFT_CHECK_RETRANSMIT, /* nothing in it is new */
  WEFT_CHECK_CHECKSUM,
  WEFT_CHECK_TIMESTAMP, /* older than the last one taken (RFC 7323 section 5) */
  WEFT_CHECK_RESET,     /* a reset the receiver would have challenged (RFC 5961 section 3.2) */
  WEFT_CHECK_ACK,       /* acknowledges what was never sent, or long ago (RFC 5961 section 5) */
  WEFT_CHECK_MD5,       /* signed, and nobody asked for it (RFC 2385) */
  WEFT_CHECK_COUNT
};

/* "state", "window", ...: static, never NULL. */
WEFT_API const char *weft_check_reason_name(int reason);

/* How far a connection has come, as weft_check_state sees it. */
enum weft_check_phase {
  WEFT_PHASE_CLOSED = 0,  /* nothing yet, or all of it over */
  WEFT_PHASE_OPENING,     /* SYN */
  WEFT_PHASE_ESTABLISHED, /* ... and SYN-ACK */
  WEFT_PHASE_CLOSING,     /* one side has sent FIN */
  WEFT_PHASE_LAST_ACK,    /* both have */
  WEFT_PHASE_RESET,
  WEFT_PHASE_COUNT
};

/* "closed", "opening", ...: static, never NULL. */
WEFT_API const char *weft_check_phase_name(uint32_t phase);

/*
 * Opening and closing handshakes, from flags alone (RFC 9293 section 3.3.2, the
 * two ends' states taken together):
 *
 *     CLOSED       SYN                                -> OPENING
 *     OPENING      SYN-ACK from the other side        -> ESTABLISHED
 *                  SYN again, from the same side
 *     ESTABLISHED  FIN                                -> CLOSING
 *                  anything
 *     CLOSING      FIN with ACK from the other side   -> LAST_ACK
 *                  anything with ACK
 *     LAST_ACK     ACK from the side that closed first -> CLOSED
 *     RESET        nothing; a new connection has a new state
 *
 * RST leads from each of these but CLOSED to RESET.  All else is dropped with
 * WEFT_CHECK_STATE and changes nothing.  Sequence numbers are not looked at,
 * and simultaneous opens (RFC 9293 section 3.5) are not foreseen: the second
 * SYN is dropped, the SYN-ACK that follows it is not.
 *
 * `midstream`: a connection that is CLOSED and meets another segment than SYN is
 * put where that segment can be judged: into OPENING by SYN-ACK, into CLOSING
 * by FIN with ACK, either as if the other side had begun it, else into
 * ESTABLISHED.
 */
struct weft_check_state {
  uint8_t phase;          /* enum weft_check_phase */
  uint8_t opener, closer; /* enum weft_dir: who sent SYN, who the first FIN */
  uint8_t midstream;      /* set to 1: connections whose opening was not seen are fine */
};
WEFT_API int weft_check_state(struct weft_check_state *, enum weft_dir, const struct weft_segment *,
                              enum weft_check_reason *ret);

/*
 * Segment size, window and retransmission, from the options that both sides
 * sent with SYN and from the windows they offered since.  `next_seq` is
 * weft_conn_info::next_seq of the segment's direction, `started` whether it
 * means something: while it does not, and for SYN, nothing is dropped.  With d
 * how far the segment begins beyond next_seq, in this order:
 *
 *     d = -1, at most one byte   fine: a keep-alive (RFC 9293 section 3.8.4)
 *     d < 0, ends by next_seq    WEFT_CHECK_RETRANSMIT, without payload as well
 *     longer than the receiver's MSS    WEFT_CHECK_MSS
 *     d > the receiver's window, where that is not zero and its SYN offered no
 *       window scale             WEFT_CHECK_WINDOW
 *
 * A segment with bytes before next_seq and beyond it is no retransmission.  A
 * capture taken where segments are split by the network card (TSO), or joined
 * by it (GRO), has segments that are longer than any MSS: do not use this there.
 * Without its SYN a receiver counts as one that offered neither MSS nor scale.
 * Options of a wrong length are as if absent, as in Linux.
 *
 * What is dropped changes nothing; what is not tells the window its sender
 * offers.
 */
struct weft_check_options {
  uint32_t mss[2], window[2];  /* of what each side takes; 0: not known, not to be checked */
  uint8_t shift[2], scales[2]; /* window scale, and whether it was offered */
};
WEFT_API int weft_check_options(struct weft_check_options *, enum weft_dir,
                                const struct weft_segment *, int started, uint32_t next_seq,
                                enum weft_check_reason *ret);

#ifdef __cplusplus
}
#endif

#endif
