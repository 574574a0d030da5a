/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_FRAMES_H
#define TEST_FRAMES_H

#include <weft/frame.h>

#define TEST_LINK_ETHERNET 1
#define TEST_LINK_RAW 101

/* Room that any frame built here fits in. */
#define TEST_FRAME_MAX (65536 + 256)

/*
 * Writes the segment as it would look on the wire: Ethernet (or nothing, for
 * TEST_LINK_RAW), IPv4 or IPv6 as the addresses are, TCP with the options
 * that `options` names, right checksums (a wrong one where segment->checksum
 * is WEFT_CHECKSUM_BAD).  What was not captured of the payload is neither
 * written nor part of the checksum.  The frame borrows `buffer` and takes the
 * segment's mark and frame flags.
 */
struct weft_frame test_frame(const struct weft_segment *, uint16_t linktype,
                             uint8_t buffer[TEST_FRAME_MAX]);

/* RFC 1071, continued from `sum`; fold and complement with the second. */
uint32_t test_checksum_add(uint32_t sum, const uint8_t *data, size_t length);
uint16_t test_checksum_end(uint32_t sum);

#endif
