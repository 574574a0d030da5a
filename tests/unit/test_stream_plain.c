/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <weft/stream.h>

#include "build.h"
#include "random.h"

/*
 * The short ways of stream/plain.c come out as the long one.  An engine whose
 * user listens to on_segment goes the long way with everything: it and one that does not
 * are told of the same random traffic and must say the same, event by event.
 */
enum { CONNS = 6, SEGMENTS = 4000, EVENT_WORDS = 9, EVENTS_MAX = 40000 };

struct log {
  uint64_t event[EVENTS_MAX][EVENT_WORDS];
  unsigned count;
};
static struct log logs[2];

static uint64_t *event(void *user, const struct weft_conn *conn, uint64_t kind) {
  struct log *log = user;
  assert_true(log->count < EVENTS_MAX);
  uint64_t *event = log->event[log->count++];
  memset(event, 0, EVENT_WORDS * sizeof *event);
  event[0] = kind;
  event[1] = weft_conn_id(conn);
  return event;
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  uint64_t *e = event(user, conn, 1);
  e[2] = open->mark.frame;
  e[3] = open->tuple.source.port;
  return 0;
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  uint64_t *e = event(user, conn, 2 + dir);
  e[2] = data->offset;
  e[3] = data->length;
  e[4] = data->trigger.frame;
  for (size_t i = 0; i < data->nspans; i++) {
    e[5] = e[5] * 31 + data->spans[i].mark.frame;
    for (size_t at = 0; at < data->spans[i].len; at++) e[6] = e[6] * 31 + data->spans[i].base[at];
  }
  e[7] = weft_conn_acked(conn, WEFT_FROM_CLIENT);
  e[8] = weft_conn_acked(conn, WEFT_FROM_SERVER);
  return 0;
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  uint64_t *e = event(user, conn, 4 + dir);
  e[2] = gap->offset;
  e[3] = gap->length;
  e[4] = gap->cause;
  e[5] = gap->before.frame;
  e[6] = gap->after.frame;
  return 0;
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  uint64_t *e = event(user, conn, 6 + dir);
  e[2] = end->cause;
  e[3] = end->length;
  e[4] = end->mark.frame;
  return 0;
}

static int on_overlap(struct weft_conn *conn, enum weft_dir dir, const struct weft_overlap *overlap,
                      void *user) {
  uint64_t *e = event(user, conn, 8 + dir);
  e[2] = overlap->offset;
  e[3] = overlap->length;
  e[4] = overlap->held_mark.frame;
  e[5] = (uint64_t)overlap->arrived_wins;
  return 0;
}

static void on_close(struct weft_conn *conn, void *user) {
  struct weft_conn_info info = {.size = sizeof info};
  uint64_t *e = event(user, conn, 10);
  weft_conn_inspect(conn, &info);
  e[2] = info.state;
  e[3] = info.last.frame;
  e[4] = info.syn_ack.frame << 32 | info.established.frame;
  e[5] = info.segments[0] << 32 | info.segments[1];
  e[6] = info.retransmitted[0] << 32 | info.retransmitted[1];
  e[7] = info.out_of_order[0] << 32 | info.out_of_order[1];
  e[8] = (uint64_t)info.next_seq[0] << 32 | info.next_seq[1];
}

static int on_segment(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s,
                      void *user) {
  (void)conn, (void)dir, (void)s, (void)user;
  return 0;
}

/* What one side of a connection has sent so far. */
struct side {
  uint32_t isn, sent;
};

static uint32_t random_length(uint64_t *random) {
  return random_below(random, 4) ? random_below(random, 200) : 0;
}

