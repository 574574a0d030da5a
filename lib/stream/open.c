/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "stream/engine.h"

/* ---- which connection ----------------------------------------------- */

/* What a SYN on addresses that have a connection means.  The flag alone does
   not decide: its number and the connection's state do, and, where they leave
   a doubt, what the receiver answers. */
enum syn_meaning {
  SYN_BELONGS, /* to the connection there is, which may refuse it */
  SYN_WAITS,   /* begins a new one if the receiver agrees: remembered */
  SYN_OPENS,   /* begins a new one */
  SYN_AGREES   /* is the SYN-ACK that a remembered one waited for */
};

static int is_strict(const struct weft_engine *e) {
  return e->options.receiver == WEFT_RECEIVER_STRICT;
}

/* Whether the stream is known to begin right after this SYN, from its data or
   from what the other side acknowledged. */
static int syn_known(const struct half *half, const struct weft_segment *s) {
  return half->flags & HALF_STARTED && !(half->flags & (HALF_FLOATING | HALF_SYN)) &&
         half_offset(half, s->seq + 1) == 0;
}

/* Whether the stream's beginning is still open and may well be this SYN, which
   its data, or the other side's acknowledgement of it, has overtaken. */
static int syn_overtaken(const struct half *half, const struct weft_segment *s) {
  int32_t ahead = seq32_distance(s->seq + 1, half->seq);
  int32_t acked = seq32_distance(s->seq + 1, half->acked);
  if (half->flags & HALF_FLOATING) return ahead > -65536 && ahead < 65536;
  return !(half->flags & HALF_STARTED) && half->flags & HALF_ACKED && acked >= 0 && acked < 65536;
}

static enum syn_meaning syn_ack_meaning(const struct weft_conn *conn, enum weft_dir dir,
                                        const struct weft_segment *s) {
  struct weft_engine *e = conn_engine(conn);
  const struct half *half = &conn->half[dir], *back = &conn->half[!dir];
  const struct rare *rare = conn_rare(e, conn);
  if (rare && rare->syn && rare->syn_dir != dir) {
    uint32_t taken = s->ack - (rare->syn->seq + 1);
    if (taken <= rare->syn->wirelen) return SYN_AGREES;
  }
  if (conn_is_closed(conn)) return SYN_OPENS;
  if ((half->flags | back->flags) & HALF_SYN) return SYN_BELONGS;
  /* Mid-stream, and now a handshake. */
  return half->flags & HALF_DATA && !syn_overtaken(half, s) ? SYN_OPENS : SYN_BELONGS;
}

static enum syn_meaning syn_meaning(const struct weft_conn *conn, enum weft_dir dir,
                                    const struct weft_segment *s) {
  const struct half *half = &conn->half[dir], *back = &conn->half[!dir];
  /* Again the same number: sent again, or, once refused, tried again. */
  if (half->flags & HALF_SYN && s->seq == half_isn(half))
    return conn->flags & CONN_RESET && !is_strict(conn_engine(conn)) ? SYN_OPENS : SYN_BELONGS;
  if (conn->flags & CONN_DETACHED) return s->tcp_flags & WEFT_TCP_ACK ? SYN_BELONGS : SYN_OPENS;
  if (syn_known(half, s)) return SYN_BELONGS;
  if (s->tcp_flags & WEFT_TCP_ACK) return syn_ack_meaning(conn, dir, s);
  if (back->flags & HALF_SYN && !(half->flags & HALF_SYN) && !(half->flags & HALF_DATA))
    return SYN_BELONGS; /* simultaneous open, RFC 9293 section 3.5 */
  if (!((half->flags | back->flags) & HALF_SYN)) {
    /* No SYN so far: this one was overtaken by its data, or all that is old. */
    if (is_strict(conn_engine(conn))) return SYN_OPENS;
    return syn_overtaken(half, s) ? SYN_BELONGS : SYN_OPENS;
  }
  if (is_strict(conn_engine(conn))) return SYN_WAITS;
  if (conn_is_closed(conn)) return SYN_OPENS;
  /* Nobody has answered the first one: the client tries anew. */
  if (!(back->flags & (HALF_SYN | HALF_DATA)) && !(half->flags & HALF_DATA)) return SYN_OPENS;
  return SYN_WAITS;
}

/* Remembers a SYN in case the receiver answers it. */
static void syn_remember(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s) {
  struct weft_engine *e = conn_engine(conn);
  struct rare *rare = conn_rare_make(e, conn);
  if (rare && !rare->syn) rare->syn = mem_alloc(&e->mem, sizeof *rare->syn);
  if (!rare || !rare->syn) {
    engine_fail(e, WEFT_E_NOMEM);
    return;
  }
  *rare->syn = *s;
  /* Its payload would have to be copied; whoever opened fast sends it again. */
  rare->syn->payload = NULL;
  rare->syn->caplen = 0;
  rare->syn_dir = dir;
}

