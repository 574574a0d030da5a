/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_BYTES_H
#define WEFTIO_CAPTURE_BYTES_H

#include <stdint.h>
#include <string.h>

/* Numbers in files: unaligned, and in the byte order of whoever wrote them.
   `swapped` says that this is not the order of this machine. */
static inline uint32_t bytes_u32(const uint8_t *at, int swapped) {
  uint32_t value;
  memcpy(&value, at, sizeof(value));
  return swapped ? __builtin_bswap32(value) : value;
}

static inline uint16_t bytes_u16(const uint8_t *at, int swapped) {
  uint16_t value;
  memcpy(&value, at, sizeof(value));
  return swapped ? __builtin_bswap16(value) : value;
}

static inline uint64_t bytes_u64(const uint8_t *at, int swapped) {
  uint64_t value;
  memcpy(&value, at, sizeof(value));
  return swapped ? __builtin_bswap64(value) : value;
}

static inline int bytes_are_big(int swapped) {
  return bytes_u32((const uint8_t[]){0, 0, 0, 1}, swapped) == 1;
}

static inline uint32_t bytes_be32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

#endif
