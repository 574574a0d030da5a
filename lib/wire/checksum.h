/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_WIRE_CHECKSUM_H
#define WEFT_WIRE_CHECKSUM_H

#include <stdint.h>

/* The ones' complement sum of the bytes taken as 16-bit numbers in network
   order, an odd last byte as if 0 followed (RFC 1071); not complemented. */
uint16_t checksum_sum(const uint8_t *bytes, uint32_t length);

/* Ones' complement addition of some such sums. */
static inline uint16_t checksum_fold(uint32_t sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)(sum + (sum >> 16));
}

#endif
