/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_TICKS_H
#define WEFTIO_CAPTURE_TICKS_H

#include <weft/base.h>

/*
 * The clock of a pcapng interface: how many ticks make a second (if_tsresol)
 * and from which second they count (if_tsoffset); draft-ietf-opsawg-pcapng
 * section 4.2.
 */
struct ticks {
  uint8_t resolution; /* as in if_tsresol: 10^-n, or 2^-n with the top bit set */
  int64_t offset;     /* seconds */
  /* For decimal clocks no finer than a nanosecond: counts below `plain_end`
     become nanoseconds by one multiplication. */
  uint64_t plain_end, factor;
  int64_t plain_offset; /* nanoseconds */
};

#define TICKS_MICROSECOND 6

/* Times of files lie within this (the year 2116) of the epoch, on either side,
   so that no difference of two can overflow. */
#define TICKS_TIME_MAX (INT64_MAX / 2)

void ticks_init(struct ticks *, uint8_t resolution, int64_t offset);

/* Any value, computed exactly and rounded down (a binary clock finer than 2^-34 second is
   first cut to that); what is out of range becomes
   its nearest end. */
weft_time ticks_long(const struct ticks *, uint64_t count);

static inline weft_time ticks_to_time(const struct ticks *ticks, uint64_t count) {
  if (count < ticks->plain_end) return (int64_t)(count * ticks->factor) + ticks->plain_offset;
  return ticks_long(ticks, count);
}

#endif
