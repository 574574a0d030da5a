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
    half_set_shift(half,
                   syn->window_shift < WINDOW_SHIFT_MAX ? syn->window_shift : WINDOW_SHIFT_MAX);
  }
}

void half_urgent(struct half *half, struct half_rest *rest, const struct weft_segment *s) {
  if (!(s->tcp_flags & WEFT_TCP_URG) || !(half->flags & HALF_STARTED)) return;
  /* The pointer names the byte after the urgent one (RFC 9293 section 3.8.5 says
     the urgent one, sockets disagree, and Linux does as sockets do). */
  uint32_t byte = s->seq + (s->urgent ? s->urgent - 1u : 0);
  if (seq32_before(byte, half->seq)) return;
  if (half->flags & HALF_URGENT && !seq32_after(byte, rest->urgent) &&
      !seq32_before(rest->urgent, half->seq))
    return;
  rest->urgent = byte;
  half->flags |= HALF_URGENT;
}
