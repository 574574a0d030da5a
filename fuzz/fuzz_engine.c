/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weft/stream.h>

#include "require.h"

/*
 * Bytes become segments, waits and flushes on an engine whose bounds are tiny.
 * The byte with sequence number q is q's low eight bits in every segment, so
 * whatever is lost or repeated, offset o of a stream must hold base + o.
 *
 * Always true:
 *   - data and gaps follow one another without hole or overlap, and the end's
 *     length is their sum;
 *   - kept bytes are offered again, and the last time with a gap or the end;
 *   - one end for each direction before on_close, nothing after it, and one
 *     on_close for each on_open;
 *   - memory stays below weft_engine_memory_max and is all given back.
 */

struct input {
  const uint8_t *at, *end;
};

static unsigned take(struct input *in) { return in->at < in->end ? *in->at++ : 0; }

/* ---- memory --------------------------------------------------------- */

struct meter {
  uint64_t used, peak, max, calls, fail_at;
};

static void *meter_alloc(void *context, size_t size) {
  struct meter *meter = context;
  if (++meter->calls == meter->fail_at) return NULL;
  void *memory = malloc(size);
  if (!memory) return NULL;
  meter->used += size;
  if (meter->used > meter->peak) meter->peak = meter->used;
  return memory;
}

static void meter_free(void *context, void *memory, size_t size) {
  struct meter *meter = context;
  if (memory) meter->used -= size;
  free(memory);
}

/* ---- what must be true of each connection --------------------------- */

struct stream {
  uint64_t next, kept_from;
  int based, ended, loose; /* loose: discarded, no longer followed */
  uint8_t base;            /* of the byte at offset 0 */
};

struct watch {
  struct stream streams[2];
  struct fuzz *fuzz;
};

struct fuzz {
  struct input in;
  struct weft_engine *engine;
  struct meter meter;
  weft_time now;
  uint64_t frame;
  uint64_t opened, closed;
  int finishing;
};

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  struct fuzz *fuzz = user;
  struct watch *watch = calloc(1, sizeof *watch);
  REQUIRE(watch && open->guessed >= 0 && open->guessed <= WEFT_GUESS_FIRST);
  watch->fuzz = fuzz;
  fuzz->opened++;
  weft_conn_set_user(conn, watch);
  return 0;
}

static void check_span(struct watch *watch, struct stream *stream, const struct weft_span *span) {
  REQUIRE(span->len > 0);
  REQUIRE(span->mark.frame > 0 && span->mark.frame <= watch->fuzz->frame);
  if (!stream->based) {
    stream->based = 1;
    stream->base = (uint8_t)(span->base[0] - span->offset);
  }
  for (size_t i = 0; i < span->len; i++)
    REQUIRE(span->base[i] == (uint8_t)(stream->base + span->offset + i));
}

static void check_spans(struct watch *watch, struct stream *stream, const struct weft_data *data) {
  uint64_t at = data->offset;
  for (size_t i = 0; i < data->nspans; at += data->spans[i].len, i++) {
    REQUIRE(data->spans[i].offset == at);
    check_span(watch, stream, &data->spans[i]);
  }
  REQUIRE(at == data->offset + data->length);
}

/* Kept bytes are let go of when there is no memory to keep them in, and the
   call that fed them said so. */
static void forget_kept(struct watch *watch, struct stream *stream) {
  const struct meter *meter = &watch->fuzz->meter;
  if (meter->fail_at && meter->calls >= meter->fail_at) stream->kept_from = stream->next;
}

static void check_kept(struct watch *watch, struct stream *stream, const struct weft_data *kept) {
  if (!kept) forget_kept(watch, stream);
  REQUIRE(!kept == (stream->kept_from == stream->next));
  if (!kept) return;
  REQUIRE(kept->offset == stream->kept_from && kept->offset + kept->length == stream->next);
  check_spans(watch, stream, kept);
}

