/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/resync.h"

#include <string.h>

/* Does something begin `skip` bytes after the cursor? */
static enum http_found resync_judge(const struct http_parser *p, const struct cursor *c,
                                    size_t skip, int line_start) {
  uint8_t scratch[HTTP_PROBE_MAX];
  const uint8_t *bytes = cursor_bytes(c) + skip;
  size_t length = cursor_left(c) - skip;
  uint64_t size;
  enum http_kind kind = (enum http_kind)p->kind;
  enum http_probe probe = http_probe_resync(kind, bytes, length, line_start);
  int chunk = p->seek_chunk ? http_chunked_plausible(bytes, length, &size) : 0;
  if (chunk < 0 || probe == HTTP_PROBE_AGAIN) {
    bytes = cursor_flat(c, skip, scratch, &length);
    probe = http_probe_resync(kind, bytes, length, line_start);
    chunk = p->seek_chunk ? http_chunked_plausible(bytes, length, &size) : 0;
  }
  if (chunk > 0) return HTTP_FOUND_CHUNK;
  if (probe == HTTP_PROBE_YES) return HTTP_FOUND_START;
  if (!c->last)
    return chunk < 0 || probe == HTTP_PROBE_AGAIN ? HTTP_FOUND_PERHAPS : HTTP_FOUND_NOTHING;
  /* A frame cut short may begin with a start line and not hold all of it. */
  int begins_frame = !skip && cursor_frame_before(c) != c->span->mark.frame;
  return probe == HTTP_PROBE_AGAIN && begins_frame && http_probe_cut(kind, bytes, length)
             ? HTTP_FOUND_START
             : HTTP_FOUND_NOTHING;
}

enum http_probe http_resync_start(const struct http_parser *p, const struct cursor *c) {
  uint8_t scratch[HTTP_PROBE_MAX];
  const uint8_t *bytes = cursor_bytes(c);
  size_t length = cursor_left(c);
  enum http_kind kind = (enum http_kind)p->kind;
  enum http_probe probe = http_probe_start(kind, bytes, length);
  if (probe != HTTP_PROBE_AGAIN) return probe;
  bytes = cursor_flat(c, 0, scratch, &length);
  probe = http_probe_start(kind, bytes, length);
  if (probe != HTTP_PROBE_AGAIN || !c->last) return probe;
  return http_probe_cut(kind, bytes, length) ? HTTP_PROBE_YES : HTTP_PROBE_NO;
}

enum http_found http_resync_find(const struct http_parser *p, const struct cursor *c, size_t left,
                                 size_t *ret) {
  const uint8_t *bytes = cursor_bytes(c);
  int responses = p->kind == HTTP_RESPONSE && !p->seek_chunk;
  for (size_t i = 0; i < left; i++) {
    if (responses) { /* the common case, a long download met in the middle, at memchr's speed */
      const uint8_t *h = memchr(bytes + i, 'H', left - i);
      if (!h) break;
      i = (size_t)(h - bytes);
    }
    uint8_t byte = bytes[i];
    if (!(byte >= 'A' && byte <= 'Z') && !(byte == '\r' && p->seek_chunk)) continue;
    int line_start = i ? bytes[i - 1] == '\n' : p->line_start;
    enum http_found found = resync_judge(p, c, i, line_start);
    if (found != HTTP_FOUND_NOTHING) {
      *ret = i;
      return found;
    }
  }
  *ret = left;
  return HTTP_FOUND_NOTHING;
}
