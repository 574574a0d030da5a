/* SPDX-License-Identifier: BSD-2-Clause */
#include "test_capture_build.h"

#define SECONDS(n) ((int64_t)(n)*WEFT_SECOND)

static void both_orders_whole_and_in_pieces(void **state) {
  (void)state;
  for (int order = LITTLE; order <= BIG; order++)
    for (size_t piece = 0; piece < 3; piece++) {
      struct bytes file = {.order = (enum order)order};
      put_section(&file);
      put_interface(&file, 1, 0, -1, 0);
      put_enhanced(&file, 0, 1700000000000001, "one");
      put_enhanced(&file, 0, 1700000000000002, "");
      struct weft_capture *capture = capture_of(&file, piece);
      struct weft_frame frame = expect_frame(capture, INT64_C(1700000000000001000), "one");
      assert_int_equal(frame.mark.frame, 1);
      assert_int_equal(frame.wirelen, 1003);
      expect_frame(capture, INT64_C(1700000000000002000), "");
      expect_end(capture);
    }
}

static void each_interface_has_its_link_type_and_clock(void **state) {
  (void)state;
  struct bytes file = {0};
  put_section(&file);
  put_interface(&file, 1, 0, 9, 0);
  put_interface(&file, 12, 0, 0x80 | 1, 100);
  put_enhanced(&file, 0, 7, "nano");
  put_enhanced(&file, 1, 3, "half");
  struct weft_capture *capture = capture_of(&file, 0);
  struct weft_frame frame = expect_frame(capture, 7, "nano");
  assert_int_equal(frame.linktype, 1);
  assert_int_equal(frame.interface_id, 0);
  frame = expect_frame(capture, SECONDS(101) + SECONDS(1) / 2, "half");
  assert_int_equal(frame.linktype, 101);
  assert_int_equal(frame.interface_id, 1);
  expect_end(capture);
}

static void a_section_has_its_own_order_and_interfaces(void **state) {
  (void)state;
  struct bytes file = {.order = LITTLE};
  put_section(&file);
  put_interface(&file, 1, 0, -1, 0);
  put_interface(&file, 1, 0, -1, 0);
  put_enhanced(&file, 1, 1, "little");
  file.order = BIG;
  put_section(&file);
  put_interface(&file, 113, 0, 0, 0);
  put_enhanced(&file, 0, 2, "big");
  struct weft_capture *capture = capture_of(&file, 0);
  assert_int_equal(expect_frame(capture, 1000, "little").interface_id, 1);
  struct weft_frame frame = expect_frame(capture, SECONDS(2), "big");
  assert_int_equal(frame.interface_id, 2); /* not that of the other section */
  assert_int_equal(frame.linktype, 113);
  expect_end(capture);
}

static void simple_packets_have_the_time_before_and_the_snapshot_length(void **state) {
  (void)state;
  struct bytes file = {0};
  put_section(&file);
  put_interface(&file, 1, 4, 0, 0);
  put_enhanced(&file, 0, 9, "timed");
  size_t block = block_begin(&file, 3);
  put(&file, 4, 1500);
  put_text(&file, "abcd");
  block_end(&file, block);
  block = block_begin(&file, 3);
  put(&file, 4, 2);
  put_text(&file, "ab");
  block_end(&file, block);
  struct weft_capture *capture = capture_of(&file, 0);
  expect_frame(capture, SECONDS(9), "timed");
  assert_int_equal(expect_frame(capture, SECONDS(9), "abcd").wirelen, 1500);
  assert_int_equal(expect_frame(capture, SECONDS(9), "ab").wirelen, 2);
  expect_end(capture);
}

static void obsolete_packets_are_read_and_unknown_blocks_stepped_over(void **state) {
  (void)state;
  struct bytes file = {0};
  put_section(&file);
  size_t block = block_begin(&file, 0xbad);
  put_text(&file, "whatever");
  block_end(&file, block);
  put_interface(&file, 1, 0, -1, 0);
  block = block_begin(&file, 2);
  put(&file, 2, 0);
  put(&file, 2, 55); /* drops */
  put(&file, 4, 0);
  put(&file, 4, 5);
  put(&file, 4, 3);
  put(&file, 4, 3);
  put_text(&file, "old");
  block_end(&file, block);
  struct weft_capture *capture = capture_of(&file, 0);
  assert_int_equal(expect_frame(capture, 5000, "old").mark.frame, 1);
  expect_end(capture);
}

