/* SPDX-License-Identifier: BSD-2-Clause */
#include <weft/pool.h>

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "stream/engine.h"
#include "stream/fragments.h"
#include "stream/options.h"

/*
 * Two kinds of locks: one for each shard, one for the defragmenter.  A thread
 * holds at most one shard's; it takes it with the defragmenter's in hand where
 * a datagram has become whole, whose bytes live only until the next fragment,
 * and never the other way round.  Callbacks run with a shard's lock in hand and
 * are kept out of the pool, so nobody ever waits in a circle.
 */
enum { SHARDS_MAX = 1024, SHARDS_FOR_EACH_CPU = 4 };

/* Padded, so that threads in neighbouring shards do not share a cache line. */
struct shard {
  pthread_mutex_t lock;
  struct weft_engine *engine;
  uint8_t padding[128 - (sizeof(pthread_mutex_t) + sizeof(void *)) % 128];
};

struct weft_pool {
  struct mem mem;              /* of this struct and the shards */
  uint32_t nshards, nlocks;    /* nlocks: how many shards' locks there are */
  struct weft_options options; /* but for what is the shards' own */
  uint8_t defrag_locks;        /* whether defrag_lock is there */
  struct shard *shards;
  pthread_mutex_t defrag_lock;
  struct mem defrag_mem;
  struct defrag defrag;
  /* Of frames that never reach a shard. */
  _Atomic uint64_t frames, verdicts[WEFT_VERDICT_COUNT];
};

/* ---- who is inside -------------------------------------------------- */

/* The pools that the running thread is inside of, innermost first. */
struct inside {
  const struct weft_pool *pool;
  const struct inside *outer;
};
static _Thread_local const struct inside *inside;

static int pool_enter(const struct weft_pool *pool, struct inside *here) {
  for (const struct inside *i = inside; i; i = i->outer)
    if (i->pool == pool) return WEFT_E_BUSY;
  *here = (struct inside){pool, inside};
  inside = here;
  return 0;
}

static int pool_leave(const struct inside *here, int result) {
  inside = here->outer;
  return result;
}

/* ---- making and freeing --------------------------------------------- */

static uint32_t shards_for(uint32_t wanted, uint32_t conns_max) {
  if (!wanted) {
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    wanted = cpus > SHARDS_MAX ? SHARDS_MAX : cpus > 0 ? SHARDS_FOR_EACH_CPU * (uint32_t)cpus : 1;
  }
  uint32_t shards = 1;
  while (shards < wanted && shards < SHARDS_MAX && 2 * shards <= conns_max) shards *= 2;
  return shards;
}

/* One shard's part of the options.  It meets no fragments. */
static struct weft_options options_shard(const struct weft_options *all, uint32_t shards) {
  struct weft_options part = *all;
  part.conns_max = all->conns_max / shards;
  part.held_bytes_max = all->held_bytes_max / shards;
  if (!part.held_bytes_max) part.held_bytes_max = 1;
  part.fragment_bytes_max = 1;
  return part;
}

uint64_t weft_pool_memory_max(uint32_t wanted, const struct weft_options *given) {
  struct weft_options all;
  if (options_take(given, &all)) return 0;
  uint32_t shards = shards_for(wanted, all.conns_max);
  struct weft_options part = options_shard(&all, shards);
  return sizeof(struct weft_pool) + defrag_memory_max(all.fragment_bytes_max) +
         shards * (sizeof(struct shard) + engine_memory_max(&part));
}

static int shard_init(struct weft_pool *pool, uint32_t i, const struct weft_options *options,
                      const struct weft_stream_ops *ops, void *user) {
  struct shard *shard = &pool->shards[i];
  if (pthread_mutex_init(&shard->lock, NULL)) return WEFT_E_NOMEM;
  pool->nlocks++;
  int status = weft_engine_new(options, ops, user, &shard->engine);
  if (!status) engine_number(shard->engine, i, pool->nshards);
  return status;
}

static int pool_init(struct weft_pool *pool, const struct weft_options *all,
                     const struct weft_stream_ops *ops, void *user) {
  struct weft_options part = options_shard(all, pool->nshards);
  defrag_init(&pool->defrag, &pool->defrag_mem, all->fragment_bytes_max, all->fragment_wait,
              all->fragments, all->hash_key);
  if (pthread_mutex_init(&pool->defrag_lock, NULL)) return WEFT_E_NOMEM;
  pool->defrag_locks = 1;
  pool->shards = mem_alloc_zero(&pool->mem, pool->nshards * sizeof *pool->shards);
  if (!pool->shards) return WEFT_E_NOMEM;
  int status = 0;
  for (uint32_t i = 0; i < pool->nshards && !status; i++)
    status = shard_init(pool, i, &part, ops, user);
  return status;
}

