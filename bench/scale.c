/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the cost of a packet grows: with connections open at once, with segments
 * held behind a hole, and under packets that an attacker would choose.  Frames are made in
 * memory, 512 at a time, and only the pushing is timed, in CPU time.
 *
 *     scale open N | held N | attack NAME     prints one JSON line
 */
#include <stdint.h>
#include <time.h>

#include "feed.h"
#include "measure.h"
#include "pcap_out.h"

enum { BATCH = 64, GROUP = 8 * BATCH, ROUNDS = 5, HELD_CONNS = 16, PIECE = 100 };

static uint8_t payload[1460];

struct bench {
  struct weft_engine *engine;
  struct weft_mark mark;
  uint8_t bytes[GROUP][OUT_FRAME_MAX];
  struct weft_frame frames[GROUP];
  size_t nframes;
  uint64_t packets, ns, delivered;
};

static uint64_t clock_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int add_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                    void *user) {
  (void)conn, (void)dir;
  ((struct bench *)user)->delivered += data->length;
  return 0;
}

static void flush(struct bench *b) {
  uint64_t start = clock_ns();
  for (size_t i = 0; i < b->nframes; i += BATCH) {
    size_t n = b->nframes - i < BATCH ? b->nframes - i : BATCH;
    feed_check(weft_engine_push_batch(b->engine, b->frames + i, n, NULL), "push");
  }
  b->ns += clock_ns() - start;
  b->packets += b->nframes;
  b->nframes = 0;
}

/* One more packet of connection `id`; the clock moves on by a microsecond. */
static void packet(struct bench *b, uint32_t id, int from_server, uint8_t flags, uint32_t seq,
                   uint32_t ack, size_t length) {
  uint8_t *bytes = b->bytes[b->nframes];
  struct out_segment s = {.client = 0x0a000000u + id / 16,
                          .client_port = (uint16_t)(20000 + id % 16),
                          .server = 0xc0a80001u,
                          .server_port = 80,
                          .seq = seq,
                          .ack = ack,
                          .flags = flags,
                          .from_server = (uint8_t)from_server,
                          .payload = length ? payload : NULL,
                          .length = length};
  uint32_t size = (uint32_t)out_frame_build(bytes, &s);
  b->mark.frame++;
  b->mark.time += 1000;
  b->frames[b->nframes++] = (struct weft_frame){
      .data = bytes, .caplen = size, .wirelen = size, .mark = b->mark, .linktype = 1};
  if (b->nframes == GROUP) flush(b);
}

static void bench_begin(struct bench *b) {
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_data = add_data};
  *b = (struct bench){.mark.time = 1700000000 * WEFT_SECOND};
  feed_check(weft_engine_new(WEFT_OPTIONS(.conns_max = 8u << 20), &ops, b, &b->engine), "engine");
}

static void handshake(struct bench *b, uint32_t id) {
  packet(b, id, 0, WEFT_TCP_SYN, 0, 0, 0);
  packet(b, id, 1, WEFT_TCP_SYN | WEFT_TCP_ACK, 0, 1, 0);
  packet(b, id, 0, WEFT_TCP_ACK, 1, 1, 0);
}

static double per_packet(struct bench *b) {
  if (b->nframes) flush(b);
  double ns = (double)b->ns / (double)b->packets;
  b->ns = b->packets = 0;
  return ns;
}

static uint64_t memory_of(const struct bench *b) {
  struct weft_stats stats = {.size = sizeof stats};
  weft_engine_stats(b->engine, &stats);
  return stats.memory_peak;
}

static double least(double a, double b) { return a < b ? a : b; }

/* ---- connections open at once ------------------------------------------ */

/* Data to each connection in an order without pattern: multiplying by an odd
   number permutes the powers of two, and larger results are passed over. */
static double open_round(struct bench *b, uint32_t n, uint32_t turn) {
  uint32_t mask = 1;
  while (mask < n) mask *= 2;
  mask--;
  for (uint32_t i = 0; i <= mask; i++) {
    uint32_t id = (i * 2654435761u + turn * 40503u) & mask;
    if (id < n) packet(b, id, 0, WEFT_TCP_ACK, 1 + turn * PIECE, 1, PIECE);
  }
  return per_packet(b);
}

static double run_open(struct bench *b, uint32_t n) {
  for (uint32_t id = 0; id < n; id++) handshake(b, id);
  per_packet(b);
  uint32_t turns = n < 1000000 ? 2000000 / n : 3;
  double sum = 0, best = 1e9;
  /* Of small rounds the mean over some thousand packets, so that a timer tick does not count. */
  uint32_t group = n < 100000 ? 100000 / n : 1, in_group = 0;
  for (uint32_t turn = 0; turn < turns; turn++) {
    sum += open_round(b, n, turn);
    if (++in_group < group) continue;
    best = least(best, sum / group);
    sum = in_group = 0;
  }
  return best;
}

/* ---- segments held ------------------------------------------------------ */

/* In each direction a hole, `n` segments behind it in an order without pattern, then
   what fills it.  The bound of segments_max is 1024. */
static void held_cycle(struct bench *b, uint32_t n, uint32_t *seq) {
  for (uint32_t i = 0; i < n; i++) {
    uint32_t at = n & (n - 1) ? i : (i * 2654435761u) & (n - 1);
    for (uint32_t id = 0; id < HELD_CONNS; id++)
      packet(b, id, 0, WEFT_TCP_ACK, *seq + (1 + at) * PIECE, 1, PIECE);
  }
  for (uint32_t id = 0; id < HELD_CONNS; id++) packet(b, id, 0, WEFT_TCP_ACK, *seq, 1, PIECE);
  *seq += (n + 1) * PIECE;
}

