/* SPDX-License-Identifier: BSD-2-Clause */
/* Damage in the middle of files: what is before and after it is used. */
#include <time.h>

#include "capture_warned.h"

#define MICROSECOND 0xa1b2c3d4

static void put_frames(struct bytes *file, uint32_t from, uint32_t to) {
  for (; from <= to; from++) {
    char text[16];
    snprintf(text, sizeof(text), "frame %u", from);
    put_pcap_frame(file, from, 0, text);
  }
}

static void expect_frames(struct weft_capture *capture, uint32_t from, uint32_t to) {
  for (; from <= to; from++) {
    char text[16];
    snprintf(text, sizeof(text), "frame %u", from);
    expect_frame(capture, from * WEFT_SECOND, text);
  }
}

static void an_absurd_length_costs_one_record(void **state) {
  (void)state;
  static const enum order orders[] = {LITTLE, BIG};
  for (int i = 0; i < 2; i++) {
    struct bytes file = {.order = orders[i]};
    put_pcap_header(&file, MICROSECOND, 1);
    put_frames(&file, 1, 3);
    size_t at = file.size;
    put(&file, 8, 4);
    put(&file, 4, 0x7fffffff);
    put(&file, 4, 0x7fffffff);
    put_text(&file, "what was frame 4");
    size_t end = file.size;
    put_frames(&file, 5, 9);
    struct weft_capture *capture = file_of(&file);
    expect_frames(capture, 1, 3);
    expect_frames(capture, 5, 9);
    assert_int_equal(warned.count, 1);
    assert_int_equal(warned.last.status, WEFT_E_FORMAT);
    assert_int_equal(warned.last.position, at);
    assert_int_equal(warned.last.frame, 3);
    char words[128];
    snprintf(words, sizeof(words), "; %zu bytes were passed over, it goes on at byte %zu", end - at,
             end);
    if (!strstr(warned.last.text, words)) fail_msg("%s", warned.last.text);
    expect_failure(capture, WEFT_E_FORMAT, 3, at,
                   "bytes in 1 places were passed over and all else was read (8 frames)");
  }
}

/* Bytes that went missing inside a record, so that the next header is not where
   its length says. */
static void missing_bytes_cost_the_records_they_were_of(void **state) {
  (void)state;
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  put_frames(&file, 1, 3);
  file.size -= 4;
  put_frames(&file, 4, 9);
  for (size_t piece = 0; piece < 40; piece += 13) {
    struct weft_capture *capture = capture_of(&file, piece);
    expect_frames(capture, 1, 2);
    struct weft_frame frame;
    assert_int_equal(weft_capture_next(capture, &frame, 1, NULL), 1); /* 3, and the head of 4 */
    expect_frames(capture, 5, 9);
    struct weft_error error = {0};
    assert_int_equal(weft_capture_next(capture, &frame, 1, &error), WEFT_E_FORMAT);
    assert_int_equal(error.frame, 3);
    expect_end(capture);
  }
}

/* A length that may be, but takes the frame to beyond the end of the file. */
static void a_record_beyond_the_end_hides_nothing(void **state) {
  (void)state;
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  put_frames(&file, 1, 1);
  size_t at = file.size;
  put(&file, 8, 2);
  put(&file, 4, 100000);
  put(&file, 4, 100000);
  put_frames(&file, 3, 6);
  struct weft_capture *capture = file_of(&file);
  expect_frames(capture, 1, 1);
  expect_frames(capture, 3, 6);
  assert_int_equal(warned.last.position, at);
  expect_failure(capture, WEFT_E_FORMAT, 1, at, "cut short inside frame 2");
}

static void with_nothing_after_it_damage_ends_the_file(void **state) {
  (void)state;
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  put_frames(&file, 1, 2);
  size_t at = file.size;
  for (int i = 0; i < 500; i++) put(&file, 1, (uint64_t)(i * 37 % 251));
  struct weft_capture *capture = file_of(&file);
  expect_frames(capture, 1, 2);
  assert_int_equal(warned.count, 0);
  expect_failure(capture, WEFT_E_FORMAT, 2, at, "the 2 frames before it were read");
}

static void the_last_record_alone_is_found(void **state) {
  (void)state;
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  put_frames(&file, 1, 1);
  for (int i = 0; i < 30; i++) put(&file, 1, 0xff);
  put_frames(&file, 2, 2);
  struct weft_capture *capture = file_of(&file);
  expect_frames(capture, 1, 2);
  expect_failure(capture, WEFT_E_FORMAT, 1, 24 + 16 + 7, "30 bytes in 1 places");
}

