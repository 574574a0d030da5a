/* SPDX-License-Identifier: BSD-2-Clause */
#include <weft/reader.h>

#include <assert.h>
#include <string.h>

#include "stream/engine.h"
#include "stream/options.h"

/*
 * A reader is a queue of spans, each over bytes of its own, with the gaps
 * between them:
 *
 *     start?   |======|====| gap |=======|==| gap |====|   lost?   end?
 *               ^ first                                 ^ first + count
 *              |--- run ---|
 *
 * `run` is what peek shows.  Always true: the queue begins with `run` spans
 * and, if longer, a gap comes behind these; what `lost` tells of found no room
 * and lies behind the queue; `cost` is that of all items and never above
 * `cost_max`, nor is the sum over an engine's readers above its bound.
 */

/* What the readers of an engine share.  Lives as long as any of them. */
struct readers {
  struct mem mem;
  uint64_t cost, cost_max;
  uint64_t refs; /* the engine, links and readers */
};

/* What stands for the readers as the connection's user. */
struct link {
  struct weft_conn *conn;
  struct readers *shared;
  struct weft_reader *reader[2]; /* by direction; NULL: none, or freed */
};

struct chunk {
  size_t size;
  uint8_t bytes[];
};

struct weft_reader {
  struct readers *shared;
  struct link *link; /* NULL once the connection has closed */
  enum weft_dir dir;
  uint8_t ignore_gaps, discards, has_start;
  struct weft_span *spans; /* base NULL: a gap.  The array `items` lies behind */
  void **items;            /* struct chunk, or struct weft_gap, of each span */
  uint32_t first, count, room;
  uint32_t run;
  uint64_t run_length;
  uint64_t cost, cost_max;
  uint64_t unread;
  uint64_t offset;  /* of what comes next */
  uint64_t offered; /* peek has shown the bytes below */
  struct weft_mark last, trigger;
  struct weft_gap start; /* WEFT_GAP_START, in front of all */
  struct weft_gap lost;  /* length 0: nothing */
  uint64_t gaps, gap_bytes;
  struct weft_end end; /* cause 0: not yet */
  struct weft_data data;
};

/* An item's part of the arrays, which are at most four times too large and for
   a moment there twice, and its chunk's head. */
#define SLOT (sizeof(struct weft_span) + sizeof(void *))
#define ITEM_COST (6 * SLOT + sizeof(struct chunk))
#define GAP_COST (6 * SLOT + sizeof(struct weft_gap))
enum { ROOM_MIN = 16 };

static void readers_unref(struct readers *shared) {
  if (--shared->refs) return;
  struct mem mem = shared->mem;
  mem_free(&mem, shared, sizeof *shared);
}

void readers_release(struct weft_engine *e) {
  if (e->readers) readers_unref(e->readers);
}

/* ---- queue ---------------------------------------------------------- */

static size_t slots_size(uint32_t room) { return room * SLOT; }

/* Moves the queue to the front of arrays of another size.  WEFT_E_NOMEM. */
static int queue_resize(struct weft_reader *r, uint32_t room) {
  struct weft_span *spans = mem_alloc(&r->shared->mem, slots_size(room));
  if (!spans) return WEFT_E_NOMEM;
  void **items = (void **)(void *)(spans + room);
  if (r->count) {
    memcpy(spans, r->spans + r->first, r->count * sizeof *spans);
    memcpy(items, r->items + r->first, r->count * sizeof *items);
  }
  mem_free(&r->shared->mem, r->spans, slots_size(r->room));
  r->spans = spans;
  r->items = items;
  r->first = 0;
  r->room = room;
  return 0;
}

/* A place behind the last item.  WEFT_E_NOMEM. */
static int queue_reserve(struct weft_reader *r) {
  if (r->first + r->count < r->room) return 0;
  if (r->count <= r->room / 2 && r->room) {
    memmove(r->spans, r->spans + r->first, r->count * sizeof *r->spans);
    memmove(r->items, r->items + r->first, r->count * sizeof *r->items);
    r->first = 0;
    return 0;
  }
  return queue_resize(r, r->room ? 2 * r->room : ROOM_MIN);
}

static void queue_add(struct weft_reader *r, struct weft_span span, void *item, uint64_t cost) {
  uint32_t last = r->first + r->count;
  if (r->run == r->count && span.base) {
    r->run++;
    r->run_length += span.len;
  }
  r->spans[last] = span;
  r->items[last] = item;
  r->count++;
  r->unread += span.len;
  r->cost += cost;
  r->shared->cost += cost;
}

