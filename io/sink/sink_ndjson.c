/* SPDX-License-Identifier: BSD-2-Clause */
#include "sink/escape.h"
#include "sink/fields.h"
#include "sink/sink.h"
#include "sink/url.h"

/*
 * One JSON object a line, in the names of the Elastic Common Schema; the
 * schema is docs/output.md.
 *
 * This is the hot path, so it writes at a cursor: room for all the fixed text
 * and numbers of an exchange is made once, and again after each string.
 * Neighbouring literals are joined, so a short exchange is some forty copies
 * of constant length.
 */
enum { ROOM = 2048 };

struct ndjson {
  int segments, has_fields;
  int more; /* either of them */
  struct fields fields;
};

static inline char *put_constant(char *p, const char *text, size_t moved, size_t length) {
  memcpy(p, text, moved);
  return p + length;
}

/* Constant text in few moves: its end is filled up to what one moves at once, and what
   is behind it is written over. */
#define ROUNDED(n) ((n) > 8 ? 16 : (n) > 4 ? 8 : (n) > 0 ? 4 : 0)
#define MOVED(text) ((sizeof(text) - 1) / 16 * 16 + ROUNDED((sizeof(text) - 1) % 16))
#define LITERAL(p, text) put_constant(p, text "\0\0\0\0\0\0\0", MOVED(text), sizeof(text) - 1)

static int ndjson_open(void *state, struct weft_writer *w,
                       const struct weft_sink_options *options) {
  (void)w;
  struct ndjson *s = state;
  s->segments = options->segments;
  s->has_fields = fields_init(&s->fields, options);
  s->more = s->segments || s->has_fields;
  return 0;
}

/* A string in quotes at `p`; ROOM is there again when it returns. */
static char *put_text(struct weft_writer *w, char *p, struct weft_text t) {
  if ((size_t)(w->end - p) >= t.len + 2 + ROOM) {
    *p = '"';
    if (escape_plain(p + 1, t.base, t.len) == t.len) {
      p[t.len + 1] = '"';
      return p + t.len + 2;
    }
  }
  w->at = p;
  weft_write_json(w, t.base, t.len);
  return writer_room(w, ROOM);
}

static char *put_time(struct weft_writer *w, char *p, weft_time time) {
  *p++ = '"';
  p = format_time(&w->clock, p, time);
  *p = '"';
  return p + 1;
}

static inline char *put_endpoint(char *p, const struct weft_endpoint *e) {
  p = LITERAL(p, "{\"address\":\"");
  p = format_address(p, e->address);
  p = LITERAL(p, "\",\"port\":");
  p = format_uint(p, e->port);
  return LITERAL(p, "}");
}

/* Whatever the target and the host are. */
static char *put_any_url(struct weft_writer *w, char *p, const struct weft_http_message *request) {
  struct url url;
  url_split(request, &url);
  char comma = '{';
  p = LITERAL(p, ",\"url\":");
  if (request->target.base != NULL) {
    p = put_text(w, LITERAL(p, "{\"original\":"), request->target);
    comma = ',';
  }
  if (url.domain.base != NULL) {
    *p++ = comma;
    p = put_text(w, LITERAL(p, "\"domain\":"), url.domain);
    comma = ',';
  }
  if (url.path.base != NULL) {
    *p++ = comma;
    p = put_text(w, LITERAL(p, "\"path\":"), url.path);
    comma = ',';
  }
  if (url.query.base != NULL) {
    *p++ = comma;
    p = put_text(w, LITERAL(p, "\"query\":"), url.query);
    comma = ',';
  }
  if (comma == '{') *p++ = comma;
  return LITERAL(p, "}");
}

/* A path, with or without a query, and the name of a host, nothing of it to be escaped:
   then it is known beforehand where each part goes. */
static char *put_url(struct weft_writer *w, char *p, const struct weft_http_message *request) {
  struct weft_text target = request->target, host = url_host(request);
  size_t mark;
  if (target.len == 0 || target.base[0] != '/' || host.len == 0 ||
      url_is_connect(request->method) || (size_t)(w->end - p) < 2 * target.len + host.len + ROOM)
    return put_any_url(w, p, request);
  char *original = LITERAL(p, ",\"url\":{\"original\":\"");
  char *domain = LITERAL(original + target.len, "\",\"domain\":\"");
  char *path = LITERAL(domain + host.len, "\",\"path\":\"");
  if (!escape_target(original, path, target.base, target.len, &mark) ||
      !escape_name(domain, host.base, host.len))
    return put_any_url(w, p, request);
  if (mark == target.len) return LITERAL(path + mark, "\"}");
  size_t length = target.len - mark - 1;
  char *query = LITERAL(path + mark, "\",\"query\":\"");
  memcpy(query, target.base + mark + 1, length);
  return LITERAL(query + length, "\"}");
}

