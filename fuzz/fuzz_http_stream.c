/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sanitizer/asan_interface.h>

#include <weft/http.h>

#include "require.h"

/*
 * A conversation of two sides, on a real engine.  The first byte is how the
 * bytes are cut the second time, and with 0x80 that the connection must be
 * recognised; without, an exchange comes first.  Then come turns:
 *
 *     byte   0x80 who speaks   0x40 the bytes are not captured
 *            0x20 the length is the next byte plus 32 times the low five bits
 *     bytes of that length, if captured
 *
 * Each turn acknowledges what the other side has sent; a second passes between
 * two, so what is lost is found lost.
 *
 * Always true:
 *   - on a connection that is recognised (which looks at the beginnings of
 *     segments, and again when it was idle for so long that it counts as a new
 *     one), however the turns are cut, the exchanges are the same, and in
 *     the same order: texts, lengths, flags, frames, times, bodies;
 *   - a head for every message, an end for every head, and then its exchange;
 *   - each message is reported once;
 *   - all memory is given back.
 */

struct run {
  char *log;
  size_t length, room;
  uint64_t heads, ends, reported, interim, opened;
  uint64_t live; /* blocks of memory */
  struct weft_http *http;
};

/* Mebibytes for a few connections, again and again: mapping them would take most of
   the time.  Freed ones wait here, out of bounds. */
#define BIG (256 * 1024)
#define SPARES 16
static struct {
  void *memory;
  size_t size;
} spares[SPARES];

static void *spare_take(size_t size) {
  for (size_t i = 0; i < SPARES; i++) {
    if (!spares[i].memory || spares[i].size != size) continue;
    void *memory = spares[i].memory;
    spares[i].memory = NULL;
    ASAN_UNPOISON_MEMORY_REGION(memory, size);
    return memory;
  }
  return NULL;
}

static int spare_give(void *memory, size_t size) {
  for (size_t i = 0; i < SPARES; i++) {
    if (spares[i].memory) continue;
    spares[i].memory = memory;
    spares[i].size = size;
    ASAN_POISON_MEMORY_REGION(memory, size);
    return 1;
  }
  return 0;
}

static void *run_alloc(void *context, size_t size) {
  struct run *run = context;
  void *memory = size >= BIG ? spare_take(size) : NULL;
  run->live++;
  return memory ? memory : malloc(size);
}

static void run_free(void *context, void *memory, size_t size) {
  struct run *run = context;
  run->live--;
  if (size < BIG || !spare_give(memory, size)) free(memory);
}

