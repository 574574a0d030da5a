/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/block.h"
#include "http/text.h"
#include "random.h"

static const struct http_block_twin *twins;
static unsigned ntwins;

static uint64_t bit(unsigned i) { return UINT64_C(1) << i; }

static void assert_same(const struct http_block *a, const struct http_block *b, const char *name) {
  if (a->lf != b->lf || a->delimiter != b->delimiter || a->odd != b->odd)
    fail_msg("%s: lf %llx %llx, delimiter %llx %llx, odd %llx %llx", name,
             (unsigned long long)a->lf, (unsigned long long)b->lf, (unsigned long long)a->delimiter,
             (unsigned long long)b->delimiter, (unsigned long long)a->odd,
             (unsigned long long)b->odd);
}

/* Every twin reads what the scalar one does. */
static struct http_block read_all(const uint8_t bytes[64]) {
  struct http_block expected, found;
  twins[0].read(bytes, 1, &expected);
  for (unsigned i = 1; i < ntwins; i++) {
    twins[i].read(bytes, 1, &found);
    assert_same(&found, &expected, twins[i].name);
  }
  http_block_read(bytes, 1, &found);
  assert_same(&found, &expected, "http_block_read");
  return expected;
}

static void bits_are_places(void **state) {
  (void)state;
  uint8_t bytes[64];
  memset(bytes, 'a', sizeof bytes);
  bytes[0] = bytes[9] = bytes[63] = '\n';
  bytes[8] = '\r', bytes[20] = '\r', bytes[1] = ':', bytes[2] = '\t', bytes[3] = 0, bytes[4] = 0x80;
  struct http_block block = read_all(bytes);
  assert_true(block.lf == (bit(0) | bit(9) | bit(63)));
  assert_true(block.delimiter == (block.lf | bit(8) | bit(20) | bit(1) | bit(2) | bit(3) | bit(4)));
  assert_true(block.odd == (bit(20) | bit(3)));
}

static int is_odd(uint8_t c) { return c == 0x7f || (c < 0x20 && !strchr("\t\r\n", c)) || !c; }

/* Each of the 256 bytes at each of the 64 places, among bytes of each kind. */
static void every_byte_at_every_place(void **state) {
  (void)state;
  static const uint8_t others[] = {'a', '\n', 0, 0xff};
  for (size_t k = 0; k < sizeof others; k++) {
    uint8_t bytes[64];
    memset(bytes, others[k], sizeof bytes);
    for (unsigned place = 0; place < 64; place++) {
      for (unsigned c = 0; c < 256; c++) {
        bytes[place] = (uint8_t)c;
        struct http_block block = read_all(bytes);
        assert_int_equal(block.lf >> place & 1, c == '\n');
        assert_int_equal(block.delimiter >> place & 1, !http_text_is_token((uint8_t)c));
        int lone = c == '\r' && place < 63 && others[k] != '\n';
        assert_int_equal(block.odd >> place & 1, is_odd((uint8_t)c) || lone);
      }
      bytes[place] = others[k];
    }
  }
}

/* tchar as RFC 9110 section 5.6.2 writes it. */
static void tokens_are_the_grammars(void **state) {
  (void)state;
  for (unsigned c = 0; c < 256; c++) {
    int alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    int expected = alphanumeric || (c && strchr("!#$%&'*+-.^_`|~", (int)c));
    assert_int_equal(http_text_is_token((uint8_t)c), expected);
  }
}

static void random_bytes_at_every_alignment(void **state) {
  (void)state;
  uint64_t seed = 2;
  uint8_t bytes[128];
  for (int round = 0; round < 20000; round++) {
    unsigned at = random_below(&seed, 64), dense = random_below(&seed, 3);
    for (size_t i = 0; i < 64; i++)
      bytes[at + i] =
          dense ? (uint8_t) "\n:\r\x0b\x3b\x8a\xba\x09 \x7f\x8d\x8a@[`{"[random_below(&seed, 16)]
                : (uint8_t)random_next(&seed);
    read_all(bytes + at);
  }
}

/* What a block is does not depend on its neighbours. */
static void several_are_each_for_itself(void **state) {
  (void)state;
  uint64_t seed = 3;
  uint8_t bytes[5 * 64];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t) "\n\r\r:a\x01\x7f "[random_below(&seed, 8)];
  for (unsigned i = 0; i < ntwins; i++) {
    struct http_block blocks[5];
    twins[i].read(bytes, 5, blocks);
    for (unsigned k = 0; k < 5; k++) {
      struct http_block alone = read_all(bytes + 64 * (size_t)k);
      assert_same(&blocks[k], &alone, twins[i].name);
    }
  }
}

/* 64 bytes up to the end of a page, and from its start. */
static void no_byte_outside_is_read(void **state) {
  (void)state;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  uint8_t *map = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(map != MAP_FAILED);
  assert_int_equal(mprotect(map + page, page, PROT_READ | PROT_WRITE), 0);
  assert_true(read_all(map + page).lf == 0);
  assert_true(read_all(map + 2 * page - 64).delimiter == UINT64_MAX);
  munmap(map, 3 * page);
}

static void the_machines_best_is_used(void **state) {
  (void)state;
  assert_string_equal(twins[0].name, "scalar");
#if defined(__x86_64__) && defined(__GNUC__)
  assert_string_equal(twins[1].name, "sse2");
  int has_avx512 = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2");
  assert_int_equal(ntwins, has_avx512 ? 4 : __builtin_cpu_supports("avx2") ? 3 : 2);
#elif defined(__aarch64__)
  assert_string_equal(twins[ntwins - 1].name, "neon");
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bits_are_places),
      cmocka_unit_test(every_byte_at_every_place),
      cmocka_unit_test(tokens_are_the_grammars),
      cmocka_unit_test(random_bytes_at_every_alignment),
      cmocka_unit_test(several_are_each_for_itself),
      cmocka_unit_test(no_byte_outside_is_read),
      cmocka_unit_test(the_machines_best_is_used),
  };
  twins = http_block_twins(&ntwins);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
