/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#ifdef WEFT_HAVE_ZLIB
#  include <zlib.h>
#endif
#ifdef WEFT_HAVE_BROTLI
#  include <brotli/encode.h>
#endif
#ifdef WEFT_HAVE_ZSTD
#  include <zstd.h>
#endif

#include "decode_body.h"

/*
 * Bodies made by the libraries' own encoders, and what comes out of them again:
 * in one piece, in small ones, cut, damaged, and made to grow without end.
 */
enum { PLAIN = 200000 };
static uint8_t plain[PLAIN];
static struct bytes coded, twice;

static int make_plain(void **state) {
  uint32_t x = 1;
  (void)state;
  for (size_t i = 0; i < PLAIN; i++) { /* text-like: compresses, but not to nothing */
    x = x * 1664525 + 1013904223;
    plain[i] = (uint8_t)("etaoin shrdlu\n"[(x >> 24) % 14]);
  }
  return 0;
}

/* ---- encoders: each appends to ret --------------------------------------- */

typedef void encoder(const uint8_t *, size_t, struct bytes *ret);

#ifdef WEFT_HAVE_ZLIB
static void zlib_encode(int window_bits, const uint8_t *from, size_t n, struct bytes *ret) {
  z_stream z = {.next_in = (Bytef *)(uintptr_t)from,
                .avail_in = (uInt)n,
                .next_out = ret->at + ret->n,
                .avail_out = (uInt)(ROOM - ret->n)};
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  ret->n = (size_t)(z.next_out - ret->at);
  deflateEnd(&z);
}
static void gzip(const uint8_t *from, size_t n, struct bytes *ret) {
  zlib_encode(31, from, n, ret);
}
static void deflate_zlib(const uint8_t *from, size_t n, struct bytes *ret) {
  zlib_encode(15, from, n, ret);
}
static void deflate_raw(const uint8_t *from, size_t n, struct bytes *ret) {
  zlib_encode(-15, from, n, ret);
}
#endif

#ifdef WEFT_HAVE_BROTLI
static void br(const uint8_t *from, size_t n, struct bytes *ret) {
  size_t size = ROOM - ret->n;
  assert_true(BrotliEncoderCompress(5, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, n, from, &size,
                                    ret->at + ret->n));
  ret->n += size;
}
#endif

#ifdef WEFT_HAVE_ZSTD
static void zstd(const uint8_t *from, size_t n, struct bytes *ret) {
  size_t size = ZSTD_compress(ret->at + ret->n, ROOM - ret->n, from, n, 3);
  assert_false(ZSTD_isError(size));
  ret->n += size;
}
#endif

static const struct {
  const char *name;
  encoder *encode;
} encoders[] = {
#ifdef WEFT_HAVE_ZLIB
    {"gzip", gzip},
    {"X-GZip", gzip},
    {"deflate", deflate_zlib},
    {"deflate", deflate_raw},
#endif
#ifdef WEFT_HAVE_BROTLI
    {"br", br},
#endif
#ifdef WEFT_HAVE_ZSTD
    {"zstd", zstd},
#endif
    {" identity ,, ", NULL},
};
enum { NENCODERS = sizeof encoders / sizeof *encoders };

static void encode(size_t which, const uint8_t *from, size_t n, struct bytes *ret) {
  if (encoders[which].encode) {
    encoders[which].encode(from, n, ret);
    return;
  }
  assert_true(n <= ROOM - ret->n);
  memcpy(ret->at + ret->n, from, n);
  ret->n += n;
}

/* ---- decoding ------------------------------------------------------------- */

/* What came of the body, given in pieces of that many bytes. */
static int decode(const char *names, const uint8_t *from, size_t n, size_t piece) {
  int status, end = decode_body(names, from, n, piece, &status);
  assert_true(status == 0 || status == WEFT_E_FORMAT);
  if (status < 0) assert_int_not_equal(end, WEFT_CONTENT_DECODED);
  return end;
}

