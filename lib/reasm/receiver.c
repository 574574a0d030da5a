/* SPDX-License-Identifier: BSD-2-Clause */
#include "reasm/receiver.h"

/* Among the reasons, for judge_ack alone: an acknowledgement from long ago. */
#define RECEIVER_OLD_ACK (WEFT_CHECK_COUNT + 1)

/* RFC 5961 section 3.2, with two Linux extras: the highest right edge that was
   selectively acknowledged, and, after the FIN, one number less. */
static int reset_is_exact(struct receiver_side side, const struct half *back,
                          const struct weft_segment *s) {
  const struct half *to = side.half;
  if (s->seq == to->seq) return 1;
  if (to->flags & HALF_SACK && back->flags & HALF_SACK && to->flags & HALF_SACKED &&
      seq32_after(side.rest->sacked, to->seq) && s->seq == side.rest->sacked)
    return 1;
  return to->flags & HALF_FIN && s->seq == to->seq - 1;
}

/* RFC 9293 section 3.10.7.3 and 3.10.7.4 while the receiver is in SYN-SENT or
   SYN-RECEIVED. */
static enum weft_check_reason judge_opening(const struct half *to, const struct half *back,
                                            const struct weft_segment *s) {
  if (s->tcp_flags & WEFT_TCP_SYN && !(s->tcp_flags & WEFT_TCP_RST)) {
    /* A SYN-ACK must acknowledge the SYN (RFC 9293 section 3.10.7.3, "first, check
       the ACK bit"); which SYNs are of this connection the engine tells. */
    if (!(s->tcp_flags & WEFT_TCP_ACK) || !(back->flags & HALF_SYN)) return WEFT_CHECK_OK;
    return seq32_after(s->ack, half_isn(back)) && !seq32_after(s->ack, back->sent) ? WEFT_CHECK_OK
                                                                                   : WEFT_CHECK_ACK;
  }
  /* The receiver has sent no SYN yet, or has not seen its peer's. */
  if (!(back->flags & HALF_SYN) || !(to->flags & HALF_SYN)) {
    if (s->tcp_flags & WEFT_TCP_RST && back->flags & HALF_SYN && s->tcp_flags & WEFT_TCP_ACK)
      return s->ack == half_isn(back) + 1 ? WEFT_CHECK_OK : WEFT_CHECK_RESET;
    if (s->tcp_flags & WEFT_TCP_RST && to->flags & HALF_SYN && s->seq == to->seq)
      return WEFT_CHECK_OK;
    return WEFT_CHECK_STATE;
  }
  if (s->tcp_flags & WEFT_TCP_RST) return s->seq == to->seq ? WEFT_CHECK_OK : WEFT_CHECK_RESET;
  if (!(s->tcp_flags & WEFT_TCP_ACK) || s->ack != half_isn(back) + 1) return WEFT_CHECK_STATE;
  return WEFT_CHECK_OK;
}

/* RFC 9293 section 3.10.7.4, "first, check sequence number". */
static enum weft_check_reason judge_window(const struct half *to, const struct weft_segment *s) {
  if (!(to->flags & HALF_ACKED)) return WEFT_CHECK_OK;
  uint32_t end = segment_end(s);
  int fin = !!(s->tcp_flags & WEFT_TCP_FIN);
  if (seq32_before(end, to->acked)) return WEFT_CHECK_RETRANSMIT;
  if (!seq32_after(end, to->edge) || (fin && end - 1 == to->edge)) return WEFT_CHECK_OK;
  if (seq32_after(s->seq, to->edge)) return WEFT_CHECK_WINDOW;
  /* Straddles the edge: taken whole if the application had read everything by
     then, else not at all. */
  return RECEIVER_DOUBT;
}

/* RFC 5961 section 5, "fifth, check the ACK field": `back` is what the receiver
   has sent. */
static enum weft_check_reason judge_ack(struct receiver_side side, const struct weft_segment *s) {
  const struct half *back = side.half;
  if (!(s->tcp_flags & WEFT_TCP_ACK)) return WEFT_CHECK_STATE;
  if (back->flags & HALF_SENT && seq32_after(s->ack, back->sent)) return WEFT_CHECK_ACK;
  if (back->flags & HALF_ACKED && back->flags & HALF_SYN) {
    uint32_t acked = back->acked - (half_isn(back) + 1);
    uint32_t slack = side.rest->window_max < acked ? side.rest->window_max : acked;
    if (seq32_before(s->ack, back->acked - slack)) return RECEIVER_OLD_ACK;
  }
  return WEFT_CHECK_OK;
}

