/* SPDX-License-Identifier: BSD-2-Clause */
#include "test_capture_build.h"

#define MICROSECOND 0xa1b2c3d4
#define NANOSECOND 0xa1b23c4d
#define MODIFIED 0xa1b2cd34
#define T0 (INT64_C(1700000000) * WEFT_SECOND)

static void both_magics_in_both_orders(void **state) {
  (void)state;
  for (int order = LITTLE; order <= BIG; order++)
    for (int nano = 0; nano < 2; nano++)
      for (size_t piece = 0; piece < 3; piece++) {
        struct bytes file = {.order = (enum order)order};
        put_pcap_header(&file, nano ? NANOSECOND : MICROSECOND, 1);
        put_pcap_frame(&file, 1700000000, 5, "first");
        put_pcap_frame(&file, 1700000001, 999999, "");
        struct weft_capture *capture = capture_of(&file, piece);
        int64_t unit = nano ? 1 : 1000;
        struct weft_frame frame = expect_frame(capture, T0 + 5 * unit, "first");
        assert_int_equal(frame.mark.frame, 1);
        assert_int_equal(frame.wirelen, 1005);
        assert_int_equal(frame.linktype, 1);
        assert_int_equal(frame.flags, piece ? 0 : WEFT_FRAME_STABLE);
        frame = expect_frame(capture, T0 + WEFT_SECOND + 999999 * unit, "");
        assert_int_equal(frame.mark.frame, 2);
        expect_end(capture);
      }
}

static void seconds_are_unsigned_and_fractions_may_be_crazy(void **state) {
  (void)state;
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  put_pcap_frame(&file, UINT32_MAX, UINT32_MAX, "late");
  struct weft_capture *capture = capture_of(&file, 0);
  expect_frame(capture, INT64_C(4294967295000000000) + INT64_C(4294967295000), "late");
  expect_end(capture);
}

static void link_types_are_made_the_same_everywhere(void **state) {
  (void)state;
  static const struct {
    uint32_t network;
    uint16_t linktype;
  } cases[] = {{12, 101}, {14, 101}, {101, 101}, {11, 100}, {113, 113}, {0x54000001, 1}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    struct bytes file = {0};
    put_pcap_header(&file, MICROSECOND, cases[i].network);
    put_pcap_frame(&file, 1700000000, 0, "x");
    struct weft_capture *capture = capture_of(&file, 0);
    assert_int_equal(expect_frame(capture, T0, "x").linktype, cases[i].linktype);
    expect_end(capture);
  }
}

static void before_2_4_the_lengths_come_the_other_way_round(void **state) {
  (void)state;
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  file.at[6] = 2; /* 2.2 */
  put(&file, 4, 1700000000);
  put(&file, 4, 0);
  put(&file, 4, 1500);
  put(&file, 4, 3);
  put_text(&file, "abc");
  struct weft_capture *capture = capture_of(&file, 0);
  assert_int_equal(expect_frame(capture, T0, "abc").wirelen, 1500);
  expect_end(capture);
}

static void wire_length_is_never_less_than_the_captured(void **state) {
  (void)state;
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  put(&file, 4, 1700000000);
  put(&file, 4, 0);
  put(&file, 4, 3);
  put(&file, 4, 0);
  put_text(&file, "abc");
  struct weft_capture *capture = capture_of(&file, 0);
  assert_int_equal(expect_frame(capture, T0, "abc").wirelen, 3);
  expect_end(capture);
}

static void the_modified_format_has_longer_records(void **state) {
  (void)state;
  struct bytes file = {.order = BIG};
  put_pcap_header(&file, MODIFIED, 1);
  for (uint32_t i = 0; i < 2; i++) {
    put(&file, 4, 1700000000 + i);
    put(&file, 4, 0);
    put(&file, 4, 2);
    put(&file, 4, 2);
    put(&file, 4, 7 + i); /* interface */
    put(&file, 4, 0);
    put_text(&file, "ab");
  }
  struct weft_capture *capture = capture_of(&file, 0);
  assert_int_equal(expect_frame(capture, T0, "ab").interface_id, 7);
  assert_int_equal(expect_frame(capture, T0 + WEFT_SECOND, "ab").interface_id, 8);
  expect_end(capture);
}

static void everything_before_a_cut_is_given(void **state) {
  (void)state;
  for (size_t piece = 0; piece < 6; piece += 5)
    for (size_t cut = 1; cut < 16 + 6; cut++) {
      struct bytes file = {0};
      put_pcap_header(&file, MICROSECOND, 1);
      put_pcap_frame(&file, 1700000000, 0, "whole");
      put_pcap_frame(&file, 1700000001, 0, "halved");
      file.size -= cut;
      struct weft_capture *capture = capture_of(&file, piece);
      expect_frame(capture, T0, "whole");
      expect_failure(capture, WEFT_E_FORMAT, 1, 24 + 16 + 5,
                     "t: cut short inside frame 2 at byte 45");
    }
}