/* Now and then something a program might do from a callback. */
static int meddle(struct watch *watch, struct weft_conn *conn, enum weft_dir dir) {
  if (watch->fuzz->finishing) return 0;
  switch (take(&watch->fuzz->in) & 63) {
  case 1: weft_conn_close(conn); return 0;
  case 2:
    weft_conn_discard(conn, dir);
    watch->streams[dir].loose = 1;
    return 0;
  case 3: REQUIRE(weft_engine_advance(watch->fuzz->engine, INT64_MAX) == WEFT_E_BUSY); return 0;
  case 4: weft_conn_linger(conn, 0); return 0;
  default: return 0;
  }
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  struct watch *watch = user;
  struct stream *stream = &watch->streams[dir];
  REQUIRE(!stream->ended && data->length > 0);
  if (data->offset == data->fresh) forget_kept(watch, stream);
  REQUIRE(data->fresh == stream->next && data->offset == stream->kept_from);
  check_spans(watch, stream, data);
  stream->kept_from = stream->next = data->offset + data->length;
  unsigned wish = take(&watch->fuzz->in);
  if (wish & 1 && !watch->fuzz->finishing) {
    uint64_t from = data->offset + (wish >> 1) % (data->length + 1);
    if (weft_conn_keep(conn, dir, from) == 0) stream->kept_from = from;
  }
  return meddle(watch, conn, dir);
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  struct watch *watch = user;
  struct stream *stream = &watch->streams[dir];
  REQUIRE(!stream->ended && gap->cause >= WEFT_GAP_ACKED && gap->cause <= WEFT_GAP_URGENT);
  if (gap->cause == WEFT_GAP_START) {
    REQUIRE(gap->offset == 0 && stream->next == 0 && gap->length == WEFT_LENGTH_UNKNOWN);
    return 0;
  }
  REQUIRE(gap->length > 0 && gap->length < UINT32_MAX && gap->offset == stream->next);
  check_kept(watch, stream, gap->kept);
  stream->kept_from = stream->next = gap->offset + gap->length;
  return meddle(watch, conn, dir);
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  struct watch *watch = user;
  struct stream *stream = &watch->streams[dir];
  (void)conn;
  REQUIRE(!stream->ended);
  stream->ended = 1;
  if (stream->loose) return 0;
  REQUIRE(end->length == stream->next);
  check_kept(watch, stream, end->kept);
  return 0;
}

static void on_close(struct weft_conn *conn, void *user) {
  struct watch *watch = user;
  (void)conn;
  watch->fuzz->closed++;
  free(watch);
}

static const struct weft_stream_ops ops = {.size = sizeof ops,
                                           .on_open = on_open,
                                           .on_data = on_data,
                                           .on_gap = on_gap,
                                           .on_end = on_end,
                                           .on_close = on_close};

/* ---- what is done --------------------------------------------------- */

static void set_address(struct weft_endpoint *e, unsigned last, uint16_t port) {
  *e = (struct weft_endpoint){.port = port};
  e->address[10] = e->address[11] = 0xff;
  e->address[12] = 10;
  e->address[15] = (uint8_t)last;
}

/* Four small numbers around four bases: segments meet often, some of them
   near the wrap. */
static uint32_t take_seq(struct input *in, unsigned conn) {
  static const uint32_t bases[] = {0, 0xffffff80u, 0x7fffffe0u, 100000};
  unsigned v = take(in);
  uint32_t far = v == 255 ? take(in) << 8 : 0;
  return bases[conn & 3] + v + far;
}

