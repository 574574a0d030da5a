/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/walk.h"

#include "base/loads.h"

#include "wire/checksum.h"

/*
 * ESP (RFC 4303 section 2): SPI, sequence number, payload, padding 1 2 3 .., its
 * length, next header, check value.  With the null cipher (RFC 2410) all but the
 * check value is in the open, yet nothing says so, nor how long the check value is
 * (RFC 5879).  What is enciphered looks like chance, so this accepts only what chance
 * would bring about less than once in some ten million packets: a datagram whose
 * length fits and whose header checksum is right, or a TCP segment whose is.
 */
#define HEADER 8
#define TRAILER_MAX (2 + 255 + 64)

/* Whether the datagram that begins here, `length` bytes long, leaves what a trailer needs. */
static int leaves_trailer(const struct walk *walk, uint32_t length) {
  uint32_t room = walk->wirelen - HEADER;
  return room >= length + 2 && room <= length + TRAILER_MAX;
}

static int holds_ipv4(const struct walk *walk, const uint8_t *inside) {
  return inside[0] == 0x45 && leaves_trailer(walk, load_be16(inside + 2)) &&
         checksum_sum(inside, 20) == 0xffff;
}

/* No checksum here; the addresses have to be of those in use (2000::/3, fc00::/7,
   fe80::/10) instead. */
static int address_is_plausible(const uint8_t *address) {
  return address[0] >> 5 == 1 || address[0] >> 1 == 0x7e || load_be16(address) >> 6 == 0x3fa;
}

static int holds_ipv6(const struct walk *walk, const uint8_t *inside) {
  return inside[0] == 0x60 && inside[6] == 6 && leaves_trailer(walk, load_be16(inside + 4) + 40u) &&
         address_is_plausible(inside + 8) && address_is_plausible(inside + 24);
}

/* The first look, which spares most packets the second. */
static int may_hold_tcp(const struct walk *walk, const uint8_t *inside) {
  uint32_t size = (inside[12] >> 4) * 4u;
  uint8_t flags = inside[13];
  return walk->version != 0 && size >= 20 && (inside[12] & 0x0e) == 0 &&
         (flags & (WEFT_TCP_SYN | WEFT_TCP_FIN)) != (WEFT_TCP_SYN | WEFT_TCP_FIN) &&
         (flags & (WEFT_TCP_SYN | WEFT_TCP_ACK | WEFT_TCP_RST)) != 0;
}

static int padding_is_right(const uint8_t *end, uint32_t length) {
  for (uint32_t i = 0; i < length; i++)
    if (*--end != length - i) return 0;
  return 1;
}

static int tcp_sum_is_right(const struct walk *walk, const uint8_t *inside, uint32_t length) {
  uint32_t size = walk->version == 4 ? 4 : 16;
  uint32_t sum = (uint32_t)checksum_sum(walk->source, size) + checksum_sum(walk->target, size) + 6;
  sum = (uint32_t)checksum_fold(sum) + checksum_sum(inside, length) + length;
  return checksum_fold(checksum_fold(sum & 0xffff) + (sum >> 16)) == 0xffff;
}

/* The segment's length, when it is one followed by a check value of `size`; else 0. */
static uint32_t tcp_length(const struct walk *walk, uint32_t size) {
  if (walk->wirelen < HEADER + 20 + 2 + size) return 0;
  const uint8_t *inside = walk->at + HEADER, *end = walk->at + walk->wirelen - size;
  uint32_t padding = end[-2], room = (uint32_t)(end - 2 - inside);
  if (end[-1] != 6 || padding + 20 > room || !padding_is_right(end - 2, padding)) return 0;
  return tcp_sum_is_right(walk, inside, room - padding) ? room - padding : 0;
}

static int transport(struct walk *walk) {
  /* Check values in use: HMAC-MD5-96 and SHA1-96, SHA-256-128, none, SHA-384-192, SHA-512-256. */
  static const uint8_t sizes[] = {12, 16, 0, 24, 32};
  if (!may_hold_tcp(walk, walk->at + HEADER)) return walk_end(WEFT_IS_OTHER);
  if (walk->caplen < walk->wirelen) return walk_end(WEFT_IS_TRUNCATED); /* cannot be told */
  for (size_t i = 0; i < sizeof sizes; i++) {
    uint32_t length = tcp_length(walk, sizes[i]);
    if (length == 0) continue;
    walk_skip(walk, HEADER);
    walk_limit(walk, length);
    return WALK_TCP;
  }
  return walk_end(WEFT_IS_OTHER);
}

int walk_esp(struct walk *walk) {
  int missing = walk_have(walk, HEADER + 20);
  if (missing) return missing;
  const uint8_t *inside = walk->at + HEADER;
  if (holds_ipv4(walk, inside)) {
    walk_skip(walk, HEADER);
    return WALK_IPV4;
  }
  if (inside[0] == 0x60 && walk->wirelen >= HEADER + 40) {
    if ((missing = walk_have(walk, HEADER + 40)) != 0) return missing;
    if (holds_ipv6(walk, inside)) {
      walk_skip(walk, HEADER);
      return WALK_IPV6;
    }
  }
  return transport(walk);
}

/* RFC 3948 section 2: an SPI of 0 is key exchange, a single byte keeps a mapping alive. */
int walk_esp_udp(struct walk *walk) {
  int missing = walk_have(walk, 4);
  if (missing) return missing;
  return load_be32(walk->at) == 0 ? walk_end(WEFT_IS_OTHER) : WALK_ESP;
}
