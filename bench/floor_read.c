/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floor: read(2) in blocks of a mebibyte into an aligned buffer, and the
 * headers parsed of each frame, so that lengths of payload can be added up.
 */
#include <fcntl.h>
#include <unistd.h>

#include "measure.h"

enum { BLOCK = 1024 * 1024, SLACK = 256 * 1024, RECORD = 16 };

/* Bytes of TCP payload in an Ethernet frame. */
static uint32_t payload_length(const uint8_t *frame, uint32_t caplen) {
  if (caplen < 54 || frame[12] != 8 || frame[13] != 0 || frame[23] != 6) return 0;
  uint32_t ip = (frame[14] & 15u) * 4, total = (uint32_t)frame[16] << 8 | frame[17];
  if (caplen < 14 + ip + 20) return 0;
  return total - ip - (uint32_t)(frame[14 + ip + 12] >> 4) * 4;
}

/* Returns the first byte not used: the start of a record that is not whole. */
static const uint8_t *parse(const uint8_t *at, const uint8_t *end, struct measured *m) {
  while (end - at >= RECORD) {
    uint32_t caplen;
    memcpy(&caplen, at + 8, 4);
    if ((size_t)(end - at) < RECORD + caplen) break;
    m->bytes += payload_length(at + RECORD, caplen);
    m->packets++;
    at += RECORD + caplen;
  }
  return at;
}

int main(int argc, char **argv) {
  struct measured m = {0};
  /* What is left of a block is moved in front of the next, so reads stay aligned. */
  static _Alignas(4096) uint8_t buffer[SLACK + BLOCK];
  uint8_t *block = buffer + SLACK;
  int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
  if (fd < 0) {
    fputs("usage: floor_read FILE\n", stderr);
    return 1;
  }
  size_t left = 0, skip = 24;
  ssize_t n;
  while ((n = read(fd, block, BLOCK)) > 0) {
    const uint8_t *from = block - left + skip;
    skip = 0;
    const uint8_t *rest = parse(from, block + n, &m);
    left = (size_t)(block + n - rest);
    if (left > SLACK) return 1;
    memcpy(block - left, rest, left);
  }
  measured_print(&m);
  return 0;
}
