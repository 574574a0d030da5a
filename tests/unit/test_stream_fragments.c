/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <weft/pool.h>
#include <weft/stream.h>

#include "build.h"
#include "frames.h"

/* Segments of one client, cut into IP fragments; each callback is written down as the frame of
   every byte: "abc@2 de@3". */
static struct weft_engine *engine;
static struct weft_pool *pool;
static char told[1024];
static uint64_t number; /* of the frame last pushed */
static uint64_t keep_from;

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  (void)user;
  for (size_t i = 0; i < data->nspans; i++) {
    const struct weft_span *span = &data->spans[i];
    size_t at = strlen(told);
    snprintf(told + at, sizeof told - at, "%s%.*s@%llu", at ? " " : "", (int)span->len,
             (const char *)span->base, (unsigned long long)span->mark.frame);
    assert_int_equal(span->mark.time, (weft_time)span->mark.frame * WEFT_SECOND / 1000);
  }
  if (keep_from != UINT64_MAX) weft_conn_keep(conn, dir, keep_from);
  return 0;
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  (void)conn, (void)user;
  size_t at = strlen(told);
  snprintf(told + at, sizeof told - at, " %s@%llu", weft_end_cause_name(end->cause),
           (unsigned long long)end->mark.frame);
  assert_int_equal(dir, WEFT_FROM_CLIENT);
  return 0;
}

static const struct weft_stream_ops ops = {.size = sizeof ops, .on_data = on_data};
static const struct weft_stream_ops ops_with_end = {
    .size = sizeof ops, .on_data = on_data, .on_end = on_end};

static void begin(const struct weft_options *options, const struct weft_stream_ops *with) {
  told[0] = '\0';
  number = 0;
  keep_from = UINT64_MAX;
  assert_int_equal(weft_engine_new(options, with, NULL, &engine), 0);
}

static int teardown(void **state) {
  (void)state;
  weft_engine_free(engine);
  weft_pool_free(pool);
  engine = NULL;
  pool = NULL;
  return 0;
}

static void push_bytes(uint8_t *bytes, uint32_t length, int expected) {
  number++;
  struct weft_frame frame = {.data = bytes, .caplen = length, .wirelen = length, .linktype = 101};
  frame.mark = (struct weft_mark){(weft_time)number * WEFT_SECOND / 1000, number};
  int verdict = pool ? weft_pool_push(pool, &frame) : weft_engine_push(engine, &frame);
  assert_int_equal(verdict, expected);
  memset(bytes, 'x', length); /* nothing may be needed of it any more */
}

static uint8_t packet[TEST_FRAME_MAX];

static uint32_t packet_of(const struct weft_segment *segment) {
  return test_frame(segment, TEST_LINK_RAW, packet).caplen;
}

static void push_whole(struct weft_segment segment) {
  push_bytes(packet, packet_of(&segment), WEFT_IS_SEGMENT);
}

/* Bytes [from, to) of the datagram behind its IPv4 header; `id` tells datagrams apart. */
static void push_fragment(struct weft_segment segment, uint8_t id, uint32_t from, uint32_t to,
                          int expected) {
  uint8_t fragment[2048];
  uint32_t length = packet_of(&segment) - 20;
  if (to > length) to = length;
  memcpy(fragment, packet, 20);
  memcpy(fragment + 20, packet + 20 + from, to - from);
  fragment[2] = (uint8_t)((20 + to - from) >> 8);
  fragment[3] = (uint8_t)(20 + to - from);
  fragment[5] = id;
  fragment[6] = (uint8_t)(from / 8 >> 8 | (to < length ? 0x20 : 0));
  fragment[7] = (uint8_t)(from / 8);
  push_bytes(fragment, 20 + to - from, expected);
}

static struct weft_segment client(uint32_t seq, const char *text) {
  return seg_acks(seg(WEFT_FROM_CLIENT, seq, text, PSH), 501);
}

static void handshake(void) {
  push_whole(seg(WEFT_FROM_CLIENT, 100, "", SYN));
  push_whole(seg_acks(seg(WEFT_FROM_SERVER, 500, "", SYN), 101));
  push_whole(client(101, ""));
}

enum { HELD = WEFT_IS_FRAGMENT, WHOLE = WEFT_IS_SEGMENT };

