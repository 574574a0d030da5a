/* SPDX-License-Identifier: BSD-2-Clause */
#include "objects.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const skipped_names[] = {NULL, "incomplete", "size"};

/* A text made of several; memory for it failing, the field is left out. */
struct joined {
  char *text;
  size_t length, room;
};

static void join(struct joined *j, const char *text, size_t length) {
  if (j->length + length > j->room) {
    size_t room = 2 * (j->length + length);
    char *more = realloc(j->text, room);
    if (more == NULL) return;
    j->text = more;
    j->room = room;
  }
  memcpy(j->text + j->length, text, length);
  j->length += length;
}

static void join_text(struct joined *j, struct weft_text t) {
  if (t.len > 0) join(j, t.base, t.len);
}

/* RFC 9112 section 3.3: of a path, with Host or else where the request went. */
static void join_url(struct joined *j, const struct weft_http_exchange *x) {
  char server[WEFT_ENDPOINT_STRLEN];
  if (x->request == NULL) return;
  struct weft_text target = x->request->target, host = weft_http_find(x->request, "host");
  if (target.len == 0) return;
  if (host.len == 0) {
    weft_endpoint_format(&x->tuple->target, server);
    host = (struct weft_text){server, strlen(server)};
  }
  if (target.base[0] == '/' || target.base[0] == '*') {
    join(j, "http://", 7);
    join_text(j, host);
  }
  join_text(j, target);
}

static void record_text(struct weft_record *r, const char *name, struct weft_text t) {
  weft_record_text(r, name, t.len > 0 ? t.base : NULL, t.len);
}

static void record_string(struct weft_record *r, const char *name, const char *text) {
  weft_record_string(r, name, text[0] != '\0' ? text : NULL);
}

static void record_uint(struct weft_record *r, const char *name, int present, uint64_t v) {
  if (present)
    weft_record_uint(r, name, v);
  else
    weft_record_absent(r, name);
}

static void record_codings(struct weft_record *r, const struct object_result *result) {
  struct joined j = {NULL, 0, 0};
  for (size_t i = 0; i < result->ncodings; i++) {
    if (i > 0) join(&j, ", ", 2);
    join_text(&j, result->codings[i]);
  }
  weft_record_text(r, "body.encoding", j.length > 0 ? j.text : NULL, j.length);
  free(j.text);
  weft_record_string(r, "body.decoding",
                     result->coded && result->name[0] != '\0' ? weft_content_end_name(result->end)
                                                              : NULL);
}

static void record_body(struct weft_record *r, const struct object *o,
                        const struct object_result *result) {
  const struct weft_http_message *m = result->message;
  record_string(r, "body.type", result->type);
  record_text(r, "body.filename", (struct weft_text){result->given, result->ngiven});
  record_codings(r, result);
  weft_record_uint(r, "body.bytes", m->body_length);
  weft_record_flag(r, "body.complete", result->complete);
  weft_record_flag(r, "body.truncated", (m->flags & WEFT_HTTP_TRUNCATED) != 0);
  record_uint(r, "body.missing_bytes", m->body_missing > 0, m->body_missing);
  weft_record_pairs(r, "body.gaps", o->ngaps > 0);
  for (size_t i = 0; i < o->ngaps; i++) weft_record_pair(r, o->gaps[i][0], o->gaps[i][1]);
  weft_record_pairs_end(r);
  record_text(r, "body.range",
              m->status != 0 ? weft_http_find(m, "content-range") : (struct weft_text){NULL, 0});
  weft_record_flag(r, "body.multipart", strncmp(result->type, "multipart/", 10) == 0);
}

static void record_file(struct weft_record *r, const struct object_result *result) {
  char sha256[2 * SHA256_DIGEST_SIZE + 1];
  int written = result->name[0] != '\0';
  for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++)
    snprintf(sha256 + 2 * i, 3, "%02x", result->sha256[i]);
  record_string(r, "file.name", result->name);
  record_uint(r, "file.size", written, result->size);
  weft_record_string(r, "file.sha256", written ? sha256 : NULL);
  weft_record_string(r, "file.skipped", skipped_names[result->skipped]);
}

