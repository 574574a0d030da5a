/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_STREAM_ENGINE_H
#define WEFT_STREAM_ENGINE_H

#include "base/queue.h"
#include "flow/flows.h"
#include "ip/defrag.h"
#include "stream/conn.h"
#include "stream/spans.h"
#include "wire/packet.h"

/*
 * The engine's own struct, and what the files of stream/ offer each other.
 *
 *     engine.c   making, flushing, finishing, looking
 *     feed.c     frames in, the clock, looking ahead
 *     fragments.c  datagrams out of fragments, and what came in which frame
 *     open.c     a segment finds its connection, or opens one
 *     plain.c    the short way for a segment that changes nothing but the edge
 *     steady.h   ... and for most of them a shorter one
 *     segment.c  what one segment does to its connection
 *     payload.c  ... with its payload
 *     doubt.c    segments that may or may not have been taken
 *     deliver.c  runs of bytes, gaps, keeping
 *     hole.c     when to give up waiting
 *     close.c    ends, removal, silence
 *     linger.c   what has closed waits for late segments
 *
 * Callbacks are made in deliver.c, close.c and open.c, through the wrappers
 * below; what they return is noted, and acted on when the stack has unwound to
 * engine.c, so no callback ever frees what its caller stands on.
 */
struct weft_engine {
  struct mem mem;
  struct weft_options options;
  struct weft_stream_ops own_ops;
  const struct weft_stream_ops
      *ops[CONN_OPS_MAX]; /* 0: its own; others as weft_conn_set_ops met them */
  unsigned nops;
  void *user;
  struct flows flows; /* of struct weft_conn */
  struct slab rares;  /* of struct rare */
  struct segs_pool segs;
  struct wheel idle;    /* every connection */
  struct queue lingers; /* those with CONN_QUEUED, not due before their ticks: linger.c */
  struct wheel holes;   /* every rare that waits */
  struct defrag defrag;
  struct parts parts; /* of the datagram being taken; else none */
  weft_time now;
  weft_time turn;            /* the wheels have nothing more to give before it */
  uint64_t frame;            /* the number of the last one taken */
  struct weft_mark trigger;  /* the frame being processed */
  uint32_t oldest, newest;   /* connections in the order opened */
  uint64_t next_id, id_step; /* of connections: engine_number */
  int pooled;                /* its callbacks run on any thread, see pool.c */
  int busy;                  /* inside a public call */
  struct weft_conn *calling; /* whose callback runs */
  enum weft_dir keep_dir;
  uint64_t keep_from;
  const struct weft_data *offered; /* what keep may keep of */
  const uint8_t *live;             /* payload of the current frame, unless it is stable */
  uint32_t live_length;
  int status;         /* first failure of this call: memory, or a callback's */
  uint32_t removals;  /* connections removed: what was looked up before the last one may be gone */
  int plain;          /* the options allow the short way of plain.c */
  struct spans spans; /* of the run under construction, see deliver.c */
  struct weft_stats stats;
  struct readers *readers; /* what its readers share, see reader.c; NULL until there is one */
};

static inline struct weft_conn *conn_at(const struct weft_engine *e, uint32_t index) {
  return slab_at_sized(&e->flows.slab, index, sizeof(struct weft_conn));
}

static inline struct conn_links *conn_links(const struct weft_engine *e, uint32_t index) {
  return slab_part_sized(&e->flows.slab, index, SLAB_LINKS, sizeof(struct conn_links));
}

static inline struct rare *rare_at(const struct weft_engine *e, uint32_t index) {
  return slab_at_sized(&e->rares, index, sizeof(struct rare));
}

static inline struct rare *conn_rare(const struct weft_engine *e, const struct weft_conn *conn) {
  return conn->rare == SLAB_NONE ? NULL : rare_at(e, conn->rare);
}

/* NULL where nothing is held, nor has been acknowledged before it came. */
static inline struct hold *conn_hold(const struct weft_engine *e, const struct weft_conn *conn,
                                     enum weft_dir dir) {
  return conn->flags & CONN_WAITS ? &conn_rare(e, conn)->hold[dir] : NULL;
}

static inline const struct weft_stream_ops *conn_ops(const struct weft_engine *e,
                                                     const struct weft_conn *conn) {
  return e->ops[conn->ops];
}

