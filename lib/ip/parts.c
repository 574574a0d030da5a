/* SPDX-License-Identifier: BSD-2-Clause */
#include "ip/parts.h"

/* Bytes of other places than the datagram's may be asked about: numbers can be
   compared, pointers into different objects cannot. */
static uintptr_t place(const uint8_t *at) { return (uintptr_t)at; }

size_t parts_run(const struct parts *parts, const uint8_t *at, size_t length,
                 struct weft_mark *mark) {
  if (parts->count == 0 || place(at) < place(parts->part[0].at) || place(at) >= place(parts->end))
    return length;
  uint32_t first = 0, beyond = parts->count; /* the part is one of [first, beyond) */
  while (beyond - first > 1) {
    uint32_t middle = first + (beyond - first) / 2;
    if (parts->part[middle].at <= at)
      first = middle;
    else
      beyond = middle;
  }
  const uint8_t *end = beyond < parts->count ? parts->part[beyond].at : parts->end;
  *mark = parts->part[first].mark;
  return (size_t)(end - at) < length ? (size_t)(end - at) : length;
}
