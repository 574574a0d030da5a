/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/block.h"

#include <stdatomic.h>

#include "http/text.h"

#if defined(__GNUC__) && defined(__x86_64__)
#  define HAVE_X86 1
#  include <immintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#  define HAVE_NEON 1
#  include <arm_neon.h>
#endif

/* ---- scalar -------------------------------------------------------------- */

static int byte_is_control(uint8_t c) {
  return c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\r');
}

static uint64_t lone_cr(uint64_t cr, uint64_t lf) { return cr & ~(lf >> 1) & (UINT64_MAX >> 1); }

static void read_scalar(const uint8_t *bytes, unsigned count, struct http_block *ret) {
  for (; count; count--, bytes += 64, ret++) {
    struct http_block block = {0};
    uint64_t cr = 0;
    for (unsigned i = 0; i < 64; i++) {
      uint8_t c = bytes[i];
      block.lf |= (uint64_t)(c == '\n') << i;
      cr |= (uint64_t)(c == '\r') << i;
      block.delimiter |= (uint64_t)!http_text_is_token(c) << i;
      block.odd |= (uint64_t)byte_is_control(c) << i;
    }
    block.odd |= lone_cr(cr, block.lf);
    *ret = block;
  }
}

/*
 * A byte's kind by two table look-ups of 16 entries, as AVX2, AVX-512 and NEON do them:
 * columns of the ASCII table's rows, a bit for each set of columns.  A byte is of the sets
 * that both its column and its row name.
 *
 *     TOKEN  row 2    ! # $ % & '     * +   - .      0x01
 *            row 3  0 1 2 3 4 5 6 7 8 9              0x02
 *            row 4    A B C D E F G H I J K L M N O  0x04
 *            row 5  P Q R S T U V W X Y Z       ^ _  0x08
 *            row 6  ` a b c d e f g h i j k l m n o  of two: 0x02 and 0x04
 *            row 7  p q r s t u v w x y z   |   ~    0x10
 *     ODD    row 0  all but TAB, LF and CR           0x20
 *            row 1  all: 0x20 and those three        0x40
 *            row 7  DEL                              0x80, a char's sign
 */
#define COLUMNS \
  0x3a, 0x3f, 0x3e, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3e, 0x5e, 0x5d, 0x25, 0x34, 0x45, 0x3d, -0x54
#define ROWS 0x20, 0x60, 0x01, 0x02, 0x04, 0x08, 0x06, -0x70, 0, 0, 0, 0, 0, 0, 0, 0
enum { TOKEN = 0x1f, ODD = 0xe0 };

/* ---- x86 ----------------------------------------------------------------- */

#if HAVE_X86

/* 0xff where the byte lies in [first, last]. */
static inline __m128i in_range(__m128i v, char first, char last) {
  __m128i from = _mm_sub_epi8(v, _mm_set1_epi8(first));
  return _mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8((char)(last - first))), from);
}

/* SSE2 has no look-up, so the set is put together from ranges. */
static inline __m128i is_token(__m128i v) {
  __m128i letter = in_range(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z');
  __m128i middle = _mm_or_si128(in_range(v, '#', '\''), in_range(v, '*', '+'));
  __m128i low = _mm_or_si128(in_range(v, '-', '.'), in_range(v, '0', '9'));
  __m128i high = _mm_or_si128(in_range(v, '^', '`'), _mm_cmpeq_epi8(v, _mm_set1_epi8('!')));
  __m128i last =
      _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('|')), _mm_cmpeq_epi8(v, _mm_set1_epi8('~')));
  return _mm_or_si128(_mm_or_si128(letter, middle), _mm_or_si128(_mm_or_si128(low, high), last));
}

static inline uint64_t bits128(__m128i v) { return (uint64_t)(unsigned)_mm_movemask_epi8(v); }