static void each_fragment_marks_its_bytes(void **state) {
  (void)state;
  begin(NULL, &ops);
  handshake();
  push_fragment(client(101, "abcdefghijklm"), 1, 0, 24, HELD); /* 20 bytes of header */
  push_fragment(client(101, "abcdefghijklm"), 1, 24, 32, HELD);
  push_fragment(client(101, "abcdefghijklm"), 1, 32, 40, WHOLE);
  push_whole(client(114, "nop"));
  assert_string_equal(told, "abcd@4 efghijkl@5 m@6 nop@7");
}

static void fragments_in_any_order(void **state) {
  (void)state;
  begin(NULL, &ops);
  handshake();
  push_fragment(client(101, "abcdefghijklm"), 1, 32, 40, HELD);
  push_fragment(client(101, "abcdefghijklm"), 1, 0, 24, HELD);
  push_fragment(client(101, "abcdefghijklm"), 1, 24, 32, WHOLE);
  assert_string_equal(told, "abcd@5 efghijkl@6 m@4");
}

static void headers_alone_mark_nothing(void **state) {
  (void)state;
  begin(NULL, &ops);
  handshake();
  push_fragment(client(101, "abcdefgh"), 1, 0, 8, HELD);
  push_fragment(client(101, "abcdefgh"), 1, 8, 16, HELD);
  push_fragment(client(101, "abcdefgh"), 1, 16, 64, WHOLE);
  assert_string_equal(told, "abcdefgh@6");
  struct weft_stats stats = {.size = sizeof stats};
  weft_engine_stats(engine, &stats);
  assert_int_equal(stats.fragments_tiny, 1);
  assert_int_equal(stats.datagrams, 1);
}

static void what_waits_keeps_its_marks(void **state) {
  (void)state;
  begin(NULL, &ops_with_end);
  handshake();
  struct weft_segment last = client(104, "defghijk");
  last.tcp_flags |= WEFT_TCP_FIN;
  push_fragment(last, 1, 24, 64, HELD);
  push_fragment(last, 1, 0, 24, WHOLE);
  assert_string_equal(told, "");
  push_whole(client(101, "abc"));
  assert_string_equal(told, "abc@6 defg@5 hijk@4 fin@5");
}

static void what_is_kept_keeps_its_marks(void **state) {
  (void)state;
  begin(NULL, &ops);
  handshake();
  keep_from = 2;
  push_fragment(client(101, "abcdefgh"), 1, 0, 24, HELD);
  push_fragment(client(101, "abcdefgh"), 1, 24, 64, WHOLE);
  assert_string_equal(told, "abcd@4 efgh@5");
  told[0] = '\0';
  push_whole(client(109, "i"));
  assert_string_equal(told, "cd@4 efgh@5 i@6");
}

/* What waits has no say between the parts of a segment that wins against it. */
static void one_segment_whatever_brought_it(void **state) {
  (void)state;
  begin(NULL, &ops);
  handshake();
  push_whole(client(105, "XXXX"));
  push_fragment(client(101, "abcdefgh"), 1, 0, 24, HELD);
  push_fragment(client(101, "abcdefgh"), 1, 24, 64, WHOLE);
  assert_string_equal(told, "abcd@5 efgh@6");
}

static void a_part_that_was_received_before(void **state) {
  (void)state;
  begin(NULL, &ops);
  handshake();
  push_whole(client(101, "abcde"));
  push_fragment(client(101, "abcdefghijkl"), 1, 0, 24, HELD);
  push_fragment(client(101, "abcdefghijkl"), 1, 24, 64, WHOLE);
  assert_string_equal(told, "abcde@4 fghijkl@6");
}

static void policy_chooses_among_fragments(void **state) {
  (void)state;
  begin(WEFT_OPTIONS(.fragments = WEFT_FRAGMENTS_LAST), &ops);
  handshake();
  push_fragment(client(101, "abcdefghijklmn"), 1, 0, 24, HELD);
  push_fragment(client(101, "abcdEFGHIJKLmn"), 1, 24, 32, HELD);
  push_fragment(client(101, "abcdefghijklmn"), 1, 24, 64, WHOLE);
  assert_string_equal(told, "abcd@4 efghijklmn@6");
  struct weft_stats stats = {.size = sizeof stats};
  weft_engine_stats(engine, &stats);
  assert_int_equal(stats.fragments_overlapping, 1);
}

