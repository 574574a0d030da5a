/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_READER_H
#define WEFT_READER_H

#include <weft/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The same streams, pulled instead of pushed.  A reader holds what one
 * direction of a connection brought until it is read: feed frames, then drain
 * readers until they say WEFT_E_AGAIN.
 *
 *     push                                                read, peek, consume
 *      |                                                          |
 *      v     newest                                     oldest    v
 *     end?  |======|====|  (gap)  |=======|=============|======|
 *
 * Nothing blocks and no thread is made, so a reader that is read late, in part,
 * not at all, or freed in the middle of a stream holds nobody up.
 *
 * Lives.  A reader is made for a connection in on_open and freed with
 * weft_reader_free, which may come at any time: from inside any callback and
 * outside, before the connection's end or after it, also after
 * weft_engine_free: a reader keeps its bytes.  The weft_allocator of the engine
 * has to outlive its readers.
 *
 * Threads.  A reader belongs to the thread of its engine for as long as that
 * exists.  Connections of a weft_pool (pool.h) have no readers.
 *
 * Memory.  Bytes are copied into the reader, as each frame brings them.  What is
 * unread is bounded for each reader (weft_reader_options::held_bytes_max) and
 * for all readers of an engine together (weft_options::held_bytes_max of that
 * engine, once more: weft_engine_memory_max and the engine's own bounds leave
 * readers out).  Bytes count with some 200 bytes for each frame that brought
 * them.  What finds no room becomes a gap of cause WEFT_GAP_LIMIT, counted in
 * weft_stats::limit_held_dir or limit_held; bytes are taken again once there is
 * room.
 */
struct weft_reader;

struct weft_reader_options {
  size_t size;
  /* Of unread bytes; default 4 MiB, never more than
     weft_options::held_bytes_dir_max of the engine. */
  uint64_t held_bytes_max;
  /* 1: gaps are stepped over without a word; weft_reader_inspect counts them. */
  uint8_t ignore_gaps;
};

/* From on_open, once for a connection: takes it over with weft_conn_set_ops,
   the caller's ops and user with it, and makes a reader for each direction that
   is asked for; the other one is discarded.  Either may be NULL, not both, and
   so may the options.  They are the caller's at once, also when on_open then
   fails.  The connection's callbacks are not to be replaced afterwards.

   0.  WEFT_E_INVAL: from elsewhere, a second time, in a pool, or both NULL.
   WEFT_E_UNKNOWN: the options set what this library does not have.
   WEFT_E_NOMEM.  On failure nothing has changed. */
WEFT_API int weft_reader_attach(struct weft_conn *, const struct weft_reader_options *,
                                struct weft_reader **ret_client, struct weft_reader **ret_server);

/* Lets go of a reader and of what it holds.  If its connection is still there,
   it goes on without: this direction is discarded (weft_conn_discard).  NULL
   is fine. */
WEFT_API void weft_reader_free(struct weft_reader *);

/* Like read(2) on a socket: copies bytes, at most `size`, joined from as many
   frames as it takes, but never across a gap.  Returns how many;
   0: the stream has ended and all of it was read (also when `size` is 0);
   WEFT_E_AGAIN: no bytes here yet; WEFT_E_GAP: a gap comes first, see
   weft_reader_skip_gap.  Each of these again until something has changed. */
WEFT_API int64_t weft_reader_read(struct weft_reader *, void *buffer, size_t size);

/* The same without copying: returns how many bytes are readable, up to the
   next gap, and points *ret at them.  0, WEFT_E_AGAIN and WEFT_E_GAP as above;
   then *ret is left alone.  Takes nothing: weft_reader_consume does.  The spans
   and bytes live until the next consume, read, skip_gap, discard or free of
   this reader, and the next call that feeds its engine. */
WEFT_API int64_t weft_reader_peek(struct weft_reader *, const struct weft_data **ret);

/* Steps over at most so many readable bytes, but never over a gap; returns how
   many.  UINT64_MAX: all that peek would show. */
WEFT_API uint64_t weft_reader_consume(struct weft_reader *, uint64_t bytes);

/* Steps over the gap that comes next, and tells what it was unless `ret` is
   NULL (its `kept` is NULL).  A gap comes in front of the bytes or of the end
   that it was found before; a lost beginning, WEFT_GAP_START, is one too, and
   so is an urgent byte, WEFT_GAP_URGENT, although that is not lost.  A gap of
   cause WEFT_GAP_LIMIT made by the reader has frame 0 in its marks where the
   neighbours are not known.  0; WEFT_E_INVAL: no gap comes next. */
WEFT_API int weft_reader_skip_gap(struct weft_reader *, struct weft_gap *ret);

/* Nobody wants the rest: lets go of all unread bytes and gaps, and of what
   comes later when it comes.  Reading then says WEFT_E_AGAIN until the stream has
   ended, then 0.  Returns how many bytes were unread. */
WEFT_API uint64_t weft_reader_discard(struct weft_reader *);

struct weft_reader_info {
  size_t size;
  uint64_t offset;    /* in the stream, of what comes next */
  uint64_t unread;    /* bytes held, those behind gaps included */
  uint64_t gaps;      /* that came so far, read or not; urgent bytes do not count */
  uint64_t gap_bytes; /* in them */
  uint32_t end;       /* enum weft_end_cause once the stream's end is known, though not all may
                         have been read; 0 while it is open */
  struct weft_mark end_mark; /* weft_end::mark */
  uint64_t end_length;       /* weft_end::length */
};
/* Fills as many fields as `ret->size` says the caller knows. */
WEFT_API void weft_reader_inspect(const struct weft_reader *, struct weft_reader_info *ret);

#ifdef __cplusplus
}
#endif

#endif
