/* SPDX-License-Identifier: BSD-2-Clause */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { STEPS = 64, BAR = 30 };

static struct {
  int wanted, drawn;
  unsigned steps; /* until the clock is looked at again */
  double began, next;
} bar;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_begin(int wanted) {
  bar.wanted = wanted && isatty(STDERR_FILENO);
  if (!bar.wanted) return;
  bar.began = now();
  bar.next = bar.began + 1;
  bar.steps = STEPS;
}

int progress_due(void) {
  if (!bar.wanted || --bar.steps > 0) return 0;
  bar.steps = STEPS;
  return now() >= bar.next;
}

void progress_clear(void) {
  if (!bar.drawn) return;
  bar.drawn = 0;
  fputs("\r\033[K", stderr);
}

static void draw_known(double done, double total, double seconds) {
  char text[BAR + 1];
  int filled = (int)(done / total * BAR);
  for (int i = 0; i < BAR; i++) text[i] = i < filled ? '#' : '.';
  text[BAR] = '\0';
  fprintf(stderr, "\r%3d %% [%s] %.0f MB/s, %.0f s left\033[K", (int)(done / total * 100), text,
          done / seconds / 1e6, (total - done) / (done / seconds));
}

void progress_step(uint64_t done, uint64_t total) {
  double time = now(), seconds = time - bar.began;
  bar.next = time + 0.2;
  bar.drawn = 1;
  if (total > 0 && done > 0 && done <= total)
    draw_known((double)done, (double)total, seconds);
  else
    fprintf(stderr, "\r%.1f MB read, %.0f MB/s\033[K", (double)done / 1e6,
            (double)done / seconds / 1e6);
}
