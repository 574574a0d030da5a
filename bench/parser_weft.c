/* SPDX-License-Identifier: BSD-2-Clause */
/* weft's parser as its connections use it, with a frame's marks on each piece. */
#include "http/parser.h"

#include "parser.h"

enum { KEPT_MAX = 64 };

static struct http_store store;
static struct http_parser parser;
static struct weft_span spans[KEPT_MAX];
static size_t kept; /* spans the parser wants to see again */
static uint64_t offset, frame;

static unsigned on_head(struct http_parser *p, struct http_message *m) {
  (void)p;
  parser_found.fields += m->view.nfields;
  for (size_t i = 0; i < m->view.nfields; i++)
    parser_found.value_bytes += m->view.fields[i].value.len;
  return 0;
}

static void on_body(struct http_parser *p, struct http_message *m, const uint8_t *data, size_t n) {
  (void)p, (void)m, (void)data;
  parser_found.body_bytes += n;
}

static void on_done(struct http_parser *p, struct http_message *m) {
  parser_found.messages++;
  http_message_free(p->host->store, m);
}

static void begin(int responses) {
  static const struct http_parser_ops ops = {.head = on_head, .body = on_body, .done = on_done};
  static const struct http_parser_host host = {&ops, &store};
  static const struct weft_http_options options = {.size = sizeof options};
  if (!store.head_bytes_max) http_store_init(&store, &options);
  http_parser_setup(&parser, &host, NULL, responses ? HTTP_RESPONSE : HTTP_REQUEST,
                    WEFT_FROM_CLIENT);
  offset = kept = 0;
}

/* Drops what lies before `from`. */
static void keep_from(uint64_t from) {
  size_t n = 0;
  for (size_t i = 0; i < kept; i++) {
    if (spans[i].offset + spans[i].len <= from) continue;
    size_t skip = from > spans[i].offset ? (size_t)(from - spans[i].offset) : 0;
    spans[n++] = (struct weft_span){spans[i].base + skip, spans[i].len - skip,
                                    spans[i].offset + skip, spans[i].mark};
  }
  kept = n;
}

static void feed(const uint8_t *bytes, size_t length) {
  frame++;
  spans[kept++] = (struct weft_span){bytes, length, offset, {(weft_time)(frame * 1000), frame}};
  offset += length;
  uint64_t again = http_parser_data(&parser, spans, kept, 0);
  if (again == WEFT_OFFSET_NONE)
    kept = 0;
  else
    keep_from(again);
}

static void end(void) { http_parser_done(&parser); }

const struct parser_peer parser_weft = {"weft", begin, feed, end};