static char *put_segments(struct weft_writer *w, char *p, const struct weft_http_message *m) {
  p = LITERAL(p, ",\"segments\":[");
  for (size_t i = 0; i < m->nparts; i++) {
    if (w->end - p < ROOM) {
      w->at = p;
      p = writer_room(w, ROOM + 4 * FORMAT_MAX);
    }
    if (i > 0) *p++ = ',';
    *p++ = '[';
    p = format_uint(p, m->parts[i].mark.frame);
    *p++ = ',';
    p = format_uint(p, m->parts[i].length);
    *p++ = ']';
  }
  *p++ = ']';
  w->at = p;
  return writer_room(w, ROOM);
}

/* On request: ,"header":{"user_agent":"..."} and ,"headers":[["User-Agent","..."]]. */
static char *put_fields(struct fields *f, struct weft_writer *w, char *p,
                        const struct weft_http_message *m) {
  int n = 0;
  w->at = p;
  for (size_t i = 0; i < f->nnames; i++) {
    if (fields_is_response(f, i) != (m->status != 0)) continue;
    struct weft_text value = fields_value(f, i, m);
    if (value.base == NULL) continue;
    weft_write_string(w, n++ == 0 ? ",\"header\":{" : ",");
    weft_write_json(w, fields_leaf(f, i), strlen(fields_leaf(f, i)));
    weft_write_char(w, ':');
    weft_write_json(w, value.base, value.len);
  }
  if (n > 0) weft_write_char(w, '}');
  for (size_t i = 0; f->all && i < m->nfields; i++) {
    struct weft_text value = fields_shown(f, &m->fields[i]);
    weft_write_string(w, i == 0 ? ",\"headers\":[[" : ",[");
    weft_write_json(w, m->fields[i].name.base, m->fields[i].name.len);
    weft_write_char(w, ',');
    weft_write_json(w, value.base, value.len);
    weft_write_char(w, ']');
  }
  if (f->all && m->nfields > 0) weft_write_char(w, ']');
  const struct weft_sink_body *body = fields_body(f, m);
  if (body != NULL) {
    weft_write_string(w, ",\"content\":");
    weft_write_json(w, body->text.base, body->text.len);
    if (body->cut) weft_write_string(w, ",\"content_cut\":true");
  }
  return writer_room(w, ROOM);
}

static char *put_flags(char *p, const struct weft_http_message *m) {
  for (int i = 0; i < SINK_NFLAGS; i++) {
    if (!(m->flags & sink_flags[i].flag)) continue;
    p = LITERAL(p, ",\"");
    size_t n = strlen(sink_flags[i].name);
    memcpy(p, sink_flags[i].name, n);
    p = LITERAL(p + n, "\":true");
  }
  if (m->body_missing > 0) p = format_uint(LITERAL(p, ",\"missing_bytes\":"), m->body_missing);
  return p;
}

/* What few have. */
static __attribute__((noinline)) char *put_more(struct ndjson *s, struct weft_writer *w, char *p,
                                                const struct weft_http_message *m) {
  if (s->segments) p = put_segments(w, p, m);
  p = put_flags(p, m);
  return s->has_fields ? put_fields(&s->fields, w, p, m) : p;
}

/* What both kinds of message have, from "bytes" to the closing brace. */
static char *put_message(struct ndjson *s, struct weft_writer *w, char *p,
                         const struct weft_http_message *m) {
  p = format_uint(LITERAL(p, "\"bytes\":"), sink_bytes(m));
  p = format_uint(LITERAL(p, ",\"body\":{\"bytes\":"), m->body_length);
  p = format_uint(LITERAL(p, "},\"frames\":{\"first\":"), m->first.frame);
  p = format_uint(LITERAL(p, ",\"last\":"), m->last.frame);
  p = format_uint(LITERAL(p, ",\"count\":"), m->frames);
  p = format_time(&w->clock, LITERAL(p, "},\"first\":\""), m->first.time);
  p = format_time(&w->clock, LITERAL(p, "\",\"last\":\""), m->last.time);
  *p++ = '"';
  if (s->more || m->flags != 0 || m->body_missing > 0) p = put_more(s, w, p, m);
  *p = '}';
  return p + 1;
}

/* The message's object, just closed, gets one more member. */
static char *put_again(struct weft_writer *w, char *p, struct weft_mark again) {
  if (again.frame == 0) return p;
  p = format_uint(LITERAL(p - 1, ",\"again\":{\"frame\":"), again.frame);
  p = put_time(w, LITERAL(p, ",\"time\":"), again.time);
  return LITERAL(p, "}}");
}

static char *put_interims(struct weft_writer *w, char *p, const struct weft_http_exchange *x) {
  p = format_uint(LITERAL(p, "\"interim\":"), x->interim_count);
  p = LITERAL(p, ",\"interims\":[");
  for (size_t i = 0; i < x->ninterims; i++) {
    w->at = p;
    p = writer_room(w, ROOM);
    if (i > 0) *p++ = ',';
    p = format_uint(LITERAL(p, "{\"status_code\":"), x->interims[i].status);
    p = format_uint(LITERAL(p, ",\"frame\":"), x->interims[i].last.frame);
    p = put_time(w, LITERAL(p, ",\"time\":"), x->interims[i].last.time);
    *p++ = '}';
  }
  *p++ = ']';
  w->at = p;
  return writer_room(w, ROOM);
}

