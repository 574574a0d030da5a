/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_REASM_RECEIVER_H
#define WEFT_REASM_RECEIVER_H

#include <weft/check.h>

#include "reasm/half.h"

/*
 * Would the receiving host's stack have taken this segment?  The rules are
 * those of RFC 9293 section 3.10.7, RFC 5961 and RFC 7323 as Linux applies
 * them; docs/receiver.md lists them with what was measured.
 */

/* The rules leave it open: what the receiver answers decides. */
#define RECEIVER_DOUBT WEFT_CHECK_COUNT

/* A receive window is at most 2^30 (RFC 7323 section 2.3): what lies farther
   off belongs to another connection, or to nobody. */
enum { RECEIVER_WINDOW_MAX = 1 << 30 };

static inline int receiver_in_reach(const struct half *to, uint32_t seq) {
  int32_t ahead = seq32_distance(to->seq, seq);
  return ahead <= RECEIVER_WINDOW_MAX && ahead >= -RECEIVER_WINDOW_MAX;
}

/* A direction, both parts of it. */
struct receiver_side {
  const struct half *half;
  const struct half_rest *rest;
};

/* `to` is the direction the segment travels in, `back` the other; `holes` tells
   whether segments wait out of order.  WEFT_CHECK_OK, or why not, or
   RECEIVER_DOUBT.  RST is judged with the rest. */
enum weft_check_reason receiver_judge_strict(struct receiver_side to, struct receiver_side back,
                                             const struct weft_segment *, int holes);

/* The same for a capture that may have missed packets: refuses only what no
   receiver in any state consistent with the capture would have taken. */
enum weft_check_reason receiver_judge_lenient(struct receiver_side to, struct receiver_side back,
                                              const struct weft_segment *);

#endif
