/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BENCH_PCAP_OUT_H
#define WEFT_BENCH_PCAP_OUT_H

#include <stddef.h>
#include <stdint.h>

/* A pcap file of Ethernet frames with nanosecond times, written in large blocks. */
struct pcap_out {
  int fd;
  const char *path;
  size_t used;
  uint64_t bytes; /* of the file so far */
  uint8_t *buffer;
};

/* A TCP segment over IPv4.  Addresses and ports in host order; `server` tells
   which way it goes.  SYNs carry the usual options, all others timestamps. */
struct out_segment {
  uint32_t client, server;
  uint16_t client_port, server_port;
  uint32_t seq, ack, ts_value, ts_echo;
  uint8_t flags;
  uint8_t from_server;
  const uint8_t *payload;
  size_t length;
};

/* Both say on standard error why they fail and exit. */
void pcap_out_open(struct pcap_out *, const char *path);
void pcap_out_close(struct pcap_out *);

void pcap_out_write(struct pcap_out *, int64_t time_ns, const struct out_segment *);

/* The frame alone: returns its length, at most OUT_FRAME_MAX. */
enum { OUT_FRAME_MAX = 66 + 8 + 1460 };
size_t out_frame_build(uint8_t frame[OUT_FRAME_MAX], const struct out_segment *);

#endif