/* A segment that goes on where a remembered SYN began, though the answer to it
   was not captured. */
static int goes_on_from_syn(const struct weft_conn *conn, enum weft_dir dir,
                            const struct weft_segment *s) {
  struct weft_engine *e = conn_engine(conn);
  const struct rare *rare = conn_rare(e, conn);
  if (!rare || !rare->syn || rare->syn_dir != dir || is_strict(e)) return 0;
  return s->seq == rare->syn->seq + 1 && s->tcp_flags & WEFT_TCP_ACK &&
         !(s->tcp_flags & (WEFT_TCP_RST | WEFT_TCP_SYN)) && s->seq != conn->half[dir].seq;
}

/* ---- opening -------------------------------------------------------- */

static int may_open(const struct weft_engine *e, const struct weft_segment *s) {
  unsigned flags = s->tcp_flags & (WEFT_TCP_SYN | WEFT_TCP_FIN | WEFT_TCP_RST);
  if (is_strict(e) && flags & WEFT_TCP_SYN &&
      (flags != WEFT_TCP_SYN || s->options & WEFT_TCPOPT_MD5))
    return 0; /* no listener answers SYN with FIN, RST or a signature */
  if (flags & WEFT_TCP_SYN && !(flags & WEFT_TCP_RST)) return 1;
  switch (e->options.opens) {
  case WEFT_OPENS_ANY: return 1;
  case WEFT_OPENS_DATA: return s->wirelen > 0 && !(flags & WEFT_TCP_RST);
  default: return 0;
  }
}

/* Which end is the client, where no SYN says so. */
static int guess_client(const struct weft_segment *s, int *ret_guess) {
  *ret_guess = WEFT_GUESS_NONE;
  if (s->tcp_flags & WEFT_TCP_SYN) return s->tcp_flags & WEFT_TCP_ACK ? 1 : 0;
  *ret_guess = s->tuple.source.port == s->tuple.target.port ? WEFT_GUESS_FIRST : WEFT_GUESS_PORT;
  return s->tuple.source.port < s->tuple.target.port;
}

/* Fills in what flows_add has left undefined. */
static inline void conn_init(struct weft_engine *e, struct weft_conn *conn, uint32_t index,
                             struct weft_mark first, int guess) {
  conn->flags = guess ? CONN_GUESSED : 0;
  conn->ops = 0;
  conn->shift = (uint8_t)e->flows.slab.shift;
  conn->user = e->user;
  conn->index = index;
  conn->rare = SLAB_NONE;
  conn->half[0] = (struct half){0};
  conn->half[1] = (struct half){0};
  conn_note_ops(conn);
  struct conn_cold *cold = conn_cold(conn);
  cold->first = first;
  cold->syn_ack = (struct weft_mark){0, 0};
  cold->established = (struct weft_mark){0, 0};
  cold->id = e->next_id;
  e->next_id += e->id_step;
}

/* Puts it behind all that opened before. */
static inline void conn_link(struct weft_engine *e, uint32_t index) {
  struct conn_links *links = conn_links(e, index);
  links->older = e->newest;
  links->newer = CONN_NONE;
  if (e->newest != CONN_NONE)
    conn_links(e, e->newest)->newer = index;
  else
    e->oldest = index;
  e->newest = index;
}

/* Tells the engine's user.  0: it does not want the connection, which is gone. */
static int call_open(struct weft_engine *e, struct weft_conn *conn, struct weft_mark mark,
                     int guess) {
  struct weft_open open = {.mark = mark, .guessed = guess};
  weft_conn_tuple_copy(conn, &open.tuple);
  e->calling = conn;
  int returned = conn_called(conn, e->ops[0]->on_open(conn, &open, conn->user));
  e->calling = NULL;
  if (returned > WEFT_E_USER) return 1;
  /* It never was: no on_close, but for callbacks that on_open itself has given it. */
  if (conn->ops == 0) conn->flags |= CONN_DETACHED;
  conn_remove(conn);
  return 0;
}

struct weft_conn *conn_begin(struct weft_engine *e, uint32_t index, struct weft_mark mark,
                             enum weft_dir dir, int guess) {
  if (index == FLOWS_NONE) {
    engine_fail(e, WEFT_E_NOMEM);
    return NULL;
  }
  struct weft_conn *conn = conn_at(e, index);
  conn_prefetch_new(&e->flows.slab); /* for the next one */
  conn_init(e, conn, index, mark, guess);
  half_mark(&conn->half[dir], mark.time, mark.frame);
  conn_link(e, index);
  /* As conn_idle_due has it: nothing has been seen of it. */
  wheel_put(&e->idle, index, time_after(conn_last_time(conn), e->options.handshake_wait));
  e->stats.conns_opened++;
  e->stats.conns_open++;
  if (guess) e->stats.conns_midstream++;
  engine_log(e, WEFT_LOG_DEBUG, conn, guess ? "opened in mid-stream" : "opened");
  return !e->ops[0]->on_open || call_open(e, conn, mark, guess) ? conn : NULL;
}

