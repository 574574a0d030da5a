/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>

#include "stream/engine.h"
#include "stream/fragments.h"
#include "stream/options.h"
#include "wire/plain.h"

/*
 * Frames in.  Waiting for memory is the cost: a burst of frames is taken apart
 * and the connections looked up before the first of them is taken, in order
 * and with the effect of one after the other.
 */

/* ---- the clock ------------------------------------------------------ */

void clock_start(struct weft_engine *e, weft_time now) {
  wheel_start(&e->idle, now);
  wheel_start(&e->holes, now);
  e->turn = now;
}

/* Moves the clock, never back. */
static void clock_move(struct weft_engine *e, weft_time time) {
  if (time < e->now) {
    e->stats.time_backwards++;
    return;
  }
  if (e->now == WEFT_TIME_NONE) clock_start(e, time);
  e->now = time;
}

/* Runs what has fallen due.  After the frame that moved the clock: a connection
   that it belongs to is not silent, however far the clock has jumped. */
static void clock_run(struct weft_engine *e) {
  if (e->now < e->turn) return;
  hole_expire(e, 0);
  idle_expire(e, 0);
  if (!e->status) e->turn = wheel_turn(e->now);
}

/* ---- frames --------------------------------------------------------- */

/* The verdict on a frame that was taken apart, of whichever kind. */
static int take_packet(struct weft_engine *e, struct wire_packet *packet, int verdict,
                       uint32_t hash, uint32_t guess) {
  if (verdict == WEFT_IS_FRAGMENT) return engine_fragment(e, packet);
  if (verdict != WEFT_IS_SEGMENT) return verdict;
  if (e->options.checksum) packet->segment.checksum = (uint8_t)wire_checksum(packet);
  return engine_segment(e, &packet->segment, hash, guess);
}

/* Around each frame: the clock moves before it, and what falls due meanwhile
   comes after it. */
static void frame_begins(struct weft_engine *e, struct weft_mark mark) {
  e->stats.frames++;
  e->frame = mark.frame;
  e->trigger = mark;
  clock_move(e, mark.time);
}

static int frame_ends(struct weft_engine *e, int verdict) {
  e->stats.verdicts[verdict]++;
  clock_run(e);
  return verdict;
}

int weft_engine_push(struct weft_engine *e, const struct weft_frame *frame) {
  struct wire_packet packet;
  uint32_t hash = 0;
  int status = engine_enter(e);
  if (status) return status;
  int verdict = frame_decode(&e->options, frame, &packet);
  if (verdict == WEFT_IS_SEGMENT) hash = flows_hash(&e->flows, &packet.segment.tuple);
  frame_begins(e, frame->mark);
  verdict = take_packet(e, &packet, verdict, hash, FLOWS_NONE);
  return engine_leave(e, frame_ends(e, verdict));
}

/* A segment that was decoded elsewhere. */
static int take_decoded(struct weft_engine *e, const struct weft_segment *s, uint32_t hash,
                        uint32_t guess) {
  frame_begins(e, s->mark);
  return frame_ends(e, engine_segment(e, s, hash, guess));
}

int weft_engine_push_segment(struct weft_engine *e, const struct weft_segment *given) {
  struct weft_segment segment;
  if (!given->size) return WEFT_E_INVAL;
  int status = options_copy(&segment, sizeof segment, given, given->size);
  if (!status) status = engine_enter(e);
  if (status) return status;
  uint32_t hash = flows_hash(&e->flows, &segment.tuple);
  return engine_leave(e, take_decoded(e, &segment, hash, FLOWS_NONE));
}

int engine_push_segments(struct weft_engine *e, const struct weft_segment *const *segments,
                         size_t nsegments) {
  uint32_t hashes[ENGINE_BATCH], guesses[ENGINE_BATCH];
  assert(nsegments <= ENGINE_BATCH);
  int status = engine_enter(e);
  if (status) return status;
  for (size_t i = 0; i < nsegments; i++) {
    hashes[i] = flows_hash(&e->flows, &segments[i]->tuple);
    table_prefetch(&e->flows.table, hashes[i]);
  }
  for (size_t i = 0; i < nsegments; i++) guesses[i] = flows_guess(&e->flows, hashes[i]);
  e->guesses = guesses;
  e->nguesses = (uint32_t)nsegments;
  for (size_t i = 0; i < nsegments; i++) take_decoded(e, segments[i], hashes[i], guesses[i]);
  e->nguesses = 0;
  return engine_leave(e, 0);
}

