/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <string.h>

#include "stream/fragments.h"
#include "stream/options.h"
#include "stream/steady.h"

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

/* Before the first frame. */
static inline void clock_first(struct weft_engine *e, weft_time time) {
  if (e->now != WEFT_TIME_NONE) return;
  clock_start(e, time);
  e->now = time;
}

/* Moves the clock, which has been started, never back. */
static void clock_move(struct weft_engine *e, weft_time time) {
  if (time < e->now)
    e->stats.time_backwards++;
  else
    e->now = time;
}

/* Runs what has fallen due.  After the frame that moved the clock: a connection
   that it belongs to is not silent, however far the clock has jumped. */
static __attribute__((noinline)) void clock_run(struct weft_engine *e) {
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
  if (e->now >= e->turn) clock_run(e);
  return verdict;
}

int weft_engine_push(struct weft_engine *e, const struct weft_frame *frame) {
  struct wire_packet packet;
  uint32_t hash = 0;
  int status = engine_enter(e);
  if (status) return status;
  int verdict = frame_decode(&e->options, frame, &packet);
  if (verdict == WEFT_IS_SEGMENT) hash = flows_hash(&e->flows, &packet.segment.tuple);
  clock_first(e, frame->mark.time);
  frame_begins(e, frame->mark);
  verdict = take_packet(e, &packet, verdict, hash, FLOWS_NONE);
  return engine_leave(e, frame_ends(e, verdict));
}

/* A segment that was decoded elsewhere. */
static int take_decoded(struct weft_engine *e, const struct weft_segment *s, uint32_t hash,
                        uint32_t guess) {
  clock_first(e, s->mark.time);
  frame_begins(e, s->mark);
  return frame_ends(e, engine_segment(e, s, hash, guess));
}

int weft_engine_push_segment(struct weft_engine *e, const struct weft_segment *given) {
  struct weft_segment copy;
  const struct weft_segment *segment = given;
  int status = 0;
  if (given->size != sizeof copy) {
    /* From a program that knows another version of it. */
    if (!given->size) return WEFT_E_INVAL;
    status = options_copy(&copy, sizeof copy, given, given->size);
    segment = &copy;
  }
  if (!status) status = engine_enter(e);
  if (status) return status;
  uint32_t hash = flows_hash(&e->flows, &segment->tuple);
  return engine_leave(e, take_decoded(e, segment, hash, FLOWS_NONE));
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
  for (size_t i = 0; i < nsegments; i++) {
    guesses[i] = flows_seek(&e->flows, hashes[i]);
    if (guesses[i] != FLOWS_NONE) conn_prefetch(conn_at(e, guesses[i]));
  }
  uint32_t removals = e->removals;
  for (size_t i = 0; i < nsegments; i++) {
    uint32_t guess = removals == e->removals ? guesses[i] : flows_seek(&e->flows, hashes[i]);
    take_decoded(e, segments[i], hashes[i], guess);
  }
  return engine_leave(e, 0);
}

/* ---- many frames ---------------------------------------------------- */

/*
 * Frames go through these stages in groups, each group one stage behind the
 * one after it, so that what a stage asks memory for has come when the next
 * one needs it:
 *
 *     look       what kind of frame, which hash; asks for the bucket
 *     seek       which connection, most likely; asks for it, or for the next bucket
 *     ready      looks at it: may ask for its cold or rare part
 *     held       looks at that: asks for the index of what waits, then for the pieces at its ends
 *     announce   asks for what its user has there, in two steps, with the two above
 *     take       in order, with the effect of one frame after the other
 *
 * Each stage, and what few frames need, is a function that is not inlined, since it needs the
 * registers for itself.
 */
enum { GROUP = 8, STAGES = 5, RING = 64 };
_Static_assert(RING >= GROUP * STAGES, "a place for each frame under way");

enum look_kind {
  LOOK_PLAIN,    /* wire/plain.h reads it */
  LOOK_ORDINARY, /* plain_look calls it so */
  LOOK_DECODED   /* `packet` and `verdict` */
};

struct look {
  struct weft_conn *conn; /* most likely the one; NULL: none */
  uint32_t hash;
  uint32_t payload;
  struct flow4 flow; /* where plain; else its source_port alone */
  uint8_t kind, verdict, flags, header;
};

