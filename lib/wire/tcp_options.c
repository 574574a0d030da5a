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

/* Those whose length may vary, as the function below. */
static int variable_read(uint8_t kind, const uint8_t *value, uint32_t length,
                         struct weft_segment *ret) {
  switch (kind) {
  case KIND_SACK: return sack_read(value, length, ret);
  case KIND_AO: return length >= 2 ? WEFT_TCPOPT_AO : 0;
  case KIND_FASTOPEN: return WEFT_TCPOPT_FASTOPEN; /* any length, none: a request (RFC 7413) */
  default: return 0;
  }
}

/* The bit of an option, or 0 when its length is not one it can have: it is then as if
   unknown.  Kind and length, the two bytes in front of the value, are told apart together. */
static inline int option_read(const uint8_t *option, struct weft_segment *ret) {
  const uint8_t *value = option + 2;
  switch (load_be16(option)) {
  case KIND_MSS << 8 | 4: ret->mss = load_be16(value); return WEFT_TCPOPT_MSS;
  case KIND_WSCALE << 8 | 3: ret->window_shift = value[0]; return WEFT_TCPOPT_WSCALE;
  case KIND_SACK_PERMITTED << 8 | 2: return WEFT_TCPOPT_SACK_PERMITTED;
  case KIND_TIMESTAMP << 8 | 10:
    ret->ts_value = load_be32(value);
    ret->ts_echo = load_be32(value + 4);
    return WEFT_TCPOPT_TIMESTAMP;
  case KIND_MD5 << 8 | 18: return WEFT_TCPOPT_MD5;
  default: return variable_read(option[0], value, option[1] - 2u, ret);
  }
}

/* Those of a SYN in the order in which Linux, and so most hosts, lay them out.  0: they are not,
   and nothing was read. */
static inline int usual_syn_read(const uint8_t *options, uint32_t length,
                                 struct weft_segment *ret) {
  if (length != 20 || load_be16(options) != (KIND_MSS << 8 | 4) ||
      load_be32(options + 4) != (KIND_SACK_PERMITTED << 24 | 2 << 16 | KIND_TIMESTAMP << 8 | 10) ||
      load_be32(options + 16) >> 8 != (KIND_NOP << 16 | KIND_WSCALE << 8 | 3))
    return 0;
  ret->mss = load_be16(options + 2);
  ret->ts_value = load_be32(options + 8);
  ret->ts_echo = load_be32(options + 12);
  ret->window_shift = options[19];
  ret->options |=
      WEFT_TCPOPT_MSS | WEFT_TCPOPT_SACK_PERMITTED | WEFT_TCPOPT_TIMESTAMP | WEFT_TCPOPT_WSCALE;
  return 1;
}

/* RFC 9293 section 3.1: kind, length with these two bytes, value; kinds 0 and
   1 are alone. */
void tcp_options_read(const uint8_t *options, uint32_t length, struct weft_segment *ret) {
  if (usual_syn_read(options, length, ret)) return;
  int found = ret->options;
  while (length > 0 && *options != KIND_END) {
    uint32_t size = 1;
    if (*options != KIND_NOP) {
      if (length < 2) break;
      size = options[1];
      if (size < 2 || size > length) break;
      found |= option_read(options, ret);
    }
    options += size;
    length -= size;
  }
  ret->options = (uint8_t)found;
}
