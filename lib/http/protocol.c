/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <weft/protocol.h>

#include "http/probe.h"
#include "http/protocol.h"
#include "http/text.h"

const char *weft_protocol_name(uint32_t protocol) {
  static const char *const names[] = {"other", "http", "http2", "tls", "ssh", "websocket"};
  return names[protocol < sizeof names / sizeof *names ? protocol : WEFT_PROTOCOL_OTHER];
}

/* ---- first bytes --------------------------------------------------------------- */

/* Equal as far as both go: 1, or WEFT_E_AGAIN while `length` is less than all. */
static int begins(const uint8_t *data, size_t length, const char *with) {
  size_t n = strlen(with);
  if (memcmp(data, with, length < n ? length : n) != 0) return 0;
  return length < n ? WEFT_E_AGAIN : 1;
}

/* RFC 8446 section 5.1: type, version 3.x, length up to 2^14 and what older
   versions add.  Application data too: a connection may be met in its middle. */
static int tls_begins(const uint8_t *p, size_t length) {
  if (length >= 1 && (p[0] < 20 || p[0] > 23)) return 0;
  if (length >= 2 && p[1] != 3) return 0;
  if (length >= 3 && p[2] > 4) return 0;
  if (length < 5) return WEFT_E_AGAIN;
  unsigned n = (unsigned)p[3] << 8 | p[4];
  return n > 0 && n <= (1 << 14) + 2048;
}

