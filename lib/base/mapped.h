/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_MAPPED_H
#define WEFT_BASE_MAPPED_H

#include <stdint.h>
#include <string.h>

#include <weft/base.h>

/* IPv4 addresses, in network order, as the v4-mapped ones that endpoints have. */

/* The last eight bytes of such an address; the others are zero. */
static inline uint64_t mapped_tail(uint32_t address) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return (uint64_t)address << 32 | 0xffff0000u;
#else
  return UINT64_C(0xffff) << 32 | address;
#endif
}

/* Each number is stored as it is: a struct built up aside would be read back before the parts
   it was stored in have settled. */
static inline void mapped_endpoint(uint32_t address, uint16_t port, struct weft_endpoint *ret) {
  uint64_t head = 0, tail = mapped_tail(address);
  memcpy(ret->address, &head, sizeof head);
  memcpy(ret->address + 8, &tail, sizeof tail);
  ret->port = port;
  ret->reserved = 0;
}

#endif
