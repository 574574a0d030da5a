/* SPDX-License-Identifier: BSD-2-Clause */
#include <weft/http.h>
#include <weft/sink.h>

#include "bodies.h"
#include "commands.h"
#include "run.h"
#include "terminal.h"

/* A message of more frames than this lists only the first of them. */
enum { PARTS_MAX = 1 << 20 };

struct http_command {
  struct weft_http *http;
  struct weft_sink *sink;
  struct bodies bodies;
};

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  (void)open;
  return weft_http_attach(((struct http_command *)user)->http, conn);
}

static int on_exchange(struct weft_conn *conn, const struct weft_http_exchange *x, void *user) {
  (void)conn;
  return weft_sink_write(((struct http_command *)user)->sink, x) < 0 ? STOP_OUTPUT : 0;
}

/* With --bodies. */

static int on_head(struct weft_conn *conn, const struct weft_http_message *m, void **message_user,
                   void *user) {
  (void)conn;
  return bodies_on_head(&((struct http_command *)user)->bodies, m, message_user);
}

static int on_body(struct weft_conn *conn, const struct weft_http_message *m, const uint8_t *bytes,
                   size_t length, void *message_user, void *user) {
  (void)conn;
  return bodies_on_body(&((struct http_command *)user)->bodies, m, bytes, length, message_user);
}

static int on_exchange_with_bodies(struct weft_conn *conn, const struct weft_http_exchange *x,
                                   void *user) {
  struct bodies *bodies = &((struct http_command *)user)->bodies;
  bodies_decode(bodies, x->request);
  bodies_decode(bodies, x->response);
  int status = on_exchange(conn, x, user);
  bodies_drop(bodies, x->request);
  bodies_drop(bodies, x->response);
  return status;
}

static int flush(void *user) { return weft_sink_flush(((struct http_command *)user)->sink); }

static size_t pending(void *user) { return weft_sink_pending(((struct http_command *)user)->sink); }

static int wants_segments(const struct args *a) {
  return a->segments || (a->verbose && a->format == FORMAT_TEXT);
}

static int open_sink(struct http_command *c, const struct args *a) {
  struct weft_error error = {.text = ""};
  struct weft_sink_options options = {
      .size = sizeof options,
      .segments = wants_segments(a),
      .columns = terminal_columns(a),
      .colour = terminal_colour(a),
      .fields = a->fields,
      .nfields = a->nfields,
      .headers = a->headers,
      .secrets = a->no_redact,
      .bodies = a->body_bytes_max > 0,
  };
  int status = weft_sink_open(format_names[a->format], a->output, &options, &c->sink, &error);
  return output_status(status, &error, EXIT_OK);
}

static int open_http(struct http_command *c, const struct args *a) {
  static const struct weft_http_ops plain = {.size = sizeof plain, .on_exchange = on_exchange};
  static const struct weft_http_ops with_bodies = {.size = sizeof with_bodies,
                                                   .on_head = on_head,
                                                   .on_body = on_body,
                                                   .on_exchange = on_exchange_with_bodies};
  struct weft_http_options options = {
      .size = sizeof options,
      .parts_max = wants_segments(a) ? PARTS_MAX : 0,
  };
  return weft_http_new(&options, a->body_bytes_max > 0 ? &with_bodies : &plain, c, &c->http);
}

/* Input first: an output file is not emptied for an input that is not there. */
int cmd_http(const struct args *a) {
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_open = on_open};
  struct http_command c = {.bodies = {.each_max = a->body_bytes_max}};
  struct weft_error error = {.text = ""};
  struct run run;
  int status = run_open(&run, a, &ops, &c);
  if (status != EXIT_OK) return status;
  run.flush = flush;
  run.pending = pending;
  status = open_sink(&c, a);
  if (status == EXIT_OK && open_http(&c, a) < 0) status = EXIT_INPUT;
  if (status == EXIT_OK) status = run_all(&run);
  run_close(&run);
  weft_http_free(c.http);
  bodies_done(&c.bodies);
  int closed = weft_sink_close(c.sink, &error);
  return output_status(closed, &error, status);
}
