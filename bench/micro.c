/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * micro CASE N: does one thing N times, for bench/micro.py to count the
 * instructions of.  What is set up before costs the same for every N.
 */
#include <weft/http.h>
#include <weft/sink.h>

#include "feed.h"
#include "pcap_out.h"

enum { CONNECTIONS = 4096, BATCH = 64, PAYLOAD = 1448, BLOCK = 16 };

static const struct weft_options options = {.size = sizeof options, .hash_key = {1, 2}};
static struct weft_mark mark = {.time = 1700000000 * WEFT_SECOND, .frame = 1};
static uint8_t payload[PAYLOAD];
static uint64_t found;

static int add_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                    void *user) {
  (void)conn, (void)dir, (void)user;
  found += data->length;
  return 0;
}

static struct weft_engine *new_engine(void) {
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_data = add_data};
  struct weft_engine *engine;
  feed_check(weft_engine_new(&options, &ops, NULL, &engine), "engine");
  return engine;
}

static void push(struct weft_engine *engine, struct weft_segment *segment) {
  segment->mark = mark;
  mark.frame++;
  mark.time += 1000;
  feed_check(weft_engine_push_segment(engine, segment), "push");
}

/* A frame of data or, where length is 0, a bare acknowledgement. */
static struct weft_frame make_frame(uint8_t *bytes, uint32_t id, uint32_t seq, size_t length) {
  struct out_segment s = {.client = 0x0a000000u + id / 16,
                          .client_port = (uint16_t)(20000 + id % 16),
                          .server = 0xc0a80001u,
                          .server_port = 80,
                          .seq = seq,
                          .ack = 1,
                          .flags = WEFT_TCP_ACK,
                          .payload = length ? payload : NULL,
                          .length = length};
  size_t size = out_frame_build(bytes, &s);
  return (struct weft_frame){.data = bytes,
                             .caplen = (uint32_t)size,
                             .wirelen = (uint32_t)size,
                             .mark = mark,
                             .linktype = 1};
}

/* A frame to a segment; every third is a bare acknowledgement. */
static void run_decode(uint32_t n) {
  static uint8_t bytes[BATCH][OUT_FRAME_MAX];
  struct weft_frame frames[BATCH];
  struct weft_segment segment;
  for (uint32_t i = 0; i < BATCH; i++)
    frames[i] = make_frame(bytes[i], i, i, i % 3 == 2 ? 0 : PAYLOAD);
  for (uint32_t i = 0; i < n; i++)
    found += weft_decode(&frames[i % BATCH], &segment) == WEFT_IS_SEGMENT ? segment.caplen : 0;
}

/* A bare acknowledgement that says nothing new, to one of many connections. */
static void run_lookup(uint32_t n) {
  struct weft_engine *engine = new_engine();
  for (uint32_t id = 0; id < CONNECTIONS; id++) feed_handshake(engine, id, &mark);
  static struct weft_segment segments[CONNECTIONS];
  for (uint32_t id = 0; id < CONNECTIONS; id++) {
    segments[id] = feed_segment(id, WEFT_FROM_CLIENT, WEFT_TCP_ACK);
    segments[id].seq = segments[id].ack = 1;
  }
  for (uint32_t i = 0; i < n; i++) push(engine, &segments[i * 2654435761u % CONNECTIONS]);
  found += n;
  weft_engine_free(engine);
}

static struct weft_segment data_segment(void) {
  struct weft_segment segment = feed_segment(0, WEFT_FROM_SERVER, WEFT_TCP_ACK);
  segment.ack = 1;
  segment.payload = payload;
  segment.caplen = segment.wirelen = PAYLOAD;
  return segment;
}

static void run_in_order(uint32_t n) {
  struct weft_engine *engine = new_engine();
  feed_handshake(engine, 0, &mark);
  struct weft_segment segment = data_segment();
  for (uint32_t i = 0; i < n; i++) {
    segment.seq = 1 + i * PAYLOAD;
    push(engine, &segment);
  }
  weft_engine_free(engine);
}

/* Sixteen in reverse, again and again; the last fills the hole. */
static void run_out_of_order(uint32_t n) {
  struct weft_engine *engine = new_engine();
  feed_handshake(engine, 0, &mark);
  struct weft_segment segment = data_segment();
  segment.frame_flags = WEFT_FRAME_STABLE;
  for (uint32_t i = 0; i < n; i++) {
    segment.seq = 1 + (i / BLOCK * BLOCK + (BLOCK - 1 - i % BLOCK)) * PAYLOAD;
    push(engine, &segment);
  }
  weft_engine_free(engine);
}

/* The whole way of a frame, in batches over sixteen connections. */
static void run_frame(uint32_t n) {
  static uint8_t bytes[BATCH][OUT_FRAME_MAX];
  struct weft_frame frames[BATCH];
  struct weft_engine *engine = new_engine();
  for (uint32_t id = 0; id < 16; id++) feed_handshake(engine, id, &mark);
  for (uint32_t i = 0; i < BATCH; i++) frames[i] = make_frame(bytes[i], i % 16, 0, PAYLOAD);
  for (uint32_t done = 0, round = 0; done < n; done += BATCH, round++) {
    for (uint32_t i = 0; i < BATCH; i++) {
      uint32_t seq = 1 + (round * (BATCH / 16) + i / 16) * PAYLOAD;
      uint8_t wire[4] = {(uint8_t)(seq >> 24), (uint8_t)(seq >> 16), (uint8_t)(seq >> 8),
                         (uint8_t)seq};
      memcpy(bytes[i] + 14 + 20 + 4, wire, 4);
      frames[i].mark = mark;
      mark.frame++;
      mark.time += 1000;
    }
    feed_check(weft_engine_push_batch(engine, frames, BATCH, NULL), "push");
  }
  weft_engine_free(engine);
}