static void put_statistics(struct bytes *file, uint32_t interface_id, uint64_t drops, uint64_t os) {
  size_t block = block_begin(file, 5);
  put(file, 4, interface_id);
  put(file, 8, 0);
  put(file, 2, 5);
  put(file, 2, 8);
  put(file, 8, drops);
  put(file, 2, 7);
  put(file, 2, 8);
  put(file, 8, os);
  block_end(file, block);
}

static void statistics_accumulate_for_each_interface(void **state) {
  (void)state;
  struct bytes file = {.order = BIG};
  struct weft_capture_info info;
  put_section(&file);
  put_interface(&file, 1, 0, -1, 0);
  put_interface(&file, 1, 0, -1, 0);
  put_statistics(&file, 0, 1, 10);
  put_statistics(&file, 1, 2, 20);
  put_statistics(&file, 0, 4, 40); /* in place of the first */
  put_statistics(&file, 7, 9, 90); /* there is no such interface */
  put_enhanced(&file, 0, 1, "x");
  struct weft_capture *capture = capture_of(&file, 0);
  expect_frame(capture, 1000, "x");
  weft_capture_inspect(capture, &info);
  assert_true(info.has_drops);
  assert_int_equal(info.interface_dropped, 6);
  assert_int_equal(info.kernel_dropped, 60);
  expect_end(capture);
}

static void options_that_do_not_fit_do_no_harm(void **state) {
  (void)state;
  struct bytes file = {0};
  put_section(&file);
  size_t block = block_begin(&file, 1);
  put(&file, 2, 1);
  put(&file, 2, 0);
  put(&file, 4, 0);
  put(&file, 2, 9);
  put(&file, 2, 60000); /* would reach far beyond the block */
  put(&file, 4, 0);
  block_end(&file, block);
  put_enhanced(&file, 0, 1, "x");
  struct weft_capture *capture = capture_of(&file, 0);
  expect_frame(capture, 1000, "x");
  expect_end(capture);
}

/* A sound frame, and then `rest` bytes that are not. */
static struct weft_capture *after_a_frame(struct bytes *file) {
  struct weft_capture *capture = capture_of(file, 0);
  expect_frame(capture, 1000, "good");
  return capture;
}

static void put_good(struct bytes *file) {
  put_section(file);
  put_interface(file, 1, 0, -1, 0);
  put_enhanced(file, 0, 1, "good");
}

static void an_interface_that_is_not_described_is_damage(void **state) {
  (void)state;
  struct bytes file = {0};
  put_good(&file);
  size_t at = file.size;
  put_enhanced(&file, 1, 1, "bad");
  expect_failure(after_a_frame(&file), WEFT_E_FORMAT, 1, at, "of interface 1, and 1 are described");
}

static void a_frame_longer_than_its_block_is_damage(void **state) {
  (void)state;
  struct bytes file = {0};
  put_good(&file);
  size_t at = file.size;
  put_enhanced(&file, 0, 1, "bad");
  file.at[at + 20] = 5;
  expect_failure(after_a_frame(&file), WEFT_E_FORMAT, 1, at,
                 "claims 5 captured bytes in a block of 36");
}

static void lengths_that_differ_are_damage(void **state) {
  (void)state;
  struct bytes file = {0};
  put_good(&file);
  size_t at = file.size;
  put_enhanced(&file, 0, 1, "bad");
  file.at[file.size - 4] ^= 4;
  expect_failure(after_a_frame(&file), WEFT_E_FORMAT, 1, at,
                 "36 bytes at its start and 32 at its end");
}

static void a_length_that_cannot_be_is_damage(void **state) {
  (void)state;
  static const uint32_t lengths[] = {0, 11, 0xfffffff0};
  for (size_t i = 0; i < 3; i++) {
    struct bytes file = {0};
    put_good(&file);
    size_t at = file.size;
    put(&file, 4, 6);
    put(&file, 4, lengths[i]);
    put(&file, 8, 0);
    expect_failure(after_a_frame(&file), WEFT_E_FORMAT, 1, at, "claims a length of");
  }
}

