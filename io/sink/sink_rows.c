/* SPDX-License-Identifier: BSD-2-Clause */
#include <weft/record.h>

#include "sink/fields.h"
#include "sink/sink.h"
#include "sink/url.h"

/*
 * Rows under a header, tab or comma between the cells.  The columns are the
 * fields of the NDJSON objects by the same dotted names, always all of them.
 */
struct rows {
  struct weft_record *record;
  int segments;
  struct fields fields;
};

/* The names of one message's columns.  Order is that of write_message. */
struct columns {
  const char *bytes, *body, *frames[3], *first, *last, *segments;
  const char *flags[SINK_NFLAGS]; /* as sink_flags */
  const char *missing, *again[2], *headers, *content, *content_cut;
};

#define COLUMNS(side) \
  { \
    side ".bytes", side ".body.bytes", \
        {side ".frames.first", side ".frames.last", side ".frames.count"}, side ".first", \
        side ".last", side ".segments", \
        {side ".truncated", side ".head_lost", side ".chunked",          side ".until_close", \
         side ".upgraded",  side ".invalid",   side ".ambiguous_length", side ".early"}, \
        side ".missing_bytes", {side ".again.frame", side ".again.time"}, side ".headers", \
        side ".content", side ".content_cut" \
  }
static const struct columns request_columns = COLUMNS("http.request");
static const struct columns response_columns = COLUMNS("http.response");

static void row_uint(struct weft_record *r, const char *name, int present, uint64_t v) {
  if (present)
    weft_record_uint(r, name, v);
  else
    weft_record_absent(r, name);
}

static void row_segments(struct weft_record *r, const char *name,
                         const struct weft_http_message *m) {
  weft_record_pairs(r, name, m != NULL && m->nparts > 0);
  for (size_t i = 0; m != NULL && i < m->nparts; i++)
    weft_record_pair(r, m->parts[i].mark.frame, m->parts[i].length);
  weft_record_pairs_end(r);
}

static void row_fields(struct rows *s, const struct columns *c, const struct weft_http_message *m) {
  struct fields *f = &s->fields;
  for (size_t i = 0; i < f->nnames; i++) {
    if (fields_is_response(f, i) != (c == &response_columns)) continue;
    struct weft_text value = fields_value(f, i, m);
    weft_record_text(s->record, f->names[i], value.base, value.len);
  }
  if (f->all) {
    struct weft_text lines = fields_lines(f, m);
    weft_record_text(s->record, c->headers, lines.base, lines.len);
  }
  if (!f->bodies) return;
  const struct weft_sink_body *body = fields_body(f, m);
  weft_record_text(s->record, c->content, body != NULL ? body->text.base : NULL,
                   body != NULL ? body->text.len : 0);
  weft_record_flag(s->record, c->content_cut, body != NULL && body->cut);
}

/* A message that is not there fills its columns with nothing. */
static void row_message(struct rows *s, const struct columns *c, const struct weft_http_message *m,
                        struct weft_mark again) {
  static const struct weft_http_message nothing;
  int present = m != NULL;
  const struct weft_http_message *v = present ? m : &nothing;
  struct weft_record *r = s->record;
  row_uint(r, c->bytes, present, sink_bytes(v));
  row_uint(r, c->body, present, v->body_length);
  row_uint(r, c->frames[0], present, v->first.frame);
  row_uint(r, c->frames[1], present, v->last.frame);
  row_uint(r, c->frames[2], present, v->frames);
  weft_record_time(r, c->first, present ? v->first.time : WEFT_TIME_NONE);
  weft_record_time(r, c->last, present ? v->last.time : WEFT_TIME_NONE);
  if (s->segments) row_segments(r, c->segments, m);
  for (int i = 0; i < SINK_NFLAGS; i++)
    weft_record_flag(r, c->flags[i], (v->flags & sink_flags[i].flag) != 0);
  row_uint(r, c->missing, v->body_missing > 0, v->body_missing);
  row_uint(r, c->again[0], again.frame != 0, again.frame);
  weft_record_time(r, c->again[1], again.frame != 0 ? again.time : WEFT_TIME_NONE);
  row_fields(s, c, m);
}

static void row_url(struct weft_record *r, const struct weft_http_message *request) {
  struct url url = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
  if (request != NULL) url_split(request, &url);
  weft_record_text(r, "url.original", request != NULL ? request->target.base : NULL,
                   request != NULL ? request->target.len : 0);
  weft_record_text(r, "url.domain", url.domain.base, url.domain.len);
  weft_record_text(r, "url.path", url.path.base, url.path.len);
  weft_record_text(r, "url.query", url.query.base, url.query.len);
}

static void row_endpoint(struct weft_record *r, const char *address, const char *port,
                         const struct weft_endpoint *e) {
  char text[FORMAT_MAX + WEFT_ENDPOINT_STRLEN];
  weft_record_text(r, address, text, (size_t)(format_address(text, e->address) - text));
  weft_record_uint(r, port, e->port);
}

/* Of the request, or of the response where there is no request. */
static void row_version(struct weft_record *r, const struct weft_http_exchange *x) {
  const struct weft_http_message *m = x->request;
  if (m == NULL) m = x->response;
  char text[FORMAT_MAX];
  char *p = format_uint(text, m->major);
  *p++ = '.';
  weft_record_text(r, "http.version", text, (size_t)(format_uint(p, m->minor) - text));
}

