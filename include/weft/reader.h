/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_READER_H
#define WEFT_READER_H

#include <weft/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The same streams, pulled instead of pushed.  A reader holds one direction of
 * a connection until it is read: feed frames, then drain readers until they
 * say WEFT_E_AGAIN.  Nothing blocks and no thread is made.  Unread bytes count
 * against held_bytes_dir_max; past it they turn into a WEFT_GAP_LIMIT gap.
 */
struct weft_reader;

/* From on_open.  Either may be NULL.  Freed by weft_reader_free, which may
   come before or after the connection's end. */
WEFT_API int weft_reader_attach(struct weft_conn *, struct weft_reader **ret_client,
                                struct weft_reader **ret_server);
WEFT_API void weft_reader_free(struct weft_reader *);

/* Like read(2): bytes copied, 0 at the end, WEFT_E_AGAIN when none are here
   yet, WEFT_E_GAP when a gap comes first. */
WEFT_API int64_t weft_reader_read(struct weft_reader *, void *buffer, size_t size);

/* Without copying: what is readable now, then how much of it was used.
   The spans live until the next consume, read or push. */
WEFT_API int weft_reader_peek(struct weft_reader *, const struct weft_data **ret);
WEFT_API void weft_reader_consume(struct weft_reader *, uint64_t bytes);

/* Steps over the gap that WEFT_E_GAP announced. */
WEFT_API int weft_reader_skip_gap(struct weft_reader *, struct weft_gap *ret);

#ifdef __cplusplus
}
#endif

#endif
