/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "allocator.h"
#include "build.h"
#include "model.h"
#include "random.h"

/*
 *     model [--seeds A-B] [--operations N] [--policy NAME] [--verbose]
 *
 * Random segments, acknowledgements, waits and flushes on an engine and on the
 * model at once; after each the delivered stream is compared, byte for byte
 * and frame for frame.  Frame numbers are those of the model's segments plus a
 * constant, so that a span's mark tells its segment.
 */
enum { FRAME_BASE = 10 };
#define GAP_WAIT (1000 * WEFT_SECOND) /* longer than all acknowledgements together */

struct run {
  uint64_t seed, random;
  int verbose, failed;
  enum weft_dir dir;
  uint32_t base; /* sequence number of slot 0 */
  struct model model;
  struct weft_engine *engine;
  struct test_allocator memory;
  weft_time now;
  int got[MODEL_SLOTS]; /* what the engine said each number came from */
  uint8_t bytes[MODEL_SLOTS];
  uint64_t got_next, kept_from, gap_bytes;
  int ended, opened, closed;
  uint8_t payload[MODEL_SLOTS];
};

static void fail(struct run *run, const char *what, uint64_t where) {
  if (!run->failed)
    fprintf(stderr, "seed %llu, policy %s: %s (at %llu, stream at %llu)\n",
            (unsigned long long)run->seed, weft_overlap_policy_name(run->model.policy), what,
            (unsigned long long)where, (unsigned long long)run->got_next);
  run->failed = 1;
}

#define CHECK(run, condition, what, where) \
  do { \
    if (!(condition)) fail(run, what, where); \
  } while (0)

/* ---- what the engine says ------------------------------------------- */

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  struct run *run = user;
  (void)conn;
  CHECK(run, !open->guessed, "the client is known, not guessed", 0);
  run->opened++;
  return 0;
}

static void check_byte(struct run *run, const struct weft_span *span, size_t i) {
  uint64_t at = span->offset + i;
  int owner = (int)(span->mark.frame - FRAME_BASE);
  CHECK(run, at < MODEL_SLOTS, "data beyond all that was sent", at);
  if (run->failed) return;
  if (at < run->got_next) {
    CHECK(run, run->got[at] == owner && run->bytes[at] == span->base[i],
          "a kept byte is not what it was", at);
    return;
  }
  CHECK(run, at == run->got_next, "data out of order", at);
  run->got[at] = owner;
  run->bytes[at] = span->base[i];
  run->got_next = at + 1;
}

static void check_spans(struct run *run, const struct weft_data *data) {
  uint64_t at = data->offset;
  for (size_t i = 0; i < data->nspans && !run->failed; i++) {
    const struct weft_span *span = &data->spans[i];
    CHECK(run, span->offset == at, "spans leave a hole or overlap", span->offset);
    CHECK(run, span->len > 0, "an empty span", span->offset);
    for (size_t k = 0; k < span->len && !run->failed; k++) check_byte(run, span, k);
    at += span->len;
  }
  CHECK(run, at == data->offset + data->length, "spans do not add up", at);
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  struct run *run = user;
  CHECK(run, dir == run->dir, "data in the silent direction", data->offset);
  CHECK(run, !run->ended, "data after the end", data->offset);
  CHECK(run, data->fresh == run->got_next, "fresh is not where data ended", data->fresh);
  CHECK(run, data->offset == run->kept_from, "not what was kept is offered", data->offset);
  CHECK(run, data->fresh < data->offset + data->length, "nothing new", data->fresh);
  check_spans(run, data);
  run->kept_from = run->got_next;
  if (random_below(&run->random, 3) == 0) {
    run->kept_from = data->offset + random_below(&run->random, (uint32_t)data->length + 1);
    weft_conn_keep(conn, dir, run->kept_from);
  }
  return 0;
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  struct run *run = user;
  (void)conn;
  CHECK(run, dir == run->dir, "a gap in the silent direction", gap->offset);
  CHECK(run, gap->offset == run->got_next && gap->length > 0, "a gap out of order", gap->offset);
  CHECK(run, gap->offset + gap->length < MODEL_SLOTS, "a gap too long", gap->offset);
  CHECK(run, !gap->kept == (run->kept_from == run->got_next), "kept bytes at the gap", gap->offset);
  if (run->failed) return 0;
  if (gap->kept) check_spans(run, gap->kept);
  for (uint64_t i = 0; i < gap->length; i++) run->got[run->got_next++] = OWNER_GAP;
  run->gap_bytes += gap->length;
  run->kept_from = run->got_next;
  return 0;
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  struct run *run = user;
  (void)conn;
  if (dir != run->dir) return 0;
  CHECK(run, !run->ended++, "a second end", end->length);
  CHECK(run, end->length == run->got_next, "the end's length", end->length);
  return 0;
}

