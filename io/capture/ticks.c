/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/ticks.h"

#define SECOND UINT64_C(1000000000)
#define SECONDS_MAX (TICKS_TIME_MAX / 1000000000)

static uint64_t power_of_ten(unsigned n) {
  uint64_t power = 1;
  while (n--) power *= 10;
  return power;
}

void ticks_init(struct ticks *ticks, uint8_t resolution, int64_t offset) {
  *ticks = (struct ticks){.resolution = resolution, .offset = offset};
  if (resolution > 9 || offset < -SECONDS_MAX || offset > SECONDS_MAX) return;
  ticks->factor = power_of_ten(9 - resolution);
  ticks->plain_offset = offset * (int64_t)SECOND;
  /* With what the offset leaves of the range. */
  int64_t room = offset > 0 ? TICKS_TIME_MAX - ticks->plain_offset : TICKS_TIME_MAX;
  ticks->plain_end = (uint64_t)room / ticks->factor;
}

struct instant {
  uint64_t seconds, nanoseconds;
};

static struct instant decimal(unsigned n, uint64_t count) {
  if (n > 19) { /* the 64 bits together are less than a second */
    for (; n > 9; n--) count /= 10;
    return (struct instant){0, count};
  }
  uint64_t second = power_of_ten(n), part = count % second;
  part = n > 9 ? part / power_of_ten(n - 9) : part * power_of_ten(9 - n);
  return (struct instant){count / second, part};
}

static struct instant binary(unsigned n, uint64_t count) {
  uint64_t seconds = n < 64 ? count >> n : 0;
  uint64_t part = n < 64 ? count - (seconds << n) : count;
  /* A billion takes 30 bits, which leaves 34 for the fraction. */
  if (n > 34) {
    part = n - 34 < 64 ? part >> (n - 34) : 0;
    n = 34;
  }
  return (struct instant){seconds, part * SECOND >> n};
}

/* Seconds added up, kept within an int64_t. */
static int64_t seconds_add(int64_t offset, uint64_t seconds) {
  if (seconds <= (uint64_t)INT64_MAX)
    return offset > INT64_MAX - (int64_t)seconds ? INT64_MAX : offset + (int64_t)seconds;
  if (offset >= 0) return INT64_MAX;
  /* 2^63 and more with something negative. */
  seconds -= (uint64_t) - (offset + 1) + 1;
  return seconds > (uint64_t)INT64_MAX ? INT64_MAX : (int64_t)seconds;
}

weft_time ticks_long(const struct ticks *ticks, uint64_t count) {
  unsigned n = ticks->resolution & 0x7f;
  struct instant at = ticks->resolution & 0x80 ? binary(n, count) : decimal(n, count);
  int64_t seconds = seconds_add(ticks->offset, at.seconds);
  if (seconds >= SECONDS_MAX) return TICKS_TIME_MAX;
  if (seconds < -SECONDS_MAX) return -TICKS_TIME_MAX;
  return seconds * (int64_t)SECOND + (int64_t)at.nanoseconds;
}
