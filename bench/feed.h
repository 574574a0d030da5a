/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BENCH_FEED_H
#define WEFT_BENCH_FEED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weft/stream.h>

/*
 * Segments made in memory for measurements without a file: connection `id` is
 * a client address and port of its own that talks to one server.
 */
static inline void feed_check(int status, const char *what) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", what, weft_strerror(status));
  exit(1);
}

static inline void feed_endpoint(struct weft_endpoint *endpoint, uint32_t address, uint16_t port) {
  uint8_t v4[16] = {[10] = 0xff,
                    [11] = 0xff,
                    [12] = (uint8_t)(address >> 24),
                    [13] = (uint8_t)(address >> 16),
                    [14] = (uint8_t)(address >> 8),
                    [15] = (uint8_t)address};
  *endpoint = (struct weft_endpoint){.port = port};
  memcpy(endpoint->address, v4, sizeof v4);
}

static inline struct weft_segment feed_segment(uint32_t id, enum weft_dir dir, uint8_t flags) {
  struct weft_segment s = {.size = sizeof s, .tcp_flags = flags, .window = 65535};
  struct weft_endpoint *client = dir == WEFT_FROM_CLIENT ? &s.tuple.source : &s.tuple.target;
  struct weft_endpoint *server = dir == WEFT_FROM_CLIENT ? &s.tuple.target : &s.tuple.source;
  feed_endpoint(client, 0x0a000000u + id / 16, (uint16_t)(20000 + id % 16));
  feed_endpoint(server, 0xc0a80001u, 80);
  return s;
}

/* The handshake of connection `id`, from sequence number 0 on both sides: the
   first bytes are number 1. */
static inline void feed_handshake(struct weft_engine *engine, uint32_t id, struct weft_mark *mark) {
  struct weft_segment syn = feed_segment(id, WEFT_FROM_CLIENT, WEFT_TCP_SYN);
  struct weft_segment both = feed_segment(id, WEFT_FROM_SERVER, WEFT_TCP_SYN | WEFT_TCP_ACK);
  struct weft_segment ack = feed_segment(id, WEFT_FROM_CLIENT, WEFT_TCP_ACK);
  both.ack = ack.ack = ack.seq = 1;
  struct weft_segment *all[] = {&syn, &both, &ack};
  for (int i = 0; i < 3; i++) {
    all[i]->mark = *mark;
    mark->frame++;
    mark->time += 1000;
    feed_check(weft_engine_push_segment(engine, all[i]), "handshake");
  }
}

#endif