static struct weft_conn *conn_new(struct weft_engine *e, const struct weft_segment *s,
                                  uint32_t hash, enum weft_dir *ret_dir) {
  int guess, reverse = guess_client(s, &guess);
  struct weft_tuple tuple = s->tuple;
  if (reverse) {
    tuple.source = s->tuple.target;
    tuple.target = s->tuple.source;
  }
  if (e->flows.slab.used >= e->options.conns_max) conn_evict(e);
  *ret_dir = (enum weft_dir)reverse;
  return conn_begin(e, flows_add(&e->flows, &tuple, hash), s->mark, *ret_dir, guess);
}

/* ---- one segment ---------------------------------------------------- */

static int segment_on(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s) {
  int verdict = conn_segment(conn, dir, s);
  conn_settle(conn);
  return verdict;
}

static int segment_opens(struct weft_engine *e, const struct weft_segment *s, uint32_t hash) {
  enum weft_dir dir;
  if (!may_open(e, s)) return WEFT_IS_STRAY;
  struct weft_conn *conn = conn_new(e, s, hash, &dir);
  if (!conn) return WEFT_IS_STRAY;
  return e->plain && conn_plain_syn(e, conn, dir, s) ? WEFT_IS_SEGMENT : segment_on(conn, dir, s);
}

/* The remembered SYN was the beginning of a connection after all. */
static int segment_reopens(struct weft_conn *conn, const struct weft_segment *s, uint32_t hash) {
  struct weft_engine *e = conn_engine(conn);
  struct weft_segment syn = *conn_rare(e, conn)->syn;
  engine_log(e, WEFT_LOG_INFO, conn, "its addresses open a new connection, as the answer shows");
  conn_finish(conn, WEFT_END_REUSED);
  segment_opens(e, &syn, hash);
  return engine_segment(e, s, hash, FLOWS_NONE);
}

/* The connection of a segment, by the guess if that is right. */
static struct weft_conn *segment_conn(struct weft_engine *e, const struct weft_segment *s,
                                      uint32_t hash, uint32_t guess, enum weft_dir *ret_dir) {
  int reverse;
  if (guess != FLOWS_NONE) {
    struct weft_conn *conn = conn_at(e, guess);
    enum flows_match match = flows_match(&e->flows, guess, &s->tuple);
    *ret_dir = match == FLOWS_REVERSE ? WEFT_FROM_SERVER : WEFT_FROM_CLIENT;
    if (match != FLOWS_OTHER) return conn;
  }
  uint32_t index = flows_find(&e->flows, &s->tuple, hash, &reverse);
  if (index == FLOWS_NONE) return NULL;
  *ret_dir = (enum weft_dir)reverse;
  return conn_at(e, index);
}

int engine_segment(struct weft_engine *e, const struct weft_segment *s, uint32_t hash,
                   uint32_t guess) {
  enum weft_dir dir;
  if (s->checksum == WEFT_CHECKSUM_BAD && e->options.checksum == WEFT_CHECKSUM_ALL)
    return WEFT_IS_BAD_CHECKSUM;
  struct weft_conn *conn = segment_conn(e, s, hash, guess, &dir);
  if (!conn) return segment_opens(e, s, hash);
  if (e->plain &&
      (s->tcp_flags & WEFT_TCP_SYN ? conn_plain_syn(e, conn, dir, s) : conn_plain(e, conn, dir, s)))
    return WEFT_IS_SEGMENT;
  if (s->tcp_flags & WEFT_TCP_SYN && !(s->tcp_flags & WEFT_TCP_RST)) {
    switch (syn_meaning(conn, dir, s)) {
    case SYN_BELONGS: break;
    case SYN_WAITS: syn_remember(conn, dir, s); break;
    case SYN_AGREES: return segment_reopens(conn, s, hash);
    case SYN_OPENS:
      if (!may_open(e, s)) return WEFT_IS_REFUSED;
      conn_finish(conn, WEFT_END_REUSED);
      return segment_opens(e, s, hash);
    }
  } else if (conn->rare != SLAB_NONE && goes_on_from_syn(conn, dir, s)) {
    return segment_reopens(conn, s, hash);
  }
  return segment_on(conn, dir, s);
}
