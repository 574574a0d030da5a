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
 * connections rarely wait for each other.  Feed each thread frames already
 * split by connection and no lock is ever contended; use one engine per
 * thread instead and there is none.
 */
struct weft_pool;

/* `shards` is rounded up to a power of two; 0 means four for each processor.
   The options' bounds are for the whole pool. */
WEFT_API int weft_pool_new(struct weft_pool **ret, uint32_t shards, const struct weft_options *,
                           const struct weft_stream_ops *, void *user);
WEFT_API void weft_pool_free(struct weft_pool *);

/* Thread-safe, all of them. */
WEFT_API int weft_pool_push(struct weft_pool *, const struct weft_frame *);
WEFT_API int weft_pool_push_batch(struct weft_pool *, const struct weft_frame *, size_t nframes, size_t *ret_taken);
WEFT_API int64_t weft_pool_flush(struct weft_pool *, weft_time gaps_before, weft_time idle_before);
WEFT_API int weft_pool_finish(struct weft_pool *);
WEFT_API void weft_pool_stats(struct weft_pool *, struct weft_stats *ret);

#ifdef __cplusplus
}
#endif

#endif