static void damage_in_many_places_is_told_a_few_times(void **state) {
  (void)state;
  struct bytes file = {0};
  put_pcap_header(&file, MICROSECOND, 1);
  put_frames(&file, 1, 3);
  for (uint32_t i = 1; i <= 40; i++) {
    put(&file, 4, 0xffffffff);
    put(&file, 8, UINT64_MAX);
    put(&file, 8, UINT64_MAX);
    put_frames(&file, 3 * i + 1, 3 * i + 3);
  }
  struct weft_capture *capture = file_of(&file);
  expect_frames(capture, 1, 123);
  assert_int_equal(warned.count, 10);
  assert_non_null(strstr(warned.last.text, "more damage to this file is only counted"));
  expect_failure(capture, WEFT_E_FORMAT, 3, 24 + 3 * 23,
                 "800 bytes in 40 places were passed over and all else was read (123 frames)");
}

static void pcapng_goes_on_with_the_next_block(void **state) {
  (void)state;
  static const enum order orders[] = {LITTLE, BIG};
  for (int i = 0; i < 2; i++) {
    struct bytes file = {.order = orders[i]};
    put_section(&file);
    put_interface(&file, 1, 0, -1, 0);
    put_enhanced(&file, 0, 1000000, "one");
    size_t at = file.size;
    put_enhanced(&file, 0, 2000000, "two");
    file.at[at + 4] ^= 0x40; /* its length, whichever end is first */
    file.at[at + 7] ^= 0x40;
    put_enhanced(&file, 0, 3000000, "three");
    put(&file, 7, 0); /* and the rest is not aligned */
    put_enhanced(&file, 0, 4000000, "four");
    struct weft_capture *capture = file_of(&file);
    expect_frame(capture, 1 * WEFT_SECOND, "one");
    expect_frame(capture, 3 * WEFT_SECOND, "three");
    expect_frame(capture, 4 * WEFT_SECOND, "four");
    assert_int_equal(warned.count, 2);
    expect_failure(capture, WEFT_E_FORMAT, 1, at, "in 2 places");
  }
}

/* The block is whole, so only it is lost, and nothing is searched for. */
static void a_block_that_makes_no_sense_is_passed_over(void **state) {
  (void)state;
  struct bytes file = {0};
  put_section(&file);
  put_interface(&file, 1, 0, -1, 0);
  put_enhanced(&file, 0, 1000000, "one");
  size_t at = file.size;
  put_enhanced(&file, 7, 2000000, "of no interface");
  size_t end = file.size;
  size_t strange = block_begin(&file, 0x40000bad); /* not of a type that is searched for */
  put(&file, 4, 1);
  block_end(&file, strange);
  put_enhanced(&file, 0, 3000000, "three");
  for (size_t piece = 0; piece < 40; piece += 13) {
    struct weft_capture *capture = capture_of(&file, piece);
    char words[64];
    snprintf(words, sizeof(words), "%zu bytes in 1 places", end - at);
    expect_frame(capture, 1 * WEFT_SECOND, "one");
    expect_frame(capture, 3 * WEFT_SECOND, "three");
    expect_failure(capture, WEFT_E_FORMAT, 1, at, words);
  }
}

static void snoop_finds_its_way_too(void **state) {
  (void)state;
  struct bytes file = {.order = BIG};
  put_text(&file, "snoop");
  put(&file, 3, 0);
  put(&file, 4, 2);
  put(&file, 4, 4);
  size_t at = 0;
  for (uint32_t i = 1; i <= 7; i++) {
    if (i == 3) at = file.size;
    put(&file, 4, 3);
    put(&file, 4, i == 3 ? 0xffffff : 3);
    put(&file, 4, 24 + 4);
    put(&file, 4, 0);
    put(&file, 4, i);
    put(&file, 4, 0);
    put_text(&file, "abc");
    put(&file, 1, 0);
  }
  struct weft_capture *capture = capture_of(&file, 0);
  for (int64_t i = 1; i <= 7; i++)
    if (i != 3) expect_frame(capture, i * WEFT_SECOND, "abc");
  expect_failure(capture, WEFT_E_FORMAT, 2, at, "28 bytes in 1 places");
}

/* ---- how much of it is held ---- */