int weft_pool_new(struct weft_pool **ret, uint32_t shards, const struct weft_options *given,
                  const struct weft_stream_ops *ops, void *user) {
  struct weft_options all;
  struct mem mem;
  int status = options_take(given, &all);
  if (status) return status;
  mem_init(&mem, all.allocator, 0);
  struct weft_pool *pool = mem_alloc_zero(&mem, sizeof *pool);
  if (!pool) return WEFT_E_NOMEM;
  pool->mem = mem;
  mem_init(&pool->defrag_mem, all.allocator, defrag_memory_max(all.fragment_bytes_max));
  pool->nshards = shards_for(shards, all.conns_max);
  pool->options = all;
  pool->options.overlap_rules = NULL;
  status = pool_init(pool, &all, ops, user);
  if (status) {
    weft_pool_free(pool);
    return status;
  }
  *ret = pool;
  return 0;
}

void weft_pool_free(struct weft_pool *pool) {
  struct inside here;
  if (!pool) return;
  int status = pool_enter(pool, &here);
  assert(!status && "weft_pool_free from inside a callback");
  if (status) return;
  for (uint32_t i = 0; i < pool->nlocks; i++) {
    weft_engine_free(pool->shards[i].engine);
    pthread_mutex_destroy(&pool->shards[i].lock);
  }
  defrag_done(&pool->defrag);
  if (pool->defrag_locks) pthread_mutex_destroy(&pool->defrag_lock);
  struct mem mem = pool->mem;
  mem_free(&mem, pool->shards, pool->nshards * sizeof *pool->shards);
  mem_free(&mem, pool, sizeof *pool);
  pool_leave(&here, 0);
}

uint32_t weft_pool_shards(const struct weft_pool *pool) { return pool->nshards; }

/* ---- one frame ------------------------------------------------------ */

static uint32_t shard_of(const struct weft_pool *pool, const struct weft_segment *segment) {
  return wire_shard(&segment->tuple) & (pool->nshards - 1);
}

/* `parts`: NULL for a segment that came in one frame. */
static int shard_push(struct weft_pool *pool, const struct weft_segment *segment,
                      const struct parts *parts) {
  struct shard *shard = &pool->shards[shard_of(pool, segment)];
  pthread_mutex_lock(&shard->lock);
  int result = parts ? engine_push_parts(shard->engine, segment, parts)
                     : weft_engine_push_segment(shard->engine, segment);
  pthread_mutex_unlock(&shard->lock);
  return result;
}

/* Counts a frame that reaches no shard. */
static int pool_count(struct weft_pool *pool, int verdict) {
  atomic_fetch_add_explicit(&pool->frames, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&pool->verdicts[verdict], 1, memory_order_relaxed);
  return verdict;
}

static void segment_checksum(const struct weft_pool *pool, struct wire_packet *packet) {
  if (pool->options.checksum) packet->segment.checksum = (uint8_t)wire_checksum(packet);
}

/* A fragment, with the defragmenter's lock in hand, and what it completes. */
static int fragment_push(struct weft_pool *pool, struct wire_packet *packet) {
  int verdict = fragments_take(&pool->defrag, &pool->options, packet);
  if (verdict < 0) {
    pool_count(pool, WEFT_IS_FRAGMENT);
    return verdict;
  }
  if (verdict != WEFT_IS_SEGMENT) return pool_count(pool, verdict);
  return shard_push(pool, &packet->segment, defrag_parts(&pool->defrag));
}

/* A frame that has been taken apart. */
static int packet_push(struct weft_pool *pool, int verdict, struct wire_packet *packet) {
  if (verdict == WEFT_IS_FRAGMENT) {
    pthread_mutex_lock(&pool->defrag_lock);
    int result = fragment_push(pool, packet);
    pthread_mutex_unlock(&pool->defrag_lock);
    return result;
  }
  if (verdict != WEFT_IS_SEGMENT) return pool_count(pool, verdict);
  segment_checksum(pool, packet);
  return shard_push(pool, &packet->segment, NULL);
}

