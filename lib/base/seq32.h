/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_SEQ32_H
#define WEFT_BASE_SEQ32_H

#include <stdint.h>

/*
 * Sequence numbers are 32 bits and wrap (RFC 9293 section 3.4).  They are
 * compared here and nowhere else, as a signed distance, which is right as long
 * as two numbers compared are less than 2^31 apart: a window is at most 2^30
 * (RFC 7323 section 2.3).
 */

/* How far `to` lies after `from`; negative when before. */
static inline int32_t seq32_distance(uint32_t from, uint32_t to) { return (int32_t)(to - from); }

static inline int seq32_before(uint32_t a, uint32_t b) { return seq32_distance(a, b) > 0; }
static inline int seq32_after(uint32_t a, uint32_t b) { return seq32_distance(a, b) < 0; }

/* The later of two. */
static inline uint32_t seq32_max(uint32_t a, uint32_t b) { return seq32_before(a, b) ? b : a; }

#endif
