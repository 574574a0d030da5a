/* SPDX-License-Identifier: BSD-2-Clause */
#include "reasm/half.h"

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
