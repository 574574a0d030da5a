/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_STREAM_H
#define WEFT_STREAM_H

#include <weft/base.h>
#include <weft/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Frames in, ordered byte streams out.
 *
 *     frame -> decode -> defragment -> connection -> reassembly -> callbacks
 *
 * An engine belongs to one thread at a time and shares nothing: run several to
 * use several cores, and pick among them with weft_frame_shard(), or let a
 * weft_pool (pool.h) do both.
 *
 * For each connection the callbacks come in this order:
 *
 *     on_open  ( on_data | on_gap )*  on_end  on_close
 *                 per direction, in stream order
 *
 * In-order payload is handed over where it lies in the frame, uncopied.
 * A byte once delivered is final: overlap policy chooses among bytes that
 * are still held, and later copies of delivered bytes only count as overlap.
 */

struct weft_engine;
struct weft_conn;

/* Who is speaking.  The client is the one that sent SYN, or, where the start
   was not seen, the one weft_open::guessed explains. */
enum weft_dir { WEFT_FROM_CLIENT = 0, WEFT_FROM_SERVER = 1 };

/* ---- events --------------------------------------------------------- */

enum weft_guess {
  WEFT_GUESS_NONE = 0, /* SYN or SYN-ACK seen: no guess */
  WEFT_GUESS_PORT,     /* the lower port is taken for the server's */
  WEFT_GUESS_FIRST     /* equal ports: the first sender is taken for the client */
};

struct weft_open {
  struct weft_mark mark;
  struct weft_tuple tuple; /* source is the client */
  int guessed;             /* enum weft_guess */
};

/* Bytes in order.  Kept bytes come first and are offered again; `fresh` is
   the offset of the first byte never offered before. */
struct weft_data {
  const struct weft_span *spans;
  size_t nspans;
  uint64_t offset, length; /* of all spans together */
  uint64_t fresh;
  struct weft_mark trigger; /* the frame that made these deliverable */
};

enum weft_gap_cause {
  WEFT_GAP_ACKED = 1, /* the peer acknowledged bytes the capture lacks */
  WEFT_GAP_TIME,      /* waited weft_options::gap_wait, or was flushed */
  WEFT_GAP_LIMIT,     /* a memory bound was reached */
  WEFT_GAP_SNAPLEN,   /* the frame was captured only in part */
  WEFT_GAP_START,     /* the beginning of the connection was not seen */
  WEFT_GAP_END,       /* the connection ended with the hole still open */
  WEFT_GAP_URGENT     /* not missing: an urgent byte, which sockets hand over out of band */
};

/* "acked", "time", ...: static, never NULL. */
WEFT_API const char *weft_gap_cause_name(uint32_t cause);

/* Bytes that will never come.  Kept bytes never span a gap: whatever was kept
   is readable through `kept` for the last time here.  WEFT_GAP_START has
   offset 0 and length WEFT_LENGTH_UNKNOWN and takes no room in the stream:
   the first byte seen is at offset 0. */
struct weft_gap {
  uint64_t offset;
  uint64_t length;
  uint32_t cause;                 /* enum weft_gap_cause */
  struct weft_mark before, after; /* neighbouring bytes; frame 0 if none */
  struct weft_mark trigger;
  const struct weft_data *kept; /* NULL when nothing was kept */
};
#define WEFT_LENGTH_UNKNOWN UINT64_MAX

enum weft_end_cause {
  WEFT_END_FIN = 1,
  WEFT_END_RESET,
  WEFT_END_IDLE,    /* weft_options::idle_wait or handshake_wait passed, or flushed for silence */
  WEFT_END_EVICTED, /* gave way to a newer connection at conns_max */
  WEFT_END_REUSED,  /* the same addresses opened a new connection */
  WEFT_END_CLOSED,  /* weft_conn_close */
  WEFT_END_FINISH   /* weft_engine_finish */
};

/* "fin", "reset", "idle", ...: static, never NULL. */
WEFT_API const char *weft_end_cause_name(uint32_t cause);

/* The end of one direction, once each.  A RST ends both directions. */
struct weft_end {
  uint32_t cause;        /* enum weft_end_cause */
  uint64_t length;       /* bytes delivered and skipped in this direction */
  struct weft_mark mark; /* the frame of the FIN or RST; else that of the event, frame 0 if none */
  const struct weft_data *kept;
};

