/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <weft/pool.h>
#include <weft/reader.h>

#include "allocator.h"
#include "build.h"
#include "frames.h"
#include "pool_talk.h"

/* ---- many threads --------------------------------------------------- */

struct pusher {
  pthread_t thread;
  struct weft_pool *pool;
  const uint32_t *numbers; /* of the frames it pushes */
  uint32_t count;
  uint32_t batch; /* 1: one by one */
  int status;
};

enum { BATCH_MAX = 200 };

static void *push_all(void *context) {
  struct pusher *p = context;
  static _Thread_local uint8_t buffers[BATCH_MAX][FRAME_ROOM];
  struct weft_frame frames[BATCH_MAX];
  for (uint32_t i = 0; i < p->count && p->status >= 0;) {
    uint32_t n = p->count - i < p->batch ? p->count - i : p->batch;
    size_t taken = n;
    for (uint32_t k = 0; k < n; k++) frames[k] = frame_of(p->numbers[i + k], buffers[k]);
    p->status = p->batch == 1 ? weft_pool_push(p->pool, frames)
                              : weft_pool_push_batch(p->pool, frames, n, &taken);
    if (taken != n) p->status = WEFT_E_AGAIN;
    i += n;
  }
  return NULL;
}

static void push_shuffled(struct weft_pool *pool, uint32_t nconns, uint32_t nthreads,
                          uint64_t seed) {
  static const uint32_t batches[] = {1, 32, BATCH_MAX, 7};
  uint32_t count = nconns * PACKETS;
  uint32_t *numbers = malloc(count * sizeof *numbers);
  struct pusher pushers[8] = {{.status = 0}};
  assert_non_null(numbers);
  for (uint32_t i = 0; i < count; i++) numbers[i] = i;
  shuffle(numbers, count, seed);
  for (uint32_t t = 0; t < nthreads; t++) {
    uint32_t first = (uint32_t)((uint64_t)count * t / nthreads);
    uint32_t end = (uint32_t)((uint64_t)count * (t + 1) / nthreads);
    pushers[t] = (struct pusher){
        .pool = pool, .numbers = numbers + first, .count = end - first, .batch = batches[t % 4]};
    assert_int_equal(pthread_create(&pushers[t].thread, NULL, push_all, &pushers[t]), 0);
  }
  for (uint32_t t = 0; t < nthreads; t++) {
    pthread_join(pushers[t].thread, NULL);
    assert_true(pushers[t].status >= 0);
  }
  free(numbers);
}

static int compare_ids(const void *a, const void *b) {
  const uint64_t *x = a, *y = b;
  return *x < *y ? -1 : *x > *y;
}

static void assert_ids_differ(uint32_t nconns) {
  uint64_t *ids = malloc(nconns * sizeof *ids);
  assert_non_null(ids);
  for (uint32_t i = 0; i < nconns; i++) ids[i] = seen[i].id;
  qsort(ids, nconns, sizeof *ids, compare_ids);
  assert_true(ids[0] > 0);
  for (uint32_t i = 1; i < nconns; i++) assert_true(ids[i - 1] < ids[i]);
  free(ids);
}

static void eight_threads_shuffled(void **context) {
  enum { CONNS = 10000 };
  (void)context;
  struct weft_pool *pool = pool_with(0, NULL, CONNS);
  push_shuffled(pool, CONNS, 8, 42);
  struct weft_stats stats = stats_of(pool);
  assert_int_equal(stats.frames, CONNS * PACKETS);
  /* A bare ACK that comes first opens nothing. */
  assert_int_equal(stats.verdicts[WEFT_IS_SEGMENT] + stats.verdicts[WEFT_IS_STRAY],
                   CONNS * PACKETS);
  assert_true(stats.verdicts[WEFT_IS_STRAY] < CONNS);
  assert_int_equal(stats.conns_opened, CONNS);
  assert_int_equal(stats.bytes_delivered, 2 * CONNS * PIECES * PIECE);
  assert_int_equal(stats.gaps, 0);
  assert_int_equal(stats.held_bytes, 0);
  assert_int_equal(weft_pool_finish(pool), 0);
  assert_int_equal(overlapping, 0);
  for (uint32_t i = 0; i < CONNS; i++) {
    const struct seen *s = &seen[i];
    assert_int_equal(s->opened, 1);
    assert_int_equal(s->closed, 1);
    assert_int_equal(s->gaps, 0);
    for (int dir = 0; dir < 2; dir++) {
      assert_int_equal(s->bytes[dir], PIECES * PIECE);
      assert_int_equal(s->digest[dir], digest_expected(i, (enum weft_dir)dir));
      assert_int_equal(s->ends[dir], 1);
      assert_int_equal(s->end_causes[dir], WEFT_END_FIN);
    }
  }
  assert_ids_differ(CONNS);
  done(pool);
}

