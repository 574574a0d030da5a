/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/checksum.h"

#include "base/loads.h"
#include "wire/packet.h"

/*
 * The sum does not care how wide the pieces are that are added, nor in which
 * byte order, as long as the end is folded and put in order (RFC 1071 section
 * 2).  So 32-bit pieces go into 64-bit sums, which cannot overflow for any
 * 32-bit length; four of them, side by side, for the compiler to make vectors of.
 */
static uint64_t pieces_sum(const uint8_t *bytes, uint32_t count) {
  uint64_t sums[4] = {0};
  for (; count >= 4; count -= 4, bytes += 16) {
    uint32_t pieces[4];
    memcpy(pieces, bytes, sizeof pieces);
    for (int i = 0; i < 4; i++) sums[i] += pieces[i];
  }
  for (; count > 0; count--, bytes += 4) {
    uint32_t piece;
    memcpy(&piece, bytes, sizeof piece);
    sums[0] += piece;
  }
  /* Each is at most 2^60: 2^28 pieces below 2^32. */
  return sums[0] + sums[1] + sums[2] + sums[3];
}

uint16_t checksum_sum(const uint8_t *bytes, uint32_t length) {
  uint64_t sum = 0;
  uint32_t rest = length % 4;
  if (length >= 4) sum = pieces_sum(bytes, length / 4);
  if (rest != 0) {
    uint32_t piece = 0;
    memcpy(&piece, bytes + (length - rest), rest);
    sum += piece;
  }
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  uint16_t folded = checksum_fold((uint32_t)sum);
  uint8_t ordered[2];
  memcpy(ordered, &folded, sizeof ordered);
  return load_be16(ordered);
}

/* In ones' complement 0 has two forms. */
static int sums_are_equal(uint16_t a, uint16_t b) { return a % 0xffff == b % 0xffff; }

/* A host that leaves even this one to its card writes 0, which no packet that
   went through a router can hold. */
static int ip4_checksum(const uint8_t *header) {
  if (sums_are_equal(checksum_sum(header, (header[0] & 15) * 4u), 0)) return WEFT_CHECKSUM_GOOD;
  return load_be16(header + 10) == 0 ? WEFT_CHECKSUM_OFFLOADED : WEFT_CHECKSUM_BAD;
}

/* The pseudo header without the length (RFC 9293 section 3.1, RFC 8200 section
   8.1).  One for both versions: the ffff of a v4-mapped address adds nothing. */
static uint16_t pseudo_sum(const struct weft_tuple *tuple) {
  return checksum_fold((uint32_t)checksum_sum(tuple->source.address, 16) +
                       checksum_sum(tuple->target.address, 16) + 6);
}

/* What hosts leave in the field for the card: the sum of the pseudo header, not
   complemented, for it to go on from; without the length when the card is to cut the
   segment into several; or nothing. */
static int field_is_offloaded(uint16_t field, uint16_t pseudo, uint16_t pseudo_length) {
  return field == 0 || sums_are_equal(field, pseudo) || sums_are_equal(field, pseudo_length);
}

static int tcp_checksum(const struct wire_packet *packet) {
  if (packet->sums.tcp_caplen < packet->sums.tcp_wirelen) return WEFT_CHECKSUM_INCOMPUTABLE;
  uint32_t length = packet->sums.tcp_wirelen;
  uint16_t pseudo = pseudo_sum(&packet->segment.tuple);
  uint16_t pseudo_length = checksum_fold(pseudo + (length & 0xffff) + (length >> 16));
  uint16_t sum = checksum_sum(packet->sums.tcp, length);
  if (sums_are_equal(checksum_fold((uint32_t)sum + pseudo_length), 0)) return WEFT_CHECKSUM_GOOD;
  if (field_is_offloaded(load_be16(packet->sums.tcp + 16), pseudo, pseudo_length))
    return WEFT_CHECKSUM_OFFLOADED;
  return WEFT_CHECKSUM_BAD;
}

int wire_checksum(const struct wire_packet *packet) {
  int ip = packet->sums.ip4 ? ip4_checksum(packet->sums.ip4) : WEFT_CHECKSUM_GOOD;
  if (ip == WEFT_CHECKSUM_BAD || !packet->sums.tcp) return ip;
  int tcp = tcp_checksum(packet);
  return tcp == WEFT_CHECKSUM_GOOD ? ip : tcp;
}

int weft_frame_checksum(const struct weft_frame *frame) {
  struct wire_packet packet;
  if (wire_decode(frame, &packet) != WEFT_IS_SEGMENT) return WEFT_CHECKSUM_UNCHECKED;
  return wire_checksum(&packet);
}