static void what_came_to_nothing_is_counted(void **state) {
  (void)state;
  begin(NULL, &ops);
  handshake();
  struct weft_segment s = client(101, "abcdefghijklmnop");
  push_fragment(s, 1, 0, 24, HELD);
  push_fragment(s, 1, 0, 24, HELD);  /* a copy */
  push_fragment(s, 1, 16, 32, HELD); /* overlaps, within the header */
  push_fragment(s, 2, 0, 24, HELD);  /* never whole */
  assert_int_equal(weft_engine_finish(engine), 0);
  struct weft_stats stats = {.size = sizeof stats};
  weft_engine_stats(engine, &stats);
  assert_int_equal(stats.verdicts[WEFT_IS_FRAGMENT], 4);
  assert_int_equal(stats.datagrams, 0);
  assert_int_equal(stats.fragments_ignored, 1);
  assert_int_equal(stats.fragments_overlapping, 1);
  assert_int_equal(stats.fragments_over_header, 1);
  assert_int_equal(stats.datagrams_discarded, 1);
  assert_int_equal(stats.datagrams_expired, 1);
}

static void a_pool_does_the_same(void **state) {
  (void)state;
  begin(NULL, &ops);
  assert_int_equal(weft_pool_new(&pool, 4, NULL, &ops, NULL), 0);
  handshake();
  push_fragment(client(104, "defghijk"), 1, 24, 64, HELD);
  push_fragment(client(104, "defghijk"), 1, 0, 24, WHOLE);
  push_whole(client(101, "abc"));
  assert_string_equal(told, "abc@6 defg@5 hijk@4");
  struct weft_stats stats = {.size = sizeof stats};
  assert_int_equal(weft_pool_stats(pool, &stats), 0);
  assert_int_equal(stats.datagrams, 1);
}

/* ---- tunnels ---------------------------------------------------------- */

/* The packet, or bytes [from, to) behind its header as a fragment, inside another IPv4 packet, which
   is cut up in its turn before its byte `cut`. */
static void push_tunnelled(struct weft_segment segment, uint8_t id, uint32_t from, uint32_t to,
                           uint32_t cut, int expected) {
  uint8_t outer[2048] = {0x45, 0, 0, 0, 0, id, 0, 0, 64, 4, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2};
  uint32_t payload = packet_of(&segment) - 20;
  if (to > payload) to = payload;
  uint32_t length = 20 + to - from;
  uint8_t *inner = outer + 20;
  memcpy(inner, packet, 20);
  memcpy(inner + 20, packet + 20 + from, to - from);
  inner[3] = (uint8_t)length;
  inner[6] = to < payload ? 0x20 : 0;
  inner[7] = (uint8_t)(from / 8);
  for (int part = 0; part < 2; part++) {
    uint8_t fragment[2048];
    uint32_t start = part ? cut : 0, end = part ? length : cut;
    memcpy(fragment, outer, 20);
    memcpy(fragment + 20, outer + 20 + start, end - start);
    fragment[3] = (uint8_t)(20 + end - start);
    fragment[6] = part ? 0 : 0x20;
    fragment[7] = (uint8_t)(start / 8);
    push_bytes(fragment, 20 + end - start, part ? expected : HELD);
  }
}

static void a_fragmented_tunnel(void **state) {
  (void)state;
  begin(NULL, &ops);
  handshake();
  push_tunnelled(client(101, "abcdefghijklmnop"), 1, 0, 64, 48, WHOLE);
  assert_string_equal(told, "abcdefgh@4 ijklmnop@5"); /* 40 bytes of headers */
}

/* Fragments inside of fragments: each byte is of the frame that brought it. */
static void fragments_in_a_fragmented_tunnel(void **state) {
  (void)state;
  begin(NULL, &ops);
  handshake();
  push_tunnelled(client(101, "abcdefghijklmnop"), 2, 24, 64, 24, HELD);
  push_tunnelled(client(101, "abcdefghijklmnop"), 1, 0, 24, 40, WHOLE);
  /* 4: header, efgh; 5: the rest of that one; 6: headers alone; 7: abcd */
  assert_string_equal(told, "abcd@7 efgh@4 ijklmnop@5");
}