/* ---- one frame, one shard ------------------------------------------- */

static void shards_are_a_power_of_two(void **context) {
  (void)context;
  static const uint32_t wanted[] = {1, 2, 3, 5, 8, 5000}, got[] = {1, 2, 4, 8, 8, 1024};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    struct weft_pool *pool = NULL;
    assert_int_equal(weft_pool_new(&pool, wanted[i], NULL, NULL, NULL), 0);
    assert_int_equal(weft_pool_shards(pool), got[i]);
    weft_pool_free(pool);
  }
  struct weft_pool *few = NULL;
  assert_int_equal(weft_pool_new(&few, 64, WEFT_OPTIONS(.conns_max = 5), NULL, NULL), 0);
  assert_int_equal(weft_pool_shards(few), 4);
  weft_pool_free(few);
}

static void bad_options(void **context) {
  (void)context;
  struct weft_pool *pool = NULL;
  assert_int_equal(weft_pool_new(&pool, 2, WEFT_OPTIONS(.overlap = 99), NULL, NULL), WEFT_E_INVAL);
  assert_null(pool);
  assert_int_equal(weft_pool_memory_max(2, WEFT_OPTIONS(.overlap = 99)), 0);
  weft_pool_free(NULL);
}

/* The same as an engine, verdict by verdict; frames that are not TCP are counted. */
static void verdicts(void **context) {
  (void)context;
  struct weft_pool *pool = pool_with(4, WEFT_OPTIONS(.checksum = WEFT_CHECKSUM_ALL), 1);
  static uint8_t room[TEST_FRAME_MAX];
  uint8_t payload[PIECE], arp[60] = {[12] = 8, [13] = 6};
  struct weft_frame other = {
      .data = arp, .caplen = sizeof arp, .wirelen = sizeof arp, .linktype = TEST_LINK_ETHERNET};
  struct weft_segment syn = packet_of(0, 0, payload), data = packet_of(0, 3, payload);
  struct weft_frame frame = test_frame(&syn, TEST_LINK_ETHERNET, room);
  assert_int_equal(weft_pool_push(pool, &frame), WEFT_IS_SEGMENT);
  assert_int_equal(weft_pool_push(pool, &other), WEFT_IS_OTHER);
  data.checksum = WEFT_CHECKSUM_BAD;
  frame = test_frame(&data, TEST_LINK_ETHERNET, room);
  assert_int_equal(weft_pool_push(pool, &frame), WEFT_IS_BAD_CHECKSUM);
  data.checksum = WEFT_CHECKSUM_GOOD;
  assert_int_equal(weft_pool_push_segment(pool, &data), WEFT_IS_SEGMENT);
  data.size = 8;
  assert_int_equal(weft_pool_push_segment(pool, &data), WEFT_E_INVAL);
  struct weft_stats stats = stats_of(pool);
  assert_int_equal(stats.frames, 4);
  assert_int_equal(stats.verdicts[WEFT_IS_SEGMENT], 2);
  assert_int_equal(stats.verdicts[WEFT_IS_OTHER], 1);
  assert_int_equal(stats.verdicts[WEFT_IS_BAD_CHECKSUM], 1);
  done(pool);
}

