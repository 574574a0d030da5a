/* SPDX-License-Identifier: BSD-2-Clause */
#include "test_capture_build.h"

/* UDP to port 80 in IPv4, with or without an Ethernet header before it. */
static void put_udp(struct bytes *file, int ethernet, uint16_t port) {
  enum order order = file->order;
  file->order = BIG;
  if (ethernet) {
    put(file, 6, 1);
    put(file, 6, 2);
    put(file, 2, 0x0800);
  }
  put(file, 2, 0x4500);
  put(file, 2, 28);
  put(file, 4, 0);
  put(file, 2, 64 << 8 | 17);
  put(file, 2, 0);
  put(file, 4, 0xc0000201);
  put(file, 4, 0xc0000202);
  put(file, 2, 1000);
  put(file, 2, port);
  put(file, 2, 8);
  put(file, 2, 0);
  file->order = order;
}

static void put_enhanced_udp(struct bytes *file, uint32_t interface_id, int ethernet,
                             uint16_t port) {
  size_t block = block_begin(file, 6);
  put(file, 4, interface_id);
  put(file, 8, 0);
  put(file, 4, ethernet ? 42 : 28);
  put(file, 4, ethernet ? 42 : 28);
  put_udp(file, ethernet, port);
  block_end(file, block);
}

static struct weft_capture *three_link_types(struct bytes *file) {
  put_section(file);
  put_interface(file, 1, 0, -1, 0);
  put_interface(file, 101, 0, -1, 0);
  put_interface(file, 189, 0, -1, 0); /* USB: no addresses there */
  put_enhanced_udp(file, 0, 1, 80);
  put_enhanced_udp(file, 0, 1, 81);
  put_enhanced_udp(file, 2, 1, 80);
  put_enhanced_udp(file, 1, 0, 81);
  put_enhanced_udp(file, 1, 0, 80);
  return capture_of(file, 0);
}

static void each_link_type_gets_a_program(void **state) {
  (void)state;
  struct bytes file = {0};
  struct weft_frame frames[8];
  struct weft_capture_info info;
  struct weft_capture *capture = three_link_types(&file);
  int rc = weft_capture_filter(capture, "udp port 80", NULL);
  if (rc == WEFT_E_NOTBUILT) skip();
  assert_int_equal(rc, 0);
  assert_int_equal(weft_capture_next(capture, frames, 8, NULL), 2);
  assert_int_equal(frames[0].mark.frame, 1);
  assert_int_equal(frames[1].mark.frame, 5);
  weft_capture_inspect(capture, &info);
  assert_int_equal(info.frames, 5);
  assert_int_equal(info.filtered, 3);
  expect_end(capture);
}

static void an_expression_that_no_frame_can_match_matches_none(void **state) {
  (void)state;
  struct bytes file = {0};
  struct weft_capture *capture = three_link_types(&file);
  int rc = weft_capture_filter(capture, "tcp and udp", NULL);
  if (rc == WEFT_E_NOTBUILT) skip();
  assert_int_equal(rc, 0);
  expect_end(capture);
}

static void an_expression_that_does_not_compile_is_explained(void **state) {
  (void)state;
  struct bytes file = {0};
  struct weft_error error = {0};
  struct weft_capture *capture = three_link_types(&file);
  int rc = weft_capture_filter(capture, "tcp prot 80", &error);
  if (rc == WEFT_E_NOTBUILT) skip();
  assert_int_equal(rc, WEFT_E_INVAL);
  if (!strstr(error.text, "'tcp prot 80' does not compile")) fail_msg("%s", error.text);
  weft_capture_close(capture);
}

static void one_that_means_nothing_for_the_link_type_is_not_silent(void **state) {
  (void)state;
  struct bytes file = {0};
  struct weft_error error = {0};
  struct weft_frame frame;
  put_section(&file);
  put_interface(&file, 101, 0, -1, 0);
  put_enhanced_udp(&file, 0, 0, 80);
  struct weft_capture *capture = capture_of(&file, 0);
  int rc = weft_capture_filter(capture, "ether host 2:0:0:0:0:1", NULL);
  if (rc == WEFT_E_NOTBUILT) skip();
  assert_int_equal(rc, 0);
  assert_int_equal(weft_capture_next(capture, &frame, 1, &error), WEFT_E_INVAL);
  if (!strstr(error.text, "means nothing for link type 101")) fail_msg("%s", error.text);
  expect_end(capture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_link_type_gets_a_program),
      cmocka_unit_test(an_expression_that_no_frame_can_match_matches_none),
      cmocka_unit_test(an_expression_that_does_not_compile_is_explained),
      cmocka_unit_test(one_that_means_nothing_for_the_link_type_is_not_silent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
