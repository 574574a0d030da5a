/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef GOPACKET_H
#define GOPACKET_H

#include <weft/stream.h>

#include "ledger.h"

/*
 * gopacket's two assemblers, as a program that moves to weft would write them
 * on its public API.  Who decides what:
 *
 *     weft       order, overlaps, what is delivered when, what is missing,
 *                keeping, marks, flushing by age, ends, connections
 *     assemble.c which packet is what: the first sender is the client, a SYN
 *                starts a stream or takes one number, a RST is a FIN
 *     ledger.c   pages of 1900 bytes and the counts made of them (pages, chunks,
 *                packets, queued, overlap): gopacket's unit of memory, of which
 *                weft knows nothing.  It follows what gopacket's queue would hold,
 *                without bytes, and each run that weft delivers has to end where
 *                it says: else "ledger-differs" is noted, which nothing excuses
 *     flat.c     what differs in tcpassembly
 *     accept.c   the callback that gopacket calls Accept
 */

enum api { API_REASSEMBLY, API_TCPASSEMBLY };
enum accept_rule { ACCEPT_ALL, ACCEPT_NONE, ACCEPT_FSM, ACCEPT_OPTIONS, ACCEPT_BOTH };
enum keep_rule { KEEP_NONE, KEEP_FROM, KEEP_LAST, KEEP_UNTIL };

#define KEEP_AS_RULED (-2)
enum { PROBES_MAX = 16, STREAMS_MAX = 64, OPTIONS_MAX = 8 };

struct rules {
  enum api api;
  long pages_half_max, pages_all_max; /* 0: none */
  enum accept_rule accept;
  int missing_establishment, force_start;
  long force_after;
  enum keep_rule keep;
  uint64_t keep_n;
  int keep_on_end, complete_returns;
  long capture[PROBES_MAX], fetch[PROBES_MAX];
  int ncapture, nfetch;
};

struct option {
  uint8_t kind, length;
  uint8_t data[40];
};

struct packet {
  int64_t t; /* microseconds */
  struct weft_endpoint source, target;
  const char *source_text, *target_text;
  uint32_t seq;
  uint8_t flags;
  uint16_t window;
  struct option options[OPTIONS_MAX];
  int noptions;
  const uint8_t *payload; /* with a byte before it that may be read */
  uint32_t length;
  long keep; /* KeepFrom for its deliveries, -1 none, or KEEP_AS_RULED */
};

/* TCPSimpleFSM and TCPOptionCheck, one of each for a stream. */
enum fsm { FSM_CLOSED, FSM_SYN_SENT, FSM_ESTABLISHED, FSM_CLOSE_WAIT, FSM_LAST_ACK, FSM_RESET };
struct accept {
  enum fsm state;
  int dir;
  int64_t mss[2], scale[2], window[2];
};

/* One direction of a gopacket stream. */
struct side {
  struct ledger ledger;
  int closed;
  int fin_known; /* a FIN or RST lies behind a hole, at: */
  uint32_t fin_seq;
  uint32_t syns;           /* SYNs after the first that took a number, which weft gives them not */
  int reset;               /* ended by a RST, which takes no number */
  int64_t skip;            /* of the next delivery */
  struct weft_data *shown; /* a copy of what the last delivery kept, NULL for nothing */
  uint64_t shown_from;     /* where it began: bytes below are not wanted again */
};

struct stream {
  struct adapter *adapter;
  int number;
  struct weft_conn *conn; /* NULL: gone */
  int flip;               /* the first sender is weft's server */
  long packets;
  int64_t last; /* the latest time of its packets */
  struct accept accept;
  struct side side[2]; /* c2s, s2c */
};

/* The packet under way. */
struct call {
  const struct packet *packet;
  struct stream *stream;
  int dir;
  uint32_t seq, end; /* its payload */
  uint32_t next;     /* expected before it, if: */
  int started;
  int start;      /* the stream starts with it */
  uint32_t fresh; /* of its bytes, delivered as its own */
  int syn_inside; /* a SYN where the next byte is expected */
  int queued;     /* lies ahead of what is expected */
  int fin, fin_native;
  uint32_t inside, length; /* flat.c: a SYN's number before the payload; numbers in all */
  int accepted, live, delivered;
};

struct adapter {
  struct rules rules;
  struct weft_engine *engine;
  struct stream streams[STREAMS_MAX];
  int nstreams;
  struct call call;
  int in_call;
  long flush_closed, flush_touched;
  uint64_t touched; /* flat.c: streams, as bits */
  uint64_t step;
  int events;
};

int adapter_open(struct adapter *, const struct rules *);
void adapter_close(struct adapter *);

/* Assemble or AssembleWithContext: the context is the step's number. */
void adapter_assemble(struct adapter *, const struct packet *);

/* Each prints what the call returned after its events.  WEFT_TIME_NONE is
   Go's zero time; `idle` is only asked whether it is that in tcpassembly. */
void adapter_flush(struct adapter *, int64_t t, int64_t idle);
void adapter_flush_all(struct adapter *);

long adapter_pages(const struct adapter *);

/* flat.c: what differs in tcpassembly. */
void flat_assemble(struct adapter *, const struct packet *);
void flat_on_data(struct adapter *, struct stream *, enum weft_dir, const struct weft_data *);
void flat_on_end(struct adapter *, struct stream *, enum weft_dir, const struct weft_end *);

/* accept.c: NULL, or why not. */
void accept_init(struct accept *);
const char *accept_judge(struct accept *, const struct rules *, int dir, const struct packet *,
                         int started, uint32_t next);

/* Common to both. */
struct stream *stream_find(struct adapter *, const struct packet *, int directed, int *ret_dir);
void stream_complete(struct adapter *, struct stream *);
void adapter_push(struct adapter *, const struct packet *, uint32_t seq, const uint8_t *payload,
                  uint32_t length, unsigned flags, int directed);
void stream_expects(const struct stream *, int dir, int *ret_started, uint32_t *ret_next);
enum weft_dir weft_dir_of(const struct stream *, int dir);

/* print.c */
void print_event(struct adapter *, const char *kind, const struct stream *);
void print_hex(const uint8_t *, size_t);
void print_time(const struct weft_mark *);
/* A stated rule of weft is at work: see deviations.txt. */
void print_rule(struct adapter *, const char *rule);

#endif