static void run_say(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void run_say(struct run *run, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  size_t length = n < (int)sizeof text ? (size_t)n : sizeof text - 1;
  if (run->length + length + 1 > run->room) {
    run->room = (run->room + length + 1) * 2;
    run->log = realloc(run->log, run->room);
    REQUIRE(run->log);
  }
  memcpy(run->log + run->length, text, length + 1);
  run->length += length;
}

static uint64_t hash_add(uint64_t hash, const void *bytes, size_t length) {
  const uint8_t *p = bytes;
  for (size_t i = 0; i < length; i++) hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
  return hash;
}

struct body {
  uint64_t hash, length;
  int ended;
};

static int on_head(struct weft_conn *conn, const struct weft_http_message *m, void **message_user,
                   void *user) {
  struct run *run = user;
  (void)conn;
  run->heads++;
  if (m->status / 100 == 1 && m->status != 101) run->interim++;
  *message_user = calloc(1, sizeof(struct body));
  return 0;
}

static int on_body(struct weft_conn *conn, const struct weft_http_message *m, const uint8_t *data,
                   size_t length, void *message_user, void *user) {
  struct run *run = user;
  struct body *body = message_user;
  (void)conn;
  if (data) {
    REQUIRE(length > 0);
    body->hash = hash_add(body->hash, data, length);
    body->length += length;
    return 0;
  }
  run->ends++;
  REQUIRE(!body->ended && body->length == m->body_length);
  body->ended = 1;
  if (m->status / 100 == 1 && m->status != 101) free(body); /* it has no exchange of its own */
  return 0;
}

static void say_message(struct run *run, const struct weft_http_message *m) {
  if (!m) return;
  run->reported++;
  uint64_t hash = hash_add(0, m->method.base, m->method.len);
  hash = hash_add(hash, m->target.base, m->target.len);
  hash = hash_add(hash, m->reason.base, m->reason.len);
  for (size_t i = 0; i < m->nfields; i++) {
    hash = hash_add(hash, m->fields[i].name.base, m->fields[i].name.len);
    hash = hash_add(hash, m->fields[i].value.base, m->fields[i].value.len);
  }
  REQUIRE(m->frames >= 1 && m->first.frame && m->last.time >= m->first.time);
  REQUIRE(m->head_length + m->body_length + m->body_missing <= m->wire_length);
  run_say(run, "  %d %u.%u %u [%llx] %zu flags %x at %llu, %llu %llu %llu %llu, #%llu-#%llu %llu\n",
          m->dir, m->major, m->minor, m->status, (unsigned long long)hash, m->nfields, m->flags,
          (unsigned long long)m->offset, (unsigned long long)m->head_length,
          (unsigned long long)m->wire_length, (unsigned long long)m->body_length,
          (unsigned long long)m->body_missing, (unsigned long long)m->first.frame,
          (unsigned long long)m->last.frame, (unsigned long long)m->frames);
  struct body *body = m->user;
  REQUIRE(body->ended);
  run_say(run, "   body hash %llx\n", (unsigned long long)body->hash);
  free(body);
  uint64_t sum = 0;
  for (size_t i = 0; i < m->nparts; i++) {
    run_say(run, "   #%llu %llu+%llu\n", (unsigned long long)m->parts[i].mark.frame,
            (unsigned long long)m->parts[i].offset, (unsigned long long)m->parts[i].length);
    sum += m->parts[i].length;
  }
  REQUIRE(sum + m->body_missing == m->wire_length);
}

static int on_exchange(struct weft_conn *conn, const struct weft_http_exchange *x, void *user) {
  struct run *run = user;
  (void)conn;
  run_say(run, "exchange %llu match %u interim %u bounds %u\n", (unsigned long long)x->conn_tx,
          x->match, x->interim_count, x->timing.bounds);
  say_message(run, x->request);
  say_message(run, x->response);
  return 0;
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  struct run *run = user;
  (void)open;
  run->opened++;
  return weft_http_attach(run->http, conn);
}

struct side {
  uint32_t seq; /* next */
};

static void push(struct weft_engine *engine, int dir, const struct side sides[2],
                 struct weft_mark mark, const uint8_t *bytes, uint32_t length, unsigned flags) {
  struct weft_segment s = {.size = sizeof s,
                           .mark = mark,
                           .payload = bytes,
                           .caplen = length,
                           .wirelen = length,
                           .seq = sides[dir].seq,
                           .ack = sides[!dir].seq,
                           .window = 65535,
                           .tcp_flags = (uint8_t)flags};
  struct weft_endpoint a = {.port = 1000}, b = {.port = 80};
  a.address[15] = 1;
  b.address[15] = 2;
  s.tuple.source = dir ? b : a;
  s.tuple.target = dir ? a : b;
  REQUIRE(weft_engine_push_segment(engine, &s) >= 0);
}

static void push_data(struct weft_engine *engine, int dir, struct side sides[2],
                      struct weft_mark mark, const uint8_t *bytes, size_t length) {
  push(engine, dir, sides, mark, bytes, (uint32_t)length, WEFT_TCP_ACK);
  sides[dir].seq += (uint32_t)length;
}

/* Plays the conversation with turns cut into pieces of at most `piece` bytes. */
static void play(struct weft_engine *engine, const uint8_t *at, const uint8_t *end, size_t piece,
                 int introduced) {
  static const char request[] = "GET /0 HTTP/1.1\r\n\r\n", response[] = "HTTP/1.1 204 x\r\n\r\n";
  struct side sides[2] = {{0xffffff00u}, {77}};
  struct weft_mark mark = {WEFT_SECOND, 1};
  push(engine, 0, sides, mark, NULL, 0, WEFT_TCP_SYN);
  sides[0].seq++;
  push(engine, 1, sides, mark, NULL, 0, WEFT_TCP_SYN | WEFT_TCP_ACK);
  sides[1].seq++;
  if (introduced) {
    push_data(engine, 0, sides, mark, (const uint8_t *)request, sizeof request - 1);
    push_data(engine, 1, sides, mark, (const uint8_t *)response, sizeof response - 1);
  }
  while (at < end) {
    unsigned turn = *at++;
    int dir = turn >> 7;
    size_t length = turn & 0x1f;
    if (turn & 0x20) length = length * 32 + (at < end ? *at++ : 0);
    mark.time += WEFT_SECOND;
    mark.frame++;
    if (turn & 0x40) {
      sides[dir].seq += (uint32_t)length;
      continue;
    }
    if (length > (size_t)(end - at)) length = (size_t)(end - at);
    /* Or else what is given up at this time would be given up after the first
       piece. */
    REQUIRE(weft_engine_advance(engine, mark.time) == 0);
    for (size_t i = 0; i < length; i += piece) {
      size_t n = length - i < piece ? length - i : piece;
      push_data(engine, dir, sides, mark, at + i, n);
    }
    at += length;
  }
  for (int dir = 0; dir < 2; dir++) {
    mark.time += WEFT_SECOND;
    mark.frame++;
    push(engine, dir, sides, mark, NULL, 0, WEFT_TCP_FIN | WEFT_TCP_ACK);
    sides[dir].seq++;
  }
  REQUIRE(weft_engine_finish(engine) == 0);
}

static void run_all(struct run *run, const uint8_t *data, size_t size, size_t piece,
                    int introduced) {
  static const struct weft_http_ops http_ops = {
      .size = sizeof http_ops, .on_head = on_head, .on_body = on_body, .on_exchange = on_exchange};
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_open = on_open};
  struct weft_allocator allocator = {run_alloc, run_free, run};
  struct weft_http_options options = {.size = sizeof options,
                                      .allocator = &allocator,
                                      .parts_max = 10000,
                                      .head_bytes_max = 300,
                                      .fields_max = 5,
                                      .pipeline_max = 4};
  struct weft_engine *engine;
  memset(run, 0, sizeof *run);
  REQUIRE(weft_http_new(&options, &http_ops, run, &run->http) == 0);
  REQUIRE(weft_engine_new(WEFT_OPTIONS(.hash_key = {1, 2}, .allocator = &allocator), &ops, run,
                          &engine) == 0);
  play(engine, data, data + size, piece, introduced);
  weft_engine_free(engine);
  weft_http_free(run->http);
  REQUIRE(run->heads == run->ends);
  REQUIRE(run->reported + run->interim == run->heads);
  REQUIRE(run->live == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct run whole, cut;
  if (size < 2 || size > 4096) return 0;
  int introduced = !(data[0] & 0x80);
  run_all(&whole, data + 1, size - 1, SIZE_MAX / 2, introduced);
  run_all(&cut, data + 1, size - 1, 1 + data[0] % 64, introduced);
  if (!introduced || whole.opened > 1 || cut.opened > 1) whole.length = cut.length = 0;
  if (whole.length != cut.length || (whole.length && strcmp(whole.log, cut.log) != 0)) {
    fprintf(stderr, "whole:\n%s\ncut:\n%s\n", whole.log, cut.log ? cut.log : "");
    abort();
  }
  free(whole.log);
  free(cut.log);
  return 0;
}