/* A frame's place in the ring is its number modulo RING. */
struct batch {
  struct weft_engine *engine;
  const struct weft_frame *frames;
  size_t nframes;
  int plain;               /* the options allow the short way */
  int announce;            /* some user wants to hear ahead */
  struct look *far[GROUP]; /* of the group that was sought: where one line was not enough */
  int nfar;
  const struct look *soon[GROUP]; /* of the group that was made ready: whose user did */
  int nsoon;
  const struct look *waits[GROUP]; /* ... and in whose connection something waits */
  int nwaits;
  const struct rare *held[GROUP]; /* where something waits, of the group to be taken next */
  int nheld;
  uint32_t removals[RING / GROUP]; /* e->removals when a group's connections were found */
  struct look looks[RING];
  struct wire_packet packets[RING];
};

/* The end of the group that begins at `from`. */
static inline size_t group_end(size_t from, size_t nframes) {
  return nframes - from < GROUP ? nframes : from + GROUP;
}

static inline uint32_t *group_removals(struct batch *b, size_t from) {
  return &b->removals[from % RING / GROUP];
}

static inline struct wire_packet *look_packet(struct batch *b, const struct look *look) {
  return &b->packets[look - b->looks];
}

/* Of a frame that wire/plain.h reads; 0 where it does not. */
static inline int look_plain(const struct weft_engine *e, const struct weft_frame *frame,
                             struct look *look) {
  struct plain_look plain;
  if (!plain_look(frame, &plain)) return 0;
  look->kind = (uint8_t)plain.ordinary;
  look->verdict = WEFT_IS_SEGMENT;
  look->flags = plain.tcp_flags;
  look->header = (uint8_t)plain.header;
  look->payload = plain.payload;
  memcpy(&look->flow, plain_ip(frame) + 12, sizeof look->flow); /* ports are behind addresses */
  look->hash = flows_hash4(&e->flows, &look->flow);
  return look->flow.source && look->flow.target;
}

/* Of any other. */
static __attribute__((noinline)) void look_decoded(struct batch *b, const struct weft_frame *frame,
                                                   struct look *look) {
  const struct weft_engine *e = b->engine;
  struct wire_packet *packet = look_packet(b, look);
  look->kind = LOOK_DECODED;
  look->verdict = (uint8_t)frame_decode(&e->options, frame, packet);
  look->hash = 0;
  if (look->verdict != WEFT_IS_SEGMENT) return;
  look->flow.source_port = flow4_port(packet->segment.tuple.source.port);
  look->hash = flows_hash(&e->flows, &packet->segment.tuple);
  look->payload = packet->segment.wirelen;
  look->flags = packet->segment.tcp_flags;
}

/* The stages take the frames [from, to), which lie together in the ring. */
static __attribute__((noinline)) void batch_look(struct batch *b, size_t from, size_t to) {
  const struct weft_engine *e = b->engine;
  const struct weft_frame *frame = &b->frames[from], *end = &b->frames[to];
  struct look *look = &b->looks[from % RING];
  /* Headers of the next group are asked for, or, where it is not a whole one, of none. */
  int plain = b->plain;
  size_t ahead = b->nframes - from >= 2 * GROUP ? GROUP : 0;
  for (; frame < end; frame++, look++) {
    const uint8_t *next = frame[ahead].data;
    prefetch(next);
    prefetch(next + 64);
    if (!plain || !look_plain(e, frame, look)) look_decoded(b, frame, look);
    table_prefetch(&e->flows.table, look->hash);
  }
}

static __attribute__((noinline)) void batch_seek(struct batch *b, size_t from, size_t to) {
  const struct weft_engine *e = b->engine;
  struct look *look = &b->looks[from % RING];
  *group_removals(b, from) = e->removals;
  for (size_t i = from; i < to; i++, look++) {
    look->conn = NULL;
    if (look->verdict != WEFT_IS_SEGMENT) continue;
    uint32_t index = flows_seek_near(&e->flows, look->hash);
    if (index == FLOWS_NONE) continue;
    if (index == FLOWS_FAR) {
      b->far[b->nfar++] = look;
      continue;
    }
    look->conn = conn_at(e, index);
    conn_prefetch(look->conn);
  }
}

static __attribute__((noinline)) struct weft_conn *conn_seek(const struct weft_engine *e,
                                                             uint32_t hash) {
  uint32_t index = flows_seek(&e->flows, hash);
  return index == FLOWS_NONE ? NULL : conn_at(e, index);
}