static inline void read_block_sse2(const uint8_t bytes[64], struct http_block *ret) {
  struct http_block block = {0};
  uint64_t crs = 0;
  for (unsigned i = 0; i < 64; i += 16) {
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
    __m128i lf = _mm_cmpeq_epi8(v, _mm_set1_epi8('\n'));
    __m128i cr = _mm_cmpeq_epi8(v, _mm_set1_epi8('\r'));
    __m128i tab = _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'));
    __m128i fine = _mm_or_si128(_mm_or_si128(lf, cr), tab);
    __m128i odd = _mm_or_si128(_mm_andnot_si128(fine, in_range(v, 0, 0x1f)),
                               _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));
    block.lf |= bits128(lf) << i;
    crs |= bits128(cr) << i;
    block.delimiter |= (bits128(is_token(v)) ^ 0xffff) << i;
    block.odd |= bits128(odd) << i;
  }
  block.odd |= lone_cr(crs, block.lf);
  *ret = block;
}

static void read_sse2(const uint8_t *bytes, unsigned count, struct http_block *ret) {
  for (; count; count--, bytes += 64, ret++) read_block_sse2(bytes, ret);
}

/* The masks leave one by one: gathering them into a vector again, as GCC would,
   costs more than it saves. */
#  if defined(__clang__)
#    define AVX2 __attribute__((target("avx2")))
#  else
#    define AVX2 __attribute__((target("avx2"), optimize("no-tree-slp-vectorize")))
#  endif

/* A table of sixteen, for each half of a vector. */
AVX2 static inline __m256i table256(__m128i table) { return _mm256_broadcastsi128_si256(table); }

AVX2 static inline uint64_t bits256(__m256i low, __m256i high) {
  return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

AVX2 static inline __m256i kind256(__m256i v) {
  const __m256i columns = table256(_mm_setr_epi8(COLUMNS)), rows = table256(_mm_setr_epi8(ROWS));
  __m256i row = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0f));
  return _mm256_and_si256(_mm256_shuffle_epi8(columns, v), _mm256_shuffle_epi8(rows, row));
}

AVX2 static inline __m256i is_byte256(__m256i v, char byte) {
  return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(byte));
}

AVX2 static inline __m256i no_token256(__m256i kind) {
  return is_byte256(_mm256_and_si256(kind, _mm256_set1_epi8(TOKEN)), 0);
}

AVX2 static inline __m256i is_odd256(__m256i kind) {
  return _mm256_cmpeq_epi8(_mm256_max_epu8(kind, _mm256_set1_epi8(TOKEN + 1)), kind);
}

AVX2 static void read_avx2(const uint8_t *bytes, unsigned count, struct http_block *ret) {
  for (; count; count--, bytes += 64, ret++) {
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 32));
    __m256i low_kind = kind256(low), high_kind = kind256(high);
    uint64_t cr = bits256(is_byte256(low, '\r'), is_byte256(high, '\r'));
    ret->lf = bits256(is_byte256(low, '\n'), is_byte256(high, '\n'));
    ret->delimiter = bits256(no_token256(low_kind), no_token256(high_kind));
    ret->odd = bits256(is_odd256(low_kind), is_odd256(high_kind)) | lone_cr(cr, ret->lf);
  }
}

#  define AVX512 __attribute__((target("avx512f,avx512bw")))

AVX512 static void read_avx512(const uint8_t *bytes, unsigned count, struct http_block *ret) {
  const __m512i columns = _mm512_broadcast_i32x4(_mm_setr_epi8(COLUMNS));
  const __m512i rows = _mm512_broadcast_i32x4(_mm_setr_epi8(ROWS));
  for (; count; count--, bytes += 64, ret++) {
    __m512i v = _mm512_loadu_si512((const void *)bytes);
    __m512i row = _mm512_and_si512(_mm512_srli_epi16(v, 4), _mm512_set1_epi8(0x0f));
    __m512i kind =
        _mm512_and_si512(_mm512_shuffle_epi8(columns, v), _mm512_shuffle_epi8(rows, row));
    uint64_t cr = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\r'));
    ret->lf = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n'));
    ret->delimiter = _mm512_testn_epi8_mask(kind, _mm512_set1_epi8(TOKEN));
    ret->odd = _mm512_test_epi8_mask(kind, _mm512_set1_epi8((char)ODD)) | lone_cr(cr, ret->lf);
  }
}