/* Frames in order, in one batch: each connection's order stays. */
static void batch_keeps_order(void **context) {
  enum { CONNS = 60 };
  (void)context;
  struct weft_pool *pool = pool_with(8, NULL, CONNS);
  static uint8_t buffers[CONNS * PACKETS][FRAME_ROOM];
  static struct weft_frame frames[CONNS * PACKETS];
  size_t taken = 0;
  for (uint32_t i = 0; i < PACKETS; i++)
    for (uint32_t conn = 0; conn < CONNS; conn++)
      frames[i * CONNS + conn] = frame_of(conn * PACKETS + i, buffers[i * CONNS + conn]);
  assert_int_equal(weft_pool_push_batch(pool, frames, CONNS * PACKETS, &taken), 0);
  assert_int_equal(taken, CONNS * PACKETS);
  struct weft_stats stats = stats_of(pool);
  assert_int_equal(stats.segments_out_of_order, 0);
  assert_int_equal(stats.bytes_delivered, 2 * CONNS * PIECES * PIECE);
  for (uint32_t conn = 0; conn < CONNS; conn++)
    assert_int_equal(seen[conn].digest[S], digest_expected(conn, S));
  done(pool);
}

static int stop_on_third(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                         void *user) {
  (void)conn, (void)dir, (void)data;
  return ++*(int *)user == 3 ? WEFT_E_USER - 5 : 0;
}

static void batch_stops(void **context) {
  (void)context;
  static const struct weft_stream_ops stopping = {.size = sizeof stopping,
                                                  .on_data = stop_on_third};
  enum { CONNS = 20 };
  static uint8_t buffers[CONNS * PACKETS][FRAME_ROOM];
  static struct weft_frame frames[CONNS * PACKETS];
  struct weft_pool *pool = NULL;
  int calls = 0;
  size_t taken = 0;
  for (uint32_t i = 0; i < CONNS * PACKETS; i++) frames[i] = frame_of(i, buffers[i]);
  assert_int_equal(weft_pool_new(&pool, 1, NULL, &stopping, &calls), 0);
  assert_int_equal(weft_pool_push_batch(pool, frames, CONNS * PACKETS, &taken), WEFT_E_USER - 5);
  assert_true(taken > 0 && taken < CONNS * PACKETS);
  assert_int_equal(stats_of(pool).frames, taken);
  weft_pool_free(pool);
}

/* ---- fragments ------------------------------------------------------ */

/* The IPv4 packet in `frame` as fragments of at most `size` payload bytes. */
static size_t fragment(const struct weft_frame *frame, uint16_t id, uint32_t size,
                       uint8_t rooms[][FRAME_ROOM], struct weft_frame *ret) {
  uint32_t length = frame->caplen - 20;
  size_t n = 0;
  for (uint32_t at = 0; at < length; at += size, n++) {
    uint32_t part = length - at < size ? length - at : size;
    uint8_t *header = rooms[n];
    memcpy(header, frame->data, 20);
    memcpy(header + 20, frame->data + 20 + at, part);
    header[2] = 0;
    header[3] = (uint8_t)(20 + part);
    header[4] = (uint8_t)(id >> 8);
    header[5] = (uint8_t)id;
    header[6] = (uint8_t)((at / 8) >> 8 | (at + part < length ? 0x20 : 0));
    header[7] = (uint8_t)(at / 8);
    header[10] = header[11] = 0;
    uint16_t sum = test_checksum_end(test_checksum_add(0, header, 20));
    header[10] = (uint8_t)(sum >> 8);
    header[11] = (uint8_t)sum;
    ret[n] = *frame;
    ret[n].data = header;
    ret[n].caplen = ret[n].wirelen = 20 + part;
  }
  return n;
}

/* Every data packet of every connection in fragments, which all have the shard
   number 0, and yet each reaches its connection in its place. */