int weft_pool_push(struct weft_pool *pool, const struct weft_frame *frame) {
  struct inside here;
  struct wire_packet packet;
  int status = pool_enter(pool, &here);
  if (status) return status;
  int verdict = frame_decode(&pool->options, frame, &packet);
  return pool_leave(&here, packet_push(pool, verdict, &packet));
}

int weft_pool_push_segment(struct weft_pool *pool, const struct weft_segment *segment) {
  struct inside here;
  if (segment->size < offsetof(struct weft_segment, mark)) return WEFT_E_INVAL;
  int status = pool_enter(pool, &here);
  return status ? status : pool_leave(&here, shard_push(pool, segment, NULL));
}

/* ---- batches -------------------------------------------------------- */

/* A part of a batch.  Segments of one shard form a chain in their order. */
enum { PART = ENGINE_BATCH };
_Static_assert(PART < UINT8_MAX, "places in a part, plus one, fit a byte");

struct part {
  struct wire_packet packets[PART];
  uint8_t heads[PART];       /* the first segment of each chain */
  uint8_t next[PART];        /* of the same chain, plus one; 0: the last */
  uint8_t tails[SHARDS_MAX]; /* by shard, plus one; 0: no chain */
  uint32_t nheads;
};

static void part_chain(struct part *part, uint32_t shard, uint8_t i) {
  uint8_t tail = part->tails[shard];
  if (tail)
    part->next[tail - 1] = (uint8_t)(i + 1);
  else
    part->heads[part->nheads++] = i;
  part->tails[shard] = (uint8_t)(i + 1);
  part->next[i] = 0;
}

/* Takes frames apart, up to the first fragment: what that completes must not
   overtake what came before it.  How many. */
static size_t part_decode(struct weft_pool *pool, struct part *part,
                          const struct weft_frame *frames, size_t nframes) {
  size_t n = nframes < PART ? nframes : PART;
  part->nheads = 0;
  memset(part->tails, 0, pool->nshards);
  for (size_t i = 0; i < n; i++) {
    struct wire_packet *packet = &part->packets[i];
    int verdict = frame_decode(&pool->options, &frames[i], packet);
    if (verdict == WEFT_IS_FRAGMENT) return i;
    if (verdict != WEFT_IS_SEGMENT) {
      pool_count(pool, verdict);
      continue;
    }
    segment_checksum(pool, packet);
    part_chain(part, shard_of(pool, &packet->segment), (uint8_t)i);
  }
  return n;
}

static int chain_push(struct weft_pool *pool, const struct part *part, uint8_t head) {
  const struct weft_segment *segments[PART];
  struct shard *shard = &pool->shards[shard_of(pool, &part->packets[head].segment)];
  size_t n = 0;
  for (uint8_t i = (uint8_t)(head + 1); i; i = part->next[i - 1])
    segments[n++] = &part->packets[i - 1].segment;
  pthread_mutex_lock(&shard->lock);
  int status = engine_push_segments(shard->engine, segments, n);
  pthread_mutex_unlock(&shard->lock);
  return status;
}

int weft_pool_push_batch(struct weft_pool *pool, const struct weft_frame *frames, size_t nframes,
                         size_t *ret_taken) {
  struct inside here;
  struct part part;
  size_t taken = 0;
  int status = pool_enter(pool, &here);
  if (ret_taken) *ret_taken = 0;
  if (status) return status;
  while (taken < nframes && !status) {
    size_t n = part_decode(pool, &part, frames + taken, nframes - taken);
    for (uint32_t i = 0; i < part.nheads; i++) {
      int failed = chain_push(pool, &part, part.heads[i]);
      if (!status) status = failed;
    }
    taken += n;
    if (n == PART || taken == nframes || status) continue;
    /* What ended the part is a fragment. */
    int result = packet_push(pool, wire_decode(&frames[taken], &part.packets[0]), &part.packets[0]);
    if (result < 0) status = result;
    taken++;
  }
  if (ret_taken) *ret_taken = taken;
  return pool_leave(&here, status);
}

/* ---- clock, flush, finish ------------------------------------------- */

