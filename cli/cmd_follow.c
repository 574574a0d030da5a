/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "commands.h"
#include "follow.h"
#include "run.h"
#include "terminal.h"

static int wanted(const struct follow *f, const struct weft_conn *conn) {
  return f->args->connection == 0 || f->args->connection == weft_conn_id(conn);
}

static int result(const struct follow *f, int status) {
  return status == 0 && output_failed(&f->output) ? STOP_OUTPUT : status;
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  (void)open;
  struct follow *f = user;
  f->conns++;
  if (f->over) return STOP_ENOUGH;
  if (!wanted(f, conn)) return WEFT_DETACH;
  f->found = 1;
  return f->mode->open != NULL ? result(f, f->mode->open(f, conn)) : 0;
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  struct follow *f = user;
  return f->mode->data != NULL ? result(f, f->mode->data(f, conn, dir, data)) : 0;
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  struct follow *f = user;
  return f->mode->gap != NULL ? result(f, f->mode->gap(f, conn, dir, gap)) : 0;
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  struct follow *f = user;
  return f->mode->end != NULL ? result(f, f->mode->end(f, conn, dir, end)) : 0;
}

static void on_close(struct weft_conn *conn, void *user) {
  struct follow *f = user;
  if (!wanted(f, conn)) return;
  f->over = f->args->connection != 0;
  if (f->mode->close != NULL) f->mode->close(f, conn);
}

static int flush(void *user) { return output_flush(&((struct follow *)user)->output); }

static size_t pending(void *user) { return output_pending(&((struct follow *)user)->output); }

static const struct follow_mode *mode_of(const struct args *a) {
  return a->folder != NULL          ? &follow_files
         : a->format != FORMAT_TEXT ? &follow_records
         : a->raw                   ? &follow_raw
         : a->hex                   ? &follow_hex
                                    : &follow_text;
}

static int follow_run(struct follow *f, struct run *run) {
  const struct args *a = f->args;
  int status = f->mode->begin != NULL ? f->mode->begin(f) : EXIT_OK;
  if (status != EXIT_OK) return status;
  status = run_all(run);
  if (status == EXIT_OK && a->connection != 0 && !f->found) {
    complain("there is no connection %" PRIu64 ": this input has %" PRIu64
             "; 'weft conns' lists them",
             a->connection, f->conns);
    return EXIT_USAGE;
  }
  return status;
}

int cmd_follow(const struct args *a) {
  static const struct weft_stream_ops ops = {
      .size = sizeof ops,
      .on_open = on_open,
      .on_data = on_data,
      .on_gap = on_gap,
      .on_end = on_end,
      .on_close = on_close,
  };
  struct follow f = {.args = a, .mode = mode_of(a), .speaker = -1, .colour = terminal_colour(a)};
  struct run run;
  int status = run_open(&run, a, &ops, &f);
  if (status != EXIT_OK) return status;
  run.flush = flush;
  run.pending = pending;
  status = output_open(&f.output, a);
  if (status == EXIT_OK) status = follow_run(&f, &run);
  run_close(&run);
  if (f.mode->done != NULL) f.mode->done(&f);
  return output_close(&f.output, f.failed ? EXIT_OUTPUT : status);
}