/* ---- many frames ---------------------------------------------------- */

/*
 * Frames go through these stages in groups, each group one stage behind the
 * one after it, so that what a stage asks memory for has come when the next
 * one needs it:
 *
 *     look       what kind of frame, which hash; asks for the bucket
 *     seek       which connection, most likely; asks for it
 *     announce   asks for what its user has there, in two steps
 *     take       in order, with the effect of one frame after the other
 */
enum { GROUP = 8, STAGES = 5, RING = 64 };
_Static_assert(RING >= GROUP * STAGES, "a place for each frame under way");

enum look_kind {
  LOOK_PLAIN,  /* wire/plain.h reads it */
  LOOK_DECODED /* `packet` and `verdict` */
};

struct look {
  uint32_t hash;
  struct flow4 flow; /* where plain; else its source_port alone */
  uint32_t payload;
  uint8_t kind, verdict, flags;
};

/* A frame's place in the ring is its number modulo RING. */
struct batch {
  struct weft_engine *engine;
  const struct weft_frame *frames;
  size_t nframes;
  int plain;              /* the options allow the short way */
  int soon;               /* some user wants to hear ahead */
  uint32_t guesses[RING]; /* the connections that are meant; conn_remove takes them out */
  struct look looks[RING];
  struct wire_packet packets[RING];
};

/* As flows.h has it: with source 0 where that cannot be. */
static struct flow4 plain_flow(const struct weft_frame *frame) {
  const uint8_t *ip = plain_ip(frame), *tcp = plain_tcp(frame);
  struct flow4 flow = {load_u32(ip + 12), load_u32(ip + 16), load_be16(tcp), load_be16(tcp + 2)};
  if (!flow.target) flow.source = 0;
  return flow;
}

static int look_plain(const struct weft_engine *e, const struct weft_frame *frame,
                      struct look *look) {
  if (!plain_is(frame)) return 0;
  look->flow = plain_flow(frame);
  look->kind = LOOK_PLAIN;
  look->hash = flows_hash4(&e->flows, &look->flow);
  look->payload = plain_payload(frame);
  look->flags = plain_tcp(frame)[13];
  return look->flow.source != 0;
}

static void batch_look(struct batch *b, size_t i) {
  const struct weft_engine *e = b->engine;
  const struct weft_frame *frame = &b->frames[i];
  struct look *look = &b->looks[i % RING];
  if (i + GROUP < b->nframes) {
    /* Where the headers of one of the next group are. */
    __builtin_prefetch(frame[GROUP].data);
    __builtin_prefetch(frame[GROUP].data + 64);
  }
  b->guesses[i % RING] = FLOWS_NONE;
  look->verdict = WEFT_IS_SEGMENT;
  if (!b->plain || !look_plain(e, frame, look)) {
    struct wire_packet *packet = &b->packets[i % RING];
    look->kind = LOOK_DECODED;
    look->verdict = (uint8_t)frame_decode(&e->options, frame, packet);
    if (look->verdict != WEFT_IS_SEGMENT) return;
    look->flow.source_port = packet->segment.tuple.source.port;
    look->hash = flows_hash(&e->flows, &packet->segment.tuple);
    look->payload = packet->segment.wirelen;
    look->flags = packet->segment.tcp_flags;
  }
  table_prefetch(&e->flows.table, look->hash);
}

static void batch_seek(struct batch *b, size_t i) {
  const struct weft_engine *e = b->engine;
  const struct look *look = &b->looks[i % RING];
  if (look->verdict != WEFT_IS_SEGMENT) return;
  uint32_t guess = flows_guess(&e->flows, look->hash);
  b->guesses[i % RING] = guess;
  if (guess != FLOWS_NONE && look->flags & (WEFT_TCP_SYN | WEFT_TCP_FIN | WEFT_TCP_RST))
    conn_prefetch_cold(&e->flows.slab, guess);
}