static char *put_response(struct ndjson *s, struct weft_writer *w, char *p,
                          const struct weft_http_exchange *x) {
  const struct weft_http_message *response = x->response;
  p = LITERAL(p, ",\"response\":{");
  if (response != NULL) {
    p = format_uint(LITERAL(p, "\"status_code\":"), response->status);
    *p++ = ',';
  }
  if (x->interim_count > 0) p = put_interims(w, p, x);
  if (response == NULL) return LITERAL(p, "}");
  if (x->interim_count > 0) *p++ = ',';
  p = put_message(s, w, p, response);
  return x->again != NULL ? put_again(w, p, x->again->response) : p;
}

static char *put_ranges(char *p, const struct weft_http_exchange *x) {
  const struct sink_range wait = sink_wait_range(x), elapsed = sink_elapsed_range(x);
  if (elapsed.min != x->timing.elapsed)
    p = format_seconds(LITERAL(p, ",\"response_time_min\":"), elapsed.min);
  if (elapsed.max != x->timing.elapsed)
    p = format_seconds(LITERAL(p, ",\"response_time_max\":"), elapsed.max);
  if (wait.min != x->timing.wait)
    p = format_seconds(LITERAL(p, ",\"time_to_first_byte_min\":"), wait.min);
  if (wait.max != x->timing.wait)
    p = format_seconds(LITERAL(p, ",\"time_to_first_byte_max\":"), wait.max);
  return p;
}

static char *put_timing(char *p, const struct weft_http_exchange *x) {
  const struct weft_http_timing *t = &x->timing;
  if (t->elapsed != WEFT_TIME_NONE)
    p = format_seconds(LITERAL(p, ",\"response_time\":"), t->elapsed);
  if (t->wait != WEFT_TIME_NONE)
    p = format_seconds(LITERAL(p, ",\"time_to_first_byte\":"), t->wait);
  if (sink_has_last_byte(x))
    p = format_seconds(LITERAL(p, ",\"time_to_last_byte\":"), t->last_byte);
  if (t->bounds == 0) return p;
  if (sink_elapsed_is_bound(x)) p = LITERAL(p, ",\"response_time_bound\":true");
  if (sink_wait_is_bound(x)) p = LITERAL(p, ",\"time_to_first_byte_bound\":true");
  if (sink_has_ranges(x)) p = put_ranges(p, x);
  return p;
}

static char *put_version(char *p, const struct weft_http_message *m) {
  if (m->major == 1 && m->minor == 1) return LITERAL(p, ",\"http\":{\"version\":\"1.1\"");
  p = format_uint(LITERAL(p, ",\"http\":{\"version\":\""), m->major);
  *p++ = '.';
  p = format_uint(p, m->minor);
  *p = '"';
  return p + 1;
}

static char *put_method(struct weft_writer *w, char *p, struct weft_text method) {
  if (method.len == 3 && memcmp(method.base, "GET", 3) == 0)
    return LITERAL(p, ",\"request\":{\"method\":\"GET\",");
  p = put_text(w, LITERAL(p, ",\"request\":{\"method\":"), method);
  *p = ',';
  return p + 1;
}

static void ndjson_write(void *state, struct weft_writer *w, const struct weft_http_exchange *x) {
  const struct weft_http_message *request = x->request, *response = x->response;
  const struct weft_http_message *any = request != NULL ? request : response;
  char *p = writer_room(w, ROOM);
  p = format_time(&w->clock, LITERAL(p, "{\"@timestamp\":\""), any->first.time);
  p = put_endpoint(LITERAL(p, "\",\"client\":"), &x->tuple->source);
  p = put_endpoint(LITERAL(p, ",\"server\":"), &x->tuple->target);
  if (request != NULL) p = put_url(w, p, request);
  p = put_version(p, any);
  if (request != NULL) {
    p = put_message(state, w, put_method(w, p, request->method), request);
    if (x->again != NULL) p = put_again(w, p, x->again->request);
  }
  if (response != NULL || x->interim_count > 0) p = put_response(state, w, p, x);
  p = put_timing(p, x);
  p = format_uint(LITERAL(p, "},\"connection\":{\"id\":"), x->conn_id);
  p = format_uint(LITERAL(p, ",\"tx\":"), x->conn_tx);
  if (x->match == WEFT_MATCH_FIFO) { /* nearly always */
    w->at = LITERAL(p, "},\"match\":\"fifo\"}\n");
    return;
  }
  p = LITERAL(p, "},\"match\":\"");
  const char *match = weft_http_match_name(x->match);
  size_t n = strlen(match);
  memcpy(p, match, n);
  w->at = LITERAL(p + n, "\"}\n");
}

static void ndjson_close(void *state) { fields_done(&((struct ndjson *)state)->fields); }

const struct sink_kind sink_ndjson = {"ndjson", sizeof(struct ndjson), ndjson_open, ndjson_write,
                                      ndjson_close};