/* Two frames brought the same bytes.  The ranges are those the frames were
   sent with, before any trimming. */
struct weft_overlap {
  uint64_t offset; /* the bytes both brought */
  size_t length;
  /* `length` bytes, or NULL: `held` for bytes already delivered, either for bytes that were not
     captured. */
  const uint8_t *held, *arrived;
  uint64_t held_start, held_end;
  uint64_t arrived_start, arrived_end;
  struct weft_mark held_mark, arrived_mark;
  int differs; /* non-zero when the contents are known to differ */
  int arrived_wins;
};

/* Return 0 to go on, WEFT_DETACH to hear no more of this connection, or a
   value <= WEFT_E_USER to stop: the call that fed the engine returns it once
   everything that the current frame causes has been told, and takes no
   further frame.  Any member may be NULL.

   From inside a callback only the weft_conn_* functions may be called, on this
   connection, and the const functions on data; every other function of the
   engine returns WEFT_E_BUSY.  on_close comes exactly once for every on_open
   that did not fail, whatever ends the connection, weft_engine_free included.

   on_segment sees every segment of the connection before reassembly and may
   judge it: WEFT_DROP ignores it, WEFT_START begins the stream at it although
   no SYN was seen.  It is where checks (check.h) and counts of one's own live.
   It is also called for segments that come after both directions ended, as
   long as the connection lingers. */
struct weft_stream_ops {
  size_t size;
  int (*on_open)(struct weft_conn *, const struct weft_open *, void *user);
  int (*on_data)(struct weft_conn *, enum weft_dir, const struct weft_data *, void *user);
  int (*on_gap)(struct weft_conn *, enum weft_dir, const struct weft_gap *, void *user);
  int (*on_end)(struct weft_conn *, enum weft_dir, const struct weft_end *, void *user);
  void (*on_close)(struct weft_conn *, void *user); /* free `user` here */
  int (*on_overlap)(struct weft_conn *, enum weft_dir, const struct weft_overlap *, void *user);
  int (*on_segment)(struct weft_conn *, enum weft_dir, const struct weft_segment *, void *user);
  /* Not an event: with weft_engine_push_batch, a segment of a connection with
     this `user`, which carries something and was most likely sent by `dir`, will
     come soon.  Called twice, so that `user` may point to what points further:
     with step 0, then, when what was asked for then has had time to come, with
     step 1.  It may read what it asked for a step before and prefetch
     (__builtin_prefetch), what weft_conn_tuple points to among others, nothing else. */
  void (*on_soon)(void *user, enum weft_dir dir, int step);
};
#define WEFT_DETACH 1
#define WEFT_DROP 2  /* from on_segment only */
#define WEFT_START 3 /* from on_segment only */

/* ---- options -------------------------------------------------------- */

/* Who wins among bytes still held; docs/overlap.md has the table. */
enum weft_overlap_policy {
  WEFT_OVERLAP_LINUX = 0, /* what a Linux receiver hands its application */
  WEFT_OVERLAP_LINUX_OLD,
  WEFT_OVERLAP_FIRST, /* the earlier arrival */
  WEFT_OVERLAP_LAST,  /* the later arrival, as gopacket's queue does */
  WEFT_OVERLAP_BSD,
  WEFT_OVERLAP_WINDOWS,
  WEFT_OVERLAP_SOLARIS,
  WEFT_OVERLAP_COUNT
};

/* "linux", "linux-old", "first", ...: static; NULL past the end. */
WEFT_API const char *weft_overlap_policy_name(unsigned policy);

/* Connections whose receiver lies in this network get this policy.  The first
   rule that matches holds.  Addresses v4-mapped, so an IPv4 /8 is prefix 104.  */
struct weft_overlap_rule {
  uint8_t network[16];
  uint8_t prefix; /* 0 to 128 */
  uint8_t policy; /* enum weft_overlap_policy */
};

/* When in-order bytes are handed over. */
enum weft_deliver {
  WEFT_DELIVER_ARRIVAL = 0,
  WEFT_DELIVER_ACKED /* once the receiver acknowledged them: copies, but sees what the receiver saw */
};

