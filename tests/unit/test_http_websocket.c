/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <weft/protocol.h>

/* Bytes in the frame of that number, at the time of the same. */
static void give(struct weft_websocket *w, uint64_t frame, const void *bytes, size_t length) {
  struct weft_span span = {bytes, length, 0, {(weft_time)frame, frame}};
  weft_websocket_data(w, &span, 1);
}
#define GIVE(w, frame, text) give(w, frame, text, sizeof(text) - 1)

static void frames_are_counted_by_opcode(void **state) {
  struct weft_websocket w = {0};
  (void)state;
  GIVE(&w, 1, "\x81\x02hi");
  GIVE(&w, 2,
       "\x82\x80kkkk"
       "\x01\x01"
       "a"
       "\x80\x01"
       "b");
  GIVE(&w, 3,
       "\x89\x00"
       "\x8a\x00"
       "\x88\x02\x03\xe8");
  assert_int_equal(w.frames, 7);
  assert_int_equal(w.opcodes[0], 1);
  assert_int_equal(w.opcodes[1], 2);
  assert_int_equal(w.opcodes[2], 1);
  assert_int_equal(w.opcodes[8], 1);
  assert_int_equal(w.opcodes[9], 1);
  assert_int_equal(w.opcodes[10], 1);
  assert_int_equal(w.first.frame, 1);
  assert_int_equal(w.last.frame, 3);
  assert_false(w.lost);
}

static void lengths_of_all_kinds_are_stepped_over(void **state) {
  static uint8_t bytes[70000];
  struct weft_websocket w = {0};
  (void)state;
  memcpy(bytes, "\x82\x7e\x01\x00", 4); /* 256 in two bytes */
  give(&w, 1, bytes, 4 + 256);
  memcpy(bytes, "\x82\xff\0\0\0\0\0\1\0\0mask", 14); /* 65536 in eight, and a mask */
  give(&w, 2, bytes, 14 + 65536);
  GIVE(&w, 3, "\x81\x7d");
  give(&w, 4, bytes, 125);
  GIVE(&w, 5, "\x81\x00");
  assert_int_equal(w.frames, 4);
  assert_false(w.lost);
}

static void in_any_pieces_the_same(void **state) {
  static const char talk[] = "\x81\x85mask\1\2\3\4\5\x89\x00\x82\x7e\x00\x03"
                             "abc\xc1\x01x";
  (void)state;
  for (size_t piece = 1; piece < sizeof talk; piece++) {
    struct weft_websocket w = {0};
    for (size_t i = 0; i < sizeof talk - 1; i += piece)
      give(&w, 1 + i, talk + i, sizeof talk - 1 - i < piece ? sizeof talk - 1 - i : piece);
    assert_int_equal(w.frames, 4);
    assert_int_equal(w.opcodes[1], 2);
    assert_int_equal(w.first.frame, 1);
    assert_int_equal(w.last.frame, 1 + (sizeof talk - 2) / piece * piece);
    assert_false(w.lost);
  }
}

static void a_gap_within_payload_is_stepped_over(void **state) {
  struct weft_websocket w = {0};
  (void)state;
  GIVE(&w, 1,
       "\x82\x0a"
       "abc");
  weft_websocket_gap(&w, 7);
  GIVE(&w, 2, "\x81\x01x");
  assert_int_equal(w.frames, 2);
  assert_false(w.lost);
}

static void behind_any_other_gap_counting_ends(void **state) {
  struct weft_websocket within = {0}, between = {0};
  (void)state;
  GIVE(&within, 1,
       "\x82\x0a"
       "abc");
  weft_websocket_gap(&within, 8);
  GIVE(&within, 2, "\x81\x01x");
  assert_int_equal(within.frames, 1);
  assert_true(within.lost);
  weft_websocket_gap(&between, 1);
  GIVE(&between, 2, "\x81\x01x");
  assert_int_equal(between.frames, 0);
  assert_true(between.lost);
}

static void what_is_no_frame_ends_counting(void **state) {
  static const struct {
    const char *bytes;
    size_t length;
  } bad[] = {{"\x83\x00", 2}, /* reserved opcodes */
             {"\x8b\x00", 2},
             {"\x09\x00", 2},                     /* half a ping */
             {"\x88\x7e\x00\x7e", 4},             /* a close of 126 bytes */
             {"\xc9\x00", 2},                     /* a ping with a reserved bit */
             {"\x82\x7f\x80\0\0\0\0\0\0\0", 10}}; /* a negative length */
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct weft_websocket w = {0};
    GIVE(&w, 1, "\x81\x01x");
    give(&w, 2, bad[i].bytes, bad[i].length);
    GIVE(&w, 3, "\x81\x01x");
    assert_int_equal(w.frames, 1);
    assert_int_equal(w.last.frame, 1);
    assert_true(w.lost);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(frames_are_counted_by_opcode),
      cmocka_unit_test(lengths_of_all_kinds_are_stepped_over),
      cmocka_unit_test(in_any_pieces_the_same),
      cmocka_unit_test(a_gap_within_payload_is_stepped_over),
      cmocka_unit_test(behind_any_other_gap_counting_ends),
      cmocka_unit_test(what_is_no_frame_ends_counting),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
