/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <weft/content.h>

#include "require.h"

/*
 * The first byte says which codings the others are in and in what pieces they come.
 *
 * Always true:
 *   - what comes out, and how it ends, is the same in one piece and in several,
 *     as long as no bound is met, for bounds are looked at for each piece;
 *   - no more comes out than the bounds allow;
 *   - after a failure nothing more comes out.
 */
enum { BYTES_MAX = 1 << 20, RATIO_FREE = 1 << 16 };

static const char *const lists[] = {"gzip",          "deflate",        "br",         "zstd",
                                    "gzip, deflate", "br,gzip",        "zstd, br",   "identity",
                                    "x-gzip ,zstd",  "gzip, gzip",     "deflate,br", "zstd,zstd",
                                    "compress",      "x-compress,gzip"};
enum { NLISTS = sizeof lists / sizeof *lists };

struct sum {
  uint64_t bytes, hash; /* FNV-1a */
};

static int add(const uint8_t *bytes, size_t length, void *user) {
  struct sum *s = user;
  s->bytes += length;
  for (size_t i = 0; i < length; i++) s->hash = (s->hash ^ bytes[i]) * 0x100000001b3;
  REQUIRE(length > 0 && s->bytes <= BYTES_MAX);
  return 0;
}

static int decode(const char *list, const uint8_t *data, size_t size, size_t piece,
                  struct sum *ret) {
  struct weft_text text = {list, strlen(list)};
  struct weft_content_options options = {
      .size = sizeof options, .bytes_max = BYTES_MAX, .ratio_free = RATIO_FREE};
  struct weft_content *c;
  *ret = (struct sum){0, 0xcbf29ce484222325};
  int status = weft_content_new(&text, 1, &options, add, ret, &c);
  if (status == WEFT_E_NOTBUILT) return WEFT_CONTENT_UNKNOWN;
  REQUIRE(status == 0);
  for (size_t i = 0; i < size && status == 0; i += piece)
    status = weft_content_write(c, data + i, size - i < piece ? size - i : piece);
  REQUIRE(status == 0 || status == WEFT_E_FORMAT);
  int end = weft_content_finish(c);
  REQUIRE((status == WEFT_E_FORMAT) == (end != WEFT_CONTENT_DECODED && end != WEFT_CONTENT_CUT));
  uint64_t before = ret->bytes;
  if (status < 0) REQUIRE(weft_content_write(c, data, size) == WEFT_E_FORMAT);
  REQUIRE(ret->bytes == before);
  weft_content_free(c);
  return end;
}

static int is_bounded(int end) { return end == WEFT_CONTENT_RATIO || end == WEFT_CONTENT_SIZE; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct sum whole, pieces;
  if (size < 2) return 0;
  const char *list = lists[data[0] % NLISTS];
  size_t piece = 1 + data[0] / NLISTS;
  int a = decode(list, data + 1, size - 1, size, &whole);
  int b = decode(list, data + 1, size - 1, piece, &pieces);
  if (is_bounded(a) || is_bounded(b)) return 0;
  REQUIRE(a == b);
  /* What came out of damaged data before the damage was met depends on the pieces. */
  if (a == WEFT_CONTENT_DAMAGED) return 0;
  REQUIRE(whole.bytes == pieces.bytes && whole.hash == pieces.hash);
  return 0;
}