/* Lets go of the first item; its bytes are no longer counted as unread. */
static void queue_drop(struct weft_reader *r) {
  struct weft_span *span = &r->spans[r->first];
  void *item = r->items[r->first];
  size_t size = sizeof(struct weft_gap);
  uint64_t cost = GAP_COST;
  if (span->base) {
    const struct chunk *chunk = item;
    size = sizeof *chunk + chunk->size;
    cost = ITEM_COST + chunk->size;
    r->run--;
  }
  mem_free(&r->shared->mem, item, size);
  r->cost -= cost;
  r->shared->cost -= cost;
  r->count--;
  r->first = r->count ? r->first + 1 : 0;
  /* Without memory for smaller arrays the larger ones do. */
  if (r->room > ROOM_MIN && r->count <= r->room / 4) queue_resize(r, r->room / 2);
}

/* Counts the run anew, when its first gap is gone.  Each item is met once. */
static void queue_run(struct weft_reader *r) {
  r->run = 0;
  r->run_length = 0;
  while (r->run < r->count && r->spans[r->first + r->run].base)
    r->run_length += r->spans[r->first + r->run++].len;
}

/* ---- what arrives --------------------------------------------------- */

/* How much more the reader may hold, after which bound. */
static uint64_t reader_room(const struct weft_reader *r) {
  uint64_t own = r->cost_max - r->cost;
  uint64_t all = r->shared->cost_max - r->shared->cost;
  return own < all ? own : all;
}

static void count_limit(struct weft_reader *r) {
  struct weft_stats *stats = &conn_engine(r->link->conn)->stats;
  if (r->cost_max - r->cost <= r->shared->cost_max - r->shared->cost)
    stats->limit_held_dir++;
  else
    stats->limit_held++;
}

/* [offset, offset + length) is not in the queue.  `gap` tells why; NULL: there
   was no room. */
static void lose(struct weft_reader *r, uint64_t offset, uint64_t length,
                 const struct weft_gap *gap) {
  if (!r->lost.length && gap) {
    r->lost = *gap;
    return;
  }
  if (!r->lost.length) {
    r->lost = (struct weft_gap){.offset = offset, .before = r->last, .trigger = r->trigger};
    r->gaps++;
  }
  r->lost.cause = WEFT_GAP_LIMIT;
  r->lost.length += length;
}

/* Puts a gap into the queue, for which there is room.  WEFT_E_NOMEM. */
static int queue_gap(struct weft_reader *r, const struct weft_gap *gap) {
  if (queue_reserve(r)) return WEFT_E_NOMEM;
  struct weft_gap *copy = mem_alloc(&r->shared->mem, sizeof *copy);
  if (!copy) return WEFT_E_NOMEM;
  *copy = *gap;
  queue_add(r, (struct weft_span){.offset = gap->offset}, copy, GAP_COST);
  return 0;
}

/* Puts the first `length` bytes of a span into the queue, and what was lost in
   front of them.  WEFT_E_NOMEM. */
static int queue_bytes(struct weft_reader *r, struct weft_span span, size_t length) {
  struct chunk *chunk = mem_alloc(&r->shared->mem, sizeof *chunk + length);
  if (!chunk) return WEFT_E_NOMEM;
  if (r->lost.length) {
    r->lost.after = span.mark;
    if (queue_gap(r, &r->lost)) goto Fail;
    r->lost.length = 0;
  }
  if (queue_reserve(r)) goto Fail;
  chunk->size = length;
  memcpy(chunk->bytes, span.base, length);
  span.base = chunk->bytes;
  span.len = length;
  queue_add(r, span, chunk, ITEM_COST + length);
  r->last = span.mark;
  return 0;
Fail:
  mem_free(&r->shared->mem, chunk, sizeof *chunk + length);
  return WEFT_E_NOMEM;
}

static void take_span(struct weft_reader *r, struct weft_span span) {
  uint64_t needed = ITEM_COST + (r->lost.length ? GAP_COST : 0), room = reader_room(r);
  size_t length = room > needed ? span.len : 0;
  if (length && room - needed < length) length = (size_t)(room - needed);
  if (length < span.len) count_limit(r);
  if (length && queue_bytes(r, span, length)) {
    engine_fail(conn_engine(r->link->conn), WEFT_E_NOMEM);
    length = 0;
  }
  if (length == span.len) return;
  r->gap_bytes += span.len - length;
  lose(r, span.offset + length, span.len - length, NULL);
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  struct weft_reader *r = ((struct link *)user)->reader[dir];
  (void)conn;
  if (!r || r->discards) return 0;
  r->trigger = data->trigger;
  for (size_t i = 0; i < data->nspans; i++) take_span(r, data->spans[i]);
  return 0;
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  struct weft_reader *r = ((struct link *)user)->reader[dir];
  if (!r || r->discards) return 0;
  struct weft_gap copy = *gap;
  copy.kept = NULL;
  r->trigger = gap->trigger;
  if (gap->cause == WEFT_GAP_START) {
    r->start = copy;
    r->has_start = 1;
    return 0;
  }
  if (gap->cause != WEFT_GAP_URGENT) {
    r->gaps += !r->lost.length;
    r->gap_bytes += gap->length;
  }
  int fits = !r->lost.length && reader_room(r) >= GAP_COST;
  if (fits && !queue_gap(r, &copy)) return 0;
  if (fits) engine_fail(conn_engine(conn), WEFT_E_NOMEM);
  lose(r, gap->offset, gap->length, &copy);
  return 0;
}

