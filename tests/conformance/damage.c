/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE /* memfd_create */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <weft/capture.h>
#include <weft/http.h>

#include "random.h"

/*
 *     damage [--cuts N] [--flips N] [--seed S] [--seconds N] FILE...
 *
 * Each capture whole, cut at N random places, and N times with random bytes
 * changed, goes through everything: capture, engine, HTTP.  Looked for: crashes
 * and sanitizer findings, leaks, hangs, and frames before a cut that are not
 * those of the whole file.  One process a file, so that a crash costs one file
 * and can be named.
 */

/* What a child is doing, for the parent to tell when it dies. */
struct progress {
  char what[160];
  uint64_t runs;
};

struct run {
  struct weft_engine *engine;
  struct weft_http *http;
  uint64_t frames, exchanges, touched;
  uint64_t *prefix; /* digest after each frame of the whole file */
  uint64_t nprefix, digest;
  int whole; /* this run makes `prefix`, others are held against it when cut */
  int check_prefix;
};

static void fail(const char *what) {
  fprintf(stderr, "not true: %s\n", what);
  abort();
}

/* Reads bytes so that a sanitizer sees bad ones. */
static uint64_t touch(const void *data, size_t length) {
  const uint8_t *bytes = data;
  uint64_t sum = 0;
  for (size_t i = 0; i < length; i++) sum = sum * 31 + bytes[i];
  return sum;
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  struct run *run = user;
  (void)open;
  return weft_http_attach(run->http, conn);
}

static uint64_t touch_message(const struct weft_http_message *m) {
  if (!m) return 0;
  uint64_t sum = touch(m->method.base, m->method.len) + touch(m->target.base, m->target.len) +
                 touch(m->reason.base, m->reason.len);
  for (size_t i = 0; i < m->nfields; i++)
    sum += touch(m->fields[i].name.base, m->fields[i].name.len) +
           touch(m->fields[i].value.base, m->fields[i].value.len);
  return sum + touch(m->parts, m->nparts * sizeof *m->parts);
}

static int on_exchange(struct weft_conn *conn, const struct weft_http_exchange *exchange,
                       void *user) {
  struct run *run = user;
  (void)conn;
  run->exchanges++;
  run->touched += touch_message(exchange->request) + touch_message(exchange->response);
  if (!exchange->request && !exchange->response) fail("an exchange of nothing");
  return 0;
}

static int on_body(struct weft_conn *conn, const struct weft_http_message *message,
                   const uint8_t *data, size_t length, void *message_user, void *user) {
  struct run *run = user;
  (void)conn;
  (void)message;
  (void)message_user;
  run->touched += touch(data, length);
  return 0;
}

static const struct weft_stream_ops stream_ops = {.size = sizeof stream_ops, .on_open = on_open};
static const struct weft_http_ops http_ops = {
    .size = sizeof http_ops, .on_body = on_body, .on_exchange = on_exchange};

/* Frames before a cut are those of the whole file. */
static void count_frame(struct run *run, const struct weft_frame *frame) {
  run->digest = run->digest * 1099511628211u + touch(frame->data, frame->caplen) +
                (uint64_t)frame->mark.time + frame->wirelen;
  if (run->whole) {
    uint64_t *larger = realloc(run->prefix, (run->nprefix + 1) * sizeof *larger);
    if (!larger) abort();
    run->prefix = larger;
    run->prefix[run->nprefix++] = run->digest;
  } else if (run->check_prefix) {
    if (run->frames >= run->nprefix) fail("a cut file has more frames than the whole");
    if (run->prefix[run->frames] != run->digest) fail("a frame before the cut differs");
  }
  run->frames++;
}

static void read_frames(struct run *run, struct weft_capture *capture) {
  struct weft_frame frames[32];
  struct weft_error error = {0};
  int n;
  while ((n = weft_capture_next(capture, frames, 32, &error)) > 0) {
    for (int i = 0; i < n; i++) count_frame(run, &frames[i]);
    int rc = weft_engine_push_batch(run->engine, frames, (size_t)n, NULL);
    if (rc < 0) fail(weft_strerror(rc));
  }
  if (n < 0 && n != WEFT_E_FORMAT) fail(weft_strerror(n));
  if (n < 0 && !error.text[0]) fail("a failure without words");
}

static void run_path(struct run *run, const char *path, int strict) {
  struct weft_capture *capture;
  struct weft_error error = {0};
  run->frames = run->digest = 0;
  int rc = weft_capture_open(path, &capture, &error);
  if (rc < 0) {
    if (!error.text[0]) fail("a failure without words");
    return;
  }
  uint8_t receiver = strict ? WEFT_RECEIVER_STRICT : WEFT_RECEIVER_LENIENT;
  uint8_t checksum = strict ? WEFT_CHECKSUM_ALL : WEFT_CHECKSUM_NONE;
  if (weft_http_new(&(struct weft_http_options){.size = sizeof(struct weft_http_options),
                                                .parts_max = 100000},
                    &http_ops, run, &run->http) < 0 ||
      weft_engine_new(WEFT_OPTIONS(.receiver = receiver, .checksum = checksum), &stream_ops, run,
                      &run->engine) < 0)
    fail("no engine");
  read_frames(run, capture);
  rc = weft_engine_finish(run->engine);
  if (rc < 0) fail(weft_strerror(rc));
  weft_engine_free(run->engine);
  weft_http_free(run->http);
  weft_capture_close(capture);
}

