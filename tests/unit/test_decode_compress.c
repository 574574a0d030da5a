/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "decode_body.h"

/*
 * compress has no library with an encoder, so here is a plain one, which looks strings up
 * in a table of all there could be.
 */
enum { PLAIN = 300000, CLEAR = 256 };
static uint8_t plain[PLAIN];
static struct bytes coded;

struct encoder {
  unsigned bits_max, width, group;
  unsigned nstrings, known; /* named here, and by the decoder, which is one behind */
  uint64_t buffer;
  unsigned nbuffer;
  uint16_t (*next)[256];    /* the string that this byte makes of that one */
  uint16_t *entries[65536]; /* those that are not zero, by string */
};

static void put_bits(struct encoder *e, uint64_t value, unsigned n) {
  e->buffer |= value << e->nbuffer;
  for (e->nbuffer += n; e->nbuffer >= 8; e->nbuffer -= 8, e->buffer >>= 8) {
    assert_true(coded.n < ROOM);
    coded.at[coded.n++] = (uint8_t)e->buffer;
  }
}

static void put_code(struct encoder *e, unsigned code) {
  put_bits(e, code, e->width);
  e->group = (e->group + 1) % 8;
}

static void change_width(struct encoder *e, unsigned width) {
  while (e->group > 0) put_code(e, 0);
  e->width = width;
}

static void clear(struct encoder *e) {
  put_code(e, CLEAR);
  change_width(e, 9);
  for (unsigned i = CLEAR + 1; i < e->nstrings; i++) *e->entries[i] = 0;
  e->nstrings = e->known = CLEAR + 1;
}

/* The decoder names a string when it has the code behind that. */
static void put_string(struct encoder *e, unsigned code, int is_first) {
  put_code(e, code);
  if (!is_first && e->known < 1u << e->bits_max) e->known++;
  if (e->known == 1u << e->width && e->width < e->bits_max) change_width(e, e->width + 1);
}

/* Clears after each `clear_each` codes; 0: never. */
static void encode(const uint8_t *from, size_t n, unsigned bits_max, unsigned blocks,
                   unsigned clear_each) {
  struct encoder e = {.bits_max = bits_max, .width = 9};
  unsigned codes = 0;
  int is_first = 1;
  e.nstrings = e.known = CLEAR + blocks;
  e.next = calloc(1 << 16, sizeof *e.next);
  assert_non_null(e.next);
  coded.n = 0;
  put_bits(&e, 0x1f | 0x9d << 8 | (uint64_t)(bits_max | blocks << 7) << 16, 24);
  for (size_t i = 0; i < n;) {
    unsigned code = from[i++];
    while (i < n && e.next[code][from[i]]) code = e.next[code][from[i++]];
    put_string(&e, code, is_first);
    is_first = 0;
    if (clear_each && ++codes % clear_each == 0) {
      clear(&e);
      is_first = 1;
    } else if (i < n && e.nstrings < 1u << bits_max) {
      e.entries[e.nstrings] = &e.next[code][from[i]];
      *e.entries[e.nstrings] = (uint16_t)e.nstrings;
      e.nstrings++;
    }
  }
  if (e.nbuffer) put_bits(&e, 0, 8 - e.nbuffer);
  free(e.next);
}

/* ---- decoding ------------------------------------------------------------- */

/* What came of the body, given in pieces of that many bytes. */
static int decode(const char *name, const uint8_t *from, size_t n, size_t piece) {
  int status, end = decode_body(name, from, n, piece, &status);
  assert_int_equal(status, end == WEFT_CONTENT_DAMAGED ? WEFT_E_FORMAT : 0);
  return end;
}

static void check_plain(size_t n, size_t piece) {
  assert_int_equal(decode("compress", coded.at, coded.n, piece), WEFT_CONTENT_DECODED);
  assert_int_equal(out.n, n);
  assert_memory_equal(out.at, plain, n);
}

/* Text-like, then anything, so that the table fills with strings long and short. */
static int make_plain(void **state) {
  uint32_t x = 1;
  (void)state;
  for (size_t i = 0; i < PLAIN; i++) {
    x = x * 1664525 + 1013904223;
    plain[i] = i < PLAIN / 2 ? (uint8_t)("etaoin shrdlu\n"[(x >> 24) % 14]) : (uint8_t)(x >> 24);
  }
  return 0;
}

static void round_trips(void **state) {
  static const size_t sizes[] = {0, 1, 2, 1000, PLAIN};
  (void)state;
  for (unsigned bits = 9; bits <= 16; bits++)
    for (unsigned blocks = 0; blocks < 2; blocks++)
      for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        encode(plain, sizes[i], bits, blocks, 0);
        check_plain(sizes[i], ROOM);
        check_plain(sizes[i], 1);
      }
}

/* At each place of a group of eight codes, and when codes are longer than 9 bits. */
static void cleared(void **state) {
  static const unsigned each[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 300, 1001, 70000};
  (void)state;
  for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
    encode(plain, 30000, 16, 1, each[i]);
    check_plain(30000, 1000);
    encode(plain, 30000, 10, 1, each[i]);
    check_plain(30000, 7);
  }
}