static void record_parts(struct weft_record *r, const struct weft_http_message *m, int wanted) {
  if (!wanted) return;
  weft_record_pairs(r, "segments", m->nparts > 0);
  for (size_t i = 0; i < m->nparts; i++)
    weft_record_pair(r, m->parts[i].mark.frame, m->parts[i].length);
  weft_record_pairs_end(r);
}

static void record_endpoint(struct weft_record *r, const char *address, const char *port,
                            const struct weft_endpoint *e) {
  char text[WEFT_ENDPOINT_STRLEN];
  weft_record_string(r, address, weft_address_format(e->address, text));
  weft_record_uint(r, port, e->port);
}

static void record_object(struct weft_record *r, const struct objects *all, const struct object *o,
                          const struct object_result *result) {
  const struct weft_http_exchange *x = result->exchange;
  const struct weft_http_message *m = result->message;
  struct joined url = {NULL, 0, 0};
  join_url(&url, x);
  weft_record_time(r, "@timestamp", m->first.time);
  record_endpoint(r, "client.address", "client.port", &x->tuple->source);
  record_endpoint(r, "server.address", "server.port", &x->tuple->target);
  record_file(r, result);
  weft_record_text(r, "url.full", url.length > 0 ? url.text : NULL, url.length);
  free(url.text);
  weft_record_string(r, "http.message", m == x->request ? "request" : "response");
  record_text(r, "http.request.method",
              x->request != NULL ? x->request->method : (struct weft_text){NULL, 0});
  record_uint(r, "http.response.status_code", x->response != NULL,
              x->response != NULL ? x->response->status : 0);
  record_body(r, o, result);
  weft_record_uint(r, "frames.first", m->first.frame);
  weft_record_uint(r, "frames.last", m->last.frame);
  weft_record_uint(r, "frames.count", m->frames);
  weft_record_time(r, "first", m->first.time);
  weft_record_time(r, "last", m->last.time);
  record_parts(r, m, all->args->segments);
  weft_record_uint(r, "connection.id", x->conn_id);
  weft_record_uint(r, "connection.tx", x->conn_tx);
  weft_record_string(r, "match", weft_http_match_name(x->match));
}

/* ---- the list ---- */

static void text_object(struct objects *all, const struct object_result *r) {
  struct output *o = &all->output;
  struct joined url = {NULL, 0, 0};
  join_url(&url, r->exchange);
  output_number(o, r->size, 10);
  output_left(o, r->type[0] != '\0' ? r->type : "-", 24);
  output_left(o, r->name, 44);
  if (url.length > 0)
    weft_write_visible(o->writer, url.text, url.length);
  else
    weft_write_char(o->writer, '-');
  output_last(o, r->complete ? "" : " (incomplete)");
  free(url.text);
}

void objects_begin(struct objects *all) {
  static const struct weft_tuple tuple;
  static const struct weft_http_message message;
  static const struct weft_http_exchange exchange = {.tuple = &tuple, .request = &message};
  static const struct object nothing;
  const struct object_result result = {.exchange = &exchange, .message = &message};
  struct output *o = &all->output;
  if (o->record == NULL) {
    output_right(o, "BYTES", 10);
    output_left(o, "TYPE", 24);
    output_left(o, "FILE", 44);
    output_last(o, "URL");
    return;
  }
  weft_record_begin_header(o->record);
  record_object(o->record, all, &nothing, &result);
  weft_record_end(o->record);
}

void object_write(struct objects *all, const struct object *o, const struct object_result *r) {
  struct weft_record *records[] = {all->manifest.record, all->output.record};
  for (int i = 0; i < 2; i++) {
    if (records[i] == NULL) continue;
    weft_record_begin(records[i]);
    record_object(records[i], all, o, r);
    weft_record_end(records[i]);
  }
  if (all->output.record == NULL && r->name[0] != '\0') text_object(all, r);
}