/* ---- damage --------------------------------------------------------- */

struct file {
  uint8_t *bytes;
  size_t size;
};

static int file_read(const char *path, struct file *ret) {
  FILE *in = fopen(path, "rb");
  if (!in) return -1;
  fseek(in, 0, SEEK_END);
  long size = ftell(in);
  rewind(in);
  ret->size = (size_t)size;
  ret->bytes = malloc(ret->size + 1);
  int ok = size >= 0 && ret->bytes && fread(ret->bytes, 1, ret->size, in) == ret->size;
  fclose(in);
  return ok ? 0 : -1;
}

/* The damaged file as something that can be opened by name. */
static int spill(const uint8_t *bytes, size_t size, char path[64]) {
  int fd = memfd_create("damage", 0);
  if (fd < 0) return -1;
  for (size_t done = 0; done < size;) {
    ssize_t n = write(fd, bytes + done, size - done);
    if (n <= 0) return -1;
    done += (size_t)n;
  }
  snprintf(path, 64, "/proc/self/fd/%d", fd);
  return fd;
}

static void run_bytes(struct run *run, const uint8_t *bytes, size_t size, int strict) {
  char path[64];
  int fd = spill(bytes, size, path);
  if (fd < 0) fail("no memory file");
  run_path(run, path, strict);
  close(fd);
}

static void flip(uint8_t *bytes, size_t size, uint64_t *random) {
  uint32_t count = 1 + random_below(random, 16);
  /* Now and then only the first bytes, where the file's own header is. */
  size_t reach = random_below(random, 4) ? size : size < 64 ? size : 64;
  for (uint32_t i = 0; i < count && reach; i++)
    bytes[random_next(random) % reach] = (uint8_t)random_next(random);
}

struct plan {
  unsigned cuts, flips, seconds;
  uint64_t seed;
};

static void damage_file(const struct file *file, const struct plan *plan,
                        struct progress *progress) {
  struct run run = {.whole = 1};
  uint64_t random = plan->seed;
  uint8_t *copy = malloc(file->size + 1);
  if (!copy) abort();
  snprintf(progress->what, sizeof progress->what, "whole");
  alarm(plan->seconds);
  run_bytes(&run, file->bytes, file->size, 0);
  run.whole = 0;
  for (unsigned i = 0; i < plan->cuts; i++, progress->runs++) {
    size_t size = random_next(&random) % (file->size + 1);
    snprintf(progress->what, sizeof progress->what, "cut to %zu bytes", size);
    alarm(plan->seconds);
    run.check_prefix = 1;
    run_bytes(&run, file->bytes, size, i & 1);
  }
  run.check_prefix = 0;
  for (unsigned i = 0; i < plan->flips; i++, progress->runs++) {
    uint64_t seed = random_next(&random);
    snprintf(progress->what, sizeof progress->what, "bytes changed, seed %llu",
             (unsigned long long)seed);
    memcpy(copy, file->bytes, file->size);
    flip(copy, file->size, &seed);
    alarm(plan->seconds);
    run_bytes(&run, copy, file->size, i & 1);
  }
  snprintf(progress->what, sizeof progress->what, "leaks");
  free(run.prefix);
  free(copy);
}

static int test_file(const char *path, const struct plan *plan, struct progress *progress) {
  struct file file;
  int status = 0;
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    if (file_read(path, &file)) _exit(99);
    damage_file(&file, plan, progress);
    free(file.bytes);
    exit(0); /* not _exit: leaks are looked for on the way out */
  }
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  if (status == 0) return 0;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    printf("HANGS %s: %s\n", path, progress->what);
  else
    printf("FAILS %s: %s (status %#x)\n", path, progress->what, (unsigned)status);
  fflush(stdout);
  return -1;
}

static unsigned long number(int argc, char **argv, int i) {
  if (i < argc) return strtoul(argv[i], NULL, 10);
  fprintf(stderr, "%s wants a number\n", argv[i - 1]);
  exit(1);
}

int main(int argc, char **argv) {
  struct plan plan = {.cuts = 4, .flips = 4, .seconds = 60, .seed = 1};
  unsigned files = 0, failed = 0;
  struct progress *progress =
      mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (progress == MAP_FAILED) return 1;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--cuts"))
      plan.cuts = (unsigned)number(argc, argv, ++i);
    else if (!strcmp(argv[i], "--flips"))
      plan.flips = (unsigned)number(argc, argv, ++i);
    else if (!strcmp(argv[i], "--seed"))
      plan.seed = number(argc, argv, ++i);
    else if (!strcmp(argv[i], "--seconds"))
      plan.seconds = (unsigned)number(argc, argv, ++i);
    else {
      files++;
      failed += test_file(argv[i], &plan, progress) != 0;
    }
  }
  printf("seed %llu: %u files, %llu damaged copies, %u files failed\n",
         (unsigned long long)plan.seed, files, (unsigned long long)progress->runs, failed);
  return failed || !files ? 1 : 0;
}