static void round_trips(void **state) {
  static const size_t sizes[] = {1, 100, 32768, PLAIN}, pieces[] = {ROOM, 1000, 1};
  (void)state;
  for (size_t which = 0; which < NENCODERS; which++)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
      for (size_t j = 0; j < sizeof pieces / sizeof *pieces; j++) {
        coded.n = 0;
        encode(which, plain, sizes[i], &coded);
        assert_int_equal(decode(encoders[which].name, coded.at, coded.n, pieces[j]),
                         WEFT_CONTENT_DECODED);
        assert_int_equal(out.n, sizes[i]);
        assert_memory_equal(out.at, plain, out.n);
      }
}

static void every_two_stacked(void **state) {
  (void)state;
  for (size_t a = 0; a < NENCODERS; a++)
    for (size_t b = 0; b < NENCODERS; b++) {
      char names[64];
      coded.n = twice.n = 0;
      encode(a, plain, 5000, &coded);
      encode(b, coded.at, coded.n, &twice);
      snprintf(names, sizeof names, "%s,\t%s", encoders[a].name, encoders[b].name);
      assert_int_equal(decode(names, twice.at, twice.n, 333), WEFT_CONTENT_DECODED);
      assert_int_equal(out.n, 5000);
      assert_memory_equal(out.at, plain, out.n);
    }
}

static void an_empty_body_is_whole(void **state) {
  (void)state;
  for (size_t which = 0; which < NENCODERS; which++) {
    assert_int_equal(decode(encoders[which].name, NULL, 0, 1), WEFT_CONTENT_DECODED);
    coded.n = 0;
    encode(which, plain, 0, &coded);
    assert_int_equal(decode(encoders[which].name, coded.at, coded.n, 1), WEFT_CONTENT_DECODED);
    assert_int_equal(out.n, 0);
  }
}

static void members_follow_one_another_and_rubbish_is_ignored(void **state) {
  (void)state;
  for (size_t which = 0; which + 1 < NENCODERS; which++) {
    const char *name = encoders[which].name;
    int several = !strcasecmp(name, "gzip") || !strcasecmp(name, "x-gzip") || !strcmp(name, "zstd");
    coded.n = 0;
    encode(which, plain, 1000, &coded);
    encode(which, plain, 500, &coded);
    assert_int_equal(decode(name, coded.at, coded.n, 1), WEFT_CONTENT_DECODED);
    assert_int_equal(out.n, several ? 1500 : 1000);
    for (size_t i = 0; i < 2; i++) { /* the second begins as another gzip member would */
      coded.n = 0;
      encode(which, plain, 1000, &coded);
      memcpy(coded.at + coded.n, i ? "\x1f\x8b\x08  no\n" : "\0\0\0\0\0\0\0\0", 8);
      assert_int_equal(decode(name, coded.at, coded.n + 8, 1 + i * ROOM), WEFT_CONTENT_DECODED);
      assert_int_equal(out.n, 1000);
    }
    /* Behind rubbish nothing begins any more, wherever pieces end. */
    coded.n = 0;
    encode(which, plain, 1000, &coded);
    coded.at[coded.n++] = 0x1f;
    coded.at[coded.n++] = 0x1f;
    encode(which, plain, 1000, &coded);
    for (size_t piece = 1; piece < 9; piece++) {
      assert_int_equal(decode(name, coded.at, coded.n, piece), WEFT_CONTENT_DECODED);
      assert_int_equal(out.n, 1000);
    }
  }
}

static void cut_anywhere_gives_what_was_there(void **state) {
  (void)state;
  for (size_t which = 0; which + 1 < NENCODERS; which++) {
    size_t most = 0;
    coded.n = 0;
    encode(which, plain, 3000, &coded);
    for (size_t n = 1; n < coded.n; n++) {
      assert_int_equal(decode(encoders[which].name, coded.at, n, ROOM), WEFT_CONTENT_CUT);
      assert_true(out.n >= most && out.n <= 3000);
      assert_memory_equal(out.at, plain, out.n);
      most = out.n;
    }
  }
}