static double run_held(struct bench *b, uint32_t n) {
  uint32_t seq = 1, cycles = 8192 / n;
  double best = 1e9;
  for (uint32_t id = 0; id < HELD_CONNS; id++) handshake(b, id);
  for (int round = 0; round < ROUNDS; round++) {
    per_packet(b);
    for (uint32_t cycle = 0; cycle < (cycles ? cycles : 1); cycle++) held_cycle(b, n, &seq);
    best = least(best, per_packet(b));
  }
  return best;
}

/* ---- an attacker's packets ------------------------------------------------ */

enum { ATTACK_PACKETS = 100000, REVERSED = 1000 };

/* What is honest: segments of the same size in order, on as many connections. */
static void attack_honest(struct bench *b, uint32_t i) {
  packet(b, i % HELD_CONNS, 0, WEFT_TCP_ACK, 1 + i / HELD_CONNS * PIECE, 1, PIECE);
}

static void attack_reverse(struct bench *b, uint32_t i) {
  uint32_t at = i / REVERSED * REVERSED + (REVERSED - 1 - i % REVERSED);
  packet(b, 0, 0, WEFT_TCP_ACK, 1 + at * PIECE, 1, PIECE);
}

static void attack_byte(struct bench *b, uint32_t i) { packet(b, 0, 0, WEFT_TCP_ACK, 1 + i, 1, 1); }

/* Every second byte only: each waits, until a bound makes it give way. */
static void attack_holes(struct bench *b, uint32_t i) {
  packet(b, 0, 0, WEFT_TCP_ACK, 2 + 2 * i, 1, 1);
}

/* The same backwards, in reach of the bound. */
static void attack_holes_reverse(struct bench *b, uint32_t i) {
  packet(b, i / REVERSED % 16, 0, WEFT_TCP_ACK, 2 + 2 * (REVERSED - i % REVERSED), 1, 1);
}

static void attack_scan(struct bench *b, uint32_t i) {
  packet(b, HELD_CONNS + i, 0, WEFT_TCP_SYN, i, 0, 0);
}

/* The same held segment, again and again. */
static void attack_repeat(struct bench *b, uint32_t i) {
  packet(b, 0, 0, WEFT_TCP_ACK, 1 + PIECE * (1 + i % 512), 1, PIECE);
}

/* Segments that lie across many held ones. */
static void attack_overlap(struct bench *b, uint32_t i) {
  if (i % 16)
    packet(b, 0, 0, WEFT_TCP_ACK, 2 + 2 * (i % 1000), 1, 1);
  else
    packet(b, 0, 0, WEFT_TCP_ACK, 2 + i % 256, 1, 1400);
}

/* Opens, resets, opens again: the same addresses. */
static void attack_churn(struct bench *b, uint32_t i) {
  packet(b, 0, 0, i % 2 ? WEFT_TCP_RST : WEFT_TCP_SYN, i / 2 * 100000 + i % 2, 0, 0);
}

static const struct attack {
  const char *name;
  void (*send)(struct bench *, uint32_t i);
} attacks[] = {{"honest", attack_honest},
               {"reverse", attack_reverse},
               {"one-byte", attack_byte},
               {"holes", attack_holes},
               {"holes-reverse", attack_holes_reverse},
               {"scan", attack_scan},
               {"repeat", attack_repeat},
               {"overlap", attack_overlap},
               {"churn", attack_churn}};
enum { NATTACKS = sizeof attacks / sizeof *attacks };

static double run_attack(struct bench *b, const struct attack *attack) {
  double best = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    if (round) weft_engine_free(b->engine);
    bench_begin(b);
    for (uint32_t id = 0; id < HELD_CONNS; id++) handshake(b, id);
    per_packet(b);
    for (uint32_t i = 0; i < ATTACK_PACKETS; i++) attack->send(b, i);
    best = least(best, per_packet(b));
  }
  return best;
}

/* ---- the program -------------------------------------------------------- */

int main(int argc, char **argv) {
  static struct bench b;
  double ns = -1;
  if (argc == 3 && strcmp(argv[1], "attack") == 0) {
    for (int i = 0; i < NATTACKS; i++)
      if (strcmp(attacks[i].name, argv[2]) == 0) ns = run_attack(&b, &attacks[i]);
  } else if (argc == 3) {
    uint32_t n = (uint32_t)strtoul(argv[2], NULL, 10);
    bench_begin(&b);
    if (n && strcmp(argv[1], "open") == 0) ns = run_open(&b, n);
    if (n && strcmp(argv[1], "held") == 0) ns = run_held(&b, n);
  }
  if (ns < 0) {
    fputs("usage: scale open N | held N | attack NAME; attacks:", stderr);
    for (int i = 0; i < NATTACKS; i++) fprintf(stderr, " %s", attacks[i].name);
    fputc('\n', stderr);
    return 1;
  }
  printf("{\"kind\": \"%s\", \"case\": \"%s\", \"ns\": %.1f, \"engine_bytes\": %llu, "
         "\"peak_rss\": %llu}\n",
         argv[1], argv[2], ns, (unsigned long long)memory_of(&b),
         (unsigned long long)measure_status("VmHWM:"));
  weft_engine_free(b.engine);
  return 0;
}