static int push(struct fuzz *fuzz, int stable) {
  static const uint8_t flags[] = {0x10, 0x18, 0x02, 0x12, 0x11, 0x14, 0x10, 0x04};
  static uint8_t arena[256 * 256];
  struct input *in = &fuzz->in;
  unsigned who = take(in), extra = take(in), conn = who >> 1 & 7;
  struct weft_segment s = {.size = sizeof s, .window = (uint16_t)(extra << 8 | 255)};
  set_address(who & 1 ? &s.tuple.source : &s.tuple.target, 2, 80);
  set_address(who & 1 ? &s.tuple.target : &s.tuple.source, 1, (uint16_t)(1000 + conn));
  s.tcp_flags = who & 0x80 ? (uint8_t)take(in) : flags[who >> 4 & 7];
  s.seq = take_seq(in, conn);
  s.ack = take_seq(in, conn);
  s.wirelen = s.caplen = extra & 3 ? take(in) & 63 : 0;
  if (extra & 4 && s.wirelen) s.caplen = take(in) % s.wirelen;
  s.urgent = (uint16_t)(extra >> 3);
  /* Data on a SYN starts one number later (RFC 9293 section 3.4). */
  uint32_t first = s.seq + (s.tcp_flags & WEFT_TCP_SYN ? 1 : 0);
  uint8_t *bytes = stable ? arena + (first & 255) : malloc(s.caplen + 1u);
  for (uint32_t i = 0; i < s.caplen; i++) bytes[i] = (uint8_t)(first + i);
  s.payload = bytes;
  s.frame_flags = stable ? WEFT_FRAME_STABLE : 0;
  s.mark = (struct weft_mark){fuzz->now += 1000000, ++fuzz->frame};
  int rc = weft_engine_push_segment(fuzz->engine, &s);
  if (!stable) free(bytes);
  return rc;
}

static int operate(struct fuzz *fuzz, int stable) {
  unsigned op = take(&fuzz->in);
  if (op < 224) return push(fuzz, stable);
  weft_duration age = (weft_duration)take(&fuzz->in) * (WEFT_SECOND / 16);
  if (op < 236) return weft_engine_advance(fuzz->engine, fuzz->now += age);
  if (op < 252)
    return weft_engine_flush(fuzz->engine, op & 1 ? fuzz->now - age : INT64_MAX,
                             op & 2 ? fuzz->now - age : WEFT_TIME_NONE, NULL);
  return op == 252 ? weft_engine_finish(fuzz->engine)
                   : weft_engine_advance(fuzz->engine, fuzz->now += 400 * WEFT_SECOND);
}

static struct weft_options choose_options(struct fuzz *fuzz, struct weft_allocator *allocator) {
  struct input *in = &fuzz->in;
  unsigned a = take(in), b = take(in), c = take(in);
  struct weft_options options = {
      .size = sizeof options,
      .allocator = allocator,
      .hash_key = {1, 2},
      .conns_max = 1 + (a & 7),
      .segments_max = 1 + (a >> 3 & 15),
      .held_bytes_dir_max = 64 + (b & 7) * 200,
      .held_bytes_max = 64 + (b >> 3 & 7) * 400,
      .fragment_bytes_max = 1024,
      .overlap = (uint8_t)(c % WEFT_OVERLAP_COUNT),
      .deliver = b >> 6 & 1,
      .receiver = b >> 7 & 1,
      .urgent = c & 8 ? WEFT_URGENT_OUT_OF_BAND : WEFT_URGENT_INLINE,
      .opens = (uint8_t)((c >> 4) % 3),
  };
  if (c & 0x80) fuzz->meter.fail_at = 1 + take(in) * 4;
  return options;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz fuzz = {.in = {data, data + size}, .now = 1000 * WEFT_SECOND};
  struct weft_allocator allocator = {meter_alloc, meter_free, &fuzz.meter};
  struct weft_options options = choose_options(&fuzz, &allocator);
  int stable = take(&fuzz.in) & 1;
  fuzz.meter.max = weft_engine_memory_max(&options);
  if (weft_engine_new(&options, &ops, &fuzz, &fuzz.engine) < 0) {
    REQUIRE(fuzz.meter.used == 0);
    return 0;
  }
  while (fuzz.in.at < fuzz.in.end) {
    int rc = operate(&fuzz, stable);
    REQUIRE(rc >= 0 || rc == WEFT_E_NOMEM);
    REQUIRE(fuzz.meter.peak <= fuzz.meter.max);
  }
  fuzz.finishing = 1;
  int rc = weft_engine_finish(fuzz.engine);
  REQUIRE(rc >= 0 || rc == WEFT_E_NOMEM);
  weft_engine_free(fuzz.engine);
  REQUIRE(fuzz.opened == fuzz.closed);
  REQUIRE(fuzz.meter.used == 0);
  REQUIRE(fuzz.meter.peak <= fuzz.meter.max);
  return 0;
}