static void everything_before_a_cut_is_given(void **state) {
  (void)state;
  for (size_t cut = 1; cut < 36; cut++) {
    struct bytes file = {0};
    put_good(&file);
    size_t at = file.size;
    put_enhanced(&file, 0, 1, "bad");
    file.size -= cut;
    expect_failure(after_a_frame(&file), WEFT_E_FORMAT, 1, at, "cut short inside frame 2");
  }
}

/* Ethernet whose frames end in a check sequence of that many bytes. */
static void put_checked_interface(struct bytes *file, uint64_t size) {
  size_t block = block_begin(file, 1);
  put(file, 2, 1);
  put(file, 2, 0);
  put(file, 4, 0);
  put(file, 2, 13); /* if_fcslen */
  put(file, 2, 1);
  put(file, 1, size);
  put(file, 3, 0);
  block_end(file, block);
}

static void the_check_sequence_of_an_interface_is_taken_off(void **state) {
  (void)state;
  struct bytes file = {0};
  put_section(&file);
  put_checked_interface(&file, 4);
  put_interface(&file, 1, 0, -1, 0);
  size_t block = block_begin(&file, 6);
  put(&file, 4, 0);
  put(&file, 8, 0);
  put(&file, 4, 10);
  put(&file, 4, 10);
  put_text(&file, "abcdefFCS!");
  block_end(&file, block);
  put_enhanced(&file, 1, 0, "without");
  struct weft_capture *capture = capture_of(&file, 0);
  assert_int_equal(expect_frame(capture, 0, "abcdef").wirelen, 6);
  assert_int_equal(expect_frame(capture, 0, "without").wirelen, 7 + 1000);
  expect_end(capture);
}

/* Bits 5 to 8 of epb_flags, in either order; 0 there leaves it to the interface. */
static void the_check_sequence_of_a_packet_goes_first(void **state) {
  (void)state;
  static const struct {
    uint32_t flags, size;
  } cases[] = {{4 << 5 | 1, 4}, {2 << 5, 2}, {15 << 5 | 0xff00fe1fu, 15}, {1, 3}, {0, 3}};
  for (unsigned i = 0; i < 20; i++) {
    struct bytes file = {.order = i % 2 ? BIG : LITTLE};
    uint32_t type = i / 2 % 2 ? 6 : 2;
    put_section(&file);
    put_checked_interface(&file, 3);
    size_t block = block_begin(&file, type);
    put(&file, 4, 0);
    put(&file, 8, 0);
    put(&file, 4, 18);
    put(&file, 4, 18);
    put_text(&file, "abcdefghijklmnopqr");
    put(&file, 2, 0); /* padding */
    put(&file, 2, 1); /* a comment before it */
    put(&file, 2, 5);
    put_text(&file, "about");
    put(&file, 3, 0);
    put(&file, 2, 2);
    put(&file, 2, 4);
    put(&file, 4, cases[i / 4].flags);
    put(&file, 4, 0);
    block_end(&file, block);
    struct weft_capture *capture = capture_of(&file, 0);
    struct weft_frame frame;
    assert_int_equal(weft_capture_next(capture, &frame, 1, NULL), 1);
    assert_int_equal(frame.wirelen, 18 - cases[i / 4].size);
    assert_int_equal(frame.caplen, frame.wirelen);
    expect_end(capture);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_orders_whole_and_in_pieces),
      cmocka_unit_test(each_interface_has_its_link_type_and_clock),
      cmocka_unit_test(a_section_has_its_own_order_and_interfaces),
      cmocka_unit_test(simple_packets_have_the_time_before_and_the_snapshot_length),
      cmocka_unit_test(obsolete_packets_are_read_and_unknown_blocks_stepped_over),
      cmocka_unit_test(statistics_accumulate_for_each_interface),
      cmocka_unit_test(options_that_do_not_fit_do_no_harm),
      cmocka_unit_test(an_interface_that_is_not_described_is_damage),
      cmocka_unit_test(a_frame_longer_than_its_block_is_damage),
      cmocka_unit_test(lengths_that_differ_are_damage),
      cmocka_unit_test(a_length_that_cannot_be_is_damage),
      cmocka_unit_test(the_check_sequence_of_an_interface_is_taken_off),
      cmocka_unit_test(the_check_sequence_of_a_packet_goes_first),
      cmocka_unit_test(everything_before_a_cut_is_given),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
