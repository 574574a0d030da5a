/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_BUILD_H
#define TEST_BUILD_H

#include <string.h>

#include <weft/stream.h>

/*
 * A line for each segment:
 *
 *     feed_push(&feed, seg(C, 100, "", SYN));
 *     feed_push(&feed, seg_acks(seg(S, 500, "", SYN | ACK), 101));
 *     feed_push(&feed, seg(C, 101, "abc", ACK));
 */
static const enum weft_dir C = WEFT_FROM_CLIENT, S = WEFT_FROM_SERVER;
enum {
  FIN = WEFT_TCP_FIN,
  SYN = WEFT_TCP_SYN,
  RST = WEFT_TCP_RST,
  PSH = WEFT_TCP_PSH,
  ACK = WEFT_TCP_ACK,
  URG = WEFT_TCP_URG
};

/* The addresses of connection `n`: client 10.0.0.1 port 40000 + n, server
   10.0.0.2 port 80; the source is the client. */
struct weft_tuple tuple_of(unsigned n);

/* The same seen from the other side. */
struct weft_tuple tuple_turn(const struct weft_tuple *);

/* A segment of connection 0, window 65535, checksum good.  Borrows `data`;
   mark, ack and the rest are zero. */
struct weft_segment seg(enum weft_dir, uint32_t seq, const char *data, unsigned tcp_flags);
struct weft_segment seg_bytes(enum weft_dir, uint32_t seq, const void *data, size_t length,
                              unsigned tcp_flags);

/* The segment with another thing changed: acknowledgement number, connection,
   captured length. */
struct weft_segment seg_acks(struct weft_segment, uint32_t ack);
struct weft_segment seg_of(struct weft_segment, unsigned conn);
struct weft_segment seg_cut(struct weft_segment, uint32_t caplen);

/* An engine with a frame counter and a clock: frames are numbered from 1 and
   are `step` apart. */
struct feed {
  struct weft_engine *engine;
  weft_time now;
  weft_duration step;
  uint64_t frame;
};
#define FEED_START (1000 * WEFT_SECOND)
#define FEED_STEP (WEFT_SECOND / 1000)

/* Starts at FEED_START with steps of FEED_STEP.  Borrows the engine. */
struct feed feed_of(struct weft_engine *);

/* Marks the segment with the next frame number and time and pushes it.
   Returns what weft_engine_push_segment does. */
int feed_push(struct feed *, struct weft_segment);

/* Lets time pass without a frame.  Returns what weft_engine_advance does. */
int feed_wait(struct feed *, weft_duration);

#endif
