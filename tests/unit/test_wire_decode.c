/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#define PLAIN ETHERNET "0800" IPV4("002d", "4000", "06") TCP HELLO

static void plain_segment_has_every_field(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_hello(hex_decode(1, PLAIN, &packet), &packet);
  const struct weft_segment *segment = &packet.segment;
  char text[WEFT_ENDPOINT_STRLEN];
  assert_string_equal(weft_endpoint_format(&segment->tuple.source, text), "10.0.0.1:12345");
  assert_string_equal(weft_endpoint_format(&segment->tuple.target, text), "10.0.0.2:80");
  assert_int_equal(segment->size, sizeof *segment);
  assert_int_equal(segment->tuple.realm, 0);
  assert_int_equal(segment->tuple.source.reserved, 0);
  assert_int_equal(segment->mark.time, 5 * WEFT_SECOND);
  assert_int_equal(segment->mark.frame, 9);
  assert_int_equal(segment->seq, 100);
  assert_int_equal(segment->ack, 200);
  assert_int_equal(segment->window, 4096);
  assert_int_equal(segment->tcp_flags, WEFT_TCP_PSH | WEFT_TCP_ACK);
  assert_int_equal(segment->checksum, WEFT_CHECKSUM_UNCHECKED);
  assert_int_equal(segment->options, 0);
  assert_int_equal(segment->nsack, 0);
}

static void public_decode_says_the_same(void **state) {
  (void)state;
  struct hex hex = hex_read(PLAIN);
  struct weft_frame frame = hex_frame(&hex, 1);
  frame.flags = WEFT_FRAME_STABLE;
  struct weft_segment segment;
  assert_int_equal(weft_decode(&frame, &segment), WEFT_IS_SEGMENT);
  assert_ptr_equal(segment.payload, hex.bytes + 54);
  assert_int_equal(segment.caplen, 5);
  assert_int_equal(segment.frame_flags, WEFT_FRAME_STABLE);
}

static void public_decode_leaves_the_rest_alone(void **state) {
  (void)state;
  struct hex hex = hex_read(ETHERNET "0800" IPV4("002d", "2000", "06") TCP HELLO);
  struct weft_frame frame = hex_frame(&hex, 1);
  struct weft_segment segment, before;
  memset(&segment, 0x5a, sizeof segment);
  before = segment;
  assert_int_equal(weft_decode(&frame, &segment), WEFT_IS_FRAGMENT);
  frame.linktype = 9999;
  assert_int_equal(weft_decode(&frame, &segment), WEFT_IS_UNKNOWN_LINK);
  assert_memory_equal(&segment, &before, sizeof segment);
}

/* Cut anywhere, the TCP header is there as far as its flags or it is not; the
   payload's length on the wire does not change. */
static void snapshot_length_at_every_byte(void **state) {
  (void)state;
  struct wire_packet packet;
  for (uint32_t caplen = 0; caplen <= 59; caplen++) {
    int verdict = hex_decode_cut(1, PLAIN, 59 - caplen, &packet);
    if (caplen < 48) {
      assert_int_equal(verdict, WEFT_IS_TRUNCATED);
      continue;
    }
    assert_int_equal(verdict, WEFT_IS_SEGMENT);
    assert_int_equal(packet.segment.caplen, caplen > 54 ? caplen - 54 : 0);
    assert_int_equal(packet.segment.wirelen, 5);
    assert_int_equal(packet.segment.window, caplen < 50 ? 0xffff : 0x1000);
  }
}

static void recorded_length_below_captured_counts_as_captured(void **state) {
  (void)state;
  struct hex hex = hex_read(PLAIN);
  struct weft_frame frame = hex_frame(&hex, 1);
  struct wire_packet packet;
  frame.wirelen = 20;
  assert_hello(wire_decode(&frame, &packet), &packet);
}

static void empty_frames_are_malformed(void **state) {
  (void)state;
  static const uint16_t linktypes[] = {0, 1, 12, 14, 101, 108, 113, 228, 229, 276};
  struct wire_packet packet;
  for (size_t i = 0; i < sizeof linktypes / sizeof *linktypes; i++) {
    struct weft_frame frame = {.data = NULL, .linktype = linktypes[i]};
    assert_int_equal(wire_decode(&frame, &packet), WEFT_IS_MALFORMED);
    frame.wirelen = 60;
    assert_int_equal(wire_decode(&frame, &packet), WEFT_IS_TRUNCATED);
  }
}

static void datagram_is_decoded_with_its_own_mark(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(hex_decode(1, ETHERNET "0800" IPV4("002d", "2000", "06") TCP HELLO, &packet),
                   WEFT_IS_FRAGMENT);
  struct wire_fragment whole = packet.fragment;
  whole.more = 0;
  whole.mark.frame = 77;
  assert_hello(wire_decode_datagram(&whole, &packet), &packet);
  char text[WEFT_ENDPOINT_STRLEN];
  assert_string_equal(weft_endpoint_format(&packet.segment.tuple.target, text), "10.0.0.2:80");
  assert_int_equal(packet.segment.mark.frame, 77);
}

static void datagram_may_lie_where_its_packet_goes(void **state) {
  (void)state;
  struct wire_packet packet;
  assert_int_equal(
      hex_decode(1, ETHERNET "86dd" IPV6("0021", "2c") "06000001 00000001" TCP HELLO, &packet),
      WEFT_IS_FRAGMENT);
  packet.fragment.more = 0;
  assert_hello(wire_decode_datagram(&packet.fragment, &packet), &packet);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain_segment_has_every_field),
      cmocka_unit_test(public_decode_says_the_same),
      cmocka_unit_test(public_decode_leaves_the_rest_alone),
      cmocka_unit_test(snapshot_length_at_every_byte),
      cmocka_unit_test(recorded_length_below_captured_counts_as_captured),
      cmocka_unit_test(empty_frames_are_malformed),
      cmocka_unit_test(datagram_is_decoded_with_its_own_mark),
      cmocka_unit_test(datagram_may_lie_where_its_packet_goes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
