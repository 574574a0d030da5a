/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_IP_UNITS_H
#define WEFT_IP_UNITS_H

#include <stdint.h>

/*
 * Which parts of a datagram have come.  Fragments lie on a grid of 8 bytes (RFC
 * 791 section 3.2), only a datagram's end may lie between two lines, so a bit
 * for each of the 8192 units says it all, and a range is looked at in at most
 * 129 words.
 *
 *   arrived         C---|  A-------|  B-------| D---|
 *   `taken`        1111111111111111111111111111111111      D came right behind the end,
 *   `starts`        1      1          .          .          as B had done: one run with A
 *
 * Always true: a unit in `starts` is in `taken`; the first taken unit behind a
 * free one is in `starts`, as long as only units_add adds; `end` is the end of the
 * last taken unit.
 */
struct units {
  uint64_t taken[128], starts[128]; /* `starts`: first units of runs */
  uint32_t end;                     /* in units */
  uint32_t count;                   /* of units in `taken` */
};

enum units_relation {
  UNITS_FREE,   /* nothing there yet */
  UNITS_IN_RUN, /* all there, in one run */
  UNITS_OVERLAP /* anything else */
};

/* Of the bytes [start, end): `start` a multiple of 8, start < end <= 65536. */
enum units_relation units_relate(const struct units *, uint32_t start, uint32_t end);

/* They must be free.  Behind the last run and touching it, they lengthen it;
   elsewhere they are a run of their own, even where they fill a hole exactly. */
void units_add(struct units *, uint32_t start, uint32_t end);

/* Takes those that are still free, for who does not ask about runs. */
void units_cover(struct units *, uint32_t start, uint32_t end);

#endif