static void a_length_that_cannot_be_is_damage(void **state) {
  (void)state;
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  put_pcap_frame(&file, 1700000000, 0, "good");
  put(&file, 8, 0);
  put(&file, 4, 262145);
  put(&file, 4, 262145);
  struct weft_capture *capture = capture_of(&file, 0);
  expect_frame(capture, T0, "good");
  expect_failure(capture, WEFT_E_FORMAT, 1, 44,
                 "frame 2, byte 44: it claims 262145 captured bytes");
}

/* As cat, and many a script, joins them. */
static void files_behind_each_other_are_read_each_in_its_own_way(void **state) {
  (void)state;
  for (size_t piece = 0; piece < 6; piece++) {
    struct bytes file = {0};
    put_pcap_header(&file, MICROSECOND, 1);
    put_pcap_frame(&file, 1700000000, 7, "first");
    put_pcap_header(&file, MICROSECOND, 1); /* nothing in this one */
    file.order = BIG;
    put_pcap_header(&file, NANOSECOND, 113);
    put_pcap_frame(&file, 1700000001, 7, "");
    put_pcap_frame(&file, 1700000002, 7, "third");
    struct weft_capture *capture = capture_of(&file, piece);
    assert_int_equal(expect_frame(capture, T0 + 7000, "first").linktype, 1);
    assert_int_equal(expect_frame(capture, T0 + WEFT_SECOND + 7, "").linktype, 113);
    struct weft_frame frame = expect_frame(capture, T0 + 2 * WEFT_SECOND + 7, "third");
    assert_int_equal(frame.mark.frame, 3);
    expect_end(capture);
  }
}

static void a_second_header_that_is_cut_or_cannot_be_is_told(void **state) {
  (void)state;
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  put_pcap_frame(&file, 1700000000, 0, "good");
  put_pcap_header(&file, MICROSECOND, 0x10000);
  struct weft_capture *capture = capture_of(&file, 0);
  expect_frame(capture, T0, "good");
  expect_failure(capture, WEFT_E_FORMAT, 1, 44,
                 "frame 2, byte 44: another file's header has a link type");
  file.size -= 5;
  capture = capture_of(&file, 0);
  expect_frame(capture, T0, "good");
  expect_failure(capture, WEFT_E_FORMAT, 1, 44, "t: cut short inside frame 2 at byte 44");
}

static void a_file_without_frames_is_fine(void **state) {
  (void)state;
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  expect_end(capture_of(&file, 0));
}

static void put_checked_frame(struct bytes *file, uint32_t captured, uint32_t wire) {
  put(file, 8, 1);
  put(file, 4, captured);
  put(file, 4, wire);
  for (uint32_t i = 0; i < captured; i++) put(file, 1, 'x');
}

/* Bits 26 and 28 to 31 of the link type: two pairs of bytes end each frame. */
static void the_check_sequence_is_taken_off(void **state) {
  (void)state;
  struct bytes file = {0};
  struct weft_frame frames[5];
  put_pcap_header(&file, MICROSECOND, 0x24000001);
  put_checked_frame(&file, 20, 20);
  put_checked_frame(&file, 10, 20); /* cut before it */
  put_checked_frame(&file, 18, 20); /* cut inside it */
  put_checked_frame(&file, 2, 2);   /* too short to have one */
  struct weft_capture *capture = capture_of(&file, 0);
  assert_int_equal(weft_capture_next(capture, frames, 5, NULL), 4);
  static const uint32_t captured[] = {16, 10, 16, 2}, wire[] = {16, 16, 16, 2};
  for (int i = 0; i < 4; i++) {
    assert_int_equal(frames[i].caplen, captured[i]);
    assert_int_equal(frames[i].wirelen, wire[i]);
    assert_int_equal(frames[i].linktype, 1);
  }
  expect_end(capture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_magics_in_both_orders),
      cmocka_unit_test(seconds_are_unsigned_and_fractions_may_be_crazy),
      cmocka_unit_test(link_types_are_made_the_same_everywhere),
      cmocka_unit_test(before_2_4_the_lengths_come_the_other_way_round),
      cmocka_unit_test(wire_length_is_never_less_than_the_captured),
      cmocka_unit_test(the_modified_format_has_longer_records),
      cmocka_unit_test(everything_before_a_cut_is_given),
      cmocka_unit_test(a_length_that_cannot_be_is_damage),
      cmocka_unit_test(the_check_sequence_is_taken_off),
      cmocka_unit_test(files_behind_each_other_are_read_each_in_its_own_way),
      cmocka_unit_test(a_second_header_that_is_cut_or_cannot_be_is_told),
      cmocka_unit_test(a_file_without_frames_is_fine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