static void fragments_reach_their_connection(void **context) {
  enum { CONNS = 40, PARTS = 4 };
  (void)context;
  static uint8_t room[TEST_FRAME_MAX];
  static uint8_t rooms[PACKETS * PARTS][FRAME_ROOM];
  struct weft_frame frames[PACKETS * PARTS];
  for (int batched = 0; batched < 2; batched++) {
    struct weft_pool *pool = pool_with(8, WEFT_OPTIONS(.checksum = WEFT_CHECKSUM_ALL), CONNS);
    uint64_t fragments = 0, packets = 0;
    for (uint32_t conn = 0; conn < CONNS; conn++) {
      size_t n = 0;
      for (uint32_t i = 0; i < PACKETS; i++) {
        uint8_t payload[PIECE];
        struct weft_segment segment = packet_of(conn, i, payload);
        struct weft_frame whole = test_frame(&segment, TEST_LINK_RAW, room);
        uint32_t size = i % 3 ? 24 : 128; /* every third one whole */
        size_t parts = fragment(&whole, (uint16_t)i, size, rooms + n, frames + n);
        fragments += parts - 1;
        packets++;
        n += parts;
        assert_true(n <= PACKETS * PARTS);
      }
      if (batched)
        assert_int_equal(weft_pool_push_batch(pool, frames, n, NULL), 0);
      else
        for (size_t i = 0; i < n; i++) assert_true(weft_pool_push(pool, &frames[i]) >= 0);
    }
    struct weft_stats stats = stats_of(pool);
    assert_true(fragments > 0);
    assert_int_equal(stats.verdicts[WEFT_IS_FRAGMENT], fragments);
    assert_int_equal(stats.verdicts[WEFT_IS_SEGMENT], packets);
    assert_int_equal(stats.frames, fragments + packets);
    assert_int_equal(stats.segments_out_of_order, 0);
    for (uint32_t conn = 0; conn < CONNS; conn++)
      for (int dir = 0; dir < 2; dir++)
        assert_int_equal(seen[conn].digest[dir], digest_expected(conn, (enum weft_dir)dir));
    done(pool);
  }
}

/* Fragments of all connections, pushed by several threads in any order: one
   defragmenter puts them together. */
struct fragments {
  pthread_t thread;
  struct weft_pool *pool;
  struct weft_frame *frames;
  const uint32_t *order;
  uint32_t count;
  int status;
};

static void *push_fragments(void *context) {
  struct fragments *f = context;
  for (uint32_t i = 0; i < f->count && f->status >= 0; i++)
    f->status = weft_pool_push(f->pool, &f->frames[f->order[i]]);
  return NULL;
}

static void fragments_from_several_threads(void **context) {
  enum { CONNS = 200, PARTS = 3, COUNT = CONNS * PACKETS * PARTS, THREADS = 4 };
  (void)context;
  struct weft_pool *pool = pool_with(8, NULL, CONNS);
  static uint8_t room[TEST_FRAME_MAX], rooms[COUNT][FRAME_ROOM];
  static struct weft_frame frames[COUNT];
  static uint32_t order[COUNT];
  struct fragments pushers[THREADS];
  uint32_t n = 0;
  for (uint32_t i = 0; i < CONNS * PACKETS; i++) {
    uint8_t payload[PIECE];
    struct weft_segment segment = packet_of(i / PACKETS, i % PACKETS, payload);
    struct weft_frame whole = test_frame(&segment, TEST_LINK_RAW, room);
    n += (uint32_t)fragment(&whole, (uint16_t)i, 24, rooms + n, frames + n);
    assert_true(n <= COUNT - PARTS || i + 1 == CONNS * PACKETS);
  }
  for (uint32_t i = 0; i < n; i++) order[i] = i;
  shuffle(order, n, 3);
  for (uint32_t t = 0; t < THREADS; t++) {
    uint32_t first = n * t / THREADS, end = n * (t + 1) / THREADS;
    pushers[t] = (struct fragments){
        .pool = pool, .frames = frames, .order = order + first, .count = end - first};
    assert_int_equal(pthread_create(&pushers[t].thread, NULL, push_fragments, &pushers[t]), 0);
  }
  for (uint32_t t = 0; t < THREADS; t++) {
    pthread_join(pushers[t].thread, NULL);
    assert_true(pushers[t].status >= 0);
  }
  assert_int_equal(overlapping, 0);
  assert_int_equal(stats_of(pool).frames, n);
  for (uint32_t conn = 0; conn < CONNS; conn++)
    for (int dir = 0; dir < 2; dir++)
      assert_int_equal(seen[conn].digest[dir], digest_expected(conn, (enum weft_dir)dir));
  done(pool);
}

