/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>

#include "stream/engine.h"
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
  if (wheel_turns(&e->holes, e->now)) hole_expire(e, 0);
  if (wheel_turns(&e->idle, e->now)) idle_expire(e, 0);
}

/* ---- frames --------------------------------------------------------- */

/* A segment at hand, its checksum judged if it is to be. */
static int take_segment(struct weft_engine *e, const struct weft_segment *s, uint32_t hash,
                        uint32_t guess) {
  if (s->checksum == WEFT_CHECKSUM_BAD && e->options.checksum == WEFT_CHECKSUM_ALL)
    return WEFT_IS_BAD_CHECKSUM;
  return engine_segment(e, s, hash, guess);
}

/* A fragment, and the datagram that it completes, which may be a fragment of
   another in its turn.  The verdict; WEFT_IS_SEGMENT: `packet` is one. */
static int take_fragments(struct weft_engine *e, struct wire_packet *packet) {
  int verdict = WEFT_IS_FRAGMENT;
  while (verdict == WEFT_IS_FRAGMENT) {
    struct wire_fragment datagram;
    if (e->options.checksum && wire_checksum(packet) == WEFT_CHECKSUM_BAD)
      return WEFT_IS_BAD_CHECKSUM;
    int whole = defrag_push(&e->defrag, &packet->fragment, &datagram);
    if (whole < 0) engine_fail(e, whole);
    if (whole <= 0) return WEFT_IS_FRAGMENT;
    verdict = wire_decode_datagram(&datagram, packet);
  }
  return verdict;
}

/* What was found out about a frame ahead of taking it. */
struct ahead {
  struct wire_packet packet;
  int verdict;
  uint32_t hash;
};

static void look_ahead(const struct weft_engine *e, const struct weft_frame *frame,
                       struct ahead *ret) {
  ret->verdict =
      wire_plain(frame, &ret->packet) ? WEFT_IS_SEGMENT : wire_decode(frame, &ret->packet);
  if (ret->verdict == WEFT_IS_SEGMENT)
    ret->hash = flows_hash(&e->flows, &ret->packet.segment.tuple);
}

static int take_frame(struct weft_engine *e, const struct weft_frame *frame, struct ahead *ahead,
                      uint32_t guess) {
  int verdict = ahead->verdict;
  struct wire_packet *packet = &ahead->packet;
  e->stats.frames++;
  e->trigger = frame->mark;
  clock_move(e, frame->mark.time);
  if (verdict == WEFT_IS_FRAGMENT) {
    verdict = take_fragments(e, packet);
    guess = FLOWS_NONE;
    if (verdict == WEFT_IS_SEGMENT) ahead->hash = flows_hash(&e->flows, &packet->segment.tuple);
  }
  if (verdict == WEFT_IS_SEGMENT) {
    if (e->options.checksum) packet->segment.checksum = (uint8_t)wire_checksum(packet);
    verdict = take_segment(e, &packet->segment, ahead->hash, guess);
  }
  e->stats.verdicts[verdict]++;
  clock_run(e);
  return verdict;
}

int weft_engine_push(struct weft_engine *e, const struct weft_frame *frame) {
  struct ahead ahead;
  int status = engine_enter(e);
  if (status) return status;
  look_ahead(e, frame, &ahead);
  return engine_leave(e, take_frame(e, frame, &ahead, FLOWS_NONE));
}

/* A segment that was decoded elsewhere. */
static int take_decoded(struct weft_engine *e, const struct weft_segment *s, uint32_t hash,
                        uint32_t guess) {
  e->stats.frames++;
  e->trigger = s->mark;
  clock_move(e, s->mark.time);
  int verdict = take_segment(e, s, hash, guess);
  e->stats.verdicts[verdict]++;
  clock_run(e);
  return verdict;
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

/* Frames taken apart ahead of use, so that waiting for one's bucket and
   connection overlaps with the work on others. */
enum { BATCH = 32 };

/* Opens, closes, or may complete a handshake. */
static int goes_the_long_way(const struct weft_segment *s) {
  return s->tcp_flags & (WEFT_TCP_SYN | WEFT_TCP_FIN | WEFT_TCP_RST) || s->wirelen == 0;
}

static void batch_look_ahead(const struct weft_engine *e, const struct weft_frame *frames, size_t n,
                             struct ahead *ahead, uint32_t *guesses) {
  for (size_t i = 0; i < n; i++) {
    look_ahead(e, &frames[i], &ahead[i]);
    if (ahead[i].verdict == WEFT_IS_SEGMENT) table_prefetch(&e->flows.table, ahead[i].hash);
  }
  for (size_t i = 0; i < n; i++) {
    guesses[i] = FLOWS_NONE;
    if (ahead[i].verdict != WEFT_IS_SEGMENT) continue;
    guesses[i] = flows_guess(&e->flows, ahead[i].hash);
    if (guesses[i] != FLOWS_NONE && goes_the_long_way(&ahead[i].packet.segment))
      conn_prefetch_cold(&e->flows.slab, guesses[i]);
  }
}

/* Lets the users of connections that will have something to do fetch what is
   theirs. */
static void batch_announce(const struct weft_engine *e, const struct ahead *ahead,
                           const uint32_t *guesses, size_t n, int step) {
  for (size_t i = 0; i < n; i++) {
    if (guesses[i] == FLOWS_NONE) continue;
    const struct weft_segment *s = &ahead[i].packet.segment;
    if (!s->wirelen && !(s->tcp_flags & (WEFT_TCP_FIN | WEFT_TCP_RST))) continue;
    const struct weft_conn *conn = conn_at(e, guesses[i]);
    const struct weft_stream_ops *ops = e->ops[conn->ops];
    if (!ops->on_soon || conn->flags & CONN_DETACHED) continue;
    int along = conn->tuple.source.port == s->tuple.source.port;
    ops->on_soon(conn->user, along ? WEFT_FROM_CLIENT : WEFT_FROM_SERVER, step);
  }
}

int weft_engine_push_batch(struct weft_engine *e, const struct weft_frame *frames, size_t nframes,
                           size_t *ret_taken) {
  struct ahead ahead[BATCH];
  uint32_t guesses[BATCH];
  size_t taken = 0;
  int status = engine_enter(e);
  if (ret_taken) *ret_taken = 0;
  if (status) return status;
  while (taken < nframes && !e->status) {
    size_t n = nframes - taken < BATCH ? nframes - taken : BATCH;
    batch_look_ahead(e, frames + taken, n, ahead, guesses);
    for (int step = 0; step < 2; step++) batch_announce(e, ahead, guesses, n, step);
    e->guesses = guesses;
    e->nguesses = (uint32_t)n;
    for (size_t i = 0; i < n && !e->status; i++, taken++)
      take_frame(e, &frames[taken], &ahead[i], guesses[i]);
    e->nguesses = 0;
  }
  if (ret_taken) *ret_taken = taken;
  return engine_leave(e, 0);
}