/* Those that the first line did not settle, when the second has had a little time to come. */
static __attribute__((noinline)) void batch_seek_far(struct batch *b) {
  const struct weft_engine *e = b->engine;
  for (; b->nfar > 0; b->nfar--) {
    struct look *look = b->far[b->nfar - 1];
    look->conn = conn_seek(e, look->hash);
    if (look->conn) conn_prefetch(look->conn);
  }
}

/* What was found may be gone, if connections have been removed since.  At the start of each
   stage that follows. */
static inline void batch_seek_again(struct batch *b, size_t from, size_t to) {
  if (*group_removals(b, from) == b->engine->removals) return;
  batch_seek(b, from, to);
  batch_seek_far(b);
}

/* Whose segment it most likely is. */
static inline enum weft_dir look_dir(const struct look *look, const struct weft_conn *conn) {
  uint16_t client =
      conn->key.source ? conn->key.source_port : flow4_port(conn_cold(conn)->tuple.source.port);
  return client == look->flow.source_port ? WEFT_FROM_CLIENT : WEFT_FROM_SERVER;
}

/* To its user, if that wants to hear; 0: it does not. */
static inline int look_announce(const struct weft_engine *e, const struct look *look,
                                const struct weft_conn *conn, int step) {
  void (*on_soon)(void *, enum weft_dir, int) = conn_ops(e, conn)->on_soon;
  if (!on_soon || conn->flags & CONN_DETACHED) return 0;
  on_soon(conn->user, look_dir(look, conn), step);
  return 1;
}

/* Will the user of its connection have something to do: take payload, or an end? */
static inline int look_matters(const struct look *look) {
  return (look->payload | (look->flags & (WEFT_TCP_FIN | WEFT_TCP_RST))) != 0;
}

static inline unsigned conn_has_data(const struct weft_conn *conn) {
  return ((conn->half[0].flags | conn->half[1].flags) & HALF_DATA) != 0;
}

static __attribute__((noinline)) void batch_ready(struct batch *b, size_t from, size_t to) {
  const struct weft_engine *e = b->engine;
  const struct look *look = &b->looks[from % RING], *end = look + (to - from);
  const unsigned unheard = !b->announce;
  b->nsoon = b->nwaits = 0;
  for (; look < end; look++) {
    const struct weft_conn *conn = look->conn;
    if (!conn) continue;
    if (conn->flags & CONN_WAITS) {
      rare_prefetch(conn_rare(e, conn));
      b->waits[b->nwaits++] = look;
    }
    /* In a handshake each segment writes there, and when the first bytes come, users look at it.
       Without a branch, since nobody can tell which segments are of one. */
    const void *marks = &conn_cold(conn)->first;
    prefetch(conn->flags & CONN_ESTABLISHED && (conn_has_data(conn) | unheard) ? conn : marks);
    if (b->announce && look_matters(look) && look_announce(e, look, conn, 0))
      b->soon[b->nsoon++] = look;
  }
}

/* The second time, to those that heard the first. */
static __attribute__((noinline)) void batch_announce(const struct batch *b) {
  const struct weft_engine *e = b->engine;
  for (int i = 0; i < b->nsoon; i++) {
    const struct weft_conn *conn = b->soon[i]->conn;
    if (conn) look_announce(e, b->soon[i], conn, 1);
  }
}

/* What waits: the ends of the index, which a segment is compared with first. */
static __attribute__((noinline)) void batch_held(struct batch *b) {
  for (int i = 0; i < b->nwaits; i++) {
    const struct weft_conn *conn = b->waits[i]->conn;
    if (!conn || !(conn->flags & CONN_WAITS)) continue;
    const struct rare *rare = conn_rare(b->engine, conn);
    if (b->nheld && b->held[b->nheld - 1] == rare) continue;
    b->held[b->nheld++] = rare;
    for (int dir = 0; dir < 2; dir++) segs_prefetch(&rare->hold[dir].waiting);
  }
}

/* Just before the group is taken, since when nothing has changed. */
static __attribute__((noinline)) void batch_held_ends(struct batch *b) {
  for (; b->nheld > 0; b->nheld--)
    for (int dir = 0; dir < 2; dir++)
      segs_prefetch_ends(&b->held[b->nheld - 1]->hold[dir].waiting, &b->engine->segs);
}

/* The short way, with nothing decoded that it does not need.  0: it is not for this frame. */
static inline int take_ordinary(struct weft_engine *e, const struct weft_frame *frame,
                                const struct look *look, struct weft_conn *conn) {
  if (!conn) return 0;
  enum flows_match match = flow4_match(&conn->key, &look->flow);
  if (match == FLOWS_OTHER) return 0;
  enum weft_dir dir = (enum weft_dir)(match - FLOWS_ALONG);
  return take_steady(e, conn, dir, frame, look->header, look->payload) ||
         conn_plain_frame(e, conn, dir, frame, look->header, look->payload);
}

