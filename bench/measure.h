/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BENCH_MEASURE_H
#define WEFT_BENCH_MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "digest.h"

/* What a driver found, printed as one JSON line; bench/run compares it with the
   ground truth.  Members it does not know stay 0 and are not printed. */
struct measured {
  uint64_t packets, connections, bytes, transactions, gap_bytes;
  uint64_t digest; /* printed where `checked` */
  int checked;
};

/* A number of /proc/self/status in bytes, 0 where there is none such. */
static inline uint64_t measure_status(const char *field) {
  char line[256];
  unsigned long long kilobytes = 0;
  FILE *file = fopen("/proc/self/status", "r");
  if (file == NULL) return 0;
  size_t length = strlen(field);
  while (fgets(line, sizeof line, file))
    if (strncmp(line, field, length) == 0) kilobytes = strtoull(line + length, NULL, 10);
  fclose(file);
  return kilobytes * 1024;
}

static inline void measured_print(const struct measured *m) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
  printf("{\"cpu_ns\": %.0f, \"peak_rss\": %llu", cpu,
         (unsigned long long)measure_status("VmHWM:"));
  if (m->packets) printf(", \"packets\": %llu", (unsigned long long)m->packets);
  if (m->connections) printf(", \"connections\": %llu", (unsigned long long)m->connections);
  if (m->bytes) printf(", \"bytes\": %llu", (unsigned long long)m->bytes);
  if (m->gap_bytes) printf(", \"gap_bytes\": %llu", (unsigned long long)m->gap_bytes);
  if (m->transactions) printf(", \"transactions\": %llu", (unsigned long long)m->transactions);
  if (m->checked) printf(", \"digest\": \"%016llx\"", (unsigned long long)m->digest);
  puts("}");
}

#endif
