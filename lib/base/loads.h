/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_LOADS_H
#define WEFT_BASE_LOADS_H

#include <stdint.h>
#include <string.h>

/* Unaligned numbers, big-endian (network order) and little-endian.  Compilers make one load and
   one byte swap of each. */

static inline uint16_t load_be16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static inline uint32_t load_be32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint16_t load_le16(const uint8_t *p) { return (uint16_t)(p[1] << 8 | p[0]); }

static inline uint32_t load_le32(const uint8_t *p) {
  return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* What load_u32 makes of a number in network order; known when compiling. */
static inline uint32_t net32(uint32_t v) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return __builtin_bswap32(v);
#else
  return v;
#endif
}

/* Four bytes in the machine's own order, for comparing. */
static inline uint32_t load_u32(const void *p) {
  uint32_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

/* Eight bytes in the machine's own order, for hashing and comparing. */
static inline uint64_t load_u64(const void *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

#endif
