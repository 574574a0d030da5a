/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_CURSOR_H
#define WEFT_HTTP_CURSOR_H

#include <assert.h>
#include <string.h>

#include <weft/stream.h>

#include "http/probe.h"

/* Where in a delivery a parser is. */
struct cursor {
  const struct weft_span *first, *span, *end;
  size_t at;      /* in *span */
  uint64_t frame; /* of the byte before *first */
  int last;       /* nothing follows the spans */
  int hold;       /* the bytes from here on are to be offered again */
};

static inline const uint8_t *cursor_bytes(const struct cursor *c) { return c->span->base + c->at; }
static inline size_t cursor_left(const struct cursor *c) { return c->span->len - c->at; }
static inline uint64_t cursor_offset(const struct cursor *c) { return c->span->offset + c->at; }

/* The frame that brought the byte before the cursor. */
static inline uint64_t cursor_frame_before(const struct cursor *c) {
  if (c->at) return c->span->mark.frame;
  return c->span > c->first ? c->span[-1].mark.frame : c->frame;
}

/* Steps over `n` bytes of the current span. */
static inline void cursor_skip(struct cursor *c, size_t n) {
  c->at += n;
  assert(c->at <= c->span->len);
  while (c->span < c->end && c->at == c->span->len) c->span++, c->at = 0;
}

/* At least HTTP_PROBE_MAX bytes from `skip` bytes after the cursor on, or all
   there are: in place, or gathered into `scratch` where spans meet. */
static inline const uint8_t *cursor_flat(const struct cursor *c, size_t skip,
                                         uint8_t scratch[HTTP_PROBE_MAX], size_t *ret_length) {
  size_t n = cursor_left(c) - skip;
  if (n >= HTTP_PROBE_MAX || c->span + 1 == c->end) {
    *ret_length = n;
    return cursor_bytes(c) + skip;
  }
  memcpy(scratch, cursor_bytes(c) + skip, n);
  for (const struct weft_span *s = c->span + 1; s < c->end && n < HTTP_PROBE_MAX; s++) {
    size_t more = s->len < HTTP_PROBE_MAX - n ? s->len : HTTP_PROBE_MAX - n;
    if (more) memcpy(scratch + n, s->base, more);
    n += more;
  }
  *ret_length = n;
  return scratch;
}

#endif
