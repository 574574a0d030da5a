/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE /* memfd_create */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <weft/capture.h>
#include <weft/http.h>

#include "random.h"
#include "records.h"

/*
 *     damage [--cuts N] [--flips N] [--lengths N] [--seed S] [--seconds N] FILE...
 *
 * Each capture whole, cut at N random places, N times with random bytes changed,
 * and with N fields that hold a length set to an extreme, goes through everything:
 * capture, engine, HTTP.  Looked for: crashes and sanitizer findings, leaks, hangs,
 * frames in front of the damage that are missing or other than those of the whole
 * file, and more than twice its time or memory.  One process a file, so that a
 * crash costs one file and can be named.
 */

/* What small files may take beyond twice: most of it is the same for any. */
enum { SPARE_BYTES = 1 << 20, SPARE_NS = 20 * 1000 * 1000, TIMES_TRIED = 4 };

/* What a child is doing, for the parent to tell when it dies. */
struct progress {
  char what[160];
  uint64_t runs;
  unsigned counted; /* files whose frames before any damage are known */
};

struct run {
  struct weft_engine *engine;
  struct weft_http *http;
  uint64_t frames, exchanges, touched;
  uint64_t *prefix; /* digest after each frame of the whole file */
  uint64_t nprefix, digest;
  int whole;         /* this run makes `prefix`, others are held against it */
  uint64_t expected; /* frames in front of the damage */
  int64_t ns;        /* taken by the last run, of this process alone */
  int64_t peak;      /* most bytes allocated during it; -1 where nobody counts */
};

/* ---- memory --------------------------------------------------------- */

/* The sanitizer's; in other builds they are not there. */
typedef void alloc_hook(const volatile void *, size_t);
typedef void free_hook(const volatile void *);
__attribute__((weak)) int __sanitizer_install_malloc_and_free_hooks(alloc_hook *, free_hook *);
__attribute__((weak)) size_t __sanitizer_get_allocated_size(const volatile void *);

static int64_t allocated, allocated_peak;

static void on_alloc(const volatile void *memory, size_t size) {
  (void)memory;
  allocated += (int64_t)size;
  if (allocated > allocated_peak) allocated_peak = allocated;
}

static void on_free(const volatile void *memory) {
  if (memory) allocated -= (int64_t)__sanitizer_get_allocated_size(memory);
}

static int memory_is_counted(void) { return __sanitizer_install_malloc_and_free_hooks != NULL; }

static int64_t process_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void fail(const char *what) {
  fprintf(stderr, "not true: %s\n", what);
  abort();
}