#define MANY 100000

/* Many frames of which the fifth claims `claimed` bytes. */
static uint8_t *make_many(int is_pcapng, uint32_t claimed, size_t *ret_size) {
  uint8_t *bytes = malloc((size_t)MANY * 64);
  struct bytes one = {0};
  size_t size = 0;
  assert_non_null(bytes);
  if (is_pcapng) {
    put_section(&one);
    put_interface(&one, 1, 0, -1, 0);
  } else {
    put_pcap_header(&one, MICROSECOND, 1);
    memset(one.at + 16, 0xff, 4); /* a snapshot length that allows for anything */
  }
  for (uint32_t i = 1; i <= MANY; i++) {
    size_t at = one.size;
    if (is_pcapng)
      put_enhanced(&one, 0, i * UINT64_C(1000000), "a frame");
    else
      put_pcap_frame(&one, i, 0, "a frame");
    if (i == 5) memcpy(one.at + at + (is_pcapng ? 4 : 8), &claimed, 4);
    memcpy(bytes + size, one.at, one.size);
    size += one.size;
    one.size = 0;
  }
  *ret_size = size;
  return bytes;
}

/* A length that may be, but that all else about the record contradicts: it is not
   waited for, which would take all that memory. */
static void a_length_that_is_contradicted_is_not_waited_for(void **state) {
  (void)state;
  for (int is_pcapng = 0; is_pcapng < 2; is_pcapng++) {
    size_t size;
    uint8_t *bytes = make_many(is_pcapng, 0x00800040, &size);
    struct source *source = NULL;
    struct weft_frame frame;
    struct weft_capture_info info;
    assert_int_equal(source_memory("t", bytes, size, 4096, &source, NULL), 0);
    struct weft_capture *capture = capture_over(source);
    for (int i = 1; i <= MANY; i++) {
      if (i == 5) continue;
      assert_int_equal(weft_capture_next(capture, &frame, 1, NULL), 1);
      assert_int_equal(frame.mark.time, i * WEFT_SECOND);
      if (i != 6) continue;
      weft_capture_inspect(capture, &info);
      assert_in_range(info.position, 1, 1 << 20);
    }
    assert_int_equal(weft_capture_next(capture, &frame, 1, NULL), WEFT_E_FORMAT);
    weft_capture_close(capture);
    free(bytes);
  }
}

/* Places that look like a record, each for the first look: the search must not
   go over the same bytes again and again. */
static void searching_takes_time_in_proportion(void **state) {
  (void)state;
  size_t size = (size_t)16 << 20;
  uint8_t *bytes = malloc(size);
  struct bytes header = {0};
  struct timespec begin, end;
  put_pcap_header(&header, MICROSECOND, 1);
  /* Every four bytes the same small number: lengths, times and fractions of it all make sense. */
  for (size_t at = 0; at + 4 <= size; at += 4) memcpy(bytes + at, (uint32_t[]){0x30000}, 4);
  memcpy(bytes, header.at, 24);
  memset(bytes + 24, 0xff, 16);
  for (size_t at = (size_t)1 << 19; at < size; at += (size_t)1 << 19) memset(bytes + at, 0xff, 40);
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (size_t piece = 0; piece <= 4096; piece += 4096) {
    struct source *source = NULL;
    assert_int_equal(source_memory("t", bytes, size, piece, &source, NULL), 0);
    struct weft_capture *capture = capture_over(source);
    struct weft_frame frames[64];
    while (weft_capture_next(capture, frames, 64, NULL) > 0) continue;
    expect_end(capture);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  assert_true(end.tv_sec - begin.tv_sec < 10);
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_absurd_length_costs_one_record),
      cmocka_unit_test(missing_bytes_cost_the_records_they_were_of),
      cmocka_unit_test(a_record_beyond_the_end_hides_nothing),
      cmocka_unit_test(with_nothing_after_it_damage_ends_the_file),
      cmocka_unit_test(the_last_record_alone_is_found),
      cmocka_unit_test(damage_in_many_places_is_told_a_few_times),
      cmocka_unit_test(pcapng_goes_on_with_the_next_block),
      cmocka_unit_test(a_block_that_makes_no_sense_is_passed_over),
      cmocka_unit_test(snoop_finds_its_way_too),
      cmocka_unit_test(a_length_that_is_contradicted_is_not_waited_for),
      cmocka_unit_test(searching_takes_time_in_proportion),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
