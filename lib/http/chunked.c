/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/chunked.h"

#include <assert.h>
#include <string.h>

#include "http/text.h"

void http_chunked_init(struct http_chunked *c) { memset(c, 0, sizeof *c); }

static int hex_value(uint8_t byte) {
  if (http_text_is_digit(byte)) return byte - '0';
  byte = http_text_lower(byte);
  return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static void chunked_size_done(struct http_chunked *c) {
  c->digits = c->blank = 0;
  c->state = c->remaining ? HTTP_CHUNKED_DATA : HTTP_CHUNKED_TRAILER_START;
}

static void chunked_size(struct http_chunked *c, uint8_t byte) {
  int v = hex_value(byte);
  if (v >= 0 && !c->blank && c->remaining <= (UINT64_MAX >> 5)) {
    c->remaining = c->remaining << 4 | (uint64_t)v;
    c->digits = 1;
  } else if (http_text_is_blank(byte)) {
    c->blank = c->digits > 0;
  } else if (c->digits && byte == '\n') {
    chunked_size_done(c);
  } else if (c->digits && (byte == ';' || byte == '\r')) {
    c->state = HTTP_CHUNKED_EXTENSION;
  } else {
    c->state = HTTP_CHUNKED_BAD;
  }
}

/* One byte that is not data. */
static void chunked_byte(struct http_chunked *c, uint8_t byte) {
  switch (c->state) {
  case HTTP_CHUNKED_SIZE: chunked_size(c, byte); break;
  case HTTP_CHUNKED_EXTENSION:
    if (byte == '\n') chunked_size_done(c);
    break;
  case HTTP_CHUNKED_AFTER:
    if (byte == '\n')
      c->state = HTTP_CHUNKED_SIZE;
    else if (byte != '\r')
      c->state = HTTP_CHUNKED_BAD;
    break;
  case HTTP_CHUNKED_TRAILER_START:
    if (byte == '\n')
      c->state = HTTP_CHUNKED_DONE;
    else if (byte != '\r')
      c->state = HTTP_CHUNKED_TRAILER;
    break;
  case HTTP_CHUNKED_TRAILER:
    if (byte == '\n') c->state = HTTP_CHUNKED_TRAILER_START;
    break;
  default: assert(0);
  }
}

/* The line end behind data, or a size line of at most eight digits and no more,
   as nearly all are; consumes all of it or nothing. */
static size_t chunked_plain(struct http_chunked *c, const uint8_t *bytes, size_t length) {
  uint64_t size = 0;
  size_t i = 0;
  if (c->state == HTTP_CHUNKED_AFTER) {
    if (length < 2 || bytes[0] != '\r' || bytes[1] != '\n') return 0;
    c->state = HTTP_CHUNKED_SIZE;
    return 2;
  }
  if (c->state != HTTP_CHUNKED_SIZE || c->digits) return 0;
  for (; i < length && i < 8; i++) {
    int v = hex_value(bytes[i]);
    if (v < 0) break;
    size = size << 4 | (uint64_t)v;
  }
  if (!i || length - i < 2 || bytes[i] != '\r' || bytes[i + 1] != '\n') return 0;
  c->remaining = size;
  chunked_size_done(c);
  return i + 2;
}

/* Extensions and trailers up to the byte before their line end: how much can be
   skipped without a look. */
static size_t chunked_line(const struct http_chunked *c, const uint8_t *bytes, size_t length) {
  if (c->state != HTTP_CHUNKED_EXTENSION && c->state != HTTP_CHUNKED_TRAILER) return 0;
  const uint8_t *lf = memchr(bytes, '\n', length);
  return lf ? (size_t)(lf - bytes) : length;
}

size_t http_chunked_step(struct http_chunked *c, const uint8_t *bytes, size_t length,
                         size_t *ret_data) {
  assert(length > 0 && c->state < HTTP_CHUNKED_DONE);
  size_t i = 0;
  *ret_data = 0;
  while (i < length && c->state < HTTP_CHUNKED_DONE) {
    if (c->state == HTTP_CHUNKED_DATA) {
      size_t n = length - i < c->remaining ? length - i : (size_t)c->remaining;
      c->remaining -= n;
      if (!c->remaining) c->state = HTTP_CHUNKED_AFTER;
      *ret_data = n;
      return i + n;
    }
    size_t n = chunked_plain(c, bytes + i, length - i);
    if (!n) n = chunked_line(c, bytes + i, length - i);
    i += n;
    if (n) continue;
    chunked_byte(c, bytes[i]);
    if (c->state != HTTP_CHUNKED_BAD) i++;
  }
  return i;
}

int http_chunked_skip(struct http_chunked *c, uint64_t length) {
  if (c->state != HTTP_CHUNKED_DATA || length > c->remaining) return 0;
  c->remaining -= length;
  if (!c->remaining) c->state = HTTP_CHUNKED_AFTER;
  return 1;
}

void http_chunked_begin(struct http_chunked *c, uint64_t size) {
  http_chunked_init(c);
  c->remaining = size;
  chunked_size_done(c);
}

/* What follows a last chunk: an empty line, or the name of a trailer field. */
static int chunked_plausible_end(const uint8_t *bytes, size_t length) {
  size_t i = 0, max = HTTP_CHUNKED_PLAUSIBLE_MAX - 13;
  if (length && bytes[0] == '\r') return length < 2 ? -1 : bytes[1] == '\n';
  while (i < length && i < max && http_text_is_token(bytes[i])) i++;
  if (i == max) return 0;
  return i == length ? -1 : i && bytes[i] == ':';
}

int http_chunked_plausible(const uint8_t *bytes, size_t length, uint64_t *ret_size) {
  size_t i = 2, digits = 0;
  uint64_t size = 0;
  if (length >= 1 && bytes[0] != '\r') return 0;
  if (length >= 2 && bytes[1] != '\n') return 0;
  for (; i < length && digits < 9 && hex_value(bytes[i]) >= 0; i++, digits++)
    size = size << 4 | (uint64_t)hex_value(bytes[i]);
  if (digits > 8) return 0;
  if (i >= length) return -1;
  if (!digits || bytes[i] != '\r') return 0;
  if (i + 1 >= length) return -1;
  if (bytes[i + 1] != '\n') return 0;
  i += 2;
  int end = size ? 1 : chunked_plausible_end(bytes + i, length - i);
  if (end <= 0) return end;
  *ret_size = size;
  return (int)i;
}