/* Which segments count; docs/receiver.md. */
enum weft_receiver {
  /* Whatever is plausible: a check that needs what the capture may have missed
     throws nothing away. */
  WEFT_RECEIVER_LENIENT = 0,
  /* What the receiving host's own stack would have taken (check.h). */
  WEFT_RECEIVER_STRICT
};

enum weft_checksum_rule {
  WEFT_CHECKSUM_NONE = 0, /* never looked at */
  /* A wrong one is dropped unless its sender leaves checksums to hardware or
     the segment is cut short. */
  WEFT_CHECKSUM_AUTO,
  WEFT_CHECKSUM_ALL /* a wrong one is dropped */
};

/* RFC 9293 section 3.8.5. */
enum weft_urgent {
  WEFT_URGENT_OUT_OF_BAND = 0, /* as sockets do by default: the byte is not in the stream */
  WEFT_URGENT_INLINE           /* SO_OOBINLINE: the pointer is ignored */
};

/* Which segment of unknown addresses opens a connection. */
enum weft_opens {
  WEFT_OPENS_DATA = 0, /* SYN, or one that carries payload */
  WEFT_OPENS_SYN,      /* only SYN: mid-stream connections are passed over */
  WEFT_OPENS_ANY       /* bare ACK, FIN and RST as well */
};

/* Whose bytes a datagram has where IPv4 fragments overlap; which systems do so:
   docs/overlap.md.  IPv6 ones are always discarded (RFC 5722). */
enum weft_fragment_policy {
  WEFT_FRAGMENTS_LINUX = 0, /* nobody's: an overlap that is no copy discards the datagram */
  WEFT_FRAGMENTS_FIRST,     /* the earlier arrival's */
  WEFT_FRAGMENTS_LAST,      /* the later arrival's */
  WEFT_FRAGMENTS_BSD,       /* the earlier arrival's, unless the later one begins before it */
  WEFT_FRAGMENTS_BSD_RIGHT, /* the later arrival's, unless it begins before the earlier one */
  WEFT_FRAGMENTS_LINUX_OLD, /* the later arrival's, unless it begins behind the earlier one */
  WEFT_FRAGMENTS_WINDOWS,   /* the earlier arrival's, unless the later one begins before and ends
                             behind it */
  WEFT_FRAGMENTS_SOLARIS,   /* the same, or ends with it */
  WEFT_FRAGMENTS_COUNT
};

/* "linux", "first", "last", ...: static; NULL past the end. */
WEFT_API const char *weft_fragment_policy_name(unsigned policy);

/* Whether equal addresses in different tunnels are different hosts. */
enum weft_realms {
  WEFT_REALMS_TUNNEL = 0, /* they are: see weft_tuple::realm */
  /* They are not, and every realm is 0: for mirrors that see both sides of a gateway,
     or each direction of a connection in a tunnel of its own. */
  WEFT_REALMS_NONE
};

enum weft_log_level { WEFT_LOG_NONE = 0, WEFT_LOG_WARNING, WEFT_LOG_INFO, WEFT_LOG_DEBUG };

