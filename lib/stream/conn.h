/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_STREAM_CONN_H
#define WEFT_STREAM_CONN_H

#include "base/prefetch.h"
#include "base/wheel.h"
#include "flow/flows.h"
#include "reasm/half.h"
#include "reasm/segs.h"

/*
 * A connection.  What every packet touches lies in the struct itself; what
 * only connections with a hole, kept bytes or a disputed SYN need is in a
 * struct rare, which comes and goes.
 */
enum conn_flag {
  CONN_DETACHED = 1 << 0,    /* its user hears no more */
  CONN_CLOSE = 1 << 1,       /* weft_conn_close was called in a callback */
  CONN_DETACH = 1 << 2,      /* a callback returned WEFT_DETACH */
  CONN_GUESSED = 1 << 3,     /* no SYN seen when it opened */
  CONN_RESET = 1 << 4,       /* an acceptable RST was seen */
  CONN_ESTABLISHED = 1 << 5, /* the handshake was seen to complete */
  CONN_KEEP = 1 << 6,        /* weft_conn_keep was called in this on_data */
  CONN_LINGERS = 1 << 7,     /* both directions ended, waits for removal */
  CONN_WAITS = 1 << 8,       /* its rare part holds more than counts */
  CONN_SYN_ACK = 1 << 9,     /* conn_cold.syn_ack is set */
  CONN_QUEUED = 1 << 10,     /* in engine->lingers at *conn_place */
  CONN_HEARD = 1 << 11,      /* its user wants on_segment */
  CONN_PATIENT = 1 << 12     /* rare.linger is its own */
};

#define CONN_NONE SLAB_NONE

struct weft_conn {
  struct flow4 key; /* first: flow/flows.h */
  uint16_t flags;   /* enum conn_flag */
  uint8_t ops;      /* in engine->ops */
  uint8_t shift;    /* of engine->flows.slab */
  void *user;
  uint32_t index;      /* in engine->flows */
  uint32_t rare;       /* in engine->rares, or SLAB_NONE */
  struct half half[2]; /* by enum weft_dir: what that side sent */
};
_Static_assert(sizeof(struct weft_conn) == 128, "two cache lines, docs/memory.md");

/* What only opening, closing and looking need; beside it in base/slab.h's terms.  Of its
   two cache lines the first is not touched where the key says it all. */
struct conn_cold {
  struct weft_tuple tuple;  /* first: flow/flows.h; see weft_conn_tuple */
  struct half_rest rest[2]; /* by enum weft_dir: conn_rest */
  struct weft_mark first, syn_ack, established;
  uint64_t id;
};

/* What ties it to others: apart, since whoever unties one touches two others. */
struct conn_links {
  struct wheel_link idle;
  uint32_t older, newer; /* in the order opened */
};
_Static_assert(sizeof(struct conn_cold) == 128, "docs/memory.md says so");
_Static_assert(offsetof(struct conn_cold, first) >= 64, "the line that a handshake writes");

/* Of all parts together. */
#define CONN_SIZE \
  ((uint32_t)(sizeof(struct weft_conn) + sizeof(struct conn_cold) + sizeof(struct conn_links)))

/* Connections lie in chunks of 2^shift: of 70 kB where few are expected, else of a
   huge page. */
enum { CONN_SHIFT_FEW = 8, CONN_SHIFT_MANY = 13, CONNS_MANY = 65536 };

/* How many different callback tables an engine's connections can have. */
enum { CONN_OPS_MAX = 255 };

static inline struct conn_cold *conn_cold(const struct weft_conn *conn) {
  return slab_cold_of(conn, conn->index, conn->shift, sizeof *conn, sizeof(struct conn_cold));
}

/* Asks for what every packet touches. */
static inline void conn_prefetch(const struct weft_conn *conn) {
  prefetch_lines(conn, sizeof *conn);
}

/* Asks for the lines that opening the next connection writes, as far as memory for it is there. */
static inline void conn_prefetch_new(const struct slab *slab) {
  if (slab->roomy == SLAB_NONE) return;
  const struct slab_chunk *chunk = &slab->chunks[slab->roomy];
  size_t place = slab_place_next(chunk);
  conn_prefetch((const void *)(chunk->objects + place * sizeof(struct weft_conn)));
  const uint8_t *cold = chunk->objects + slab->starts[SLAB_COLD] + place * sizeof(struct conn_cold);
  prefetch(cold + offsetof(struct conn_cold, first));
  prefetch(chunk->objects + slab->starts[SLAB_LINKS] + place * sizeof(struct conn_links));
}

static inline struct half_rest *conn_rest(struct weft_conn *conn, enum weft_dir dir) {
  struct half_rest *rest = &conn_cold(conn)->rest[dir];
  if (!(conn->half[dir].flags & HALF_REST)) *rest = (struct half_rest){0, 0, 0};
  conn->half[dir].flags |= HALF_REST;
  return rest;
}

static inline struct weft_engine *conn_engine(const struct weft_conn *conn) {
  return slab_owner_of(conn, conn->index, conn->shift, sizeof *conn);
}

/* Where a connection is in engine->lingers.  It has closed: no window is looked at again. */
static inline uint32_t *conn_place(struct weft_conn *conn) { return &conn->half[0].edge; }

/* One direction's bytes that are not simply passed on. */
struct hold {
  struct weft_mark before;  /* of the last byte delivered */
  struct segs waiting;      /* beyond a hole, or not yet to be delivered */
  struct segs kept;         /* delivered, and wanted again */
  weft_time acked_since;    /* when bytes up to acked_upto, which have not all come, */
  uint64_t acked_upto;      /* were acknowledged; WEFT_TIME_NONE: all have come */
  weft_time floating_since; /* the first bytes of a stream with unknown start came */
  weft_time late;           /* the clock when a frame of an earlier time was last held */
};

enum conn_count { COUNT_RETRANSMITTED, COUNT_OUT_OF_ORDER };

/* A segment that the receiver may or may not have taken: set aside until its
   next acknowledgement tells. */
struct doubt {
  struct weft_segment segment; /* its payload in `bytes` */
  size_t size;                 /* of this struct */
  uint8_t bytes[];
};

struct rare {
  _Alignas(CACHE_LINE) struct wheel_link link; /* in engine->holes */
  weft_time due;                               /* WEFT_TIME_NONE: in no wheel */
  uint32_t conn;
  enum weft_dir syn_dir;
  struct weft_segment *syn;                   /* may begin a new connection on these addresses */
  struct doubt *doubt[2];                     /* by direction */
  weft_duration linger;                       /* where CONN_PATIENT */
  _Alignas(CACHE_LINE) uint64_t counts[2][2]; /* by direction, enum conn_count */
  uint64_t gap_bytes[2];
  _Alignas(CACHE_LINE) struct hold hold[2];
};
_Static_assert(sizeof(struct rare) == 384, "each hold on cache lines of its own");

/* Asks for all of a rare part. */
static inline void rare_prefetch(const struct rare *rare) { prefetch_lines(rare, sizeof *rare); }

#endif
