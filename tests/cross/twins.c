/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Do the twins of http/block.h agree?  A program without libraries, so that it
 * can be built for another machine and run by an emulator; the unit test says
 * what the masks are.
 */
#include <stdio.h>
#include <string.h>

#include "http/block.h"
#include "random.h"

static unsigned long compared;

static int agree(const uint8_t bytes[64]) {
  unsigned count;
  const struct http_block_twin *twins = http_block_twins(&count);
  struct http_block expected, found;
  twins[0].read(bytes, 1, &expected);
  for (unsigned i = 1; i < count; i++) {
    twins[i].read(bytes, 1, &found);
    if (memcmp(&found, &expected, sizeof found) != 0) {
      printf("%s differs from %s\n", twins[i].name, twins[0].name);
      return 0;
    }
    compared++;
  }
  return 1;
}

int main(void) {
  uint8_t bytes[128];
  uint64_t seed = 1;
  memset(bytes, 'a', sizeof bytes);
  for (unsigned place = 0; place < 64; place++) {
    for (unsigned c = 0; c < 256; c++) {
      bytes[place] = (uint8_t)c;
      if (!agree(bytes)) return 1;
    }
    bytes[place] = 'a';
  }
  for (int round = 0; round < 20000; round++) {
    unsigned at = random_below(&seed, 64);
    for (size_t i = 0; i < 64; i++)
      bytes[at + i] = round & 1 ? (uint8_t) "\n:\r\x09 \x7f\x8d(a"[random_below(&seed, 9)]
                                : (uint8_t)random_next(&seed);
    if (!agree(bytes + at)) return 1;
  }
  unsigned count;
  const struct http_block_twin *twins = http_block_twins(&count);
  printf("%s, %lu comparisons\n", twins[count - 1].name, compared);
  return compared ? 0 : 77; /* nothing to compare: skipped */
}
