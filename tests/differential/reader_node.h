/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The callbacks of llhttp and of http_parser, which it continues: they differ in
 * the names of types alone.  Whoever includes this has included the parser's header,
 * which no file can together with the other's, and defined
 *
 *     PEER            the parser's type
 *     PEER_METHOD(p)  the name of the method that it read
 */
#include <string.h>

#include "reading.h"

static int in_body; /* fields from here on are trailers */

static int on_begin(PEER *p) {
  reading_begin(p->data);
  in_body = 0;
  return 0;
}

static struct target {
  char bytes[8192];
  size_t length;
} target;

static int on_url(PEER *p, const char *at, size_t length) {
  (void)p;
  for (size_t i = 0; i < length && target.length < sizeof target.bytes; i++)
    target.bytes[target.length++] = at[i];
  return 0;
}

static int on_name(PEER *p, const char *at, size_t length) {
  if (!in_body) reading_name(p->data, at, length);
  return 0;
}

static int on_value(PEER *p, const char *at, size_t length) {
  if (!in_body) reading_value(p->data, at, length);
  return 0;
}

static int on_head(PEER *p) {
  if (p->type == HTTP_RESPONSE) {
    reading_number(p->data, p->status_code);
  } else {
    const char *method = PEER_METHOD(p);
    reading_word(p->data, method, strlen(method));
    reading_word(p->data, target.bytes, target.length);
  }
  reading_version(p->data, p->http_major, p->http_minor);
  target.length = 0;
  in_body = 1;
  return 0;
}

static int on_body(PEER *p, const char *at, size_t length) {
  reading_body(p->data, at, length);
  return 0;
}

static int on_complete(PEER *p) {
  reading_end(p->data);
  return 0;
}