static void fail_beyond(const char *what, int64_t taken, int64_t whole, const char *unit) {
  fprintf(stderr, "not true: more than twice the %s: %lld %s, %lld for the whole file\n", what,
          (long long)taken, unit, (long long)whole);
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

/* Frames before the damage are those of the whole file. */
static void count_frame(struct run *run, const struct weft_frame *frame) {
  run->digest = run->digest * 1099511628211u + touch(frame->data, frame->caplen) +
                (uint64_t)frame->mark.time + frame->wirelen;
  if (run->whole) {
    uint64_t *larger = realloc(run->prefix, (run->nprefix + 1) * sizeof *larger);
    if (!larger) abort();
    run->prefix = larger;
    run->prefix[run->nprefix++] = run->digest;
  } else if (run->frames < run->expected && run->prefix[run->frames] != run->digest) {
    fail("a frame before the damage differs");
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
  /* Few connections: tables are made anew for each copy.  What is damaged may be other
     packets, fragments say, that wait for the rest as far as their bound allows: that
     is not what the reader takes. */
  if (weft_http_new(&(struct weft_http_options){.size = sizeof(struct weft_http_options),
                                                .parts_max = 100000},
                    &http_ops, run, &run->http) < 0 ||
      weft_engine_new(WEFT_OPTIONS(.receiver = receiver, .checksum = checksum, .conns_max = 1000,
                                   .fragment_bytes_max = 1 << 19),
                      &stream_ops, run, &run->engine) < 0)
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

static void run_once(struct run *run, const uint8_t *bytes, size_t size, int strict) {
  char path[64];
  int fd = spill(bytes, size, path);
  if (fd < 0) fail("no memory file");
  int64_t before = allocated, began = process_ns();
  allocated_peak = allocated;
  run_path(run, path, strict);
  run->ns = process_ns() - began;
  run->peak = memory_is_counted() ? allocated_peak - before : -1;
  close(fd);
  if (run->frames < run->expected) fail("a frame before the damage is missing");
}

/* What a run over the whole file took: the time is the least of several. */
struct measure {
  int64_t ns, peak;
};

/* Noise only ever adds, so what is once fast enough is. */
static void run_damaged(struct run *run, const uint8_t *bytes, size_t size, int strict,
                        const struct measure *whole) {
  for (int i = 0; i < TIMES_TRIED; i++) {
    run_once(run, bytes, size, strict);
    if (run->peak > 2 * whole->peak + SPARE_BYTES)
      fail_beyond("memory", run->peak, whole->peak, "bytes");
    if (run->ns <= 2 * whole->ns + SPARE_NS) return;
  }
  fail_beyond("time", run->ns, whole->ns, "ns");
}

/* Returns the first byte that changed, or `size`. */
static size_t flip(uint8_t *bytes, size_t size, uint64_t *random) {
  uint32_t count = 1 + random_below(random, 16);
  size_t first = size;
  /* Now and then only the first bytes, where the file's own header is. */
  size_t reach = random_below(random, 4) ? size : size < 64 ? size : 64;
  for (uint32_t i = 0; i < count && reach; i++) {
    size_t at = random_next(random) % reach;
    bytes[at] = (uint8_t)random_next(random);
    if (at < first) first = at;
  }
  return first;
}

struct plan {
  unsigned cuts, flips, lengths, seconds;
  uint64_t seed;
};

/* One capture, and a copy of it to be damaged. */
struct patient {
  const struct file *file;
  const struct plan *plan;
  struct progress *progress;
  struct records records;
  struct run run;
  struct measure whole;
  uint8_t *copy;
  int counted; /* the records found are the frames read: which are before the damage is known */
};

static void patient_begin(struct patient *p) {
  snprintf(p->progress->what, sizeof p->progress->what, "whole");
  alarm(p->plan->seconds);
  p->run.whole = 1;
  run_once(&p->run, p->file->bytes, p->file->size, 0);
  p->run.whole = 0;
  p->whole = (struct measure){p->run.ns, p->run.peak};
  for (int i = 0; i < 4; i++) {
    run_once(&p->run, p->file->bytes, p->file->size, i & 1);
    if (p->run.ns < p->whole.ns) p->whole.ns = p->run.ns;
    if (p->run.peak > p->whole.peak) p->whole.peak = p->run.peak;
  }
  records_find(p->file->bytes, p->file->size, &p->records);
  p->counted = p->records.nends == p->run.nprefix;
}

/* Runs over `bytes`, which are the file's up to `first`. */
static void patient_run(struct patient *p, const uint8_t *bytes, size_t size, size_t first,
                        unsigned i) {
  p->progress->runs++;
  alarm(p->plan->seconds);
  p->run.expected = p->counted ? records_before(&p->records, first) : 0;
  run_damaged(&p->run, bytes, size, i & 1, &p->whole);
}

static void patient_cut(struct patient *p, uint64_t *random) {
  for (unsigned i = 0; i < p->plan->cuts; i++) {
    size_t size = random_next(random) % (p->file->size + 1);
    snprintf(p->progress->what, sizeof p->progress->what, "cut to %zu bytes", size);
    patient_run(p, p->file->bytes, size, size, i);
  }
}

static void patient_flip(struct patient *p, uint64_t *random) {
  for (unsigned i = 0; i < p->plan->flips; i++) {
    uint64_t seed = random_next(random);
    snprintf(p->progress->what, sizeof p->progress->what, "bytes changed, seed %llu",
             (unsigned long long)seed);
    memcpy(p->copy, p->file->bytes, p->file->size);
    size_t first = flip(p->copy, p->file->size, &seed);
    patient_run(p, p->copy, p->file->size, first, i);
  }
}

/* All of them where that is no more than was asked for. */
static void patient_lengths(struct patient *p, uint64_t *random) {
  size_t all = p->records.nfields * LENGTH_EXTREMES;
  size_t count = all < p->plan->lengths ? all : p->plan->lengths;
  for (size_t i = 0; i < count; i++) {
    size_t which = all == count ? i : random_next(random) % all;
    const struct length_field *field = &p->records.fields[which / LENGTH_EXTREMES];
    snprintf(p->progress->what, sizeof p->progress->what, "length at %zu, extreme %zu",
             field->offset, which % LENGTH_EXTREMES);
    memcpy(p->copy, p->file->bytes, p->file->size);
    length_field_spoil(field, which % LENGTH_EXTREMES, p->copy);
    patient_run(p, p->copy, p->file->size, field->offset, (unsigned)i);
  }
}

static void damage_file(const struct file *file, const struct plan *plan,
                        struct progress *progress) {
  struct patient p = {.file = file, .plan = plan, .progress = progress};
  uint64_t random = plan->seed;
  p.copy = malloc(file->size + 1);
  if (!p.copy) abort();
  if (memory_is_counted()) __sanitizer_install_malloc_and_free_hooks(on_alloc, on_free);
  patient_begin(&p);
  progress->counted += (unsigned)p.counted;
  patient_cut(&p, &random);
  patient_flip(&p, &random);
  patient_lengths(&p, &random);
  snprintf(progress->what, sizeof progress->what, "leaks");
  free(p.run.prefix);
  free(p.copy);
  records_free(&p.records);
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
  struct plan plan = {.cuts = 4, .flips = 4, .lengths = 4, .seconds = 60, .seed = 1};
  unsigned files = 0, failed = 0;
  struct progress *progress =
      mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (progress == MAP_FAILED) return 1;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--cuts"))
      plan.cuts = (unsigned)number(argc, argv, ++i);
    else if (!strcmp(argv[i], "--flips"))
      plan.flips = (unsigned)number(argc, argv, ++i);
    else if (!strcmp(argv[i], "--lengths"))
      plan.lengths = (unsigned)number(argc, argv, ++i);
    else if (!strcmp(argv[i], "--seed"))
      plan.seed = number(argc, argv, ++i);
    else if (!strcmp(argv[i], "--seconds"))
      plan.seconds = (unsigned)number(argc, argv, ++i);
    else {
      files++;
      failed += test_file(argv[i], &plan, progress) != 0;
    }
  }
  printf("seed %llu: %u files, %llu damaged copies, %u files failed; memory %s; frames before the "
         "damage known of %u files\n",
         (unsigned long long)plan.seed, files, (unsigned long long)progress->runs, failed,
         memory_is_counted() ? "counted" : "not counted", progress->counted);
  return failed || !files ? 1 : 0;
}