/* Codings with a check find it; none gives more than there was room for. */
static void damaged_anywhere(void **state) {
  (void)state;
  for (size_t which = 0; which + 1 < NENCODERS; which++) {
    unsigned found = 0;
    coded.n = 0;
    encode(which, plain, 2000, &coded);
    for (size_t i = 0; i < coded.n; i++) {
      coded.at[i] ^= 0x55;
      int end = decode(encoders[which].name, coded.at, coded.n, ROOM);
      found += end == WEFT_CONTENT_DAMAGED || end == WEFT_CONTENT_CUT;
      if (encoders[which].encode != NULL && end == WEFT_CONTENT_DECODED &&
          !strcmp(encoders[which].name, "gzip")) {
        assert_int_equal(out.n, 2000); /* in a time, a flag or a name of the header */
        assert_memory_equal(out.at, plain, out.n);
      }
      coded.at[i] ^= 0x55;
    }
    assert_true(found > 0);
  }
}

#ifdef WEFT_HAVE_ZSTD
/* Frames of the format's past, which the library may know. */
static void old_zstd_is_not_read(void **state) {
  static const uint8_t old[] = {0x27, 0xb5, 0x2f, 0xfd, 0, 0x61, 1, 0, 0x27};
  static const uint8_t skipped[] = {0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'};
  (void)state;
  assert_int_equal(decode("zstd", old, sizeof old, 1), WEFT_CONTENT_DAMAGED);
  coded.n = 0;
  memcpy(coded.at, skipped, coded.n = sizeof skipped);
  zstd(plain, 700, &coded);
  memcpy(coded.at + coded.n, old, sizeof old);
  for (size_t piece = 1; piece < 20; piece++) {
    assert_int_equal(decode("zstd", coded.at, coded.n + sizeof old, piece), WEFT_CONTENT_DECODED);
    assert_int_equal(out.n, 700);
  }
}
#endif

static void not_coded_at_all(void **state) {
  (void)state;
  for (size_t which = 0; which + 1 < NENCODERS; which++) {
    int end = decode(encoders[which].name, (const uint8_t *)"<!doctype html>", 15, 15);
    assert_true(end == WEFT_CONTENT_DAMAGED || end == WEFT_CONTENT_CUT);
  }
}

/* ---- bounds --------------------------------------------------------------- */

/* `n` zeros, coded. */
static void zeros(size_t which, size_t n, struct bytes *ret) {
  uint8_t *bytes = calloc(1, n);
  assert_non_null(bytes);
  ret->n = 0;
  encode(which, bytes, n, ret);
  free(bytes);
}

static int decode_bounded(const char *names, const struct bytes *body,
                          const struct weft_content_options *options, uint64_t *ret_bytes) {
  struct weft_text list = {names, strlen(names)};
  struct weft_content *c;
  *ret_bytes = 0;
  assert_int_equal(weft_content_new(&list, 1, options, count, ret_bytes, &c), 0);
  weft_content_write(c, body->at, body->n);
  int end = weft_content_finish(c);
  weft_content_free(c);
  return end;
}

static void a_bomb_is_given_up(void **state) {
  uint64_t bytes;
  (void)state;
  for (size_t which = 0; which + 1 < NENCODERS; which++) {
    zeros(which, 40 << 20, &coded);
    assert_int_equal(decode_bounded(encoders[which].name, &coded, NULL, &bytes),
                     WEFT_CONTENT_RATIO);
    assert_true(bytes <= 16 << 20);
    zeros(which, 4 << 20, &coded);
    assert_int_equal(decode_bounded(encoders[which].name, &coded, NULL, &bytes),
                     WEFT_CONTENT_DECODED);
    assert_int_equal(bytes, 4 << 20);
  }
}

static void the_size_is_bounded(void **state) {
  struct weft_content_options options = {.size = sizeof options, .bytes_max = 100000};
  uint64_t bytes;
  (void)state;
  for (size_t which = 0; which + 1 < NENCODERS; which++) {
    coded.n = 0;
    encode(which, plain, 100000, &coded);
    assert_int_equal(decode_bounded(encoders[which].name, &coded, &options, &bytes),
                     WEFT_CONTENT_DECODED);
    coded.n = 0;
    encode(which, plain, 100001, &coded);
    assert_int_equal(decode_bounded(encoders[which].name, &coded, &options, &bytes),
                     WEFT_CONTENT_SIZE);
    assert_true(bytes <= 100000);
  }
}

static void a_bomb_within_is_given_up_too(void **state) {
  uint64_t bytes;
  (void)state;
  for (size_t which = 0; which + 1 < NENCODERS; which++) {
    char names[64];
    zeros(which, 40 << 20, &coded);
    twice.n = 0;
    encode(which, coded.at, coded.n, &twice);
    snprintf(names, sizeof names, "%s, %s", encoders[which].name, encoders[which].name);
    assert_int_equal(decode_bounded(names, &twice, NULL, &bytes), WEFT_CONTENT_RATIO);
  }
}

/* ---- names ----------------------------------------------------------------- */

static int make(const char *a, const char *b) {
  struct weft_text lists[2] = {{a, strlen(a)}, {b, strlen(b)}};
  struct weft_content *c = NULL;
  int status = weft_content_new(lists, 2, NULL, take, &out, &c);
  assert_int_equal(status < 0, c == NULL);
  weft_content_free(c);
  return status;
}

static void codings_that_are_none(void **state) {
  (void)state;
  assert_int_equal(make("", " , identity,"), 0);
  assert_int_equal(make("pack200-gzip", ""), WEFT_E_NOTBUILT);
  assert_int_equal(make("identity", "gzipped"), WEFT_E_NOTBUILT);
#ifdef WEFT_HAVE_ZLIB
  assert_int_equal(make("gzip", "GZIP ,deflate\t"), 0);
  assert_int_equal(make("gzip", "gzip q"), WEFT_E_NOTBUILT);
  assert_int_equal(make("gzip,gzip,gzip", "gzip"), 0);
  assert_int_equal(make("gzip,gzip,gzip", "gzip, gzip"), WEFT_E_NOTBUILT);
#endif
}

static void whether_it_is_coded(void **state) {
  struct weft_text none = {"identity", 8}, some[2] = {{NULL, 0}, {",foo", 4}};
  (void)state;
  assert_int_equal(weft_content_is_coded(NULL, 0), 0);
  assert_int_equal(weft_content_is_coded(&none, 1), 0);
  assert_int_equal(weft_content_is_coded(some, 2), 1);
}

static int refuse(const uint8_t *bytes, size_t n, void *user) {
  (void)bytes, (void)n, (void)user;
  return WEFT_E_USER - 7;
}

static void what_the_callback_returns_comes_back(void **state) {
  (void)state;
  for (size_t which = 0; which < NENCODERS; which++) {
    struct weft_text list = {encoders[which].name, strlen(encoders[which].name)};
    struct weft_content *c;
    coded.n = 0;
    encode(which, plain, 100, &coded);
    assert_int_equal(weft_content_new(&list, 1, NULL, refuse, NULL, &c), 0);
    assert_int_equal(weft_content_write(c, coded.at, coded.n), WEFT_E_USER - 7);
    weft_content_free(c);
  }
}

static void ends_have_names(void **state) {
  (void)state;
  assert_string_equal(weft_content_end_name(WEFT_CONTENT_DECODED), "decoded");
  assert_string_equal(weft_content_end_name(WEFT_CONTENT_UNKNOWN), "unknown");
  assert_string_equal(weft_content_end_name(99), "unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(round_trips),
      cmocka_unit_test(every_two_stacked),
      cmocka_unit_test(an_empty_body_is_whole),
      cmocka_unit_test(members_follow_one_another_and_rubbish_is_ignored),
      cmocka_unit_test(cut_anywhere_gives_what_was_there),
      cmocka_unit_test(damaged_anywhere),
#ifdef WEFT_HAVE_ZSTD
      cmocka_unit_test(old_zstd_is_not_read),
#endif
      cmocka_unit_test(not_coded_at_all),
      cmocka_unit_test(a_bomb_is_given_up),
      cmocka_unit_test(the_size_is_bounded),
      cmocka_unit_test(a_bomb_within_is_given_up_too),
      cmocka_unit_test(codings_that_are_none),
      cmocka_unit_test(whether_it_is_coded),
      cmocka_unit_test(what_the_callback_returns_comes_back),
      cmocka_unit_test(ends_have_names),
  };
  return cmocka_run_group_tests(tests, make_plain, NULL);
}
