/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/probe.h"

#include <string.h>

#include "http/text.h"

#define METHOD_MAX 32 /* of a method nobody has registered */

/* The methods met on real wires: the IANA registry and common extensions. */
static const char *const methods[] = {
    "GET",
    "POST",
    "HEAD",
    "PUT",
    "DELETE",
    "OPTIONS",
    "CONNECT",
    "TRACE",
    "PATCH",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "REPORT",
    "SEARCH",
    "MERGE",
    "CHECKOUT",
    "CHECKIN",
    "MKACTIVITY",
    "MKCALENDAR",
    "VERSION-CONTROL",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "NOTIFY",
    "M-SEARCH",
    "M-POST",
    "BPROPFIND",
    "BPROPPATCH",
    "BMOVE",
    "BCOPY",
    "BDELETE",
    "POLL",
    "PURGE",
    "LINK",
    "UNLINK",
    "BIND",
    "REBIND",
    "UNBIND",
    "ACL",
    "LABEL",
    "QUERY",
    "CCM_POST",
    "RPC_CONNECT",
    "RPC_IN_DATA",
    "RPC_OUT_DATA",
    "SOURCE",
    "DEBUG",
    "TRACK",
    "PRI",
    "BASELINE-CONTROL",
    "ORDERPATCH",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "UNCHECKOUT",
};

static int method_known(const uint8_t *p, size_t length) {
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (methods[i][0] == p[0] && strlen(methods[i]) == length && !memcmp(methods[i], p, length))
      return 1;
  return 0;
}

/* Equal as far as both go, ASCII case ignored. */
static int prefix_agrees(const uint8_t *p, size_t length, const char *lower, size_t n) {
  for (size_t i = 0; i < n && i < length; i++)
    if (http_text_lower(p[i]) != (uint8_t)lower[i]) return 0;
  return 1;
}

/* "HTTP/1", or "ICY 200" of streaming servers. */
static enum http_probe response_start(const uint8_t *p, size_t length) {
  /* Nearly always. */
  if (length >= 8 && !memcmp(p, "HTTP/1.", 7)) return HTTP_PROBE_YES;
  if (prefix_agrees(p, length, "http/", 5)) {
    if (length < 6) return HTTP_PROBE_AGAIN;
    return http_text_is_digit(p[5]) ? HTTP_PROBE_YES : HTTP_PROBE_NO;
  }
  if (length >= 1 && p[0] == 'I' && prefix_agrees(p, length, "icy ", 4)) {
    if (length < 5) return HTTP_PROBE_AGAIN;
    return http_text_is_digit(p[4]) ? HTTP_PROBE_YES : HTTP_PROBE_NO;
  }
  return HTTP_PROBE_NO;
}

/* Where " HTTP/" begins within the line, SIZE_MAX if nowhere. */
static size_t line_version(const uint8_t *p, size_t from, size_t end) {
  for (size_t i = end; i-- > from;)
    if (p[i] == ' ' && end - i >= 6 && prefix_agrees(p + i + 1, 5, "http/", 5)) return i;
  return SIZE_MAX;
}

/* What follows a known method shows at once that it is HTTP's and not that of
   RTSP, SIP, FTP or a key-value store: a path, or an absolute URL. */
static enum http_probe target_start(const uint8_t *p, size_t length) {
  while (length && *p == ' ') p++, length--;
  if (!length) return HTTP_PROBE_AGAIN;
  if (*p == '/') return HTTP_PROBE_YES;
  if (prefix_agrees(p, length, "http://", 7) || prefix_agrees(p, length, "https://", 8))
    return length >= 7 ? HTTP_PROBE_YES : HTTP_PROBE_AGAIN;
  return HTTP_PROBE_NO;
}

/* A known method alone on its line, seen to be HTTP's by the field below it. */
static enum http_probe field_below(const uint8_t *p, size_t length) {
  size_t i = 0, token;
  if (i < length && p[i] == '\r') i++;
  if (i < length && p[i] != '\n') return HTTP_PROBE_NO;
  for (token = ++i; i < length && http_text_is_token(p[i]);) i++;
  if (i >= length) return length < HTTP_PROBE_MAX ? HTTP_PROBE_AGAIN : HTTP_PROBE_NO;
  return i > token && p[i] == ':' ? HTTP_PROBE_YES : HTTP_PROBE_NO;
}

static enum http_probe request_start(const uint8_t *p, size_t length) {
  size_t limit = length < HTTP_PROBE_MAX ? length : HTTP_PROBE_MAX, token = 0;
  /* Nearly always, and what follows says the same with more words. */
  if (length >= 6 && (!memcmp(p, "GET /", 5) || !memcmp(p, "POST /", 6))) return HTTP_PROBE_YES;
  while (token < limit && token <= METHOD_MAX && http_text_is_token(p[token])) token++;
  if (!token || token > METHOD_MAX) return HTTP_PROBE_NO;
  if (token == limit) return HTTP_PROBE_AGAIN;
  int known = method_known(p, token);
  if (known && (p[token] == '\r' || p[token] == '\n')) return field_below(p + token, limit - token);
  if (p[token] != ' ' && p[token] != '\t') return HTTP_PROBE_NO;
  if (known) {
    enum http_probe probe = target_start(p + token, limit - token);
    if (probe != HTTP_PROBE_NO) return probe;
  }
  const uint8_t *lf = memchr(p + token, '\n', limit - token);
  if (!lf) return limit < HTTP_PROBE_MAX ? HTTP_PROBE_AGAIN : HTTP_PROBE_NO;
  size_t version = line_version(p, token, (size_t)(lf - p));
  if (version == SIZE_MAX) return HTTP_PROBE_NO;
  /* Of a method nobody knows the rest has to be in order: text that ends in a
     request line is none. */
  return known || !memchr(p + token + 1, ' ', version > token ? version - token - 1 : 0)
             ? HTTP_PROBE_YES
             : HTTP_PROBE_NO;
}

