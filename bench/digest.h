/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BENCH_DIGEST_H
#define WEFT_BENCH_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/*
 * A digest of a byte stream that does not care how it is cut into pieces, and
 * a digest of a set of streams that does not care which ends first:
 *
 *     stream   h = 0; for each byte: h = h * P + byte + 1
 *     set      the sum of digest_finish(h, length) over streams that have bytes
 *
 * bench/gopacket/digest.go computes the same.  Not for adversaries.
 */
#define DIGEST_P 0x9e3779b97f4a7c15u

#define DIGEST_P2 ((uint64_t)(DIGEST_P * DIGEST_P))
#define DIGEST_P3 ((uint64_t)(DIGEST_P2 * DIGEST_P))
#define DIGEST_P4 ((uint64_t)(DIGEST_P2 * DIGEST_P2))

struct digest {
  uint64_t hash, length;
};

static inline void digest_add(struct digest *digest, const void *bytes, size_t length) {
  const uint8_t *p = (const uint8_t *)bytes, *end = p + length;
  uint64_t hash = digest->hash;
  /* Four at a time: the four products do not wait for each other. */
  for (; end - p >= 4; p += 4)
    hash = hash * DIGEST_P4 + (p[0] + 1u) * DIGEST_P3 + (p[1] + 1u) * DIGEST_P2 +
           (p[2] + 1u) * DIGEST_P + (p[3] + 1u);
  for (; p < end; p++) hash = hash * DIGEST_P + (*p + 1u);
  digest->hash = hash;
  digest->length += length;
}

static inline uint64_t digest_mix(uint64_t x) {
  x = (x ^ x >> 33) * 0xff51afd7ed558ccdu;
  x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53u;
  return x ^ x >> 33;
}

static inline uint64_t digest_finish(const struct digest *digest) {
  return digest->length ? digest_mix(digest->hash ^ digest->length * 0xd6e8feb86659fd93u) : 0;
}

#endif