int weft_pool_advance(struct weft_pool *pool, weft_time now) {
  struct inside here;
  int status = pool_enter(pool, &here);
  if (status) return status;
  for (uint32_t i = 0; i < pool->nshards && !status; i++) {
    pthread_mutex_lock(&pool->shards[i].lock);
    status = weft_engine_advance(pool->shards[i].engine, now);
    pthread_mutex_unlock(&pool->shards[i].lock);
  }
  pthread_mutex_lock(&pool->defrag_lock);
  defrag_advance(&pool->defrag, now);
  pthread_mutex_unlock(&pool->defrag_lock);
  return pool_leave(&here, status);
}

int weft_pool_flush(struct weft_pool *pool, weft_time gaps_before, weft_time idle_before,
                    struct weft_flushed *ret) {
  struct inside here;
  struct weft_flushed sum = {0, 0};
  int status = pool_enter(pool, &here);
  if (status) return status;
  for (uint32_t i = 0; i < pool->nshards && !status; i++) {
    struct weft_flushed flushed = {0, 0};
    pthread_mutex_lock(&pool->shards[i].lock);
    status = weft_engine_flush(pool->shards[i].engine, gaps_before, idle_before, &flushed);
    pthread_mutex_unlock(&pool->shards[i].lock);
    sum.flushed += flushed.flushed;
    sum.closed += flushed.closed;
  }
  if (ret) *ret = sum;
  return pool_leave(&here, status);
}

int weft_pool_finish(struct weft_pool *pool) {
  struct inside here;
  int status = pool_enter(pool, &here);
  if (status) return status;
  for (uint32_t i = 0; i < pool->nshards && !status; i++) {
    pthread_mutex_lock(&pool->shards[i].lock);
    status = weft_engine_finish(pool->shards[i].engine);
    pthread_mutex_unlock(&pool->shards[i].lock);
  }
  if (!status) {
    pthread_mutex_lock(&pool->defrag_lock);
    defrag_clear(&pool->defrag);
    pthread_mutex_unlock(&pool->defrag_lock);
  }
  return pool_leave(&here, status);
}

/* ---- looking -------------------------------------------------------- */

/* All members of weft_stats behind `size` are counters of 64 bits. */
enum { COUNTERS = (sizeof(struct weft_stats) - offsetof(struct weft_stats, frames)) / 8 };
_Static_assert(offsetof(struct weft_stats, frames) + 8 * COUNTERS == sizeof(struct weft_stats),
               "struct weft_stats is `size` and counters");

static void stats_add(struct weft_stats *sum, const struct weft_stats *more) {
  uint64_t a[COUNTERS], b[COUNTERS];
  const size_t first = offsetof(struct weft_stats, frames);
  memcpy(a, (const uint8_t *)sum + first, sizeof a);
  memcpy(b, (const uint8_t *)more + first, sizeof b);
  for (int i = 0; i < COUNTERS; i++) a[i] += b[i];
  memcpy((uint8_t *)sum + first, a, sizeof a);
}

/* What the pool itself has counted. */
static struct weft_stats stats_own(struct weft_pool *pool) {
  struct weft_stats stats = {.frames = atomic_load_explicit(&pool->frames, memory_order_relaxed)};
  for (int i = 0; i < WEFT_VERDICT_COUNT; i++)
    stats.verdicts[i] = atomic_load_explicit(&pool->verdicts[i], memory_order_relaxed);
  pthread_mutex_lock(&pool->defrag_lock);
  stats.memory = pool->mem.used + pool->defrag_mem.used;
  stats.memory_peak = pool->mem.peak + pool->defrag_mem.peak;
  stats.limit_memory = pool->defrag_mem.refused;
  fragments_stats(&pool->defrag, &stats);
  pthread_mutex_unlock(&pool->defrag_lock);
  return stats;
}

int weft_pool_stats(struct weft_pool *pool, struct weft_stats *ret) {
  struct inside here;
  int status = pool_enter(pool, &here);
  if (status) return status;
  struct weft_stats sum = stats_own(pool);
  for (uint32_t i = 0; i < pool->nshards; i++) {
    struct weft_stats stats = {.size = sizeof stats};
    pthread_mutex_lock(&pool->shards[i].lock);
    weft_engine_stats(pool->shards[i].engine, &stats);
    pthread_mutex_unlock(&pool->shards[i].lock);
    stats_add(&sum, &stats);
  }
  size_t size = ret->size < sizeof sum ? ret->size : sizeof sum;
  sum.size = ret->size;
  memcpy(ret, &sum, size);
  return pool_leave(&here, 0);
}
