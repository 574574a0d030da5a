/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_REASM_HALF_H
#define WEFT_REASM_HALF_H

#include <weft/stream.h>

#include "base/seq32.h"

/*
 * One direction of a connection: what its sender sent and its receiver has.
 *
 *     sequence space     isn  |.........|////////|.........|
 *     offset                  0         next               edge
 *                              delivered          window
 *
 * Offsets count from the number after SYN, in 64 bits; sequence numbers are
 * unwrapped once, as a signed distance from `seq`, and nothing above this
 * file sees one again.  Always true, where HALF_STARTED: `seq` is the sequence
 * number of offset `next`.
 */
enum half_flag {
  HALF_STARTED = 1 << 0,   /* `next` and `seq` mean something */
  HALF_FLOATING = 1 << 1,  /* ... but the lowest byte may be still to come */
  HALF_SYN = 1 << 2,       /* SYN seen, and offset 0 is what follows it */
  HALF_SENT = 1 << 3,      /* `sent` means something */
  HALF_ACKED = 1 << 4,     /* `acked`, `edge`, `window_max` do (the last two: strict receivers) */
  HALF_TIMESTAMP = 1 << 5, /* SYN offered timestamps: `ts_recent` */
  HALF_SACK = 1 << 6,      /* SYN permitted SACK to its sender's peer */
  HALF_WSCALE = 1 << 7,    /* SYN offered a window scale: `shift` */
  HALF_SYNCED = 1 << 8,    /* the receiver has completed its handshake */
  HALF_URGENT = 1 << 9,    /* a byte at `urgent` is out of band */
  HALF_SACKED = 1 << 10,   /* `sacked` means something */
  HALF_FIN = 1 << 11,      /* the FIN was reached */
  HALF_ENDED = 1 << 12,    /* on_end was called */
  HALF_DISCARD = 1 << 13,  /* nobody listens */
  HALF_DATA = 1 << 14,     /* payload was seen */
  HALF_SYN_DATA = 1 << 15, /* SYN carried data that nobody has acknowledged or refused yet */
  HALF_CHECKSUM = 1 << 16, /* a segment with a right checksum was seen */
  HALF_REST = 1 << 17      /* its half_rest has been used */
};

struct half {
  uint64_t next;       /* offset of the first number not delivered */
  weft_time last_time; /* the last segment of this direction, but for the one being taken: */
  uint32_t last_frame; /* half_last */
  uint32_t seq;        /* the sequence number of `next` */
  uint32_t sent;       /* after the highest number sent */
  uint32_t acked;      /* by the receiver, highest */
  uint32_t edge;       /* right edge of the window the receiver offered, for strict receivers */
  uint32_t ts_recent;  /* RFC 7323 section 4.3 */
  uint32_t segments;
  uint32_t flags; /* HALF_FLAGS: enum half_flag; above, half_shift and half_end_cause */
};
_Static_assert(sizeof(struct half) == 48, "docs/memory.md says so");

/* Of windows that the sender offers: set once, by the SYN. */
enum { HALF_SHIFT = 20, HALF_CAUSE = 24, HALF_FLAGS = (1 << HALF_SHIFT) - 1 };
_Static_assert((int)HALF_REST <= (int)HALF_FLAGS, "the last flag is below them");

static inline uint32_t half_shift(const struct half *half) {
  return half->flags >> HALF_SHIFT & 15;
}

static inline void half_set_shift(struct half *half, uint32_t shift) {
  half->flags = (half->flags & ~(UINT32_C(15) << HALF_SHIFT)) | shift << HALF_SHIFT;
}

/* enum weft_end_cause, where HALF_ENDED: set once. */
static inline uint32_t half_end_cause(const struct half *half) { return half->flags >> HALF_CAUSE; }

static inline void half_set_end_cause(struct half *half, uint32_t cause) {
  half->flags |= cause << HALF_CAUSE;
}

/* What few segments need of a direction: it lies apart. */
struct half_rest {
  uint32_t window_max; /* the largest window the receiver ever offered */
  uint32_t sacked;     /* highest right edge the receiver acknowledged selectively */
  uint32_t urgent;     /* sequence number of the urgent byte */
};

static inline void half_mark(struct half *half, weft_time time, uint64_t frame) {
  half->last_time = time;
  half->last_frame = (uint32_t)frame;
}

/* The mark of the last segment.  Of frame numbers only 32 bits are kept; the one
   that is meant is the nearest to `frame`, any recent one. */
static inline struct weft_mark half_last(const struct half *half, uint64_t frame) {
  struct weft_mark last = {half->last_time, half->last_frame};
  if (last.time || last.frame)
    last.frame = frame + (uint64_t)(int64_t)seq32_distance((uint32_t)frame, half->last_frame);
  return last;
}