static void reader_end(struct weft_reader *r, const struct weft_end *end) {
  r->end = *end;
  r->end.kept = NULL;
  if (r->discards) r->offset = end->length;
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  struct weft_reader *r = ((struct link *)user)->reader[dir];
  (void)conn;
  if (r) reader_end(r, end);
  return 0;
}

static void on_close(struct weft_conn *conn, void *user) {
  struct link *link = user;
  struct readers *shared = link->shared;
  (void)conn;
  for (int dir = 0; dir < 2; dir++) {
    struct weft_reader *r = link->reader[dir];
    if (!r) continue;
    r->link = NULL;
    /* weft_engine_free ends no stream before it closes. */
    const struct weft_end end = {.cause = WEFT_END_CLOSED,
                                 .length = r->offset + r->unread + r->lost.length};
    if (!r->end.cause) reader_end(r, &end);
  }
  mem_free(&shared->mem, link, sizeof *link);
  readers_unref(shared);
}

static const struct weft_stream_ops reader_ops = {.size = sizeof reader_ops,
                                                  .on_data = on_data,
                                                  .on_gap = on_gap,
                                                  .on_end = on_end,
                                                  .on_close = on_close};

/* ---- making and freeing --------------------------------------------- */

static int options_reader(const struct weft_reader_options *given, const struct weft_engine *e,
                          struct weft_reader_options *ret) {
  memset(ret, 0, sizeof *ret);
  int status = given ? options_copy(ret, sizeof *ret, given, given->size) : 0;
  if (status) return status;
  if (ret->ignore_gaps > 1) return WEFT_E_INVAL;
  if (!ret->held_bytes_max) ret->held_bytes_max = UINT64_C(4) << 20;
  if (ret->held_bytes_max > e->options.held_bytes_dir_max)
    ret->held_bytes_max = e->options.held_bytes_dir_max;
  return 0;
}

static struct readers *readers_make(struct weft_engine *e) {
  struct mem mem;
  if (e->readers) return e->readers;
  mem_init(&mem, &e->mem.allocator, 0);
  struct readers *shared = mem_alloc_zero(&mem, sizeof *shared);
  if (!shared) return NULL;
  shared->mem = mem;
  shared->cost_max = e->options.held_bytes_max;
  shared->refs = 1;
  e->readers = shared;
  return shared;
}

static int reader_make(struct link *link, enum weft_dir dir,
                       const struct weft_reader_options *options) {
  struct weft_reader *r = mem_alloc_zero(&link->shared->mem, sizeof *r);
  if (!r) return WEFT_E_NOMEM;
  r->shared = link->shared;
  r->shared->refs++;
  r->link = link;
  r->dir = dir;
  r->ignore_gaps = options->ignore_gaps;
  r->cost_max = options->held_bytes_max;
  link->reader[dir] = r;
  return 0;
}

static void reader_unmake(struct weft_reader *r) {
  if (!r) return;
  struct readers *shared = r->shared;
  while (r->count) queue_drop(r);
  mem_free(&shared->mem, r->spans, slots_size(r->room));
  mem_free(&shared->mem, r, sizeof *r);
  readers_unref(shared);
}

int weft_reader_attach(struct weft_conn *conn, const struct weft_reader_options *given,
                       struct weft_reader **ret_client, struct weft_reader **ret_server) {
  struct weft_engine *e = conn_engine(conn);
  struct weft_reader **rets[2] = {ret_client, ret_server};
  struct weft_reader_options options;
  /* Before its first segment a connection is in on_open. */
  int opens = e->calling == conn && !conn->half[0].segments && !conn->half[1].segments;
  if (!opens || conn_ops(e, conn) == &reader_ops || e->pooled || (!ret_client && !ret_server))
    return WEFT_E_INVAL;
  int status = options_reader(given, e, &options);
  if (status) return status;
  struct readers *shared = readers_make(e);
  struct link *link = shared ? mem_alloc_zero(&shared->mem, sizeof *link) : NULL;
  if (!link) return WEFT_E_NOMEM;
  link->conn = conn;
  link->shared = shared;
  for (int dir = 0; dir < 2 && !status; dir++)
    if (rets[dir]) status = reader_make(link, (enum weft_dir)dir, &options);
  if (!status) status = weft_conn_set_ops(conn, &reader_ops, link);
  if (status) {
    for (int dir = 0; dir < 2; dir++) reader_unmake(link->reader[dir]);
    mem_free(&shared->mem, link, sizeof *link);
    return status;
  }
  shared->refs++;
  for (int dir = 0; dir < 2; dir++) {
    if (rets[dir])
      *rets[dir] = link->reader[dir];
    else
      weft_conn_discard(conn, (enum weft_dir)dir);
  }
  return 0;
}

