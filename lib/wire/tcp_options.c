/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

/* IANA, TCP option kind numbers. */
enum option_kind {
  KIND_END = 0,
  KIND_NOP = 1,
  KIND_MSS = 2,
  KIND_WSCALE = 3,
  KIND_SACK_PERMITTED = 4,
  KIND_SACK = 5,
  KIND_TIMESTAMP = 8,
  KIND_MD5 = 19,
  KIND_AO = 29,
  KIND_FASTOPEN = 34
};

/* One to four blocks of two edges (RFC 2018 section 3). */
static int sack_read(const uint8_t *value, uint32_t length, struct weft_segment *ret) {
  if (length == 0 || length % 8 != 0 || length > sizeof ret->sack) return 0;
  for (uint32_t i = 0; i < length / 4; i++) ret->sack[i] = load_be32(value + 4 * i);
  ret->nsack = (uint8_t)(length / 8);
  return WEFT_TCPOPT_SACK;
}

/* The bit of an option of that kind, or 0 when its length is not one it can
   have: it is then as if unknown. */
static int option_read(uint8_t kind, const uint8_t *value, uint32_t length,
                       struct weft_segment *ret) {
  switch (kind) {
  case KIND_MSS:
    if (length != 2) return 0;
    ret->mss = load_be16(value);
    return WEFT_TCPOPT_MSS;
  case KIND_WSCALE:
    if (length != 1) return 0;
    ret->window_shift = value[0];
    return WEFT_TCPOPT_WSCALE;
  case KIND_SACK_PERMITTED: return length == 0 ? WEFT_TCPOPT_SACK_PERMITTED : 0;
  case KIND_SACK: return sack_read(value, length, ret);
  case KIND_TIMESTAMP:
    if (length != 8) return 0;
    ret->ts_value = load_be32(value);
    ret->ts_echo = load_be32(value + 4);
    return WEFT_TCPOPT_TIMESTAMP;
  case KIND_MD5: return length == 16 ? WEFT_TCPOPT_MD5 : 0;
  case KIND_AO: return length >= 2 ? WEFT_TCPOPT_AO : 0;
  case KIND_FASTOPEN: return WEFT_TCPOPT_FASTOPEN; /* any length, none: a request (RFC 7413) */
  default: return 0;
  }
}

/* RFC 9293 section 3.1: kind, length with these two bytes, value; kinds 0 and
   1 are alone. */
void tcp_options_read(const uint8_t *options, uint32_t length, struct weft_segment *ret) {
  uint32_t position = 0;
  while (position < length && options[position] != KIND_END) {
    if (options[position] == KIND_NOP) {
      position++;
      continue;
    }
    if (length - position < 2) return;
    uint32_t size = options[position + 1];
    if (size < 2 || size > length - position) return;
    ret->options |= (uint8_t)option_read(options[position], options + position + 2, size - 2, ret);
    position += size;
  }
}
