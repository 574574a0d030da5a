/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/parser.h"
#include "reading.h"

static void add_text(struct reading *r, void (*add)(struct reading *, const char *, size_t),
                     struct weft_text text) {
  add(r, text.base ? text.base : "", text.len);
}

static unsigned on_head(struct http_parser *p, struct http_message *m) {
  struct reading *r = p->context;
  const struct weft_http_message *view = &m->view;
  reading_begin(r);
  if (p->kind == HTTP_RESPONSE) {
    reading_number(r, view->status);
  } else {
    add_text(r, reading_word, view->method);
    add_text(r, reading_word, view->target);
  }
  reading_version(r, view->major, view->minor);
  for (size_t i = 0; i < view->nfields; i++) {
    add_text(r, reading_name, view->fields[i].name);
    add_text(r, reading_value, view->fields[i].value);
  }
  return 0;
}

static void on_body(struct http_parser *p, struct http_message *m, const uint8_t *data, size_t n) {
  (void)m;
  reading_body(p->context, (const char *)data, n);
}

static void on_done(struct http_parser *p, struct http_message *m) {
  struct reading *r = p->context;
  if (!(m->view.flags & WEFT_HTTP_TRUNCATED)) {
    reading_end(r);
    r->flags |= m->view.flags;
  }
  http_message_free(p->host->store, m);
}

static void read_weft(int responses, const uint8_t *bytes, size_t length, struct reading *ret) {
  static const struct http_parser_ops ops = {.head = on_head, .body = on_body, .done = on_done};
  const struct weft_http_options options = {.size = sizeof options};
  const struct weft_mark mark = {1, 1};
  const struct weft_span span = {bytes, length, 0, mark};
  static struct http_store store; /* made once: that is not cheap */
  static const struct http_parser_host host = {&ops, &store};
  struct http_parser parser;
  if (!store.head_bytes_max) http_store_init(&store, &options);
  http_parser_setup(&parser, &host, ret, responses ? HTTP_RESPONSE : HTTP_REQUEST,
                    WEFT_FROM_CLIENT);
  http_parser_data(&parser, &span, 1, 1);
  http_parser_end(&parser, 1, mark);
  http_parser_done(&parser);
}

const struct reader reader_weft = {"weft", read_weft};
