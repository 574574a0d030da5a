/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_POOL_H
#define WEFT_POOL_H

#include <weft/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Connections shared by several threads.  Any thread may push any frame; a
 * pool keeps connections in shards, each an engine behind a lock, so one
 * connection's callbacks never run at the same time and different
 * connections rarely wait for each other.
 *
 *     any thread --> decode --> shard of the connection: lock, engine, callbacks
 *                      |              ^
 *                      +- fragment -> defragmenter, behind a lock of its own
 *
 * The shard of a frame is weft_frame_shard(frame) modulo the number of shards, so
 * with each thread fed the frames for which weft_frame_shard() modulo a divisor of
 * it is its own, no lock is ever contended; use one engine per thread instead
 * and there is none.  Frames are decoded, and their checksums looked at, outside
 * all locks.  IP fragments of all connections go through one defragmenter, and
 * what becomes whole goes to the shard of its connection.
 *
 * Order.  Segments reach a connection in the order in which threads get hold of
 * its shard: frames that one thread pushes stay in their order, those of
 * several threads mix, which reassembly takes for packets out of order.  Let
 * one thread push both directions of a connection, or give bounds and waits
 * that have room for it.
 *
 * Callbacks (stream.h) run in the thread that pushes, flushes or advances.  For
 * one connection they are serial, and what one wrote the next one sees; for
 * connections of different shards they run at the same time, so `user` data that
 * connections share, a log callback and the allocator have to be safe for that.
 * From inside one, weft_conn_* functions may be called on that connection as
 * from any callback, and every function of the pool returns WEFT_E_BUSY.
 * Outside callbacks weft_conn_* functions are not to be called at all: another
 * thread may be at work on the connection.  weft_reader_attach (reader.h) is
 * refused, and weft_http (http.h) belongs to one engine, not to a pool.
 *
 * Clock.  Each shard has its own, which moves with its frames; a shard that gets
 * no frames runs no timeouts until weft_pool_advance.
 *
 * weft_conn_id is unique in the pool, but not in the order opened.
 */
struct weft_pool;

/* `shards` is rounded up to a power of two, at most 1024; 0 means four for each
   processor.  There are never more than conns_max.  The options' bounds for a
   whole engine (conns_max, held_bytes_max) are for the whole pool, each shard
   having its equal part: one that many connections happen to fall to may reach
   it while others have room.  fragment_bytes_max is one bound for all.  Options
   and ops are copied, `user` is the initial user pointer of every connection.

   The allocator, if any, is called from all threads that use the pool.

   0, or WEFT_E_INVAL, WEFT_E_UNKNOWN or WEFT_E_NOMEM as weft_engine_new; on
   failure *ret is untouched. */
WEFT_API int weft_pool_new(struct weft_pool **ret, uint32_t shards, const struct weft_options *,
                           const struct weft_stream_ops *, void *user);

/* Frees at once: open connections get on_close and nothing else.  No other
   thread may be inside the pool, nor the caller inside one of its callbacks.
   NULL is fine. */
WEFT_API void weft_pool_free(struct weft_pool *);

/* How many shards there are: a power of two. */
WEFT_API uint32_t weft_pool_shards(const struct weft_pool *);

/* The most memory such a pool can ever hold, in bytes; 0 for options that
   weft_pool_new refuses. */
WEFT_API uint64_t weft_pool_memory_max(uint32_t shards, const struct weft_options *);

/* All that follow may be called from any thread at any time, and return
   WEFT_E_BUSY from inside a callback of this pool. */

/* As weft_engine_push and weft_engine_push_segment: an enum weft_verdict,
   WEFT_E_NOMEM, or what a callback returned.  A fragment that completes a
   segment has the segment's verdict. */
WEFT_API int weft_pool_push(struct weft_pool *, const struct weft_frame *);
WEFT_API int weft_pool_push_segment(struct weft_pool *, const struct weft_segment *);

/* The same as pushing each in turn, except that frames of different connections
   may change places: takes each shard's lock once for as many frames as it
   can, and looks connections up ahead of use.  Works in parts of up to 128
   frames.  Returns 0, or the first failure of a part, after which it takes no
   further part; writes how many frames were taken unless ret_taken is NULL. */
WEFT_API int weft_pool_push_batch(struct weft_pool *, const struct weft_frame *, size_t nframes,
                                  size_t *ret_taken);

/* Moves the clock of every shard, running every timeout that falls due.  0, or
   what a callback returned: then shards may be left for the next call. */
WEFT_API int weft_pool_advance(struct weft_pool *, weft_time now);

/* As weft_engine_flush, shard after shard; in each, connections are visited in the
   order they opened.  `ret` may be NULL; it has the sum of all, and is written
   unless the answer is WEFT_E_BUSY.  0, or what a callback returned, after
   which shards may be left for the next call. */
WEFT_API int weft_pool_flush(struct weft_pool *, weft_time gaps_before, weft_time idle_before,
                             struct weft_flushed *ret);

/* Ends the capture: delivers what is held and closes every connection that is
   there when its shard is reached.  Returns as weft_pool_flush. */
WEFT_API int weft_pool_finish(struct weft_pool *);

/* The sum of all shards, one after the other.  The peaks are sums of the
   shards' peaks, so no less than the pool's; time_backwards counts wherever
   threads overtake each other.  Fills as many fields as `ret->size` says the
   caller knows.  0. */
WEFT_API int weft_pool_stats(struct weft_pool *, struct weft_stats *ret);

#ifdef __cplusplus
}
#endif

#endif