void weft_reader_free(struct weft_reader *r) {
  if (!r) return;
  if (r->link) {
    r->link->reader[r->dir] = NULL;
    weft_conn_discard(r->link->conn, r->dir);
  }
  reader_unmake(r);
}

/* ---- reading -------------------------------------------------------- */

/* The gap that comes next, or NULL. */
static const struct weft_gap *gap_next(const struct weft_reader *r) {
  if (r->has_start) return &r->start;
  if (r->run) return NULL;
  if (r->count) return r->items[r->first];
  return r->lost.length ? &r->lost : NULL;
}

static void gap_drop(struct weft_reader *r) {
  if (r->has_start) {
    r->has_start = 0;
  } else if (r->count) {
    r->offset += ((const struct weft_gap *)r->items[r->first])->length;
    queue_drop(r);
    queue_run(r);
  } else {
    r->offset += r->lost.length;
    r->lost.length = 0;
  }
}

/* 1: bytes come next.  0, WEFT_E_AGAIN, WEFT_E_GAP: what comes instead. */
static int reader_ready(struct weft_reader *r) {
  while (r->ignore_gaps && gap_next(r)) gap_drop(r);
  if (gap_next(r)) return WEFT_E_GAP;
  if (r->run) return 1;
  return r->end.cause ? 0 : WEFT_E_AGAIN;
}

/* Takes up to `size` bytes of the run, into `buffer` unless that is NULL. */
static uint64_t run_take(struct weft_reader *r, uint8_t *buffer, uint64_t size) {
  uint64_t done = 0;
  while (done < size && r->run) {
    struct weft_span *span = &r->spans[r->first];
    size_t part = size - done < span->len ? (size_t)(size - done) : span->len;
    if (buffer) memcpy(buffer + done, span->base, part);
    span->base += part;
    span->offset += part;
    span->len -= part;
    done += part;
    if (!span->len) queue_drop(r);
  }
  r->offset += done;
  r->unread -= done;
  r->run_length -= done;
  return done;
}

int64_t weft_reader_read(struct weft_reader *r, void *buffer, size_t size) {
  uint64_t done = 0;
  if (!size) return 0;
  int ready = reader_ready(r);
  if (ready <= 0) return ready;
  do {
    done += run_take(r, (uint8_t *)buffer + done, size - done);
  } while (done < size && r->ignore_gaps && reader_ready(r) > 0);
  return (int64_t)done;
}

int64_t weft_reader_peek(struct weft_reader *r, const struct weft_data **ret) {
  int ready = reader_ready(r);
  if (ready <= 0) return ready;
  r->data = (struct weft_data){.spans = r->spans + r->first,
                               .nspans = r->run,
                               .offset = r->offset,
                               .length = r->run_length,
                               .fresh = r->offered > r->offset ? r->offered : r->offset,
                               .trigger = r->trigger};
  r->offered = r->offset + r->run_length;
  *ret = &r->data;
  return (int64_t)r->run_length;
}

uint64_t weft_reader_consume(struct weft_reader *r, uint64_t bytes) {
  return reader_ready(r) > 0 ? run_take(r, NULL, bytes) : 0;
}

int weft_reader_skip_gap(struct weft_reader *r, struct weft_gap *ret) {
  if (reader_ready(r) != WEFT_E_GAP) return WEFT_E_INVAL;
  if (ret) *ret = *gap_next(r);
  gap_drop(r);
  return 0;
}

uint64_t weft_reader_discard(struct weft_reader *r) {
  uint64_t unread = r->unread;
  for (;;) {
    if (gap_next(r))
      gap_drop(r);
    else if (!run_take(r, NULL, UINT64_MAX))
      break;
  }
  r->discards = 1;
  if (r->link) weft_conn_discard(r->link->conn, r->dir);
  return unread;
}

void weft_reader_inspect(const struct weft_reader *r, struct weft_reader_info *ret) {
  struct weft_reader_info info = {.offset = r->offset,
                                  .unread = r->unread,
                                  .gaps = r->gaps,
                                  .gap_bytes = r->gap_bytes,
                                  .end = r->end.cause,
                                  .end_mark = r->end.mark,
                                  .end_length = r->end.length};
  size_t size = ret->size < sizeof info ? ret->size : sizeof info;
  info.size = ret->size;
  memcpy(ret, &info, size);
}