/* ---- flush, clock, bounds ------------------------------------------- */

/* A hole in every connection. */
static void push_with_hole(struct weft_pool *pool, uint32_t nconns) {
  static const uint32_t packets[] = {0, 1, 2, 7};
  uint8_t payload[PIECE];
  for (uint32_t conn = 0; conn < nconns; conn++)
    for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
      struct weft_segment segment = packet_of(conn, packets[i], payload);
      assert_int_equal(weft_pool_push_segment(pool, &segment), WEFT_IS_SEGMENT);
    }
}

static void flush_counts_all_shards(void **context) {
  enum { CONNS = 30 };
  (void)context;
  struct weft_pool *pool = pool_with(8, NULL, CONNS);
  struct weft_flushed flushed;
  push_with_hole(pool, CONNS);
  assert_int_equal(weft_pool_flush(pool, WEFT_TIME_NONE, WEFT_TIME_NONE, &flushed), 0);
  assert_int_equal(flushed.flushed + flushed.closed, 0);
  assert_int_equal(weft_pool_flush(pool, INT64_MAX, WEFT_TIME_NONE, &flushed), 0);
  assert_int_equal(flushed.flushed, CONNS);
  assert_int_equal(flushed.closed, 0);
  assert_int_equal(weft_pool_flush(pool, INT64_MAX, INT64_MAX, &flushed), 0);
  assert_int_equal(flushed.flushed, 0);
  assert_int_equal(flushed.closed, 2 * CONNS);
  assert_int_equal(stats_of(pool).conns_open, 0);
  for (uint32_t i = 0; i < CONNS; i++) assert_int_equal(seen[i].gaps, 1);
  assert_int_equal(weft_pool_flush(pool, INT64_MAX, INT64_MAX, NULL), 0);
  done(pool);
}

static void advance_reaches_quiet_shards(void **context) {
  enum { CONNS = 30 };
  (void)context;
  struct weft_pool *pool = pool_with(8, NULL, CONNS);
  push_with_hole(pool, CONNS);
  assert_int_equal(weft_pool_advance(pool, FEED_START + 11 * WEFT_SECOND), 0);
  for (uint32_t i = 0; i < CONNS; i++) assert_int_equal(seen[i].gaps, 1);
  assert_int_equal(weft_pool_advance(pool, FEED_START + 1000 * WEFT_SECOND), 0);
  assert_int_equal(stats_of(pool).conns_open, 0);
  done(pool);
}

static void bounds_are_of_the_whole_pool(void **context) {
  enum { CONNS = 400 };
  (void)context;
  struct test_allocator memory = {.live = 0};
  struct weft_allocator allocator = test_allocator_of(&memory);
  const struct weft_options *options =
      WEFT_OPTIONS(.allocator = &allocator, .conns_max = 64, .held_bytes_max = 64 * 1024);
  struct weft_pool *pool = pool_with(8, options, CONNS);
  uint64_t max = weft_pool_memory_max(8, options);
  push_with_hole(pool, CONNS);
  struct weft_stats stats = stats_of(pool);
  assert_true(stats.conns_open <= 64);
  assert_true(stats.limit_conns > 0);
  assert_true(memory.peak <= max);
  assert_int_equal(stats.memory, memory.bytes);
  assert_true(stats.memory_peak >= memory.peak);
  done(pool);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.wrong_sizes, 0);
}