static void on_close(struct weft_conn *conn, void *user) {
  (void)conn;
  ((struct run *)user)->closed++;
}

static const struct weft_stream_ops ops = {.size = sizeof ops,
                                           .on_open = on_open,
                                           .on_data = on_data,
                                           .on_gap = on_gap,
                                           .on_end = on_end,
                                           .on_close = on_close};

/* ---- comparison ----------------------------------------------------- */

/* A FIN takes a number but no byte: the engine's stream is one shorter. */
static void compare(struct run *run) {
  const struct model *m = &run->model;
  uint32_t length = m->next - (m->ended != 0);
  CHECK(run, run->got_next == length, "the stream's length is not the model's", length);
  CHECK(run, run->gap_bytes == m->gap_slots, "missing bytes are not the model's", m->gap_slots);
  for (uint32_t at = 0; at < length && !run->failed; at++) {
    CHECK(run, run->got[at] == m->owner[at], "a byte comes from another segment", at);
    if (m->owner[at] != OWNER_GAP)
      CHECK(run, run->bytes[at] == model_byte(m->owner[at], at), "a byte differs", at);
  }
}

/* ---- what is done --------------------------------------------------- */

static int push(struct run *run, enum weft_dir dir, uint32_t seq, uint32_t ack, unsigned flags,
                size_t length, uint64_t frame) {
  struct weft_segment s = seg_acks(seg_bytes(dir, seq, run->payload, length, flags), ack);
  uint8_t *lent = malloc(length + 1);
  if (!lent) abort();
  memcpy(lent, run->payload, length);
  s.payload = lent;
  if (!(flags & (SYN | ACK))) s.tcp_flags |= ACK;
  if ((flags & SYN) && !ack) s.tcp_flags &= (uint8_t)~ACK;
  run->now += WEFT_SECOND / 1000;
  s.mark = (struct weft_mark){run->now, frame};
  int rc = weft_engine_push_segment(run->engine, &s);
  memset(lent, '?', length);
  free(lent);
  CHECK(run, rc >= 0, "push failed", (uint64_t)-rc);
  return rc;
}

static void op_push(struct run *run) {
  uint32_t reach = random_below(&run->random, 4) ? 40 : 200;
  int64_t start = (int64_t)run->model.next + random_below(&run->random, reach) - 10;
  uint32_t length = random_below(&run->random, 30);
  int fin = random_below(&run->random, 60) == 0;
  if (start < 0) start = 0;
  int index = model_push(&run->model, (uint32_t)start, length, fin);
  for (uint32_t i = 0; i < length; i++) run->payload[i] = model_byte(index, (uint32_t)start + i);
  if (run->verbose)
    printf("push %d: [%lld, %lld)%s\n", index, (long long)start, (long long)start + length,
           fin ? " FIN" : "");
  push(run, run->dir, run->base + (uint32_t)start, 1, fin ? FIN | ACK : ACK, length,
       (uint64_t)index + FRAME_BASE);
}

static void advance(struct run *run, weft_duration duration) {
  run->now += duration;
  int rc = weft_engine_advance(run->engine, run->now);
  CHECK(run, rc == 0, "advance failed", (uint64_t)-rc);
}

static void op_flush(struct run *run) {
  if (run->verbose) printf("flush\n");
  model_flush(&run->model);
  int rc = weft_engine_flush(run->engine, INT64_MAX, WEFT_TIME_NONE, NULL);
  CHECK(run, rc == 0, "flush failed", (uint64_t)-rc);
}

static void op_wait(struct run *run) {
  if (run->verbose) printf("wait\n");
  model_flush(&run->model);
  advance(run, GAP_WAIT + WEFT_SECOND);
}