/* ---- realms ----------------------------------------------------------- */

/* Puts a VXLAN of that number around the packet, or a part of it. */
static void push_vxlan(uint8_t network, uint32_t from, uint32_t to, int expected) {
  static const uint8_t around[] = {
      0x45, 0, 0,    0,    0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, /* IPv4 */
      0x40, 0, 0x12, 0xb5, 0, 0, 0, 0, 8,  0,  0, 0, 0,   0, 0, 0,               /* UDP, VXLAN */
      2,    0, 0,    0,    0, 1, 2, 0, 0,  0,  0, 2, 8,   0};                    /* Ethernet */
  uint8_t frame[2048];
  uint32_t total = (uint32_t)packet[2] << 8 | packet[3];
  if (to > total - 20) to = total - 20;
  memcpy(frame, around, sizeof around);
  frame[34] = network;
  uint8_t *ip = frame + sizeof around;
  memcpy(ip, packet, 20);
  memcpy(ip + 20, packet + 20 + from, to - from);
  ip[2] = (uint8_t)((20 + to - from) >> 8);
  ip[3] = (uint8_t)(20 + to - from);
  ip[6] = (uint8_t)(to < total - 20 ? 0x20 : 0);
  ip[7] = (uint8_t)(from / 8);
  push_bytes(frame, (uint32_t)sizeof around + 20 + to - from, expected);
}

static void push_in(uint8_t network, struct weft_segment segment) {
  packet_of(&segment);
  push_vxlan(network, 0, UINT32_MAX, WEFT_IS_SEGMENT);
}

static uint64_t connections(void) {
  struct weft_stats stats = {.size = sizeof stats};
  if (pool)
    assert_int_equal(weft_pool_stats(pool, &stats), 0);
  else
    weft_engine_stats(engine, &stats);
  return stats.conns_opened;
}

/* Each direction through a tunnel of its own, the last segment in fragments through both. */
static void talk(void) {
  struct weft_segment data = client(101, "abcdefgh");
  push_in(1, seg(WEFT_FROM_CLIENT, 100, "", SYN));
  push_in(2, seg_acks(seg(WEFT_FROM_SERVER, 500, "", SYN), 101));
  push_in(1, client(101, ""));
  packet_of(&data);
  push_vxlan(1, 0, 24, HELD);
}

static void tunnels_are_realms(void **state) {
  (void)state;
  begin(NULL, &ops);
  talk();
  assert_int_equal(connections(), 2);
  struct weft_segment data = client(101, "abcdefgh");
  packet_of(&data);
  push_vxlan(2, 24, 64, HELD);
  assert_string_equal(told, "");
}

static void realms_joined(void **state) {
  (void)state;
  const struct weft_options *options = WEFT_OPTIONS(.realms = WEFT_REALMS_NONE);
  for (int pooled = 0; pooled < 2; pooled++) {
    begin(options, &ops);
    if (pooled) assert_int_equal(weft_pool_new(&pool, 64, options, &ops, NULL), 0);
    talk();
    struct weft_segment data = client(101, "abcdefgh");
    packet_of(&data);
    push_vxlan(2, 24, 64, WHOLE);
    assert_int_equal(connections(), 1);
    assert_string_equal(told, "abcd@4 efgh@5");
    teardown(state);
  }
}

int main(void) {
#define CASE(name) cmocka_unit_test_teardown(name, teardown)
  const struct CMUnitTest tests[] = {
      CASE(each_fragment_marks_its_bytes),
      CASE(fragments_in_any_order),
      CASE(headers_alone_mark_nothing),
      CASE(what_waits_keeps_its_marks),
      CASE(what_is_kept_keeps_its_marks),
      CASE(one_segment_whatever_brought_it),
      CASE(a_part_that_was_received_before),
      CASE(policy_chooses_among_fragments),
      CASE(what_came_to_nothing_is_counted),
      CASE(a_pool_does_the_same),
      CASE(a_fragmented_tunnel),
      CASE(fragments_in_a_fragmented_tunnel),
      CASE(tunnels_are_realms),
      CASE(realms_joined),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
