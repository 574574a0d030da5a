/* SPDX-License-Identifier: BSD-2-Clause */
#include "build.h"

static struct weft_endpoint endpoint_v4(uint8_t last, uint16_t port) {
  struct weft_endpoint e = {.port = port};
  e.address[10] = e.address[11] = 0xff;
  e.address[12] = 10;
  e.address[15] = last;
  return e;
}

struct weft_tuple tuple_of(unsigned n) {
  return (struct weft_tuple){.source = endpoint_v4(1, (uint16_t)(40000 + n)),
                             .target = endpoint_v4(2, 80)};
}

struct weft_tuple tuple_turn(const struct weft_tuple *tuple) {
  return (struct weft_tuple){tuple->target, tuple->source, tuple->realm};
}

struct weft_segment seg_bytes(enum weft_dir dir, uint32_t seq, const void *data, size_t length,
                              unsigned tcp_flags) {
  struct weft_tuple tuple = tuple_of(0);
  return (struct weft_segment){
      .size = sizeof(struct weft_segment),
      .tuple = dir == WEFT_FROM_CLIENT ? tuple : tuple_turn(&tuple),
      .payload = data,
      .caplen = (uint32_t)length,
      .wirelen = (uint32_t)length,
      .seq = seq,
      .window = 65535,
      .tcp_flags = (uint8_t)tcp_flags,
      .checksum = WEFT_CHECKSUM_GOOD,
  };
}

struct weft_segment seg(enum weft_dir dir, uint32_t seq, const char *data, unsigned tcp_flags) {
  return seg_bytes(dir, seq, data, strlen(data), tcp_flags);
}

struct weft_segment seg_acks(struct weft_segment segment, uint32_t ack) {
  segment.ack = ack;
  segment.tcp_flags |= WEFT_TCP_ACK;
  return segment;
}

struct weft_segment seg_of(struct weft_segment segment, unsigned conn) {
  int from_client = segment.tuple.target.port == 80;
  struct weft_tuple tuple = tuple_of(conn);
  segment.tuple = from_client ? tuple : tuple_turn(&tuple);
  return segment;
}

struct weft_segment seg_cut(struct weft_segment segment, uint32_t caplen) {
  if (caplen < segment.caplen) segment.caplen = caplen;
  segment.checksum = WEFT_CHECKSUM_INCOMPUTABLE;
  return segment;
}

struct feed feed_of(struct weft_engine *engine) {
  return (struct feed){.engine = engine, .now = FEED_START, .step = FEED_STEP};
}

int feed_push(struct feed *feed, struct weft_segment segment) {
  feed->now += feed->step;
  segment.mark = (struct weft_mark){feed->now, ++feed->frame};
  return weft_engine_push_segment(feed->engine, &segment);
}

int feed_wait(struct feed *feed, weft_duration duration) {
  feed->now += duration;
  return weft_engine_advance(feed->engine, feed->now);
}