/* Acknowledges up to a number that is not beyond what was sent without FIN. */
static void op_ack(struct run *run) {
  uint32_t highest = run->model.next;
  for (uint32_t slot = highest; slot < MODEL_SLOTS; slot++) {
    if (model_is_fin(&run->model, slot)) break;
    if (run->model.owner[slot] >= 0) highest = slot + 1;
  }
  if (run->model.ended) return;
  uint32_t end = run->model.next + random_below(&run->random, highest - run->model.next + 1);
  if (run->verbose) printf("ack %u\n", (unsigned)end);
  push(run, !run->dir, 1, run->base + end, ACK, 0, 5);
  model_acked(&run->model, end);
  advance(run, WEFT_SECOND);
}

static void operate(struct run *run) {
  uint32_t dice = random_below(&run->random, 100);
  if (run->model.nsegments >= MODEL_SEGMENTS - 1) return;
  if (run->model.next + 300 >= MODEL_SLOTS) return;
  if (dice < 92)
    op_push(run);
  else if (dice < 95)
    op_ack(run);
  else if (dice < 97)
    op_wait(run);
  else
    op_flush(run);
  compare(run);
}

/* ---- one run -------------------------------------------------------- */

static uint32_t choose_base(uint64_t *random) {
  static const uint32_t near[] = {0, 0xffffffffu, 0x7fffffffu, 0x80000000u, 0xffffff00u};
  uint32_t base = near[random_below(random, 5)] - random_below(random, 200);
  return random_below(random, 5) ? base : (uint32_t)random_next(random);
}

static void handshake(struct run *run) {
  uint32_t isn = run->base - 1;
  int client = run->dir == WEFT_FROM_CLIENT;
  push(run, C, client ? isn : 0, 0, SYN, 0, 1);
  push(run, S, client ? 0 : isn, client ? run->base : 1, SYN | ACK, 0, 2);
  push(run, C, client ? run->base : 1, client ? 1 : run->base, ACK, 0, 3);
}

static int run_seed(uint64_t seed, unsigned policy, int operations, int verbose) {
  static struct run run;
  run = (struct run){.seed = seed, .random = seed * 16 + policy, .verbose = verbose};
  run.now = FEED_START;
  run.dir = (enum weft_dir)random_below(&run.random, 2);
  run.base = choose_base(&run.random);
  model_init(&run.model, policy);
  struct weft_allocator allocator = test_allocator_of(&run.memory);
  int rc = weft_engine_new(WEFT_OPTIONS(.allocator = &allocator, .overlap = (uint8_t)policy,
                                        .gap_wait = GAP_WAIT, .idle_wait = WEFT_FOREVER,
                                        .linger_wait = WEFT_FOREVER),
                           &ops, &run, &run.engine);
  if (rc < 0) {
    fprintf(stderr, "no engine: %s\n", weft_strerror(rc));
    return -1;
  }
  handshake(&run);
  for (int i = 0; i < operations && !run.failed; i++) operate(&run);
  model_flush(&run.model);
  if (!run.failed) weft_engine_finish(run.engine);
  if (!run.failed) compare(&run);
  weft_engine_free(run.engine);
  CHECK(&run, run.opened == 1 && run.closed == 1, "not one open and one close", 0);
  CHECK(&run, run.memory.live == 0 && run.memory.wrong_sizes == 0, "memory left", run.memory.live);
  return run.failed ? -1 : 0;
}

int main(int argc, char **argv) {
  unsigned long long first = 1, last = 150;
  int operations = 120, verbose = 0, failures = 0;
  const char *only = NULL;
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--verbose"))
      verbose = 1;
    else if (!strcmp(argv[i], "--seeds") && ++i < argc) {
      if (sscanf(argv[i], "%llu-%llu", &first, &last) == 1) last = first;
    } else if (!strcmp(argv[i], "--operations") && ++i < argc)
      operations = atoi(argv[i]);
    else if (!strcmp(argv[i], "--policy") && ++i < argc)
      only = argv[i];
    else
      return fprintf(stderr,
                     "usage: model [--seeds A-B] [--operations N] [--policy NAME] [--verbose]\n"),
             1;
  }
  for (unsigned long long seed = first; seed <= last && failures < 10; seed++)
    for (unsigned policy = 0; policy < WEFT_OVERLAP_COUNT; policy++)
      if (!only || !strcmp(only, weft_overlap_policy_name(policy)))
        failures += run_seed(seed, policy, operations, verbose) != 0;
  printf("seeds %llu to %llu, %d operations, %d policies: %d failed\n", first, last, operations,
         (int)WEFT_OVERLAP_COUNT, failures);
  return failures ? 1 : 0;
}
