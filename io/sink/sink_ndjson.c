/* SPDX-License-Identifier: BSD-2-Clause */
#include "sink/escape.h"
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
  int segments;
};

/* Constant text: becomes a few moves. */
#define LITERAL(p, text) (memcpy(p, text, sizeof(text) - 1), (p) + sizeof(text) - 1)

static int ndjson_open(void *state, struct weft_writer *w,
                       const struct weft_sink_options *options) {
  (void)w;
  ((struct ndjson *)state)->segments = options->segments;
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

static char *put_endpoint(char *p, const struct weft_endpoint *e) {
  p = LITERAL(p, "{\"address\":\"");
  p = format_address(p, e->address);
  p = LITERAL(p, "\",\"port\":");
  p = format_uint(p, e->port);
  return LITERAL(p, "}");
}

static char *put_url(struct weft_writer *w, char *p, const struct weft_http_message *request) {
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

/* What both kinds of message have, from "bytes" to the closing brace. */
static char *put_message(const struct ndjson *s, struct weft_writer *w, char *p,
                         const struct weft_http_message *m) {
  p = format_uint(LITERAL(p, "\"bytes\":"), sink_bytes(m));
  p = format_uint(LITERAL(p, ",\"body\":{\"bytes\":"), m->body_length);
  p = format_uint(LITERAL(p, "},\"frames\":{\"first\":"), m->first.frame);
  p = format_uint(LITERAL(p, ",\"last\":"), m->last.frame);
  p = format_uint(LITERAL(p, ",\"count\":"), m->frames);
  p = put_time(w, LITERAL(p, "},\"first\":"), m->first.time);
  p = put_time(w, LITERAL(p, ",\"last\":"), m->last.time);
  if (s->segments) p = put_segments(w, p, m);
  if (m->flags != 0 || m->body_missing > 0) p = put_flags(p, m);
  return LITERAL(p, "}");
}

static char *put_timing(char *p, const struct weft_http_timing *t) {
  if (t->elapsed != WEFT_TIME_NONE)
    p = format_seconds(LITERAL(p, ",\"response_time\":"), t->elapsed);
  if (t->wait != WEFT_TIME_NONE)
    p = format_seconds(LITERAL(p, ",\"time_to_first_byte\":"), t->wait);
  return p;
}

static void ndjson_write(void *state, struct weft_writer *w, const struct weft_http_exchange *x) {
  const struct weft_http_message *request = x->request, *response = x->response;
  const struct weft_http_message *any = request != NULL ? request : response;
  char *p = writer_room(w, ROOM);
  p = put_time(w, LITERAL(p, "{\"@timestamp\":"), any->first.time);
  p = put_endpoint(LITERAL(p, ",\"client\":"), &x->tuple->source);
  p = put_endpoint(LITERAL(p, ",\"server\":"), &x->tuple->target);
  if (request != NULL) p = put_url(w, p, request);
  p = format_uint(LITERAL(p, ",\"http\":{\"version\":\""), any->major);
  *p++ = '.';
  p = format_uint(p, any->minor);
  *p++ = '"';
  if (request != NULL) {
    p = put_text(w, LITERAL(p, ",\"request\":{\"method\":"), request->method);
    *p++ = ',';
    p = put_message(state, w, p, request);
  }
  if (response != NULL) {
    p = format_uint(LITERAL(p, ",\"response\":{\"status_code\":"), response->status);
    *p++ = ',';
    if (x->interim_count > 0)
      p = LITERAL(format_uint(LITERAL(p, "\"interim\":"), x->interim_count), ",");
    p = put_message(state, w, p, response);
  }
  p = put_timing(p, &x->timing);
  p = format_uint(LITERAL(p, "},\"connection\":{\"id\":"), x->conn_id);
  p = format_uint(LITERAL(p, ",\"tx\":"), x->conn_tx);
  p = LITERAL(p, "},\"match\":\"");
  const char *match = weft_http_match_name(x->match);
  size_t n = strlen(match);
  memcpy(p, match, n);
  w->at = LITERAL(p + n, "\"}\n");
}

const struct sink_kind sink_ndjson = {"ndjson", sizeof(struct ndjson), ndjson_open, ndjson_write,
                                      NULL};