/* The synchronised states, in the order of RFC 9293 section 3.10.7.4. */
static enum weft_check_reason judge_synchronised(struct receiver_side side,
                                                 struct receiver_side other,
                                                 const struct weft_segment *s, int holes) {
  const struct half *to = side.half;
  enum weft_check_reason window = judge_window(to, s);
  if (window && window != RECEIVER_DOUBT) return window;
  if (s->tcp_flags & WEFT_TCP_RST)
    return reset_is_exact(side, other.half, s) ? WEFT_CHECK_OK : WEFT_CHECK_RESET;
  if (s->tcp_flags & WEFT_TCP_SYN) return WEFT_CHECK_STATE; /* RFC 5961 section 4 */
  enum weft_check_reason ack = judge_ack(other, s);
  /* In-order data may pass by header prediction, which does not look. */
  if (ack == RECEIVER_OLD_ACK)
    ack = s->wirelen && s->seq == to->seq && !holes ? RECEIVER_DOUBT : WEFT_CHECK_ACK;
  if (ack && ack != RECEIVER_DOUBT) return ack;
  /* What begins at the window's very edge, or where there is none, is
     acknowledged and thrown away. */
  if (to->flags & HALF_ACKED && s->wirelen && !seq32_before(s->seq, to->edge))
    return WEFT_CHECK_WINDOW;
  return window ? window : ack;
}

/* Checks that need nothing but the handshake and the segment itself. */
static enum weft_check_reason judge_options(const struct half *to, const struct half *back,
                                            const struct weft_segment *s) {
  if (s->options & WEFT_TCPOPT_MD5) return WEFT_CHECK_MD5;
  if (to->flags & HALF_TIMESTAMP && back->flags & HALF_TIMESTAMP &&
      s->options & WEFT_TCPOPT_TIMESTAMP && !(s->tcp_flags & (WEFT_TCP_SYN | WEFT_TCP_RST)) &&
      seq32_distance(to->ts_recent, s->ts_value) < -1)
    return WEFT_CHECK_TIMESTAMP;
  return WEFT_CHECK_OK;
}

enum weft_check_reason receiver_judge_strict(struct receiver_side to, struct receiver_side back,
                                             const struct weft_segment *s, int holes) {
  enum weft_check_reason reason = judge_options(to.half, back.half, s);
  if (reason) return reason;
  return to.half->flags & HALF_SYNCED ? judge_synchronised(to, back, s, holes)
                                      : judge_opening(to.half, back.half, s);
}

/* As a strict receiver, or, where the capture lacks what lies before it, at the
   end of all that its sender was seen to send. */
static enum weft_check_reason judge_reset_lenient(struct receiver_side side,
                                                  const struct half *back,
                                                  const struct weft_segment *s) {
  const struct half *to = side.half;
  if (reset_is_exact(side, back, s)) return WEFT_CHECK_OK;
  return to->flags & HALF_SENT && seq32_after(to->sent, to->seq) && s->seq == to->sent
             ? WEFT_CHECK_OK
             : WEFT_CHECK_RESET;
}

enum weft_check_reason receiver_judge_lenient(struct receiver_side side, struct receiver_side other,
                                              const struct weft_segment *s) {
  const struct half *to = side.half, *back = other.half;
  /* The receiver has sent its SYN and waits for the answer: what does not
     acknowledge it is not that (RFC 9293 section 3.10.7.3). */
  if (s->tcp_flags & WEFT_TCP_ACK && back->flags & HALF_SYN &&
      !(to->flags & (HALF_SYN | HALF_DATA)) && !(back->flags & HALF_DATA)) {
    int32_t acked = seq32_distance(half_isn(back), s->ack);
    if (acked < 1 || acked > RECEIVER_WINDOW_MAX) return WEFT_CHECK_ACK;
  }
  if (s->tcp_flags & WEFT_TCP_SYN || !(to->flags & HALF_STARTED)) return WEFT_CHECK_OK;
  if (s->tcp_flags & WEFT_TCP_RST) return judge_reset_lenient(side, back, s);
  /* What the handshake settled holds whatever was missed since. */
  if (to->flags & back->flags & HALF_SYN) {
    enum weft_check_reason reason = judge_options(to, back, s);
    if (reason) return reason;
    if (!(s->tcp_flags & WEFT_TCP_ACK)) return WEFT_CHECK_STATE;
  }
  return receiver_in_reach(to, s->seq) ? WEFT_CHECK_OK : WEFT_CHECK_WINDOW;
}