/* Of a plain frame: a SYN that says nothing unusual, an answer or not. */
static inline int look_is_syn(const struct look *look) {
  const unsigned usual = WEFT_TCP_SYN | WEFT_TCP_ACK | WEFT_TCP_ECE | WEFT_TCP_CWR;
  return look->flags & WEFT_TCP_SYN && !(look->flags & ~usual) && !look->payload;
}

/* The long way: the verdict. */
static __attribute__((noinline)) int take_long(struct batch *b, const struct weft_frame *frame,
                                               const struct look *look,
                                               const struct weft_conn *conn) {
  uint32_t guess = conn ? conn->index : FLOWS_NONE;
  if (look->kind == LOOK_DECODED)
    return take_packet(b->engine, look_packet(b, look), look->verdict, look->hash, guess);
  struct weft_segment segment;
  plain_segment(frame, &segment);
  plain_tuple(frame, &segment.tuple);
  return engine_segment(b->engine, &segment, look->hash, guess);
}

/* What is not ordinary: the verdict. */
static __attribute__((noinline)) int take_other(struct batch *b, const struct weft_frame *frame,
                                                const struct look *look, struct weft_conn *conn) {
  if (look->kind == LOOK_PLAIN && look_is_syn(look))
    return engine_plain_syn(b->engine, frame, &look->flow, look->hash, conn);
  return take_long(b, frame, look, conn);
}

/* Returns how many were taken: fewer only after a failure. */
static __attribute__((noinline)) size_t batch_take(struct batch *b, size_t from, size_t to) {
  struct weft_engine *e = b->engine;
  const struct look *look = &b->looks[from % RING];
  const struct weft_frame *frame = &b->frames[from], *end = &b->frames[to];
  uint32_t removals = e->removals;
  for (; frame < end && !e->status; frame++, look++) {
    struct weft_conn *conn = look->conn;
    int verdict = WEFT_IS_SEGMENT;
    if (e->removals != removals) conn = conn_seek(e, look->hash);
    frame_begins(e, frame->mark);
    if (look->kind != LOOK_ORDINARY || !take_ordinary(e, frame, look, conn))
      verdict = take_other(b, frame, look, conn);
    frame_ends(e, verdict);
  }
  return (size_t)(frame - &b->frames[from]);
}

/* The group that is in a stage when another one begins at `at`; 0: none. */
static inline int group_in(const struct batch *b, size_t at, size_t stage, size_t *ret_from,
                           size_t *ret_to) {
  /* One before the first begins beyond all. */
  *ret_from = at - stage * GROUP;
  if (*ret_from >= b->nframes) return 0;
  *ret_to = group_end(*ret_from, b->nframes);
  return 1;
}

/* Each stage once: the last one first, since it uses the places in the ring that the first one
   fills.  Returns how many frames were taken. */
static inline size_t batch_step(struct batch *b, size_t at) {
  size_t from, to, taken = 0;
  if (group_in(b, at, 4, &from, &to)) {
    batch_seek_again(b, from, to);
    if (b->nheld) batch_held_ends(b);
    taken = batch_take(b, from, to);
  }
  if ((b->nsoon || b->nwaits) && group_in(b, at, 3, &from, &to)) {
    batch_seek_again(b, from, to);
    batch_held(b);
    batch_announce(b);
  }
  if (group_in(b, at, 2, &from, &to)) {
    batch_seek_again(b, from, to);
    batch_ready(b, from, to);
  }
  if (group_in(b, at, 1, &from, &to)) batch_seek(b, from, to);
  if (group_in(b, at, 0, &from, &to)) batch_look(b, from, to);
  if (b->nfar) batch_seek_far(b);
  return taken;
}

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
  b.announce = e->nops > 1 || e->own_ops.on_soon;
  b.nsoon = b.nwaits = 0;
  b.nheld = 0;
  b.nfar = 0;
  if (nframes) clock_first(e, frames[0].mark.time);
  for (size_t at = 0; at < nframes + (STAGES - 1) * GROUP && !e->status; at += GROUP)
    taken += batch_step(&b, at);
  if (ret_taken) *ret_taken = taken;
  return engine_leave(e, 0);
}