struct weft_options {
  size_t size;
  const struct weft_allocator *allocator; /* default: malloc and free */
  uint64_t hash_key[2];                   /* default: drawn from the system */
  uint32_t conns_max;      /* default 1048576; at the bound the least recently active gives way */
  uint32_t segments_max;   /* held per direction; default 1024 */
  uint64_t held_bytes_max; /* in the whole engine; default 256 MiB */
  uint64_t held_bytes_dir_max; /* per direction, kept bytes included; default 4 MiB */
  /* IP fragments held in the whole engine; default 16 MiB.  A source that has several
     datagrams incomplete may hold a quarter of it. */
  uint64_t fragment_bytes_max;
  weft_duration gap_wait;       /* a hole is waited for; default 10 s of capture time */
  weft_duration ack_wait;       /* ... once its bytes were acknowledged; default 200 ms */
  weft_duration start_wait;     /* an earlier first byte, where no SYN was seen; default 200 ms */
  weft_duration idle_wait;      /* default 300 s */
  weft_duration handshake_wait; /* only SYNs seen; default 30 s */
  weft_duration linger_wait;    /* after both ends closed; default 2 s */
  weft_duration fragment_wait;  /* an IP datagram not whole; default 30 s */
  uint8_t overlap;              /* enum weft_overlap_policy */
  uint8_t deliver;              /* enum weft_deliver */
  uint8_t receiver;             /* enum weft_receiver */
  uint8_t checksum;             /* enum weft_checksum_rule */
  uint8_t urgent;               /* enum weft_urgent */
  uint8_t opens;                /* enum weft_opens */
  uint8_t log_level;            /* enum weft_log_level: the most that `log` is told */
  const struct weft_overlap_rule *overlap_rules; /* copied */
  size_t noverlap_rules;
  /* What the engine does and why, for people who look for a fault.  `text` is
     one line without a line end and lives for the call.  Not to be parsed. */
  void (*log)(void *log_user, int level, const char *text);
  void *log_user;
  uint8_t fragments; /* enum weft_fragment_policy */
  uint8_t realms;    /* enum weft_realms */
};

#ifndef __cplusplus
/* WEFT_OPTIONS(.conns_max = 4096): a pointer to options, alive to the end of
   the enclosing block. */
#  define WEFT_OPTIONS(...) \
    (&(const struct weft_options){.size = sizeof(struct weft_options), __VA_ARGS__})
#endif

/* ---- engine --------------------------------------------------------- */

/* Copies the options (NULL: all defaults) and ops.  `user` is the initial user
   pointer of every connection.  WEFT_E_INVAL for a value out of range,
   WEFT_E_UNKNOWN for a field this library does not have.  On failure *ret is
   untouched. */
WEFT_API int weft_engine_new(const struct weft_options *, const struct weft_stream_ops *,
                             void *user, struct weft_engine **ret);

/* Frees at once: open connections get on_close and nothing else.  Call
   weft_engine_finish first to see every stream out.  NULL is fine. */
WEFT_API void weft_engine_free(struct weft_engine *);

/* The most memory such an engine can ever hold, in bytes, readers (reader.h) left out. */
WEFT_API uint64_t weft_engine_memory_max(const struct weft_options *);

/* Feeds one frame, and moves the engine's clock to its time (never back).
   Returns an enum weft_verdict, WEFT_E_NOMEM (the frame's bytes may be
   missing from the stream, which then says so with a gap; the engine goes on
   when memory is back), or what a callback returned.  The bytes need only
   live for the call, or for the engine's life when WEFT_FRAME_STABLE. */
WEFT_API int weft_engine_push(struct weft_engine *, const struct weft_frame *);
WEFT_API int weft_engine_push_segment(struct weft_engine *, const struct weft_segment *);

/* The same as pushing each in turn, in the same order and with the same
   events, but decodes and looks connections up ahead of use, so that waiting
   for memory overlaps: best with some hundred at once.  The fast way in.
   Returns 0, or stops at the first failure and returns it; writes how many frames
   were taken, the failing one included, unless ret_taken is NULL.  Verdicts are in
   weft_engine_stats. */
WEFT_API int weft_engine_push_batch(struct weft_engine *, const struct weft_frame *, size_t nframes,
                                    size_t *ret_taken);

/* Moves the clock without a frame, running every timeout that falls due. */
WEFT_API int weft_engine_advance(struct weft_engine *, weft_time now);

/* How many directions a flush acted on. */
struct weft_flushed {
  uint64_t flushed; /* had bytes that waited behind a hole delivered */
  uint64_t closed;  /* ended for silence */
};

/* Steps over holes whose waiting bytes arrived before `gaps_before`: in each
   direction, as long as the lowest held segment is older than that, it is
   delivered with all that follows it without a hole, younger or not.  Then
   ends every direction that holds nothing and whose connection was last active
   before `idle_before`.  WEFT_TIME_NONE skips either; INT64_MAX means all.
   Worked example: delivered up to 10, held [15,20) [20,25) [30,50), the first
   older than gaps_before: the gap [10,15) and bytes [15,25) are delivered and
   [30,50) stays, unless it is older too.  Connections are visited in the order
   they opened; `ret` may be NULL. */
