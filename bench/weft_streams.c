/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reassembly alone: weft_streams [--check] [--http] [--batch N] FILE.  Adds up
 * the lengths that on_data is given; --check digests the bytes as well, --http
 * counts exchanges instead.
 */
#include <weft/capture.h>
#include <weft/http.h>
#include <weft/stream.h>

#include "measure.h"

enum { BATCH_MAX = 1024 };

struct totals {
  struct measured measured;
  struct weft_http *http;
};

static int add_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                    void *user) {
  (void)conn, (void)dir;
  ((struct totals *)user)->measured.bytes += data->length;
  return 0;
}

static int add_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                   void *user) {
  (void)conn, (void)dir;
  if (gap->length != WEFT_LENGTH_UNKNOWN)
    ((struct totals *)user)->measured.gap_bytes += gap->length;
  return 0;
}

/* ---- with digests ----------------------------------------------------- */

struct checked_conn {
  struct totals *totals;
  struct digest digests[2];
};

static int check_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                      void *user) {
  struct checked_conn *checked = user;
  for (size_t i = 0; i < data->nspans; i++)
    digest_add(&checked->digests[dir], data->spans[i].base, data->spans[i].len);
  return add_data(conn, dir, data, checked->totals);
}

static int check_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                     void *user) {
  return add_gap(conn, dir, gap, ((struct checked_conn *)user)->totals);
}

static void check_close(struct weft_conn *conn, void *user) {
  (void)conn;
  struct checked_conn *checked = user;
  checked->totals->measured.digest +=
      digest_finish(&checked->digests[0]) + digest_finish(&checked->digests[1]);
  free(checked);
}

static int check_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  static const struct weft_stream_ops ops = {
      .size = sizeof ops, .on_data = check_data, .on_gap = check_gap, .on_close = check_close};
  (void)open;
  struct checked_conn *checked = calloc(1, sizeof *checked);
  if (checked == NULL) return WEFT_E_USER;
  checked->totals = user;
  return weft_conn_set_ops(conn, &ops, checked);
}

/* ---- HTTP ------------------------------------------------------------- */

static int http_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  (void)open;
  return weft_http_attach(((struct totals *)user)->http, conn);
}

static int count_exchange(struct weft_conn *conn, const struct weft_http_exchange *exchange,
                          void *user) {
  (void)conn;
  ((struct totals *)user)->measured.transactions += exchange->request && exchange->response;
  return 0;
}

/* ---- the run ---------------------------------------------------------- */

static int fail(const char *what, const char *why) {
  fprintf(stderr, "weft_streams: %s: %s\n", what, why);
  return 1;
}

static int feed(struct weft_engine *engine, struct weft_capture *capture, size_t batch,
                struct weft_error *error) {
  static struct weft_frame frames[BATCH_MAX];
  for (;;) {
    int n = weft_capture_next(capture, frames, batch, error);
    if (n <= 0) return n;
    int status = weft_engine_push_batch(engine, frames, (size_t)n, NULL);
    if (status < 0) {
      snprintf(error->text, sizeof error->text, "%s", weft_strerror(status));
      return status;
    }
  }
}

static void fill_in(struct measured *m, const struct weft_engine *engine) {
  struct weft_stats stats = {.size = sizeof stats};
  weft_engine_stats(engine, &stats);
  m->packets = stats.frames;
  m->connections = stats.conns_opened;
  if (m->bytes != stats.bytes_delivered && m->bytes)
    fputs("weft_streams: statistics differ\n", stderr);
  m->bytes = stats.bytes_delivered;
  fprintf(stderr, "engine memory peak %llu\n", (unsigned long long)stats.memory_peak);
}

int main(int argc, char **argv) {
  static const struct weft_stream_ops plain = {
      .size = sizeof plain, .on_data = add_data, .on_gap = add_gap};
  static const struct weft_stream_ops check = {.size = sizeof check, .on_open = check_open};
  static const struct weft_stream_ops http = {.size = sizeof http, .on_open = http_open};
  static const struct weft_http_ops exchanges = {.size = sizeof exchanges,
                                                 .on_exchange = count_exchange};
  const struct weft_stream_ops *ops = &plain;
  const char *path = NULL;
  size_t batch = 256;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--check") == 0)
      ops = &check;
    else if (strcmp(argv[i], "--http") == 0)
      ops = &http;
    else if (strcmp(argv[i], "--batch") == 0 && i + 1 < argc)
      batch = strtoul(argv[++i], NULL, 10);
    else
      path = argv[i];
  }
  if (path == NULL || batch == 0 || batch > BATCH_MAX)
    return fail("usage", "weft_streams [--check | --http] [--batch N] FILE");

  struct totals totals = {.measured.checked = ops == &check};
  struct weft_error error = {0};
  struct weft_capture *capture;
  struct weft_engine *engine;
  if (weft_capture_open(path, &capture, &error) < 0) return fail(path, error.text);
  if (weft_engine_new(WEFT_OPTIONS(.conns_max = 8u << 20), ops, &totals, &engine) < 0 ||
      weft_http_new(NULL, &exchanges, &totals, &totals.http) < 0)
    return fail(path, "no memory");
  if (feed(engine, capture, batch, &error) < 0 || weft_engine_finish(engine) < 0)
    return fail(path, error.text);
  fill_in(&totals.measured, engine);
  weft_engine_free(engine);
  weft_http_free(totals.http);
  weft_capture_close(capture);
  measured_print(&totals.measured);
  return 0;
}
