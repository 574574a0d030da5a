/* SPDX-License-Identifier: BSD-2-Clause */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <weft/http.h>

#include "codings.h"
#include "commands.h"
#include "objects.h"
#include "run.h"

enum {
  PARTS_MAX = 1 << 20, /* a message of more frames lists only the first of them */
  GAPS_MAX = 4096      /* likewise */
};

/* ---- objects in the making ---- */

static struct object *object_new(struct objects *all) {
  struct object *o = calloc(1, sizeof *o);
  if (o == NULL) return NULL;
  o->id = ++all->ids;
  sha256_init(&o->digest);
  o->next = all->all;
  o->link = &all->all;
  if (o->next != NULL) o->next->link = &o->next;
  all->all = o;
  return o;
}

static void object_free(struct object *o) {
  *o->link = o->next;
  if (o->next != NULL) o->next->link = o->link;
  free(o->gaps);
  free(o);
}

/* Those whose exchange was not reported: the run was stopped. */
static void objects_drop(struct objects *all) {
  while (all->all != NULL) {
    if (all->all->bytes > 0) spool_drop(all->spool, all->all->id);
    object_free(all->all);
  }
}

/* The body went on `length` bytes later than where it had come to. */
static int object_gap(struct object *o, uint64_t length) {
  uint64_t offset = o->bytes + o->missing;
  o->missing += length;
  if (o->ngaps == GAPS_MAX) return 0;
  if ((o->ngaps & (o->ngaps - 1)) == 0) { /* full at each power of two */
    void *more = realloc(o->gaps, (o->ngaps > 0 ? 2 * o->ngaps : 1) * sizeof *o->gaps);
    if (more == NULL) return WEFT_E_NOMEM;
    o->gaps = more;
  }
  o->gaps[o->ngaps][0] = offset;
  o->gaps[o->ngaps++][1] = length;
  return 0;
}

static int object_add(struct objects *all, struct object *o, const uint8_t *data, size_t length) {
  uint64_t bound = all->args->object_bytes_max;
  int is_first = o->bytes == 0;
  o->bytes += length;
  if (o->too_large) return 0;
  if (bound != 0 && o->bytes > bound) {
    o->too_large = 1;
    if (!is_first) spool_drop(all->spool, o->id);
    return 0;
  }
  sha256_update(&o->digest, length, data);
  if (spool_add(all->spool, o->id, is_first, data, length) == 0) return 0;
  return objects_failed(all, "a body");
}

/* ---- what HTTP says ---- */

/* RFC 9112 section 6.3: only a request that says so has a body. */
static int may_have_body(const struct weft_http_message *m) {
  if (m->status != 0) return m->status / 100 != 1;
  return weft_http_find(m, "content-length").base != NULL ||
         weft_http_find(m, "transfer-encoding").base != NULL;
}

static int is_of_type(const struct args *a, const struct weft_http_message *m) {
  char type[MEDIA_TYPE_MAX];
  if (a->ntypes == 0) return 1;
  media_type(type, weft_http_find(m, "content-type"));
  for (size_t i = 0; i < a->ntypes; i++)
    if (fnmatch(a->types[i], type, 0) == 0) return 1;
  return 0;
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  (void)open;
  return weft_http_attach(((struct objects *)user)->http, conn);
}

static int on_head(struct weft_conn *conn, const struct weft_http_message *m, void **message_user,
                   void *user) {
  (void)conn;
  struct objects *all = user;
  if (!may_have_body(m)) return 0;
  if (!is_of_type(all->args, m)) {
    all->other_types++;
    return 0;
  }
  *message_user = object_new(all);
  return *message_user != NULL ? 0 : WEFT_E_NOMEM;
}

static int on_body(struct weft_conn *conn, const struct weft_http_message *m, const uint8_t *data,
                   size_t length, void *message_user, void *user) {
  (void)conn;
  struct object *o = message_user;
  if (o == NULL) return 0;
  int status = m->body_missing > o->missing ? object_gap(o, m->body_missing - o->missing) : 0;
  return status == 0 && length > 0 ? object_add(user, o, data, length) : status;
}

/* ---- done ---- */