WEFT_API int weft_engine_flush(struct weft_engine *, weft_time gaps_before, weft_time idle_before,
                               struct weft_flushed *ret);

/* Ends the capture: delivers what is held, closes every connection in the
   order they opened.  The engine may then be fed a new capture. */
WEFT_API int weft_engine_finish(struct weft_engine *);

struct weft_stats {
  size_t size;
  uint64_t frames;       /* pushed */
  uint64_t verdicts[16]; /* by enum weft_verdict */
  uint64_t conns_opened, conns_open, conns_evicted, conns_midstream;
  uint64_t bytes_delivered, bytes_delivered_uncopied;
  uint64_t segments_out_of_order, segments_retransmitted;
  uint64_t gaps, gap_bytes, overlaps, overlap_bytes, overlaps_differing;
  uint64_t held_bytes, held_bytes_peak; /* payload that waits or is kept */
  uint64_t memory, memory_peak;         /* allocated, bytes */
  /* How often each bound made something give way. */
  uint64_t limit_conns, limit_segments, limit_held_dir, limit_held, limit_fragments, limit_memory;
  uint64_t time_backwards; /* frames older than the one before them */
  uint64_t datagrams;      /* put together from fragments */
  /* Those that came to nothing, but for limit_fragments: contradictory or overlapping
     fragments; not whole in time, or at the end. */
  uint64_t datagrams_discarded, datagrams_expired;
  uint64_t fragments_ignored;     /* copies, and such as no receiver takes */
  uint64_t fragments_overlapping; /* that overlapped others and were no copies */
  uint64_t fragments_tiny;        /* first ones with a part of the TCP header only */
  /* That begin within a TCP header which another brought, or the other way round (RFC
     3128): somebody hides the ports or flags from a filter. */
  uint64_t fragments_over_header;
};
/* Fills as many fields as `ret->size` says the caller knows. */
WEFT_API void weft_engine_stats(const struct weft_engine *, struct weft_stats *ret);

/* Walks the connections there are, lingering ones included, in the order they
   opened; NULL starts, NULL ends.  Outside callbacks, the connection last
   returned may be closed once its successor is in hand. */
WEFT_API struct weft_conn *weft_engine_next_conn(const struct weft_engine *,
                                                 const struct weft_conn *previous);

/* ---- connection ----------------------------------------------------- */

/* Counts from 1 in the order opened; never used twice by an engine. */
WEFT_API uint64_t weft_conn_id(const struct weft_conn *);
WEFT_API const struct weft_tuple *weft_conn_tuple(const struct weft_conn *);

/* The same, written to `ret`.  Of IPv4 that takes what each packet touches, while weft_conn_tuple
   points to memory that few events need. */
WEFT_API void weft_conn_tuple_copy(const struct weft_conn *, struct weft_tuple *ret);
WEFT_API void *weft_conn_user(const struct weft_conn *);

/* Replaces the user pointer; the caller disposes of the old one. */
WEFT_API void weft_conn_set_user(struct weft_conn *, void *user);

/* Gives the connection callbacks of its own, usually from on_open or once the
   first bytes show the protocol.  `ops` must outlive the connection.  From
   here on_close is the new one, also for an on_open that fails afterwards: the
   caller disposes of the old `user`.  An engine meets at most 254 different
   `ops`; WEFT_E_INVAL beyond. */
WEFT_API int weft_conn_set_ops(struct weft_conn *, const struct weft_stream_ops *, void *user);

/* From on_data only, for its direction: keep every byte from `offset` on, and
   offer them again in front of the next; the last call counts.  Bytes in
   borrowed frames are copied, once, when the callback has returned.  Without
   this call everything offered is consumed.  0; WEFT_E_INVAL from elsewhere;
   WEFT_E_NOMEM when they would pass held_bytes_dir_max or held_bytes_max:
   then nothing is kept. */
WEFT_API int weft_conn_keep(struct weft_conn *, enum weft_dir, uint64_t offset);

/* Stop holding and delivering one direction; tracking goes on, on_end comes. */
WEFT_API void weft_conn_discard(struct weft_conn *, enum weft_dir);