/* The initial sequence number, where HALF_SYN. */
static inline uint32_t half_isn(const struct half *half) {
  return half->seq - (uint32_t)half->next - 1;
}

/* The numbers a segment takes: payload, SYN and FIN (RFC 9293 section 3.4). */
static inline uint32_t segment_end(const struct weft_segment *s) {
  return s->seq + s->wirelen + !!(s->tcp_flags & WEFT_TCP_SYN) + !!(s->tcp_flags & WEFT_TCP_FIN);
}

/* The sequence number of the first payload byte. */
static inline uint32_t segment_payload_seq(const struct weft_segment *s) {
  return s->seq + !!(s->tcp_flags & WEFT_TCP_SYN);
}

/* The offset of a sequence number; negative before the start. */
static inline int64_t half_offset(const struct half *half, uint32_t seq) {
  return (int64_t)half->next + seq32_distance(half->seq, seq);
}

static inline void half_start(struct half *half, uint32_t seq) {
  half->next = 0;
  half->seq = seq;
  half->flags |= HALF_STARTED;
  half->flags &= ~(uint32_t)HALF_FLOATING;
}

static inline void half_advance(struct half *half, uint64_t to) {
  half->seq += (uint32_t)(to - half->next);
  half->next = to;
}

/* Takes note of what a SYN says about its sender.  The stream must begin behind
   it: half_start has been, or will be called with its number + 1. */
static inline void half_syn(struct half *half, const struct weft_segment *syn) {
  enum { SHIFT_MAX = 14 }; /* RFC 7323 section 2.3 */
  half->flags |= HALF_SYN;
  if (syn->options & WEFT_TCPOPT_TIMESTAMP) {
    half->flags |= HALF_TIMESTAMP;
    half->ts_recent = syn->ts_value;
  }
  if (syn->options & WEFT_TCPOPT_SACK_PERMITTED) half->flags |= HALF_SACK;
  if (syn->options & WEFT_TCPOPT_WSCALE) {
    half->flags |= HALF_WSCALE;
    half_set_shift(half, syn->window_shift < SHIFT_MAX ? syn->window_shift : SHIFT_MAX);
  }
}

/* Takes note of what a segment says about how far its sender has sent. */
static inline void half_sent(struct half *half, const struct weft_segment *s) {
  uint32_t end = segment_end(s);
  half->sent = half->flags & HALF_SENT ? seq32_max(half->sent, end) : end;
  half->flags |= HALF_SENT;
}

/* Takes note of the acknowledgement and window in `s`, which the receiver of
   this direction sent; `reverse` is the direction it came in.  Without `rest` its
   window is noted only as the edge, and it must have no selective acknowledgements. */
static inline void half_acked(struct half *half, struct half_rest *rest, const struct half *reverse,
                              const struct weft_segment *s) {
  int scaled = (half->flags & HALF_WSCALE) && (reverse->flags & HALF_WSCALE) &&
               !(s->tcp_flags & WEFT_TCP_SYN);
  uint32_t window = (uint32_t)s->window << (scaled ? half_shift(reverse) : 0);
  if (!(half->flags & HALF_ACKED)) {
    half->flags |= HALF_ACKED;
    half->acked = s->ack;
    half->edge = s->ack + window;
  } else if (!seq32_before(s->ack, half->acked)) {
    half->acked = s->ack;
    half->edge = s->ack + window;
  }
  if (!rest) return;
  if (window > rest->window_max) rest->window_max = window;
  for (unsigned i = 0; i < s->nsack; i++) {
    uint32_t right = s->sack[2 * i + 1];
    rest->sacked = half->flags & HALF_SACKED ? seq32_max(rest->sacked, right) : right;
    half->flags |= HALF_SACKED;
  }
}

/* Takes note of the segment's timestamp, after it was judged acceptable and before its payload
   is delivered.  RFC 7323 section 4.3 (2): only a segment that begins at or
   before the last number acknowledged moves it, so one from beyond a hole does not. */
static inline void half_accepted(struct half *half, const struct weft_segment *s) {
  if (!(half->flags & HALF_TIMESTAMP) || !(s->options & WEFT_TCPOPT_TIMESTAMP)) return;
  uint32_t last_ack = half->flags & HALF_ACKED ? half->acked : half->seq;
  if (!seq32_after(s->seq, last_ack) && seq32_distance(half->ts_recent, s->ts_value) >= 0)
    half->ts_recent = s->ts_value;
}

/* The same for the urgent pointer, where it makes bytes out of band. */
void half_urgent(struct half *, struct half_rest *, const struct weft_segment *);

#endif
