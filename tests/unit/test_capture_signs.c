/* SPDX-License-Identifier: BSD-2-Clause */
/* The glance that goes before the look: it finds what byte by byte is found, and
   passes over nothing that is plausible. */
#include "capture/file.h"
#include "random.h"
#include "test_capture_build.h"

static int has_signs(const struct signs *signs, const uint8_t *at) {
  int some = 0;
  for (int i = 0; i < SIGNS_ZERO; i++)
    if (at[signs->zero[i].at] & signs->zero[i].mask) return 0;
  for (int i = 0; i < SIGNS_SOME; i++) some |= at[signs->some[i]];
  return some;
}

/* Many bytes are 0, so that places with the signs are not rare. */
static void it_finds_what_is_found_byte_by_byte(void **state) {
  (void)state;
  uint64_t random = 1;
  uint8_t bytes[64 + SIGNS_REACH];
  for (int round = 0; round < 50000; round++) {
    struct signs signs = {0};
    for (int i = 0; i < SIGNS_ZERO; i++) {
      signs.zero[i].at = (uint8_t)random_below(&random, SIGNS_AT_MAX + 1);
      signs.zero[i].mask = (uint8_t)(random_below(&random, 2) ? random_next(&random) : 0);
    }
    for (int i = 0; i < SIGNS_SOME; i++)
      signs.some[i] = (uint8_t)random_below(&random, SIGNS_AT_MAX + 1);
    for (size_t i = 0; i < sizeof(bytes); i++)
      bytes[i] = (uint8_t)(random_below(&random, 2) ? random_next(&random) : 0);
    size_t n = random_below(&random, 64), expected = 0;
    while (expected < n && !has_signs(&signs, bytes + expected)) expected++;
    assert_int_equal(signs_find(&signs, bytes, n), expected);
  }
}

#define ROOM ((size_t)1 << 20)

/* A number of any size. */
static uint32_t any(uint64_t *random) {
  return (uint32_t)(random_next(random) >> (32 + random_below(random, 32)));
}

static void set(uint8_t *at, enum order order, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> 8 * (order == BIG ? 3 - i : i));
}

static int is_plausible(const struct file *file, const uint8_t *at) {
  return file->format->plausible(file, at, ROOM, NULL) > 0;
}

/* Records of random fields: those that are plausible have the signs. */
static void expect_signs(const struct format *format, const struct bytes *header,
                         void make(uint8_t *at, enum order, uint64_t *random)) {
  struct file file = {.format = format};
  uint8_t *record = calloc(1, ROOM + SIGNS_REACH);
  uint64_t random = 7;
  int plausible = 0;
  assert_non_null(record);
  assert_int_equal(input_memory("t", header->at, header->size, 0, &file.input, NULL), 0);
  assert_int_equal(format->open(&file, NULL), 0);
  const struct signs signs = format->signs(&file);
  for (int round = 0; round < 200000; round++) {
    make(record, header->order, &random);
    if (!is_plausible(&file, record)) continue;
    plausible++;
    if (signs_find(&signs, record, 1) != 0) fail_msg("%s, round %d", format->name, round);
  }
  assert_true(plausible > 1000);
  format->close(&file);
  input_close(&file.input);
  free(record);
}

static void make_pcap(uint8_t *at, enum order order, uint64_t *random) {
  for (size_t field = 0; field < 16; field += 4) set(at + field, order, any(random));
}

static void pcap_records_have_them(void **state) {
  (void)state;
  static const uint32_t magics[] = {0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34};
  for (unsigned i = 0; i < 24; i++) {
    struct bytes header = {.order = i % 2 ? BIG : LITTLE};
    put(&header, 4, magics[i / 2 % 3]);
    put(&header, 2, 2);
    put(&header, 2, i / 6 % 2 ? 3 : 4); /* before 2.4 the lengths may be swapped */
    put(&header, 8, 0);
    put(&header, 4, i / 12 ? 0x7fffffff : 65535);
    put(&header, 4, 1);
    expect_signs(&format_pcap, &header, make_pcap);
  }
}

static void make_snoop(uint8_t *at, enum order order, uint64_t *random) {
  make_pcap(at, order, random);
  set(at + 8, order,
      24 + (uint32_t)at[4] * 0x1000000 + (uint32_t)at[5] * 0x10000 + (uint32_t)at[6] * 0x100 +
          at[7] + random_below(random, 4097));
  set(at + 16, order, any(random));
  set(at + 20, order, any(random));
}

static void snoop_records_have_them(void **state) {
  (void)state;
  struct bytes header = {.order = BIG};
  put_text(&header, "snoop");
  put(&header, 3, 0);
  put(&header, 4, 2);
  put(&header, 4, 4);
  expect_signs(&format_snoop, &header, make_snoop);
}

static void make_block(uint8_t *at, enum order order, uint64_t *random) {
  uint32_t type = random_below(random, 13), size = any(random);
  set(at, order, type < 12 ? type : 0x0a0d0d0a);
  if (type == 12) { /* may turn the order */
    order = random_below(random, 2) ? BIG : LITTLE;
    set(at + 8, order, 0x1a2b3c4d);
  }
  set(at + 4, order, size);
  if (size >= 12 && size <= ROOM) set(at + size - 4, order, size);
}

static void pcapng_blocks_have_them(void **state) {
  (void)state;
  for (unsigned i = 0; i < 2; i++) {
    struct bytes header = {.order = i ? BIG : LITTLE};
    put_section(&header);
    expect_signs(&format_pcapng, &header, make_block);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_finds_what_is_found_byte_by_byte),
      cmocka_unit_test(pcap_records_have_them),
      cmocka_unit_test(snoop_records_have_them),
      cmocka_unit_test(pcapng_blocks_have_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