static void each_allocation_failing(void **context) {
  (void)context;
  uint64_t calls = 1;
  for (uint64_t fail = 0; fail <= calls; fail++) {
    struct test_allocator memory = {.fail_at = fail};
    struct weft_allocator allocator = test_allocator_of(&memory);
    struct weft_pool *pool = NULL;
    int status = weft_pool_new(&pool, 2, WEFT_OPTIONS(.allocator = &allocator), NULL, NULL);
    assert_int_equal(status, fail ? WEFT_E_NOMEM : 0);
    if (!fail) calls = memory.calls;
    weft_pool_free(pool);
    assert_int_equal(memory.live, 0);
    if (calls < 4) fail_msg("a pool of two shards makes more allocations than that");
  }
}

/* ---- from inside ---------------------------------------------------- */

static struct weft_pool *outer, *another;
static int inside_calls;

static int call_the_pool(struct weft_conn *conn, const struct weft_open *open, void *user) {
  uint8_t payload[PIECE], buffer[FRAME_ROOM];
  struct weft_segment segment = packet_of(1, 0, payload);
  struct weft_frame frame = frame_of(PACKETS, buffer);
  struct weft_stats stats = {.size = sizeof stats};
  struct weft_reader *reader = NULL;
  size_t taken = 9;
  (void)open, (void)user;
  assert_int_equal(weft_pool_push(outer, &frame), WEFT_E_BUSY);
  assert_int_equal(weft_pool_push_segment(outer, &segment), WEFT_E_BUSY);
  assert_int_equal(weft_pool_push_batch(outer, &frame, 1, &taken), WEFT_E_BUSY);
  assert_int_equal(taken, 0);
  assert_int_equal(weft_pool_advance(outer, INT64_MAX), WEFT_E_BUSY);
  assert_int_equal(weft_pool_flush(outer, INT64_MAX, INT64_MAX, NULL), WEFT_E_BUSY);
  assert_int_equal(weft_pool_finish(outer), WEFT_E_BUSY);
  assert_int_equal(weft_pool_stats(outer, &stats), WEFT_E_BUSY);
  assert_int_equal(stats.frames, 0);
  assert_int_equal(weft_reader_attach(conn, NULL, &reader, NULL), WEFT_E_INVAL);
  /* A pool of its own may be fed. */
  assert_int_equal(weft_pool_push(another, &frame), WEFT_IS_SEGMENT);
  weft_conn_set_user(conn, &inside_calls);
  inside_calls++;
  return 0;
}

static void busy_from_inside(void **context) {
  (void)context;
  static const struct weft_stream_ops calling = {.size = sizeof calling, .on_open = call_the_pool};
  uint8_t payload[PIECE];
  struct weft_segment segment = packet_of(0, 0, payload);
  inside_calls = 0;
  assert_int_equal(weft_pool_new(&another, 1, NULL, NULL, NULL), 0);
  assert_int_equal(weft_pool_new(&outer, 2, NULL, &calling, NULL), 0);
  assert_int_equal(weft_pool_push_segment(outer, &segment), WEFT_IS_SEGMENT);
  assert_int_equal(inside_calls, 1);
  assert_int_equal(stats_of(outer).frames, 1);
  assert_int_equal(stats_of(another).frames, 1);
  weft_pool_free(outer);
  weft_pool_free(another);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(eight_threads_shuffled),
      cmocka_unit_test(shards_are_a_power_of_two),
      cmocka_unit_test(bad_options),
      cmocka_unit_test(verdicts),
      cmocka_unit_test(batch_keeps_order),
      cmocka_unit_test(batch_stops),
      cmocka_unit_test(fragments_reach_their_connection),
      cmocka_unit_test(fragments_from_several_threads),
      cmocka_unit_test(flush_counts_all_shards),
      cmocka_unit_test(advance_reaches_quiet_shards),
      cmocka_unit_test(bounds_are_of_the_whole_pool),
      cmocka_unit_test(each_allocation_failing),
      cmocka_unit_test(busy_from_inside),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
