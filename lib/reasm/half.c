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

void half_sent(struct half *half, const struct weft_segment *s) {
  uint32_t end = segment_end(s);
  half->sent = half->flags & HALF_SENT ? seq32_max(half->sent, end) : end;
  half->flags |= HALF_SENT;
}

void half_acked(struct half *half, const struct half *reverse, const struct weft_segment *s) {
  int scaled = (half->flags & HALF_WSCALE) && (reverse->flags & HALF_WSCALE) &&
               !(s->tcp_flags & WEFT_TCP_SYN);
  uint32_t window = (uint32_t)s->window << (scaled ? reverse->shift : 0);
  if (!(half->flags & HALF_ACKED)) {
    half->flags |= HALF_ACKED;
    half->acked = s->ack;
    half->edge = s->ack + window;
  } else if (!seq32_before(s->ack, half->acked)) {
    half->acked = s->ack;
    half->edge = s->ack + window;
  }
  if (window > half->window_max) half->window_max = window;
  for (unsigned i = 0; i < s->nsack; i++) {
    uint32_t right = s->sack[2 * i + 1];
    half->sacked = half->flags & HALF_SACKED ? seq32_max(half->sacked, right) : right;
    half->flags |= HALF_SACKED;
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