/* To users that will have something to do: take payload, or an end. */
static void batch_announce(const struct batch *b, size_t i, int step) {
  const struct weft_engine *e = b->engine;
  const struct look *look = &b->looks[i % RING];
  uint32_t guess = b->guesses[i % RING];
  if (guess == FLOWS_NONE) return;
  if (!look->payload && !(look->flags & (WEFT_TCP_FIN | WEFT_TCP_RST))) return;
  const struct weft_conn *conn = conn_at(e, guess);
  const struct weft_stream_ops *ops = e->ops[conn->ops];
  if (!ops->on_soon || conn->flags & CONN_DETACHED) return;
  uint16_t client = conn->key.source ? conn->key.source_port : conn_cold(conn)->tuple.source.port;
  int along = client == look->flow.source_port;
  ops->on_soon(conn->user, along ? WEFT_FROM_CLIENT : WEFT_FROM_SERVER, step);
}

/* A plain frame: first the short way, with nothing decoded that it does not
   need; then as any other. */
static int take_plain(struct weft_engine *e, const struct weft_frame *frame,
                      const struct look *look, uint32_t guess, struct wire_packet *packet) {
  if (guess != FLOWS_NONE &&
      (look->flags & (WEFT_TCP_SYN | WEFT_TCP_RST | WEFT_TCP_ACK)) == WEFT_TCP_ACK &&
      plain_options_usual(frame)) {
    struct weft_conn *conn = conn_at(e, guess);
    enum flows_match match = flow4_match(&conn->key, &look->flow);
    enum weft_dir dir = match == FLOWS_REVERSE ? WEFT_FROM_SERVER : WEFT_FROM_CLIENT;
    if (match != FLOWS_OTHER && conn_plain_frame(e, conn, dir, frame)) return WEFT_IS_SEGMENT;
  }
  wire_plain(frame, packet);
  return take_packet(e, packet, WEFT_IS_SEGMENT, look->hash, guess);
}

static void batch_take(struct batch *b, size_t i) {
  struct weft_engine *e = b->engine;
  const struct look *look = &b->looks[i % RING];
  struct wire_packet *packet = &b->packets[i % RING];
  uint32_t guess = b->guesses[i % RING];
  frame_begins(e, b->frames[i].mark);
  frame_ends(e, look->kind == LOOK_PLAIN
                    ? take_plain(e, &b->frames[i], look, guess, packet)
                    : take_packet(e, packet, look->verdict, look->hash, guess));
}

/* One stage, for the group that begins at `from`, which need not exist. */
#define BATCH_STAGE(b, from, call) \
  for (size_t i = (from); i < (from) + GROUP && i < (b)->nframes; i++) call

int weft_engine_push_batch(struct weft_engine *e, const struct weft_frame *frames, size_t nframes,
                           size_t *ret_taken) {
  struct batch b;
  size_t taken = 0;
  int status = engine_enter(e);
  if (ret_taken) *ret_taken = 0;
  if (status) return status;
  b.engine = e;
  b.frames = frames;
  b.nframes = nframes;
  b.plain = e->plain && !e->options.checksum;
  b.soon = e->nops > 1 || e->own_ops.on_soon;
  for (size_t i = 0; i < RING; i++) b.guesses[i] = FLOWS_NONE;
  e->guesses = b.guesses;
  e->nguesses = RING;
  for (size_t at = 0; at < nframes + (STAGES - 1) * GROUP && !e->status; at += GROUP) {
    /* The last stage first: it uses the places in the ring that the first one fills. */
    if (at >= 4 * GROUP)
      for (size_t i = at - 4 * GROUP; i < at - 3 * GROUP && i < nframes && !e->status; i++)
        batch_take(&b, i), taken++;
    if (b.soon && at >= 3 * GROUP) BATCH_STAGE(&b, at - 3 * GROUP, batch_announce(&b, i, 1));
    if (b.soon && at >= 2 * GROUP) BATCH_STAGE(&b, at - 2 * GROUP, batch_announce(&b, i, 0));
    if (at >= GROUP) BATCH_STAGE(&b, at - GROUP, batch_seek(&b, i));
    BATCH_STAGE(&b, at, batch_look(&b, i));
  }
  e->nguesses = 0;
  if (ret_taken) *ret_taken = taken;
  return engine_leave(e, 0);
}
