/* SPDX-License-Identifier: BSD-2-Clause */
#include "switch.h"

#include <string.h>
#include <strings.h>

#include "ascii.h"

enum { STATUS_AT = 9, STATUS_LINE_MIN = 12 }; /* "HTTP/1.1 200" */

/* The status of a status line, 0 of anything else. */
static unsigned status_of(const uint8_t *p, size_t length) {
  if (length < STATUS_LINE_MIN || memcmp(p, "HTTP/1.", 7) != 0) return 0;
  for (size_t i = STATUS_AT; i < STATUS_LINE_MIN; i++)
    if (!is_digit(p[i])) return 0;
  return (p[9] - '0') * 100u + (p[10] - '0') * 10u + (p[11] - '0');
}

/* "Content-Length: N" and nothing else. */
static int line_length(const uint8_t *line, size_t n, size_t *ret) {
  static const char name[] = "content-length:";
  size_t i = sizeof name - 1, value = 0, digits = 0;
  if (n < i || strncasecmp((const char *)line, name, i) != 0) return 0;
  while (i < n && line[i] == ' ') i++;
  for (; i < n && is_digit(line[i]) && ++digits < 10; i++) value = 10 * value + (line[i] - '0');
  if (digits == 0 || digits == 10 || (i < n && line[i] != '\r')) return 0;
  *ret = value;
  return 1;
}

/* RFC 9112 section 6.3: no body follows these, whatever they say. */
static int is_bodiless(unsigned status) {
  return status / 100 == 1 || status == 204 || status == 304;
}

/* How long the response is that the bytes begin with; 0: that is not known, or more than
   there are. */
static size_t whole_response(const uint8_t *bytes, size_t length) {
  unsigned status = status_of(bytes, length);
  size_t body = 0;
  int known = is_bodiless(status);
  for (size_t at = 0, end; status != 0 && at < length; at = end + 1) {
    const uint8_t *lf = memchr(bytes + at, '\n', length - at);
    if (lf == NULL) break;
    end = (size_t)(lf - bytes);
    if (end == at || (end == at + 1 && bytes[at] == '\r'))
      return known && body <= length - (end + 1) ? end + 1 + body : 0;
    if (!is_bodiless(status) && line_length(bytes + at, end - at, &body)) known = 1;
  }
  return 0;
}

int switch_find(const uint8_t *bytes, size_t length, size_t *ret_begin, size_t *ret_end) {
  for (size_t at = 0, n;; at += n) {
    size_t end = 0;
    int protocol = weft_protocol_switch(bytes + at, length - at, &end);
    if (protocol != WEFT_PROTOCOL_HTTP) {
      *ret_begin = at;
      *ret_end = at + end;
      return protocol;
    }
    n = whole_response(bytes + at, length - at);
    if (n == 0 || at + n == length) return WEFT_PROTOCOL_HTTP;
  }
}
