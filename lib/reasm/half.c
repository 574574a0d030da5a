/* SPDX-License-Identifier: BSD-2-Clause */
#include "reasm/half.h"

/* RFC 7323 section 2.3. */
enum { WINDOW_SHIFT_MAX = 14 };

void half_syn(struct half *half, const struct weft_segment *syn) {
  half->flags |= HALF_SYN;
  if (syn->options & WEFT_TCPOPT_TIMESTAMP) {
    half->flags |= HALF_TIMESTAMP;
    half->ts_recent = syn->ts_value;
  }
  if (syn->options & WEFT_TCPOPT_SACK_PERMITTED) half->flags |= HALF_SACK;
  if (syn->options & WEFT_TCPOPT_WSCALE) {
    half->flags |= HALF_WSCALE;
    half->shift =
        (syn->window_shift < WINDOW_SHIFT_MAX ? syn->window_shift : WINDOW_SHIFT_MAX) & 15;
  }
}

void half_accepted(struct half *half, const struct weft_segment *s, int urgent) {
  /* RFC 7323 section 4.3 (2): only a segment that begins at or before the last
     number acknowledged moves it, so one from beyond a hole does not. */
  if (half->flags & HALF_TIMESTAMP && s->options & WEFT_TCPOPT_TIMESTAMP) {
    uint32_t last_ack = half->flags & HALF_ACKED ? half->acked : half->seq;
    if (!seq32_after(s->seq, last_ack) && seq32_distance(half->ts_recent, s->ts_value) >= 0)
      half->ts_recent = s->ts_value;
  }
  if (!urgent || !(s->tcp_flags & WEFT_TCP_URG) || !(half->flags & HALF_STARTED)) return;
  /* The pointer names the byte after the urgent one (RFC 9293 section 3.8.5 says
     the urgent one, sockets disagree, and Linux does as sockets do). */
  uint32_t byte = s->seq + (s->urgent ? s->urgent - 1u : 0);
  if (seq32_before(byte, half->seq)) return;
  if (half->flags & HALF_URGENT && !seq32_after(byte, half->urgent) &&
      !seq32_before(half->urgent, half->seq))
    return;
  half->urgent = byte;
  half->flags |= HALF_URGENT;
}