/* What the program writes. */
static void the_programs_own(void **state) {
  static const uint8_t words[] = {0x1f, 0x9d, 0x90, 0x54, 0x9e, 0x08, 0x29, 0xf2, 0x44, 0x8a, 0x93,
                                  0x27, 0x54, 0x02, 0x0e, 0x2c, 0xa8, 0x90, 0xa0, 0x41, 0x84};
  static const uint8_t letters[] = {0x1f, 0x9d, 0x90, 0x61, 0x02, 0x0a, 0x1c, 0x48, 0xb0, 0x20};
  (void)state;
  assert_int_equal(decode("X-Compress", words, sizeof words, 1), WEFT_CONTENT_DECODED);
  assert_int_equal(out.n, 24);
  assert_memory_equal(out.at, "TOBEORNOTTOBEORTOBEORNOT", 24);
  assert_int_equal(decode("compress", letters, sizeof letters, 3), WEFT_CONTENT_DECODED);
  assert_int_equal(out.n, 21);
  assert_memory_equal(out.at, "aaaaaaaaaaaaaaaaaaaaa", 21);
}

static void cut_is_not_seen_but_in_the_head(void **state) {
  (void)state;
  encode(plain, 3000, 16, 1, 0);
  for (size_t n = 1; n < coded.n; n++) {
    assert_int_equal(decode("compress", coded.at, n, ROOM),
                     n < 3 ? WEFT_CONTENT_CUT : WEFT_CONTENT_DECODED);
    assert_true(out.n <= 3000);
    assert_memory_equal(out.at, plain, out.n);
  }
}

static void damaged(void **state) {
  static const struct {
    uint8_t bytes[8];
    size_t n;
  } cases[] = {
      {{0x1f, 0x9e, 0x90, 'a', 0}, 5},    /* gzip of the past */
      {{0x1f, 0x9d, 0x88, 'a', 0}, 5},    /* 8 bits */
      {{0x1f, 0x9d, 0x91, 'a', 0}, 5},    /* 17 bits */
      {{0x1f, 0x9d, 0x90, 1, 1}, 5},      /* begins with a string */
      {{0x1f, 0x9d, 0x90, 'a', 4, 2}, 6}, /* 258 when 257 is the next */
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t piece = 1; piece < 9; piece++)
      assert_int_equal(decode("compress", cases[i].bytes, cases[i].n, piece), WEFT_CONTENT_DAMAGED);
  /* Whatever comes, no more than there is room for. */
  encode(plain, 20000, 12, 1, 0);
  for (size_t i = 3; i < coded.n; i += 5) {
    coded.at[i] ^= 0x55;
    decode("compress", coded.at, coded.n, ROOM);
    coded.at[i] ^= 0x55;
  }
}

static int decode_bounded(const char *names, const struct bytes *body, uint64_t bytes_max,
                          uint64_t *ret_bytes) {
  const struct weft_content_options options = {.size = sizeof options, .bytes_max = bytes_max};
  struct weft_text list = {names, strlen(names)};
  struct weft_content *c;
  *ret_bytes = 0;
  assert_int_equal(weft_content_new(&list, 1, &options, count, ret_bytes, &c), 0);
  weft_content_write(c, body->at, body->n);
  int end = weft_content_finish(c);
  weft_content_free(c);
  return end;
}

static void bombs_are_given_up(void **state) {
  uint64_t bytes;
  (void)state;
  uint8_t *zeros = calloc(1, 40 << 20);
  assert_non_null(zeros);
  encode(zeros, 40 << 20, 16, 1, 0);
  assert_int_equal(decode_bounded("compress", &coded, 0, &bytes), WEFT_CONTENT_RATIO);
  assert_true(bytes <= 16 << 20);
  assert_int_equal(decode_bounded("compress", &coded, 100000, &bytes), WEFT_CONTENT_SIZE);
  assert_true(bytes <= 100000);
  free(zeros);
  encode(plain, 100000, 16, 1, 0);
  assert_int_equal(decode_bounded("compress", &coded, 100000, &bytes), WEFT_CONTENT_DECODED);
  assert_int_equal(bytes, 100000);
}

static void twice(void **state) {
  static struct bytes once;
  (void)state;
  encode(plain, 5000, 16, 1, 0);
  memcpy(&once, &coded, sizeof once);
  encode(once.at, once.n, 13, 1, 100);
  assert_int_equal(decode("x-compress,compress", coded.at, coded.n, 333), WEFT_CONTENT_DECODED);
  assert_int_equal(out.n, 5000);
  assert_memory_equal(out.at, plain, 5000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(round_trips),
      cmocka_unit_test(cleared),
      cmocka_unit_test(the_programs_own),
      cmocka_unit_test(cut_is_not_seen_but_in_the_head),
      cmocka_unit_test(damaged),
      cmocka_unit_test(bombs_are_given_up),
      cmocka_unit_test(twice),
  };
  return cmocka_run_group_tests(tests, make_plain, NULL);
}