/* A connection from SYN to the last acknowledgement, nine segments. */
static void run_connection(uint32_t n) {
  struct weft_engine *engine = new_engine();
  for (uint32_t id = 0; id < n; id++) {
    feed_handshake(engine, id, &mark);
    for (int i = 0; i < 6; i++) {
      enum weft_dir dir = i == 1 || i == 4 ? WEFT_FROM_SERVER : WEFT_FROM_CLIENT;
      int fin = i == 3 || i == 4;
      struct weft_segment s =
          feed_segment(id, dir, (uint8_t)(WEFT_TCP_ACK | (fin ? WEFT_TCP_FIN : 0)));
      s.seq = i == 0 || i == 1 ? 1 : i == 5 ? 102 : 101;
      s.ack = i == 0 ? 1 : i == 5 ? 102 : i == 4 ? 102 : 101;
      s.payload = payload;
      s.caplen = s.wirelen = i < 2 ? 100 : 0;
      push(engine, &s);
    }
    mark.time += WEFT_SECOND / 1000;
  }
  weft_engine_free(engine);
}

/* ---- HTTP ------------------------------------------------------------- */

static const char request[] =
    "GET /articles/453/d518924e?q=a10b1 HTTP/1.1\r\nHost: www60.example\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate\r\n\r\n";
static const char response[] =
    "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\n"
    "Last-Modified: Sat, 21 Nov 2026 10:00:00 GMT\r\nETag: \"d518924e-7\"\r\n"
    "Cache-Control: max-age=600\r\nVary: Accept-Encoding\r\n"
    "Content-Type: text/html; charset=utf-8\r\nContent-Length: 16\r\n\r\n0123456789abcdef";

static struct weft_http *http;
static struct weft_sink *sink;

static int attach(struct weft_conn *conn, const struct weft_open *open, void *user) {
  (void)open, (void)user;
  return weft_http_attach(http, conn);
}

static int take_exchange(struct weft_conn *conn, const struct weft_http_exchange *exchange,
                         void *user) {
  (void)conn, (void)user;
  found++;
  return sink ? weft_sink_write(sink, exchange) : 0;
}

static void say(struct weft_engine *engine, enum weft_dir dir, const char *text, size_t length,
                uint32_t seq, uint32_t ack) {
  struct weft_segment s = feed_segment(0, dir, WEFT_TCP_ACK | WEFT_TCP_PSH);
  s.seq = seq;
  s.ack = ack;
  s.payload = (const uint8_t *)text;
  s.caplen = s.wirelen = (uint32_t)length;
  push(engine, &s);
}

/* Requests and responses of one segment each, on one connection. */
static void run_http(uint32_t n) {
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_open = attach};
  static const struct weft_http_ops http_ops = {.size = sizeof http_ops,
                                                .on_exchange = take_exchange};
  enum { ASKED = sizeof request - 1, ANSWERED = sizeof response - 1 };
  struct weft_engine *engine;
  feed_check(weft_http_new(NULL, &http_ops, NULL, &http), "http");
  feed_check(weft_engine_new(&options, &ops, NULL, &engine), "engine");
  feed_handshake(engine, 0, &mark);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t client = 1 + i * ASKED, server = 1 + i * ANSWERED;
    say(engine, WEFT_FROM_CLIENT, request, ASKED, client, server);
    say(engine, WEFT_FROM_SERVER, response, ANSWERED, server, client + ASKED);
  }
  weft_engine_free(engine);
  weft_http_free(http);
}

static void run_ndjson(uint32_t n) {
  struct weft_error error;
  feed_check(weft_sink_open("ndjson", "/dev/null", NULL, &sink, &error), "sink");
  run_http(n);
  feed_check(weft_sink_close(sink, &error), "sink");
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*run)(uint32_t n);
  } cases[] = {{"decode", run_decode},     {"lookup", run_lookup},
               {"in_order", run_in_order}, {"out_of_order", run_out_of_order},
               {"frame", run_frame},       {"connection", run_connection},
               {"http", run_http},         {"ndjson", run_ndjson}};
  enum { NCASES = sizeof cases / sizeof *cases };
  for (int i = 0; i < NCASES && argc == 3; i++)
    if (strcmp(cases[i].name, argv[1]) == 0) {
      cases[i].run((uint32_t)strtoul(argv[2], NULL, 10));
      printf("%llu\n", (unsigned long long)found);
      return 0;
    }
  fputs("usage: micro CASE N; cases:", stderr);
  for (int i = 0; i < NCASES; i++) fprintf(stderr, " %s", cases[i].name);
  fputc('\n', stderr);
  return 1;
}