/* Its callbacks are others. */
static inline void conn_note_ops(struct weft_conn *conn) {
  conn->flags &= (uint16_t)~CONN_HEARD;
  if (conn_ops(conn_engine(conn), conn)->on_segment) conn->flags |= CONN_HEARD;
}

/* The last segment of either direction; the one being taken not counted. */
static inline weft_time conn_last_time(const struct weft_conn *conn) {
  weft_time a = conn->half[0].last_time, b = conn->half[1].last_time;
  return a > b ? a : b;
}

static inline struct weft_mark conn_last(const struct weft_conn *conn) {
  uint64_t frame = conn_engine(conn)->frame;
  struct weft_mark a = half_last(&conn->half[0], frame), b = half_last(&conn->half[1], frame);
  return (a.time != b.time ? a.time > b.time : a.frame > b.frame) ? a : b;
}

/* Remembers the first failure of a call. */
static inline void engine_fail(struct weft_engine *e, int status) {
  if (!e->status) e->status = status;
}

/* Both directions have ended. */
static inline int conn_is_closed(const struct weft_conn *conn) {
  return conn->half[0].flags & conn->half[1].flags & HALF_ENDED;
}

static inline const char *dir_name(enum weft_dir dir) {
  return dir == WEFT_FROM_CLIENT ? "client" : "server";
}

/* A callback has asked to hear no more: nothing further is delivered, and what
   it asked for is done when the stack has unwound. */
static inline int conn_stops(const struct weft_conn *conn) {
  return conn->flags & (CONN_DETACH | CONN_CLOSE);
}

static inline weft_time time_after(weft_time t, weft_duration wait) {
  return t > 0 && wait > INT64_MAX - t ? INT64_MAX : t + wait;
}

/* Every public call that may run callbacks begins and ends with these. */
static inline int engine_enter(struct weft_engine *e) {
  if (e->busy) return WEFT_E_BUSY;
  e->busy = 1;
  e->status = 0;
  return 0;
}

static inline int engine_leave(struct weft_engine *e, int result) {
  e->busy = 0;
  return e->status ? e->status : result;
}