enum http_probe http_probe_start(enum http_kind kind, const uint8_t *bytes, size_t length) {
  return kind == HTTP_RESPONSE ? response_start(bytes, length) : request_start(bytes, length);
}

int http_probe_cut(enum http_kind kind, const uint8_t *bytes, size_t length) {
  size_t token = 0;
  if (kind == HTTP_RESPONSE) return length >= 5 && prefix_agrees(bytes, 5, "http/", 5);
  while (token < length && http_text_is_token(bytes[token])) token++;
  return token && token < length && bytes[token] == ' ' && method_known(bytes, token);
}

/* Matches '0' to any digit and other characters to themselves. */
static enum http_probe pattern_probe(const uint8_t *p, size_t length, const char *pattern) {
  size_t i = 0;
  for (; i < length && pattern[i]; i++)
    if (pattern[i] == '0' ? !http_text_is_digit(p[i]) : p[i] != (uint8_t)pattern[i])
      return HTTP_PROBE_NO;
  return pattern[i] ? HTTP_PROBE_AGAIN : HTTP_PROBE_YES;
}

static enum http_probe response_resync(const uint8_t *p, size_t length) {
  enum http_probe probe = pattern_probe(p, length, "HTTP/0.0 000");
  if (probe != HTTP_PROBE_YES) return probe;
  if (length < 13) return HTTP_PROBE_AGAIN;
  return p[12] == ' ' || p[12] == '\r' || p[12] == '\n' ? HTTP_PROBE_YES : HTTP_PROBE_NO;
}

/* Does the line, which ends before the LF at `end`, end in a version? */
static int line_ends_versioned(const uint8_t *p, size_t from, size_t end) {
  if (end > from && p[end - 1] == '\r') end--;
  return end >= from + 9 && pattern_probe(p + end - 9, 9, " HTTP/0.0") == HTTP_PROBE_YES;
}

static enum http_probe request_resync(const uint8_t *p, size_t length, int line_start) {
  size_t limit = length < HTTP_PROBE_MAX ? length : HTTP_PROBE_MAX, token = 0;
  while (token < limit && token <= METHOD_MAX &&
         ((p[token] >= 'A' && p[token] <= 'Z') || p[token] == '-' || p[token] == '_'))
    token++;
  if (!token || token > METHOD_MAX) return HTTP_PROBE_NO;
  if (token == limit) return HTTP_PROBE_AGAIN;
  if (p[token] != ' ' || (!line_start && !method_known(p, token))) return HTTP_PROBE_NO;
  const uint8_t *lf = memchr(p + token, '\n', limit - token);
  if (!lf) return limit < HTTP_PROBE_MAX ? HTTP_PROBE_AGAIN : HTTP_PROBE_NO;
  return line_ends_versioned(p, token, (size_t)(lf - p)) ? HTTP_PROBE_YES : HTTP_PROBE_NO;
}

enum http_probe http_probe_resync(enum http_kind kind, const uint8_t *bytes, size_t length,
                                  int line_start) {
  return kind == HTTP_RESPONSE ? response_resync(bytes, length)
                               : request_resync(bytes, length, line_start);
}

/* RFC 8446 section 5.1: a handshake or alert record of TLS 1.x; RFC 4253
   section 4.2; RFC 9113 section 3.4. */
static int never_http1(const uint8_t *p, size_t length) {
  if (length >= 3 && (p[0] == 0x16 || p[0] == 0x15) && p[1] == 3 && p[2] <= 4) return 1;
  if (length >= 4 && !memcmp(p, "SSH-", 4)) return 1;
  return length >= 14 && !memcmp(p, "PRI * HTTP/2.0", 14);
}

enum http_probe http_probe_first(const uint8_t *bytes, size_t length, enum http_kind *ret_kind) {
  while (length && (*bytes == '\r' || *bytes == '\n')) bytes++, length--;
  if (!length) return HTTP_PROBE_AGAIN;
  if (never_http1(bytes, length)) return HTTP_PROBE_NEVER;
  if (length < 14 && !memcmp(bytes, "PRI * HTTP/2.0", length)) return HTTP_PROBE_AGAIN;
  *ret_kind = HTTP_RESPONSE;
  enum http_probe probe = response_start(bytes, length);
  if (probe != HTTP_PROBE_NO) return probe;
  *ret_kind = HTTP_REQUEST;
  return request_start(bytes, length);
}
