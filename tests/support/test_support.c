/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "allocator.h"
#include "build.h"
#include "frames.h"
#include "recorder.h"

/* The tests' own tools, held against the library's decoder. */

static void assert_same_segment(const struct weft_segment *a, const struct weft_segment *b) {
  assert_memory_equal(&a->tuple, &b->tuple, sizeof a->tuple);
  assert_int_equal(a->seq, b->seq);
  assert_int_equal(a->ack, b->ack);
  assert_int_equal(a->tcp_flags, b->tcp_flags);
  assert_int_equal(a->window, b->window);
  assert_int_equal(a->urgent, b->urgent);
  assert_int_equal(a->caplen, b->caplen);
  assert_int_equal(a->wirelen, b->wirelen);
  assert_int_equal(a->options, b->options);
  if (a->caplen) assert_memory_equal(a->payload, b->payload, a->caplen);
}

static void check_frame(const struct weft_segment *sent, uint16_t linktype) {
  static uint8_t buffer[TEST_FRAME_MAX];
  struct weft_frame frame = test_frame(sent, linktype, buffer);
  struct weft_segment seen = {.size = sizeof seen};
  assert_int_equal(weft_decode(&frame, &seen), WEFT_IS_SEGMENT);
  assert_same_segment(sent, &seen);
  int expected = sent->caplen < sent->wirelen ? WEFT_CHECKSUM_INCOMPUTABLE : sent->checksum;
  assert_int_equal(weft_frame_checksum(&frame), expected);
}

static void frames_decode_to_what_they_were_built_from(void **state) {
  (void)state;
  struct weft_segment s = seg_acks(seg(C, 0xfffffff0u, "hello", PSH), 77);
  check_frame(&s, TEST_LINK_ETHERNET);
  check_frame(&s, TEST_LINK_RAW);
  s = seg(S, 5, "", SYN | ACK);
  s.options =
      WEFT_TCPOPT_MSS | WEFT_TCPOPT_WSCALE | WEFT_TCPOPT_SACK_PERMITTED | WEFT_TCPOPT_TIMESTAMP;
  s.mss = 1460;
  check_frame(&s, TEST_LINK_ETHERNET);
}

static void frames_of_ipv6(void **state) {
  (void)state;
  struct weft_segment s = seg(C, 9, "abc", ACK);
  assert_int_equal(weft_address_parse("2001:db8::1", s.tuple.source.address), 0);
  assert_int_equal(weft_address_parse("2001:db8::2", s.tuple.target.address), 0);
  check_frame(&s, TEST_LINK_ETHERNET);
}

static void frames_damaged_and_cut(void **state) {
  (void)state;
  struct weft_segment s = seg(C, 9, "abcdef", ACK);
  s.checksum = WEFT_CHECKSUM_BAD;
  check_frame(&s, TEST_LINK_ETHERNET);
  s = seg_cut(seg(C, 9, "abcdef", ACK), 2);
  check_frame(&s, TEST_LINK_RAW);
}

static void check_bytes(const char *text, const void *bytes, size_t length) {
  uint8_t read[512];
  const char *at = text;
  char *written = test_bytes_format(bytes, length);
  assert_string_equal(written, text);
  free(written);
  assert_int_equal(test_bytes_parse(&at, read, sizeof read), length);
  assert_memory_equal(read, bytes, length);
  assert_int_equal(*at, '\0');
}

static void bytes_are_written_and_read(void **state) {
  (void)state;
  check_bytes("\"\"", "", 0);
  check_bytes("\"ab\\n\\\"\\\\\\x00\\xff\"", "ab\n\"\\\0\xff", 7);
  check_bytes("\"a\"+\"b\"*12+\"c\"", "abbbbbbbbbbbbc", 14);
}

static void bytes_that_make_no_sense(void **state) {
  (void)state;
  static const char *const wrong[] = {"abc",     "\"abc",      "\"ab\"*3",
                                      "\"\\q\"", "\"a\"*9999", "\"a\"+"};
  uint8_t read[64];
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    const char *at = wrong[i];
    assert_int_equal(test_bytes_parse(&at, read, sizeof read), -1);
  }
}

static void allocator_counts_and_fails(void **state) {
  (void)state;
  struct test_allocator memory = {.fail_at = 2};
  struct weft_allocator a = test_allocator_of(&memory);
  void *first = a.alloc(a.context, 10);
  assert_non_null(first);
  assert_null(a.alloc(a.context, 10));
  void *third = a.alloc(a.context, 20);
  assert_int_equal(memory.live, 2);
  assert_int_equal(memory.bytes, 30);
  a.free(a.context, first, 10);
  a.free(a.context, third, 19);
  assert_int_equal(memory.live, 0);
  assert_int_equal(memory.peak, 30);
  assert_int_equal(memory.wrong_sizes, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(frames_decode_to_what_they_were_built_from),
      cmocka_unit_test(frames_of_ipv6),
      cmocka_unit_test(frames_damaged_and_cut),
      cmocka_unit_test(bytes_are_written_and_read),
      cmocka_unit_test(bytes_that_make_no_sense),
      cmocka_unit_test(allocator_counts_and_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