/* Tells weft_options::log what happened to a connection (may be NULL); printf. */
void engine_tell(struct weft_engine *, int level, const struct weft_conn *, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The arguments are not evaluated when nobody listens. */
#define engine_log(e, level, ...) \
  do { \
    if ((level) <= (e)->options.log_level && (e)->options.log) engine_tell(e, level, __VA_ARGS__); \
  } while (0)

/* ---- feed.c --------------------------------------------------------- */

/* Sets the clock for the first time. */
void clock_start(struct weft_engine *, weft_time now);

/* ---- fragments.c ---------------------------------------------------- */

/* Takes a fragment and what it completes: the verdict.  Failures are in e->status. */
int engine_fragment(struct weft_engine *, struct wire_packet *);

/* weft_engine_push_segment for one whose bytes came in several frames. */
int engine_push_parts(struct weft_engine *, const struct weft_segment *, const struct parts *);

/* ---- engine.c ------------------------------------------------------- */

/* Makes the engine the `shard`th of `shards` in a pool: it numbers connections
   shard + 1, shard + 1 + shards, ... */
void engine_number(struct weft_engine *, uint32_t shard, uint32_t shards);

/* Segments whose checksums have been looked at, as if each were pushed in turn,
   with connections looked up ahead of use.  A failure does not stop it: the
   first one is returned.  At most ENGINE_BATCH. */
enum { ENGINE_BATCH = 128 };
int engine_push_segments(struct weft_engine *, const struct weft_segment *const *segments,
                         size_t nsegments);

/* ---- reader.c ------------------------------------------------------- */

/* The engine goes; its readers may stay. */
void readers_release(struct weft_engine *);

/* ---- open.c --------------------------------------------------------- */

/* A segment of any connection, its checksum looked at if that is wanted: its verdict.  Failures
   are in e->status.  `guess` is what flows_seek said, no connection having been removed since;
   FLOWS_NONE where nobody asked. */
int engine_segment(struct weft_engine *, const struct weft_segment *, uint32_t hash,
                   uint32_t guess);

/* What flows_add has given becomes a connection; `dir` is whose segment opens it, `guess` an enum
   weft_guess.  NULL where there is none after all: no memory, or nobody wants it. */
struct weft_conn *conn_begin(struct weft_engine *, uint32_t index, struct weft_mark,
                             enum weft_dir dir, int guess);

/* ---- segment.c ------------------------------------------------------ */

int conn_segment(struct weft_conn *, enum weft_dir, const struct weft_segment *);

/* ---- plain.c -------------------------------------------------------- */

/* Takes a segment without SYN or RST that says nothing unusual, the short way.  0: it is not
   one, and nothing has happened.  For a lenient receiver whose bytes are delivered
   as they arrive (weft_engine::plain). */
int conn_plain(struct weft_engine *, struct weft_conn *, enum weft_dir,
               const struct weft_segment *);

/* The same for a SYN, of a connection of which there is nothing but another's at most. */
int conn_plain_syn(struct weft_engine *, struct weft_conn *, enum weft_dir,
                   const struct weft_segment *);

/* A SYN without payload, FIN or RST in a frame that plain_look reads, `flow` being its addresses and
   `conn` the guess, NULL: none.  Its verdict, whatever the SYN turns out to be; checksums are not
   looked at.  Where weft_engine::plain. */
int engine_plain_syn(struct weft_engine *, const struct weft_frame *, const struct flow4 *flow,
                     uint32_t hash, struct weft_conn *conn);

/* conn_plain for a frame that plain_look calls ordinary; checksums are not looked at.  `header` is
   the length of the TCP header, `length` that of the payload. */
int conn_plain_frame(struct weft_engine *, struct weft_conn *, enum weft_dir,
                     const struct weft_frame *, uint32_t header, uint32_t length);

/* ---- payload.c ------------------------------------------------------ */

/* Takes the payload and FIN of an acceptable segment. */
void conn_payload(struct weft_engine *, struct weft_conn *, enum weft_dir,
                  const struct weft_segment *);

/* Lets go of what is held of directions that nobody listens to. */
void conn_discard_held(struct weft_conn *);

/* The stream goes on, or was acknowledged, at `seq`: settles whether the data
   that came with its SYN counts (RFC 7413 section 4.2). */
void conn_syn_data_settle(struct weft_conn *, enum weft_dir, uint32_t seq);

/* ---- doubt.c -------------------------------------------------------- */

/* Sets a segment aside until the receiver answers. */
void doubt_keep(struct weft_conn *, enum weft_dir, const struct weft_segment *);

/* Nothing was taken. */
void doubt_drop(struct weft_conn *, enum weft_dir);

/* What `answer`, from the receiver of `dir`, says about what was set aside: the
   segment to be processed now, to be freed with doubt_free, or NULL. */
struct doubt *doubt_settle(struct weft_conn *, enum weft_dir dir,
                           const struct weft_segment *answer);
void doubt_free(struct weft_engine *, struct doubt *);

/* ---- deliver.c ------------------------------------------------------ */

/* Delivers what `live` (may be NULL; else its start is `next`) brings, and all
   that waits behind it without a hole, up to offset `limit`. */
void deliver_run(struct weft_engine *, struct weft_conn *, enum weft_dir,
                 const struct arrival *live, uint64_t limit);

/* Steps over [next, to) with an event.  `before` brought the byte in front of
   it; NULL: as the connection remembers. */
void deliver_gap(struct weft_engine *, struct weft_conn *, enum weft_dir, uint64_t to,
                 uint32_t cause, const struct weft_mark *before);

/* Delivers the payload of the frame being processed, which begins at `next`, to a user who
   listens, and moves the edge; nothing is held.  `stable`: its bytes outlive the call. */
void deliver_plain(struct weft_engine *, struct weft_conn *, enum weft_dir, const uint8_t *payload,
                   uint32_t length, int stable);

/* Says that the stream's beginning was not seen; `after` brought its first byte. */
void deliver_start_gap(struct weft_engine *, struct weft_conn *, enum weft_dir,
                       struct weft_mark after);

/* conn_rare_make where not CONN_WAITS: what the short way does not keep up to date is as it
   should be again. */
struct rare *conn_rare_wake(struct weft_engine *, struct weft_conn *);

/* The rare part, made when there is none, to hold more than counts; NULL without memory. */
static inline struct rare *conn_rare_make(struct weft_engine *e, struct weft_conn *conn) {
  return conn->flags & CONN_WAITS ? conn_rare(e, conn) : conn_rare_wake(e, conn);
}

/* The kept bytes of a direction as data, which lives until the next delivery.
   0: there are none. */
int deliver_kept(struct weft_engine *, struct weft_conn *, enum weft_dir, struct weft_data *ret);

/* Lets go of the rare part, whose content has been let go of. */
void conn_rare_release(struct weft_engine *, struct weft_conn *);

/* Lets go of it when nothing is in it. */
void conn_rare_tidy(struct weft_engine *, struct weft_conn *);

/* Counts one more of a kind that most connections have none of. */
void conn_count(struct weft_engine *, struct weft_conn *, enum weft_dir, enum conn_count);

/* ---- hole.c --------------------------------------------------------- */

/* Decides what holes are given up now, delivers what waited behind them, and
   sees to it that the rest is looked at in time. */
void hole_check(struct weft_engine *, struct weft_conn *);

/* Gives up the first hole, or the wait for an earlier start, and delivers. */
void hole_release(struct weft_engine *, struct weft_conn *, enum weft_dir, uint32_t cause);

/* The peer has acknowledged something of this direction. */
void hole_acked(struct weft_engine *, struct weft_conn *, enum weft_dir);

/* How far bytes may be delivered now: weft_options::deliver. */
uint64_t hole_limit(const struct weft_engine *, const struct weft_conn *, enum weft_dir);

/* Runs the timers of all connections. */
void hole_expire(struct weft_engine *, int exact);

/* ---- linger.c ------------------------------------------------------- */

/* How long a connection stays once both directions have ended. */
weft_duration conn_linger(const struct weft_conn *);

/* Sees to it that a connection of which both directions have ended is removed when so much time
   has passed. */
void linger_begin(struct weft_conn *, weft_duration linger);

/* A late segment has come for one with CONN_QUEUED, and was noted: it stays longer.  `before`: its
   conn_last_time until then. */
void linger_on(struct weft_engine *, struct weft_conn *, weft_time before);

/* Notes when a segment of `dir` came, of a connection that may linger. */
static inline void conn_mark(struct weft_engine *e, struct weft_conn *conn, enum weft_dir dir,
                             uint64_t frame) {
  weft_time before = conn_last_time(conn);
  half_mark(&conn->half[dir], e->now, frame);
  if (conn->flags & CONN_QUEUED) linger_on(e, conn, before);
}

/* Removes those whose time has come: by the tick, or to the nanosecond if `exact`. */
void linger_expire(struct weft_engine *, int exact);

/* The one that is due first, in the way that wheel_first_due says it; CONN_NONE where no
   connection in the queue is due before `bound`. */
uint32_t linger_first(struct weft_engine *, weft_time bound);

/* Asks for what looking at a few connections, and removing them, will touch. */
void conns_prefetch(const struct weft_engine *, const uint32_t *indexes, int n);

/* ---- close.c -------------------------------------------------------- */

/* Ends a direction: waiting bytes are let go of, on_end.  No-op when ended. */
void half_end(struct weft_conn *, enum weft_dir, uint32_t cause, struct weft_mark);

/* Delivers what waits and ends both directions; then removes. */
void conn_finish(struct weft_conn *, uint32_t cause);

/* Called when the stack has unwound: detaches, closes, lingers, removes as
   callbacks and events have asked.  The connection may be gone afterwards. */
void conn_settle_now(struct weft_conn *);
static inline void conn_settle(struct weft_conn *conn) {
  int asked = conn_stops(conn) || (conn->half[0].flags | conn->half[1].flags) & HALF_DISCARD;
  if (asked || (conn_is_closed(conn) && !(conn->flags & CONN_LINGERS))) conn_settle_now(conn);
}

void conn_remove(struct weft_conn *);

/* Runs the idle, handshake and linger timers. */
void idle_expire(struct weft_engine *, int exact);

/* When the connection's silence is to be acted on. */
weft_time conn_idle_due(const struct weft_conn *);

/* Makes the connection that gives way first give way.  0 when there is none. */
int conn_evict(struct weft_engine *);

/* Notes what a callback returned, and returns it. */
int conn_called(struct weft_conn *, int returned);

#endif