int weft_protocol_probe(const uint8_t *data, size_t length) {
  enum http_kind kind;
  if (!length) return WEFT_E_AGAIN;
  int tls = tls_begins(data, length);
  if (tls) return tls < 0 ? tls : WEFT_PROTOCOL_TLS;
  int http2 = begins(data, length, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  if (http2) return http2 < 0 ? http2 : WEFT_PROTOCOL_HTTP2;
  int ssh = begins(data, length, "SSH-");
  if (ssh > 0) return WEFT_PROTOCOL_SSH;
  switch (http_probe_first(data, length, &kind)) {
  case HTTP_PROBE_YES: return WEFT_PROTOCOL_HTTP;
  case HTTP_PROBE_AGAIN:
    return length < HTTP_PROBE_MAX ? (int)WEFT_E_AGAIN : (int)WEFT_PROTOCOL_OTHER;
  default: return ssh < 0 ? ssh : (int)WEFT_PROTOCOL_OTHER;
  }
}

/* ---- 101 ------------------------------------------------------------------------- */

/* Does the list name it?  "websocket", "h2c", also among others. */
static int list_has(const uint8_t *p, size_t length, const char *word) {
  size_t n = strlen(word);
  for (size_t i = 0; i + n <= length; i++) {
    int starts = i == 0 || p[i - 1] == ',' || http_text_is_blank(p[i - 1]);
    int ends = i + n == length || p[i + n] == ',' || http_text_is_blank(p[i + n]);
    if (starts && ends && http_text_is(p + i, n, word)) return 1;
  }
  return 0;
}

/* RFC 9110 section 7.8. */
static int upgrade_protocol(const uint8_t *value, size_t length) {
  if (list_has(value, length, "websocket")) return WEFT_PROTOCOL_WEBSOCKET;
  if (list_has(value, length, "h2c")) return WEFT_PROTOCOL_HTTP2;
  return length >= 4 && http_text_is(value, 4, "tls/") ? WEFT_PROTOCOL_TLS : WEFT_PROTOCOL_OTHER;
}

void http_protocol_count(struct weft_http_stats *stats, int protocol) {
  stats->conns_other++;
  if (protocol == WEFT_PROTOCOL_TLS) stats->conns_tls++;
  if (protocol == WEFT_PROTOCOL_HTTP2) stats->conns_http2++;
  if (protocol == WEFT_PROTOCOL_WEBSOCKET) stats->conns_websocket++;
}

int http_protocol_after(const struct weft_http_message *response) {
  struct weft_text upgrade = weft_http_find(response, "upgrade");
  if (response->status != 101) return WEFT_PROTOCOL_OTHER;
  return upgrade_protocol((const uint8_t *)upgrade.base, upgrade.len);
}

/* "HTTP/1.x 101" and what ends a number. */
static int is_switching(const uint8_t *p, size_t length) {
  static const char pattern[] = "HTTP/1.0 101 ";
  for (size_t i = 0; i < length && i < sizeof pattern - 1; i++) {
    int fits = i == 7    ? http_text_is_digit(p[i])
               : i == 12 ? p[i] == ' ' || p[i] == '\r' || p[i] == '\n'
                         : p[i] == (uint8_t)pattern[i];
    if (!fits) return 0;
  }
  return length < sizeof pattern - 1 ? WEFT_E_AGAIN : 1;
}

int weft_protocol_switch(const uint8_t *data, size_t length, size_t *ret_end) {
  int switching = is_switching(data, length), protocol = WEFT_PROTOCOL_OTHER;
  if (switching <= 0) return switching < 0 ? switching : (int)WEFT_PROTOCOL_HTTP;
  for (size_t at = 0, end; at < length; at = end + 1) {
    const uint8_t *lf = memchr(data + at, '\n', length - at), *value = data + at + 8;
    if (!lf) break;
    end = (size_t)(lf - data);
    size_t n = end - at - (end > at && data[end - 1] == '\r');
    if (n == 0) {
      *ret_end = end + 1;
      return protocol;
    }
    if (n < 8 || !http_text_is(data + at, 8, "upgrade:")) continue;
    n -= 8;
    http_text_trim(&value, &n);
    protocol = upgrade_protocol(value, n);
  }
  return WEFT_E_AGAIN;
}

/* ---- TLS --------------------------------------------------------------------------- */

/* Bytes still to be read; reading past their end leaves `short_of` set. */
struct bytes {
  const uint8_t *at;
  size_t left;
  int short_of;
};

static unsigned take(struct bytes *b, size_t n) {
  unsigned v = 0;
  if (b->left < n) {
    b->short_of = 1;
    b->left = 0;
    return 0;
  }
  for (size_t i = 0; i < n; i++) v = v << 8 | b->at[i];
  b->at += n;
  b->left -= n;
  return v;
}

static void skip(struct bytes *b, size_t n) {
  if (b->left < n) b->short_of = 1;
  n = b->left < n ? b->left : n;
  b->at += n;
  b->left -= n;
}

/* ServerNameList: the first host_name. */
static int server_name(struct bytes b, const char **ret_base, size_t *ret_length) {
  take(&b, 2);
  while (b.left > 0) {
    unsigned type = take(&b, 1), n = take(&b, 2);
    if (b.left < n || b.short_of) return WEFT_E_AGAIN;
    if (type == 0) {
      *ret_base = (const char *)b.at;
      *ret_length = n;
      return n > 0;
    }
    skip(&b, n);
  }
  return 0;
}

/* A ClientHello (RFC 8446 section 4.1.2) that a sender spread over several
   records is not read beyond the first. */
int weft_tls_server_name(const uint8_t *data, size_t length, const char **ret_base,
                         size_t *ret_length) {
  struct bytes b = {data, length, 0};
  int cut = 0; /* more of the record is to come */
  if (length < 6) return WEFT_E_AGAIN;
  if (data[0] != 22 || data[5] != 1) return 0;
  take(&b, 3);
  unsigned record = take(&b, 2);
  if (b.left < record)
    cut = 1;
  else
    b.left = record;
  skip(&b, 4 + 2 + 32); /* type and length, version, random */
  skip(&b, take(&b, 1));
  skip(&b, take(&b, 2));
  skip(&b, take(&b, 1));
  take(&b, 2);
  while (b.left > 0) {
    unsigned type = take(&b, 2), n = take(&b, 2);
    if (type == 0 && !b.short_of && n <= b.left)
      return server_name((struct bytes){b.at, n, 0}, ret_base, ret_length) > 0;
    skip(&b, n);
  }
  return cut ? WEFT_E_AGAIN : 0;
}