/* "100:5:2011-09-01T06:23:59.123456789Z 103:7:...", as long as there is room. */
static void row_interims(struct rows *s, struct weft_writer *w,
                         const struct weft_http_exchange *x) {
  char text[WEFT_HTTP_INTERIMS_MAX * 3 * FORMAT_MAX], *p = text;
  for (size_t i = 0; i < x->ninterims && i < WEFT_HTTP_INTERIMS_MAX; i++) {
    if (i > 0) *p++ = ' ';
    p = format_uint(p, x->interims[i].status);
    *p++ = ':';
    p = format_uint(p, x->interims[i].last.frame);
    *p++ = ':';
    p = format_time(&w->clock, p, x->interims[i].last.time);
  }
  weft_record_text(s->record, "http.response.interims", x->ninterims > 0 ? text : NULL,
                   (size_t)(p - text));
}

/* A limit that is the time itself is left out. */
static void row_range(struct weft_record *r, const char *min, const char *max, weft_duration time,
                      struct sink_range range) {
  weft_record_seconds(r, min, range.min != time ? range.min : WEFT_TIME_NONE);
  weft_record_seconds(r, max, range.max != time ? range.max : WEFT_TIME_NONE);
}

static void row_ranges(struct weft_record *r, const struct weft_http_exchange *x) {
  const struct weft_http_timing *t = &x->timing;
  struct sink_range elapsed = {t->elapsed, t->elapsed}, wait = {t->wait, t->wait};
  if (sink_has_ranges(x)) {
    elapsed = sink_elapsed_range(x);
    wait = sink_wait_range(x);
  }
  row_range(r, "http.response_time_min", "http.response_time_max", t->elapsed, elapsed);
  row_range(r, "http.time_to_first_byte_min", "http.time_to_first_byte_max", t->wait, wait);
}

static void row_timing(struct weft_record *r, const struct weft_http_exchange *x) {
  const struct weft_http_timing *t = &x->timing;
  weft_record_seconds(r, "http.response_time", t->elapsed);
  weft_record_seconds(r, "http.time_to_first_byte", t->wait);
  weft_record_seconds(r, "http.time_to_last_byte",
                      sink_has_last_byte(x) ? t->last_byte : WEFT_TIME_NONE);
  weft_record_flag(r, "http.response_time_bound", sink_elapsed_is_bound(x));
  weft_record_flag(r, "http.time_to_first_byte_bound", sink_wait_is_bound(x));
  row_ranges(r, x);
}

static void row_describe(struct rows *s, struct weft_writer *w,
                         const struct weft_http_exchange *x) {
  struct weft_record *r = s->record;
  static const struct weft_http_again none;
  const struct weft_http_again *again = x->again != NULL ? x->again : &none;
  const struct weft_http_message *q = x->request, *a = x->response;
  weft_record_time(r, "@timestamp", sink_time(x));
  row_endpoint(r, "client.address", "client.port", &x->tuple->source);
  row_endpoint(r, "server.address", "server.port", &x->tuple->target);
  row_url(r, q);
  row_version(r, x);
  weft_record_text(r, "http.request.method", q != NULL ? q->method.base : NULL,
                   q != NULL ? q->method.len : 0);
  row_message(s, &request_columns, q, again->request);
  row_uint(r, "http.response.status_code", a != NULL, a != NULL ? a->status : 0);
  row_uint(r, "http.response.interim", x->interim_count > 0, x->interim_count);
  row_interims(s, w, x);
  row_message(s, &response_columns, a, again->response);
  row_timing(r, x);
  weft_record_uint(r, "connection.id", x->conn_id);
  weft_record_uint(r, "connection.tx", x->conn_tx);
  weft_record_string(r, "match", weft_http_match_name(x->match));
}

static void rows_write(void *state, struct weft_writer *w, const struct weft_http_exchange *x) {
  struct rows *s = state;
  weft_record_begin(s->record);
  row_describe(s, w, x);
  weft_record_end(s->record);
}

static int rows_open(struct rows *s, struct weft_writer *w, enum weft_record_format format,
                     const struct weft_sink_options *options) {
  static const struct weft_http_message message;
  static const struct weft_tuple tuple;
  static const struct weft_http_exchange nothing = {.tuple = &tuple, .request = &message};
  int status = weft_record_new(w, format, &s->record);
  if (status < 0) return status;
  s->segments = options->segments;
  fields_init(&s->fields, options);
  weft_record_begin_header(s->record);
  row_describe(s, w, &nothing);
  weft_record_end(s->record);
  return 0;
}

static int tsv_open(void *state, struct weft_writer *w, const struct weft_sink_options *options) {
  return rows_open(state, w, WEFT_RECORD_TSV, options);
}

static int csv_open(void *state, struct weft_writer *w, const struct weft_sink_options *options) {
  return rows_open(state, w, WEFT_RECORD_CSV, options);
}

static void rows_close(void *state) {
  struct rows *s = state;
  weft_record_free(s->record);
  fields_done(&s->fields);
}

const struct sink_kind sink_tsv = {"tsv", sizeof(struct rows), tsv_open, rows_write, rows_close};
const struct sink_kind sink_csv = {"csv", sizeof(struct rows), csv_open, rows_write, rows_close};
