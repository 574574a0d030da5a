/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a capture of made-up traffic and, beside it in FILE.json, what is in
 * it.  The same workload, scale and seed give the same file.
 *
 *     generate WORKLOAD [--scale FACTOR] [--seed N] -o FILE
 *
 * Connections are interleaved packet by packet: one of those open, drawn at
 * random, sends its next; in `million` they take turns.  When one is over, the
 * next begins in its place.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traffic.h"

struct workload {
  const char *name;
  uint64_t connections, open_max;
  uint32_t packet_ns; /* from one packet to the next, on average; 0: 10 Gbit/s on the wire */
  int turns;
  struct traffic_style style;
};

static const struct workload workloads[] = {
    {"bulk", 16, 16, 0, 0, {MESSAGE_BULK, 8 << 20, 16, 16, 0, 0, 0, 0, 0}},
    {"web", 200000, 10000, 2000, 0, {MESSAGE_WEB, 0, 1, 5, 0, 0, 0, 0, 0}},
    {"small", 2000000, 100000, 5000, 0, {MESSAGE_SMALL, 0, 1, 1, 1, 0, 0, 0, 0}},
    {"million", 1000000, 1000000, 2000, 1, {MESSAGE_SMALL, 0, 2, 2, 1, 0, 0, 0, 0}},
    {"lossy", 200000, 10000, 2000, 0, {MESSAGE_WEB, 0, 1, 5, 0, 550, 100, 50, 50}},
};
enum { NWORKLOADS = sizeof workloads / sizeof *workloads };

struct run {
  struct workload workload;
  double scale;
  uint64_t seed, opened, open_peak;
  struct traffic *open;
  uint64_t nopen;
  int64_t now;
  struct random random;
  struct pcap_out out;
  struct traffic_truth truth;
};

/* Fewer connections, and as many at once as there were, up to half of them;
   bulk keeps its connections and has fewer exchanges, at last shorter ones. */
static void workload_scale(struct workload *w, double scale) {
  if (w->style.messages == MESSAGE_BULK) {
    double n = w->style.exchanges_max * scale;
    if (n < 1) w->style.body = (uint32_t)(w->style.body * n);
    w->style.exchanges_min = w->style.exchanges_max = n < 1 ? 1 : (uint32_t)lround(n);
    return;
  }
  w->connections = (uint64_t)llround((double)w->connections * scale);
  if (w->connections < 2) w->connections = 2;
  if (w->turns)
    w->open_max = w->connections;
  else if (w->open_max > w->connections / 2)
    w->open_max = w->connections / 2;
}

static void clock_advance(struct run *run, size_t wire_bytes) {
  uint32_t step = run->workload.packet_ns;
  if (step == 0)
    run->now += (int64_t)(wire_bytes + 24) * 8 / 10; /* preamble, FCS and pause */
  else
    run->now += step / 2 + random_below(&run->random, step);
}

static void open_slot(struct run *run, uint64_t slot) {
  traffic_init(&run->open[slot], &run->workload.style, run->seed, run->opened++);
}

/* The connection in this slot sends a packet, or is over and makes room. */
static void slot_step(struct run *run, uint64_t slot) {
  struct out_segment segment;
  uint32_t ms = (uint32_t)(run->now / 1000000);
  struct traffic *t = &run->open[slot];
  if (traffic_next(t, &run->workload.style, &run->truth, ms, &segment)) {
    pcap_out_write(&run->out, run->now, &segment);
    clock_advance(run, 66 + segment.length);
    return;
  }
  traffic_done(t);
  if (run->opened < run->workload.connections)
    open_slot(run, slot);
  else
    run->open[slot] = run->open[--run->nopen];
}

static void run_all(struct run *run) {
  run->nopen = run->workload.open_max;
  run->open = malloc(run->nopen * sizeof *run->open);
  if (run->open == NULL) {
    fputs("generate: no memory\n", stderr);
    exit(1);
  }
  for (uint64_t slot = 0; slot < run->nopen; slot++) open_slot(run, slot);
  run->open_peak = run->nopen;
  uint64_t turn = 0;
  while (run->nopen) {
    if (!run->workload.turns)
      turn = random_below(&run->random, (uint32_t)run->nopen);
    else if (turn >= run->nopen)
      turn = 0;
    slot_step(run, turn++);
  }
  free(run->open);
}

static void truth_write(const struct run *run, const char *path) {
  char name[4096];
  snprintf(name, sizeof name, "%s.json", path);
  FILE *file = fopen(name, "w");
  if (file == NULL) {
    perror(name);
    exit(1);
  }
  const struct traffic_truth *t = &run->truth;
#define FIELD(name, value) fprintf(file, " \"" name "\": %llu,\n", (unsigned long long)(value))
  fprintf(file, "{\"workload\": \"%s\", \"scale\": %g,\n", run->workload.name, run->scale);
  FIELD("seed", run->seed);
  FIELD("packets", t->packets);
  FIELD("connections", t->connections);
  FIELD("open_peak", run->open_peak);
  FIELD("bytes", t->bytes);
  FIELD("bytes_missing", t->bytes_missing);
  FIELD("transactions", t->exchanges);
  FIELD("transactions_whole", t->exchanges_whole);
  FIELD("reordered", t->reordered);
  FIELD("repeated", t->repeated);
  FIELD("lost", t->lost);
  FIELD("overlapping", t->overlapping);
  FIELD("file_bytes", run->out.bytes);
  fprintf(file, " \"digest\": \"%016llx\"}\n", (unsigned long long)t->digest);
  if (fclose(file) != 0) {
    perror(name);
    exit(1);
  }
}

static int usage(void) {
  fputs("usage: generate WORKLOAD [--scale FACTOR] [--seed N] -o FILE\nworkloads:", stderr);
  for (int i = 0; i < NWORKLOADS; i++) fprintf(stderr, " %s", workloads[i].name);
  fputc('\n', stderr);
  return 1;
}

int main(int argc, char **argv) {
  const char *path = NULL;
  struct run run = {.scale = 1, .seed = 1, .now = 1700000000LL * 1000000000};
  for (int i = 0; i < NWORKLOADS && argc > 1; i++)
    if (strcmp(workloads[i].name, argv[1]) == 0) run.workload = workloads[i];
  for (int i = 2; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--scale") == 0)
      run.scale = atof(argv[i + 1]);
    else if (strcmp(argv[i], "--seed") == 0)
      run.seed = strtoull(argv[i + 1], NULL, 10);
    else if (strcmp(argv[i], "-o") == 0)
      path = argv[i + 1];
    else
      return usage();
  }
  if (run.workload.name == NULL || path == NULL || !(run.scale > 0 && run.scale <= 1))
    return usage();
  workload_scale(&run.workload, run.scale);
  run.random.state = digest_mix(run.seed + 99);
  pcap_out_open(&run.out, path);
  run_all(&run);
  pcap_out_close(&run.out);
  truth_write(&run, path);
  return 0;
}
