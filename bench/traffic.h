/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BENCH_TRAFFIC_H
#define WEFT_BENCH_TRAFFIC_H

#include "digest.h"
#include "message.h"
#include "pcap_out.h"

/*
 * One made-up connection: handshake, HTTP exchanges, close.  It makes the
 * packets of one step (a request, a response) at a time and hands them out
 * singly, so that many connections can be interleaved.
 *
 * The network and the capture may mistreat data segments.  What the receiver
 * acknowledges is what reached it, so a segment that the capture lost is
 * acknowledged and one that came out of order is asked for again.
 */
struct traffic_style {
  enum message_style messages;
  uint32_t body;                         /* of bulk responses, bytes */
  uint32_t exchanges_min, exchanges_max; /* of a connection */
  uint8_t delayed_acks; /* 1: no bare ACK but one before the close; small exchanges only */
  /* Of data segments, in parts of 10 000; the last of a message is never reordered. */
  uint32_t reordered, repeated, lost, overlapping;
};

/* The ground truth, summed over all connections. */
struct traffic_truth {
  uint64_t packets, connections, exchanges;
  uint64_t exchanges_whole;      /* of which the capture has every byte */
  uint64_t bytes, bytes_missing; /* payload bytes, each once: in the capture, and not */
  uint64_t digest;               /* of the bytes in the capture */
  uint64_t reordered, repeated, lost, overlapping; /* segments */
};

enum { TRAFFIC_MSS = 1448 };

struct traffic_packet {
  uint32_t seq, ack;
  uint32_t offset; /* of the payload in the message */
  uint16_t length;
  uint8_t flags, from_server;
};

struct traffic {
  uint64_t id;
  struct random random;
  uint32_t seq[2]; /* next to be sent; 0 client, 1 server */
  uint32_t ts_recent[2];
  struct digest digests[2];
  struct traffic_packet *packets; /* of this step */
  uint32_t npackets, packets_size, at;
  uint32_t exchanges_left;
  uint8_t step;
  uint8_t request_whole;
  uint8_t *message;
};

/* Connection `id` of a workload of this seed. */
void traffic_init(struct traffic *, const struct traffic_style *, uint64_t seed, uint64_t id);
void traffic_done(struct traffic *);

/* The next packet, valid until the next call; 0 when the connection is over,
   and then its digest has been added to the truth. */
int traffic_next(struct traffic *, const struct traffic_style *, struct traffic_truth *,
                 uint32_t time_ms, struct out_segment *ret);

#endif