/* A segment most of which are in order; some come early, again, or are neither. */
static struct weft_segment next_segment(uint64_t *random, struct side side[2], unsigned conn,
                                        uint32_t clock) {
  static const char text[] = "the quick brown fox jumps over the lazy dog, and does so once more: "
                             "the quick brown fox jumps over the lazy dog, and does so once more: "
                             "the quick brown fox jumps over the lazy dog, and does so once more";
  enum weft_dir dir = random_below(random, 2) ? WEFT_FROM_SERVER : WEFT_FROM_CLIENT;
  struct side *own = &side[dir], *other = &side[!dir];
  uint32_t kind = random_below(random, 60), length = random_length(random), seq = own->sent;
  unsigned flags = ACK;
  if (kind < 3) seq += 1 + random_below(random, 400);
  if (kind >= 3 && kind < 6) seq -= random_below(random, 300);
  if (kind == 6) flags |= FIN;
  if (kind == 7) flags = random_below(random, 3) ? SYN : RST;
  if (kind == 8) flags |= SYN;
  if (flags & SYN) {
    length = 0;
    own->isn = seq = random_below(random, 3) ? own->isn : own->isn + 100000;
    own->sent = seq + 1;
  }
  struct weft_segment s = seg_bytes(dir, seq, text, length, flags);
  s = seg_of(seg_acks(s, other->sent - (random_below(random, 9) ? 0 : random_below(random, 500))),
             conn);
  if (random_below(random, 3)) {
    s.options = WEFT_TCPOPT_TIMESTAMP;
    s.ts_value = clock - (random_below(random, 20) ? 0 : random_below(random, 50));
  }
  if (!random_below(random, 200)) s = seg_cut(s, s.wirelen / 2);
  uint32_t end = s.seq + s.wirelen;
  if (kind != 4 && (int32_t)(end - own->sent) > 0 && random_below(random, 10)) own->sent = end;
  return s;
}

static struct weft_engine *new_engine(int listens, uint32_t segments_max) {
  struct weft_stream_ops ops = {.size = sizeof ops,
                                .on_open = on_open,
                                .on_data = on_data,
                                .on_gap = on_gap,
                                .on_end = on_end,
                                .on_overlap = on_overlap,
                                .on_close = on_close,
                                .on_segment = listens ? on_segment : NULL};
  struct weft_engine *engine;
  logs[listens].count = 0;
  assert_int_equal(
      weft_engine_new(WEFT_OPTIONS(.segments_max = segments_max), &ops, &logs[listens], &engine),
      0);
  return engine;
}

static struct weft_stats stats_of(const struct weft_engine *engine) {
  struct weft_stats stats = {.size = sizeof stats};
  weft_engine_stats(engine, &stats);
  stats.memory = stats.memory_peak = 0;
  return stats;
}

static void compare(uint64_t seed, uint32_t segments_max) {
  struct weft_engine *engine[2] = {new_engine(0, segments_max), new_engine(1, segments_max)};
  struct side side[CONNS][2];
  uint64_t random = seed;
  weft_time now = 1000 * WEFT_SECOND;
  for (int i = 0; i < CONNS; i++)
    for (int dir = 0; dir < 2; dir++) side[i][dir] = (struct side){1000, 1000};
  for (uint64_t frame = 1; frame <= SEGMENTS; frame++) {
    unsigned conn = random_below(&random, CONNS);
    struct weft_segment s = next_segment(&random, side[conn], conn, (uint32_t)frame);
    now += random_below(&random, 2000) ? WEFT_SECOND / 1000 : 3 * WEFT_SECOND;
    s.mark = (struct weft_mark){now, frame};
    int verdict = weft_engine_push_segment(engine[0], &s);
    if (weft_engine_push_segment(engine[1], &s) != verdict)
      fail_msg("seed %llu, frame %llu: other verdicts", (unsigned long long)seed,
               (unsigned long long)frame);
    if (logs[0].count != logs[1].count)
      fail_msg("seed %llu, frame %llu: %u and %u events", (unsigned long long)seed,
               (unsigned long long)frame, logs[0].count, logs[1].count);
  }
  struct weft_stats stats[2];
  for (int i = 0; i < 2; i++) {
    assert_int_equal(weft_engine_finish(engine[i]), 0);
    stats[i] = stats_of(engine[i]);
    weft_engine_free(engine[i]);
  }
  assert_int_equal(logs[0].count, logs[1].count);
  for (unsigned i = 0; i < logs[0].count; i++)
    if (memcmp(logs[0].event[i], logs[1].event[i], sizeof logs[0].event[i]))
      fail_msg("seed %llu: event %u of kind %llu", (unsigned long long)seed, i,
               (unsigned long long)logs[0].event[i][0]);
  assert_memory_equal(&stats[0], &stats[1], sizeof stats[0]);
}

static void as_the_long_way(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 30; seed++) compare(seed, 0);
}

static void as_the_long_way_at_the_bound(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 30; seed++) compare(seed, 1 + (uint32_t)seed % 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(as_the_long_way),
      cmocka_unit_test(as_the_long_way_at_the_bound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
