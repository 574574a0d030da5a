/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_IP_PARTS_H
#define WEFT_IP_PARTS_H

#include <weft/base.h>

/*
 * Which bytes of a datagram came in which frame.  Decoding steps over headers and
 * copies nothing, so a byte of the payload, however many tunnels deep, is found
 * by where it lies:
 *
 *     datagram   |--- part[0] ---|------- part[1] -------|- part[2] -|
 *                ^ part[0].at    ^ part[1].at            ^           ^ end
 *
 * Always true: parts are in the order of their bytes and none is empty.
 */
struct parts_entry {
  const uint8_t *at; /* its first byte */
  struct weft_mark mark;
};

struct parts {
  const struct parts_entry *part;
  uint32_t count; /* 0: no datagram, or none of it was captured */
  const uint8_t *end;
};

/* How many of the `length` bytes at `at` came in the frame that brought the first of
   them, whose mark is written; all of them, and no mark is written, when they are
   not of the datagram. */
size_t parts_run(const struct parts *, const uint8_t *at, size_t length, struct weft_mark *mark);

#endif
