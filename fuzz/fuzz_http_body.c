/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/chunked.h"
#include "http/parser.h"
#include "require.h"

/*
 * One direction's messages with their bodies and chunks, without loss.  The
 * first byte: 1 responses, and how the bytes are cut the second time.
 *
 * Always true:
 *   - however the bytes are cut, the messages are the same: start lines, fields,
 *     flags, lengths and bodies;
 *   - a head for every message and an end for every head, and no byte of the
 *     direction belongs to two messages;
 *   - as the body of a chunked message, the bytes give the same data in one piece
 *     and byte by byte.
 */

enum { SIZE_MAX_HERE = 20000 };

struct log {
  uint64_t hash, heads, dones, end; /* where the last message ended */
};

static void log_add(struct log *log, const void *bytes, size_t length) {
  const uint8_t *p = bytes;
  for (size_t i = 0; i < length; i++) log->hash = (log->hash ^ p[i]) * UINT64_C(0x100000001b3);
}

static void log_number(struct log *log, uint64_t n) { log_add(log, &n, sizeof n); }

static void log_text(struct log *log, struct weft_text text) {
  log_number(log, text.len);
  if (text.len) log_add(log, text.base, text.len);
}

static unsigned on_head(struct http_parser *p, struct http_message *m) {
  struct log *log = p->context;
  log->heads++;
  log_number(log, m->view.status << 16 | m->view.major << 8 | m->view.minor);
  log_text(log, m->view.method);
  log_text(log, m->view.target);
  log_text(log, m->view.reason);
  for (size_t i = 0; i < m->view.nfields; i++) {
    log_text(log, m->view.fields[i].name);
    log_text(log, m->view.fields[i].value);
  }
  /* Depends on the message alone, so that doubt is met as well. */
  return m->view.nfields % 5 == 4 && m->view.status ? HTTP_ANSWERS_UNKNOWN : 0;
}

static void on_body(struct http_parser *p, struct http_message *m, const uint8_t *data, size_t n) {
  (void)m;
  REQUIRE(n);
  log_add(p->context, data, n);
}

static void on_done(struct http_parser *p, struct http_message *m) {
  struct log *log = p->context;
  log->dones++;
  REQUIRE(m->view.offset >= log->end);
  REQUIRE(m->view.head_length + m->view.body_length <= m->view.wire_length);
  log->end = m->view.offset + m->view.wire_length;
  log_number(log, m->view.offset);
  log_number(log, m->view.head_length);
  log_number(log, m->view.wire_length);
  log_number(log, m->view.body_length);
  log_number(log, m->view.flags);
  http_message_free(p->host->store, m);
}

static const struct weft_mark mark = {1, 1};

/* Offers what was not consumed, and the next piece up to `to`. */
static uint64_t offer(struct http_parser *p, const uint8_t *bytes, uint64_t from, uint64_t middle,
                      uint64_t to, int last) {
  struct weft_span spans[2];
  size_t n = 0;
  if (middle > from)
    spans[n++] = (struct weft_span){bytes + from, (size_t)(middle - from), from, mark};
  if (to > middle)
    spans[n++] = (struct weft_span){bytes + middle, (size_t)(to - middle), middle, mark};
  uint64_t keep = http_parser_data(p, spans, n, last);
  REQUIRE(keep == WEFT_OFFSET_NONE || (keep >= from && keep <= to));
  return keep == WEFT_OFFSET_NONE ? to : keep;
}

static struct log play(enum http_kind kind, const uint8_t *bytes, size_t size, unsigned cuts) {
  static const struct http_parser_ops ops = {.head = on_head, .body = on_body, .done = on_done};
  const struct weft_http_options options = {.size = sizeof options, .head_bytes_max = 4096};
  struct log log = {.hash = 1};
  static struct http_store store; /* made once: that is not cheap */
  static const struct http_parser_host host = {&ops, &store};
  struct http_parser parser;
  uint64_t from = 0, at = 0, seed = cuts;
  if (!store.head_bytes_max) http_store_init(&store, &options);
  http_parser_setup(&parser, &host, &log, kind, WEFT_FROM_CLIENT);
  while (at < size) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    uint64_t n = cuts ? 1 + (seed >> 40) % (cuts & 1 ? 3 : 64) : size, to = at + n;
    if (to > size) to = size;
    from = offer(&parser, bytes, from, at, to, 0);
    at = to;
  }
  from = offer(&parser, bytes, from, size, size, 1);
  REQUIRE(from == size || parser.state == HTTP_PARSER_STOPPED);
  http_parser_end(&parser, 1, mark);
  REQUIRE(log.heads == log.dones);
  http_parser_done(&parser);
  return log;
}

/* The data of a chunked body, at most `step` bytes at a time; their end in *ret_end. */
static uint64_t dechunk(const uint8_t *bytes, size_t size, size_t step, size_t *ret_end) {
  struct log log = {.hash = 1};
  struct http_chunked c;
  size_t at = 0, data;
  http_chunked_init(&c);
  while (at < size && c.state < HTTP_CHUNKED_DONE) {
    size_t n = http_chunked_step(&c, bytes + at, size - at < step ? size - at : step, &data);
    REQUIRE(data <= n && (n || c.state == HTTP_CHUNKED_BAD));
    at += n;
    if (data) log_add(&log, bytes + at - data, data);
  }
  *ret_end = at;
  log_number(&log, c.state);
  log_number(&log, c.remaining);
  return log.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2 || size > SIZE_MAX_HERE) return 0;
  enum http_kind kind = data[0] & 1 ? HTTP_RESPONSE : HTTP_REQUEST;
  unsigned cuts = 1 + (data[0] >> 1);
  struct log whole = play(kind, data + 1, size - 1, 0), cut = play(kind, data + 1, size - 1, cuts);
  REQUIRE(whole.heads == cut.heads);
  REQUIRE(whole.hash == cut.hash);
  size_t end, other;
  uint64_t hash = dechunk(data + 1, size - 1, size, &end);
  REQUIRE(hash == dechunk(data + 1, size - 1, 1, &other) && end == other);
  REQUIRE(hash == dechunk(data + 1, size - 1, cuts, &other) && end == other);
  return 0;
}
