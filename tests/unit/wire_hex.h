/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_WIRE_HEX_H
#define TEST_WIRE_HEX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/packet.h"

/*
 * Frames as hexadecimal text, one header a string:
 *
 *     hex_decode(1, ETHERNET "0800" IPV4("002d", "0000", "06") TCP HELLO, &packet)
 *
 * Letters, digits and spaces; two digits a byte.
 */
#define ETHERNET "020000000002 020000000001 "
/* Total length; flags and offset; protocol.  From 10.0.0.1 to 10.0.0.2. */
#define IPV4(length, position, protocol) \
  "4500" length "0007" position "40" protocol "0000 0a000001 0a000002 "
/* Payload length; next header.  From 2001:db8::1 to 2001:db8::2. */
#define IPV6(length, next) \
  "60000000" length next "40 20010db8000000000000000000000001 20010db8000000000000000000000002 "
/* 12345 to 80, seq 100, ack 200, PSH and ACK, window 4096; no options. */
#define TCP "3039 0050 00000064 000000c8 5018 1000 0000 0000 "
#define HELLO "68656c6c6f"

/* What tunnels carry: "hello" from 10.0.0.1 or 2001:db8::1.  Around it headers without lengths, as
   hosts write them that leave the cutting up to a card. */
#define HELLO_IPV4 IPV4("002d", "0000", "06") TCP HELLO
#define HELLO_IPV6 IPV6("0019", "06") TCP HELLO
#define HELLO_ETHERNET ETHERNET "0800" HELLO_IPV4
#define OUTER(protocol) IPV4("0000", "0000", protocol)
/* Source port, target port. */
#define UDP(source, target) OUTER("11") source target "0000 0000 "

struct hex {
  uint8_t bytes[4096];
  uint32_t length;
};

static inline int hex_value(char c) {
  const char *digits = "0123456789abcdef", *at = strchr(digits, c);
  assert_non_null(at);
  return (int)(at - digits);
}

static inline struct hex hex_read(const char *text) {
  struct hex ret = {.length = 0};
  for (; *text; text++) {
    if (*text == ' ') continue;
    assert_true(ret.length < sizeof ret.bytes);
    ret.bytes[ret.length++] = (uint8_t)(hex_value(text[0]) << 4 | hex_value(text[1]));
    text++;
  }
  return ret;
}

static inline struct weft_frame hex_frame(const struct hex *hex, uint16_t linktype) {
  return (struct weft_frame){.data = hex->bytes,
                             .caplen = hex->length,
                             .wirelen = hex->length,
                             .mark = {.time = 5 * WEFT_SECOND, .frame = 9},
                             .linktype = linktype};
}

/* What a whole frame turns out to be.  The bytes live until the next call. */
static inline int hex_decode(uint16_t linktype, const char *text, struct wire_packet *ret) {
  static struct hex hex;
  hex = hex_read(text);
  struct weft_frame frame = hex_frame(&hex, linktype);
  return wire_decode(&frame, ret);
}

/* The same with `cut` bytes missing at the end. */
static inline int hex_decode_cut(uint16_t linktype, const char *text, uint32_t cut,
                                 struct wire_packet *ret) {
  static struct hex hex;
  hex = hex_read(text);
  struct weft_frame frame = hex_frame(&hex, linktype);
  frame.caplen -= cut;
  return wire_decode(&frame, ret);
}

/* That it is TCP above, carrying "hello". */
static inline void assert_hello(int verdict, const struct wire_packet *packet) {
  assert_int_equal(verdict, WEFT_IS_SEGMENT);
  assert_int_equal(packet->segment.tuple.source.port, 12345);
  assert_int_equal(packet->segment.wirelen, 5);
  assert_int_equal(packet->segment.caplen, 5);
  assert_memory_equal(packet->segment.payload, "hello", 5);
}

/* All of a raw IP frame: that it is "hello", and its realm. */
static inline uint32_t hello_realm(uint16_t linktype, const char *text) {
  struct wire_packet packet;
  assert_hello(hex_decode(linktype, text, &packet), &packet);
  return packet.segment.tuple.realm;
}

/* That it is "hello" and of no realm. */
static inline void assert_carries(uint16_t linktype, const char *text) {
  assert_int_equal(hello_realm(linktype, text), 0);
}

static inline void assert_is(int verdict, uint16_t linktype, const char *text) {
  struct wire_packet packet;
  assert_int_equal(hex_decode(linktype, text, &packet), verdict);
}

/* Cut anywhere, it is the same segment with less payload, or truncated. */
static inline void assert_cuts_well(uint16_t linktype, const char *text) {
  struct wire_packet whole, cut;
  uint32_t length = hex_read(text).length;
  assert_int_equal(hex_decode(linktype, text, &whole), WEFT_IS_SEGMENT);
  uint32_t wirelen = whole.segment.wirelen, realm = whole.segment.tuple.realm;
  for (uint32_t i = 1; i <= length; i++) {
    int verdict = hex_decode_cut(linktype, text, i, &cut);
    if (verdict == WEFT_IS_TRUNCATED) continue;
    assert_int_equal(verdict, WEFT_IS_SEGMENT);
    assert_int_equal(cut.segment.wirelen, wirelen);
    assert_int_equal(cut.segment.tuple.realm, realm);
  }
}

#endif
