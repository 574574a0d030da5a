/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POOL_TALK_H
#define POOL_TALK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <weft/pool.h>

#include "build.h"
#include "frames.h"
#include "random.h"

/*
 * For test_stream_pool.c: conversations of many connections, whose every byte
 * follows from its place, and callbacks that note what became of each.
 */

/* ---- what a connection's callbacks leave behind --------------------- */

struct seen {
  _Atomic int inside; /* callbacks that run now */
  /* Not atomic on purpose: ThreadSanitizer sees whether the pool keeps threads apart. */
  uint64_t id;
  uint64_t digest[2], bytes[2];
  uint32_t ends[2], end_causes[2];
  uint32_t opened, closed, gaps;
};

static struct seen *seen; /* by number of connection */
static _Atomic int overlapping;
static _Atomic unsigned together, together_max; /* callbacks of any connection */

enum { CONNS_FOR_EACH_CLIENT = 1000, PORT_FIRST = 20000 };

static struct weft_tuple tuple_number(uint32_t n) {
  struct weft_tuple tuple = tuple_of(0);
  tuple.source.address[14] = (uint8_t)(n / CONNS_FOR_EACH_CLIENT);
  tuple.source.port = (uint16_t)(PORT_FIRST + n % CONNS_FOR_EACH_CLIENT);
  return tuple;
}

static uint32_t number_of(const struct weft_conn *conn) {
  const struct weft_endpoint *client = &weft_conn_tuple(conn)->source;
  return client->address[14] * (uint32_t)CONNS_FOR_EACH_CLIENT + client->port - PORT_FIRST;
}

static struct seen *enter(const struct weft_conn *conn) {
  struct seen *s = &seen[number_of(conn)];
  if (atomic_exchange(&s->inside, 1)) overlapping = 1;
  unsigned now = atomic_fetch_add(&together, 1) + 1, max = together_max;
  while (now > max && !atomic_compare_exchange_weak(&together_max, &max, now)) continue;
  return s;
}

static int leave(struct seen *s) {
  atomic_fetch_sub(&together, 1);
  atomic_store(&s->inside, 0);
  return 0;
}

static uint64_t digest_add(uint64_t digest, const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) digest = (digest ^ bytes[i]) * UINT64_C(0x100000001b3);
  return digest;
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  struct seen *s = enter(conn);
  (void)open, (void)user;
  s->opened++;
  s->id = weft_conn_id(conn);
  return leave(s);
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  struct seen *s = enter(conn);
  (void)user;
  for (size_t i = 0; i < data->nspans; i++)
    s->digest[dir] = digest_add(s->digest[dir], data->spans[i].base, data->spans[i].len);
  s->bytes[dir] += data->length;
  return leave(s);
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  struct seen *s = enter(conn);
  (void)dir, (void)gap, (void)user;
  s->gaps++;
  return leave(s);
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  struct seen *s = enter(conn);
  (void)user;
  s->ends[dir]++;
  s->end_causes[dir] = end->cause;
  return leave(s);
}

static void on_close(struct weft_conn *conn, void *user) {
  struct seen *s = enter(conn);
  (void)user;
  s->closed++;
  leave(s);
}

static const struct weft_stream_ops ops = {.size = sizeof ops,
                                           .on_open = on_open,
                                           .on_data = on_data,
                                           .on_gap = on_gap,
                                           .on_end = on_end,
                                           .on_close = on_close};

static struct weft_pool *pool_with(uint32_t shards, const struct weft_options *options,
                                   uint32_t nconns) {
  struct weft_pool *pool = NULL;
  seen = calloc(nconns, sizeof *seen);
  assert_non_null(seen);
  overlapping = 0;
  together_max = 0;
  assert_int_equal(weft_pool_new(&pool, shards, options, &ops, NULL), 0);
  return pool;
}

static void done(struct weft_pool *pool) {
  weft_pool_free(pool);
  free(seen);
}

static struct weft_stats stats_of(struct weft_pool *pool) {
  struct weft_stats stats = {.size = sizeof stats};
  assert_int_equal(weft_pool_stats(pool, &stats), 0);
  return stats;
}

/* ---- conversations -------------------------------------------------- */

/* The bytes at an offset of a direction of a connection. */
static uint8_t byte_at(uint32_t conn, enum weft_dir dir, uint64_t offset) {
  return (uint8_t)(conn * 7 + (uint32_t)dir * 101 + offset * 13 + (offset >> 8));
}

enum { PIECES = 5, PIECE = 40, FRAME_ROOM = 128, PACKETS = 3 + 2 * PIECES };

static uint32_t isn_of(uint32_t conn, enum weft_dir dir) {
  return conn * 2654435761u + (uint32_t)dir * 0x7fffff00u;
}

/* Packet `i` of a connection: SYN, SYN-ACK, ACK, the pieces of both, the last with FIN. */
static struct weft_segment packet_of(uint32_t conn, uint32_t i, uint8_t payload[PIECE]) {
  static const enum weft_dir firsts[3] = {WEFT_FROM_CLIENT, WEFT_FROM_SERVER, WEFT_FROM_CLIENT};
  static const unsigned flags[3] = {WEFT_TCP_SYN, WEFT_TCP_SYN | WEFT_TCP_ACK, WEFT_TCP_ACK};
  struct weft_tuple tuple = tuple_number(conn);
  enum weft_dir dir = i < 3 ? firsts[i] : (enum weft_dir)(i % 2);
  struct weft_segment s = seg(dir, isn_of(conn, dir) + (i == 2), "", i < 3 ? flags[i] : ACK);
  if (i >= 3) {
    uint32_t piece = (i - 3) / 2;
    s.seq += 1 + piece * PIECE;
    if (piece == PIECES - 1) s.tcp_flags |= WEFT_TCP_FIN;
    for (uint32_t k = 0; k < PIECE; k++)
      payload[k] = byte_at(conn, dir, (uint64_t)piece * PIECE + k);
    s.payload = payload;
    s.caplen = s.wirelen = PIECE;
  }
  if (s.tcp_flags & WEFT_TCP_ACK) s.ack = isn_of(conn, (enum weft_dir) !dir) + 1;
  s.tuple = dir == WEFT_FROM_CLIENT ? tuple : tuple_turn(&tuple);
  s.mark = (struct weft_mark){FEED_START + i, 1 + (uint64_t)conn * PACKETS + i};
  return s;
}

static uint64_t digest_expected(uint32_t conn, enum weft_dir dir) {
  uint64_t digest = 0;
  for (uint64_t offset = 0; offset < PIECES * PIECE; offset++) {
    uint8_t byte = byte_at(conn, dir, offset);
    digest = digest_add(digest, &byte, 1);
  }
  return digest;
}

/* Frame `n` of all connections' packets, built into `buffer`. */
static struct weft_frame frame_of(uint32_t n, uint8_t buffer[FRAME_ROOM]) {
  static _Thread_local uint8_t room[TEST_FRAME_MAX];
  uint8_t payload[PIECE];
  struct weft_segment segment = packet_of(n / PACKETS, n % PACKETS, payload);
  struct weft_frame frame = test_frame(&segment, TEST_LINK_ETHERNET, room);
  assert_true(frame.caplen <= FRAME_ROOM);
  memcpy(buffer, frame.data, frame.caplen);
  frame.data = buffer;
  return frame;
}

static void shuffle(uint32_t *numbers, uint32_t count, uint64_t seed) {
  for (uint32_t i = count; i > 1; i--) {
    uint32_t k = random_below(&seed, i), kept = numbers[i - 1];
    numbers[i - 1] = numbers[k];
    numbers[k] = kept;
  }
}

#endif