/* The first processors that have it run slower for a while once it is used, so it takes
   one of those after them (Ice Lake, Zen 4), which the last of these tells. */
static int has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vbmi2");
}
#endif

/* ---- arm64 --------------------------------------------------------------- */

#if HAVE_NEON

/* A bit for each byte of four vectors of 0 and 0xff: keep of each byte the bit
   of its place, then add neighbours until eight have come together. */
static inline uint64_t bits512(const uint8x16_t v[4]) {
  static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  uint8x16_t place = vld1q_u8(places);
  uint8x16_t low = vpaddq_u8(vandq_u8(v[0], place), vandq_u8(v[1], place));
  uint8x16_t high = vpaddq_u8(vandq_u8(v[2], place), vandq_u8(v[3], place));
  uint8x16_t sum = vpaddq_u8(low, high);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}

static void read_neon(const uint8_t *bytes, unsigned count, struct http_block *ret) {
  static const int8_t column_table[16] = {COLUMNS}, row_table[16] = {ROWS};
  const uint8x16_t columns = vreinterpretq_u8_s8(vld1q_s8(column_table));
  const uint8x16_t rows = vreinterpretq_u8_s8(vld1q_s8(row_table));
  for (; count; count--, bytes += 64, ret++) {
    uint8x16_t lf[4], cr[4], delimiter[4], odd[4];
    for (unsigned i = 0; i < 4; i++) {
      uint8x16_t v = vld1q_u8(bytes + 16 * i);
      uint8x16_t column = vqtbl1q_u8(columns, vandq_u8(v, vdupq_n_u8(0x0f)));
      uint8x16_t kind = vandq_u8(column, vqtbl1q_u8(rows, vshrq_n_u8(v, 4)));
      lf[i] = vceqq_u8(v, vdupq_n_u8('\n'));
      cr[i] = vceqq_u8(v, vdupq_n_u8('\r'));
      delimiter[i] = vceqzq_u8(vandq_u8(kind, vdupq_n_u8(TOKEN)));
      odd[i] = vcgtq_u8(kind, vdupq_n_u8(TOKEN));
    }
    ret->lf = bits512(lf);
    ret->delimiter = bits512(delimiter);
    ret->odd = bits512(odd) | lone_cr(bits512(cr), ret->lf);
  }
}
#endif

/* ---- choice -------------------------------------------------------------- */

static const struct http_block_twin twins[] = {
    {"scalar", read_scalar},
#if HAVE_X86
    {"sse2", read_sse2},
    {"avx2", read_avx2},
    {"avx512", read_avx512},
#elif HAVE_NEON
    {"neon", read_neon},
#endif
};

const struct http_block_twin *http_block_twins(unsigned *ret_count) {
  unsigned count = sizeof twins / sizeof *twins;
#if HAVE_X86
  if (!has_avx512()) count--;
  if (!__builtin_cpu_supports("avx2")) count = 2;
#endif
  *ret_count = count;
  return twins;
}

static http_block_fn read_first;
/* Every thread that finds it unset sets it to the same. */
static _Atomic(http_block_fn *) chosen = read_first;

static void read_first(const uint8_t *bytes, unsigned count, struct http_block *ret) {
  unsigned ntwins;
  const struct http_block_twin *best = http_block_twins(&ntwins) + ntwins - 1;
  atomic_store_explicit(&chosen, best->read, memory_order_relaxed);
  best->read(bytes, count, ret);
}

void http_block_read(const uint8_t *bytes, unsigned count, struct http_block *ret) {
  atomic_load_explicit(&chosen, memory_order_relaxed)(bytes, count, ret);
}