/* Gives up the first hole of a direction now, as a bound would: the gap, with
   WEFT_GAP_LIMIT, then all that waits behind it without a further hole.  For
   programs with a bound of their own.  1 when something was delivered, 0 when
   nothing waits, WEFT_E_BUSY from inside a callback, or a failure as from
   weft_engine_push.  The connection may be gone afterwards. */
WEFT_API int weft_conn_skip_hole(struct weft_conn *, enum weft_dir);

/* Ends both directions with WEFT_END_CLOSED: from a callback of this
   connection after it has returned, from outside callbacks at once (the
   pointer is then dead).  0, or WEFT_E_BUSY from a callback of another
   connection. */
WEFT_API int weft_conn_close(struct weft_conn *);

/* How long the connection stays once both directions have ended, so that late
   segments find it and on_segment sees them: instead of
   weft_options::linger_wait.  0 removes it at once, WEFT_FOREVER keeps it
   until a flush, a new connection on its addresses or the finish.
   WEFT_E_INVAL when negative, WEFT_E_NOMEM. */
WEFT_API int weft_conn_linger(struct weft_conn *, weft_duration);

/* What the segments seen so far say, RFC 9293 section 3.3.2. */
enum weft_conn_state {
  WEFT_CONN_SYN_SENT = 1,
  WEFT_CONN_SYN_RECEIVED,
  WEFT_CONN_ESTABLISHED,
  WEFT_CONN_HALF_CLOSED, /* one direction has ended */
  WEFT_CONN_CLOSED,      /* both have, by FIN */
  WEFT_CONN_RESET,
  WEFT_CONN_MIDSTREAM /* no handshake seen, data flows */
};

/* "syn-sent", "established", ...: static, never NULL. */
WEFT_API const char *weft_conn_state_name(uint32_t state);

struct weft_conn_info {
  size_t size;
  struct weft_mark first, last;
  struct weft_mark syn, syn_ack, established; /* frame 0 where not seen */
  uint64_t bytes[2], gap_bytes[2];            /* delivered, missing; by enum weft_dir */
  uint64_t segments[2];                       /* seen, with payload or without */
  uint64_t retransmitted[2], out_of_order[2]; /* segments */
  uint64_t held_bytes[2];
  uint32_t end[2];      /* enum weft_end_cause, 0 while open */
  uint32_t state;       /* enum weft_conn_state */
  uint32_t next_seq[2]; /* sequence number expected next, where `started` */
  uint8_t started[2];
};
WEFT_API void weft_conn_inspect(const struct weft_conn *, struct weft_conn_info *ret);

/* What the other side has acknowledged of this direction, as an offset: the
   bytes below it reached the receiver's stack.  0 when nothing is known. */
WEFT_API uint64_t weft_conn_acked(const struct weft_conn *, enum weft_dir);

/* Of what weft_conn_inspect tells, alone and so for little: `gap_bytes` of a
   direction, and the time from `syn` to `established`, WEFT_TIME_NONE unless both
   were seen. */
WEFT_API uint64_t weft_conn_gap_bytes(const struct weft_conn *, enum weft_dir);
WEFT_API weft_duration weft_conn_handshake(const struct weft_conn *);

/* One line about the connection and its two directions, for logs; returns the
   length that it would have had, as snprintf does. */
WEFT_API int weft_conn_describe(const struct weft_conn *, char *text, size_t size);

/* ---- working with spans --------------------------------------------- */

/* The frame that brought the byte at `offset`; frame 0 outside the data. */
WEFT_API struct weft_mark weft_data_mark(const struct weft_data *, uint64_t offset);

/* The offset of the first `byte` at or after `from`, or WEFT_OFFSET_NONE. */
#define WEFT_OFFSET_NONE UINT64_MAX
WEFT_API uint64_t weft_data_find(const struct weft_data *, uint64_t from, uint8_t byte);

/* `length` bytes from `offset` in one piece: in place when they lie in one
   span, else gathered into `scratch`, which has room for them.  NULL when the
   data does not hold them all. */
WEFT_API const uint8_t *weft_data_flat(const struct weft_data *, uint64_t offset, size_t length,
                                       uint8_t *scratch);

#ifdef __cplusplus
}
#endif

#endif
