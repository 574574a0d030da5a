/* SPDX-License-Identifier: BSD-2-Clause */
#include "recorder.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const dir_names[] = {"client", "server"};

static void text_add(struct recorder *r, const char *text, size_t length) {
  if (r->length + length + 1 > r->room) {
    r->room = (r->length + length + 1) * 2;
    r->text = realloc(r->text, r->room);
    if (!r->text) abort();
  }
  memcpy(r->text + r->length, text, length);
  r->length += length;
  r->text[r->length] = '\0';
}

static void add_list(struct recorder *r, const char *format, va_list list) {
  char line[1024];
  int n = vsnprintf(line, sizeof line, format, list);
  assert(n >= 0 && (size_t)n < sizeof line);
  text_add(r, line, (size_t)n);
}

static void add(struct recorder *r, const char *format, ...) {
  va_list list;
  va_start(list, format);
  add_list(r, format, list);
  va_end(list);
}

void recorder_line(struct recorder *r, const char *format, ...) {
  va_list list;
  va_start(list, format);
  add_list(r, format, list);
  va_end(list);
  text_add(r, "\n", 1);
}

const char *recorder_text(const struct recorder *r) { return r->length ? r->text : ""; }

void recorder_clear(struct recorder *r) { r->length = 0; }

void recorder_done(struct recorder *r) {
  free(r->text);
  *r = (struct recorder){0};
}

/* "2:" for a client port of 40002. */
static void add_conn(struct recorder *r, const struct weft_conn *conn) {
  const struct weft_tuple *t = weft_conn_tuple(conn);
  unsigned port = t->source.port >= 40000 ? t->source.port : t->target.port;
  if (port > 40000 && port < 40100) add(r, "%u:", port - 40000);
}

static void add_bytes(struct recorder *r, const uint8_t *data, size_t length) {
  char *text = test_bytes_format(data, length);
  text_add(r, text, strlen(text));
  free(text);
}

static uint8_t *gather(const struct weft_data *data) {
  uint8_t *bytes = malloc(data->length + 1);
  size_t at = 0;
  if (!bytes) abort();
  for (size_t i = 0; i < data->nspans; i++) {
    memcpy(bytes + at, data->spans[i].base, data->spans[i].len);
    at += data->spans[i].len;
  }
  assert(at == data->length);
  return bytes;
}

static void add_data(struct recorder *r, const struct weft_data *data) {
  if (r->show & SHOW_MARKS) {
    for (size_t i = 0; i < data->nspans; i++) {
      if (i) add(r, " ");
      add_bytes(r, data->spans[i].base, data->spans[i].len);
      add(r, "#%llu", (unsigned long long)data->spans[i].mark.frame);
    }
    return;
  }
  uint8_t *bytes = gather(data);
  add_bytes(r, bytes, data->length);
  free(bytes);
}

static void add_kept(struct recorder *r, const struct weft_data *kept) {
  if (!kept) return;
  add(r, " kept=");
  add_data(r, kept);
}

void recorder_open(struct recorder *r, struct weft_conn *conn, const struct weft_open *open) {
  static const char *const guesses[] = {"", " guessed=port", " guessed=first"};
  r->opened++;
  add_conn(r, conn);
  recorder_line(r, "open%s", guesses[open->guessed]);
}

void recorder_data(struct recorder *r, struct weft_conn *conn, enum weft_dir dir,
                   const struct weft_data *data) {
  add_conn(r, conn);
  add(r, "data %s %llu ", dir_names[dir], (unsigned long long)data->offset);
  add_data(r, data);
  if (r->show & SHOW_MARKS) add(r, " by #%llu", (unsigned long long)data->trigger.frame);
  if (data->fresh != data->offset) add(r, " fresh=%llu", (unsigned long long)data->fresh);
  text_add(r, "\n", 1);
}

void recorder_gap(struct recorder *r, struct weft_conn *conn, enum weft_dir dir,
                  const struct weft_gap *gap) {
  add_conn(r, conn);
  if (gap->cause == WEFT_GAP_START && gap->length == WEFT_LENGTH_UNKNOWN && gap->offset == 0)
    add(r, "gap %s start", dir_names[dir]);
  else
    add(r, "gap %s %llu+%llu %s", dir_names[dir], (unsigned long long)gap->offset,
        (unsigned long long)gap->length, weft_gap_cause_name(gap->cause));
  add_kept(r, gap->kept);
  if (r->show & SHOW_MARKS)
    add(r, " after #%llu before #%llu", (unsigned long long)gap->before.frame,
        (unsigned long long)gap->after.frame);
  text_add(r, "\n", 1);
}

void recorder_end(struct recorder *r, struct weft_conn *conn, enum weft_dir dir,
                  const struct weft_end *end) {
  add_conn(r, conn);
  add(r, "end %s %s %llu", dir_names[dir], weft_end_cause_name(end->cause),
      (unsigned long long)end->length);
  add_kept(r, end->kept);
  if (r->show & SHOW_MARKS) add(r, " by #%llu", (unsigned long long)end->mark.frame);
  text_add(r, "\n", 1);
}

void recorder_close(struct recorder *r, struct weft_conn *conn) {
  r->closed++;
  add_conn(r, conn);
  recorder_line(r, "close");
}

void recorder_overlap(struct recorder *r, struct weft_conn *conn, enum weft_dir dir,
                      const struct weft_overlap *o) {
  if (!(r->show & SHOW_OVERLAP)) return;
  add_conn(r, conn);
  recorder_line(r, "overlap %s %llu+%zu %s wins, %s%s, held %llu-%llu#%llu arrived %llu-%llu#%llu",
                dir_names[dir], (unsigned long long)o->offset, o->length,
                o->arrived_wins ? "arrived" : "held", o->differs ? "differs" : "same",
                o->arrived ? "" : ", not captured", (unsigned long long)o->held_start,
                (unsigned long long)o->held_end, (unsigned long long)o->held_mark.frame,
                (unsigned long long)o->arrived_start, (unsigned long long)o->arrived_end,
                (unsigned long long)o->arrived_mark.frame);
}

void recorder_segment(struct recorder *r, struct weft_conn *conn, enum weft_dir dir,
                      const struct weft_segment *s) {
  if (!(r->show & SHOW_SEGMENT)) return;
  add_conn(r, conn);
  recorder_line(r, "segment %s seq=%lu len=%lu", dir_names[dir], (unsigned long)s->seq,
                (unsigned long)s->wirelen);
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  recorder_open(user, conn, open);
  return 0;
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  recorder_data(user, conn, dir, data);
  return 0;
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  recorder_gap(user, conn, dir, gap);
  return 0;
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  recorder_end(user, conn, dir, end);
  return 0;
}

static void on_close(struct weft_conn *conn, void *user) { recorder_close(user, conn); }

static int on_overlap(struct weft_conn *conn, enum weft_dir dir, const struct weft_overlap *overlap,
                      void *user) {
  recorder_overlap(user, conn, dir, overlap);
  return 0;
}

static int on_segment(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *segment,
                      void *user) {
  recorder_segment(user, conn, dir, segment);
  return 0;
}

const struct weft_stream_ops recorder_ops = {
    .size = sizeof(struct weft_stream_ops),
    .on_open = on_open,
    .on_data = on_data,
    .on_gap = on_gap,
    .on_end = on_end,
    .on_close = on_close,
    .on_overlap = on_overlap,
    .on_segment = on_segment,
};