static int object_finish(struct objects *all, const struct weft_http_exchange *x,
                         const struct weft_http_message *m) {
  struct object *o = m != NULL ? m->user : NULL;
  struct weft_text codings[CODINGS_MAX];
  if (o == NULL) return 0;
  int status = 0;
  if (o->bytes > 0 || o->missing > 0) {
    struct object_result r = {.exchange = x, .message = m, .codings = codings};
    r.ncodings = message_codings(m, codings);
    r.coded = weft_content_is_coded(codings, r.ncodings);
    r.complete = !(m->flags & (WEFT_HTTP_TRUNCATED | WEFT_HTTP_HEAD_LOST)) && o->missing == 0;
    media_type(r.type, weft_http_find(m, "content-type"));
    r.ngiven = disposition_filename(weft_http_find(m, "content-disposition"), r.given);
    struct weft_text given = {r.given, r.ngiven};
    struct weft_text target = x->request != NULL ? x->request->target : (struct weft_text){"", 0};
    object_name(r.name, x->conn_id, x->conn_tx, m == x->request, given, target, r.type);
    status = object_store(all, o, &r);
    if (status == 0) object_write(all, o, &r);
    all->written += r.name[0] != '\0';
    all->incomplete += r.skipped == SKIPPED_INCOMPLETE;
    all->too_large += r.skipped == SKIPPED_SIZE;
    all->as_sent += r.as_sent && r.name[0] != '\0';
  }
  object_free(o);
  return status == 0 && output_failed(&all->output) ? STOP_OUTPUT : status;
}

static int on_exchange(struct weft_conn *conn, const struct weft_http_exchange *x, void *user) {
  (void)conn;
  int request = object_finish(user, x, x->request), response = object_finish(user, x, x->response);
  return request != 0 ? request : response;
}

/* ---- the command ---- */

static int flush(void *user) {
  struct objects *all = user;
  int list = output_flush(&all->output), manifest = output_flush(&all->manifest);
  return list < 0 ? list : manifest;
}

static size_t pending(void *user) {
  struct objects *all = user;
  return output_pending(&all->output) + output_pending(&all->manifest);
}

static void say_rest(const struct objects *all) {
  if (all->args->quiet) return;
  if (all->other_types > 0 && all->written + all->incomplete + all->too_large == 0)
    complain("no body is of such a --type; messages of others: %" PRIu64, all->other_types);
  if (all->incomplete > 0)
    complain("left out because incomplete: %" PRIu64 "; --incomplete writes them", all->incomplete);
  if (all->too_large > 0)
    complain("left out because larger than --max-size: %" PRIu64, all->too_large);
  if (all->as_sent > 0)
    complain("not decoded but written as sent: %" PRIu64 "; the manifest's body.decoding says why",
             all->as_sent);
}

static int open_http(struct objects *all) {
  static const struct weft_http_ops ops = {
      .size = sizeof ops, .on_head = on_head, .on_body = on_body, .on_exchange = on_exchange};
  struct weft_http_options options = {.size = sizeof options,
                                      .parts_max = all->args->segments ? PARTS_MAX : 0};
  if (weft_http_new(&options, &ops, all, &all->http) == 0) return EXIT_OK;
  complain("out of memory");
  return EXIT_INPUT;
}

/* Input first: nothing is made for an input that is not there. */
int cmd_objects(const struct args *a) {
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_open = on_open};
  struct objects all = {.args = a, .folder = -1, .manifest_fd = -1};
  struct run run;
  int status = run_open(&run, a, &ops, &all);
  if (status != EXIT_OK) return status;
  run.flush = flush;
  run.pending = pending;
  status = objects_open(&all);
  if (status == EXIT_OK) status = output_open(&all.output, a);
  if (status == EXIT_OK) status = open_http(&all);
  if (status == EXIT_OK) {
    objects_begin(&all);
    status = run_all(&run);
    say_rest(&all);
  }
  run_close(&run);
  objects_drop(&all);
  weft_http_free(all.http);
  status = objects_close(&all, all.failed ? EXIT_OUTPUT : status);
  return output_close(&all.output, status);
}
