/* SPDX-License-Identifier: BSD-2-Clause */
#include <llhttp/llhttp.h>

#include <string.h>

#include "reading.h"

static int in_body; /* fields from here on are trailers */

static int on_begin(llhttp_t *p) {
  reading_begin(p->data);
  in_body = 0;
  return 0;
}

static struct target {
  char bytes[8192];
  size_t length;
} target;

static int on_url(llhttp_t *p, const char *at, size_t length) {
  (void)p;
  for (size_t i = 0; i < length && target.length < sizeof target.bytes; i++)
    target.bytes[target.length++] = at[i];
  return 0;
}

static int on_name(llhttp_t *p, const char *at, size_t length) {
  if (!in_body) reading_name(p->data, at, length);
  return 0;
}

static int on_value(llhttp_t *p, const char *at, size_t length) {
  if (!in_body) reading_value(p->data, at, length);
  return 0;
}

static int on_head(llhttp_t *p) {
  if (p->type == HTTP_RESPONSE) {
    reading_number(p->data, p->status_code);
  } else {
    const char *method = llhttp_method_name((llhttp_method_t)p->method);
    reading_word(p->data, method, strlen(method));
    reading_word(p->data, target.bytes, target.length);
  }
  reading_version(p->data, p->http_major, p->http_minor);
  target.length = 0;
  in_body = 1;
  return 0;
}

static int on_body(llhttp_t *p, const char *at, size_t length) {
  reading_body(p->data, at, length);
  return 0;
}

static int on_complete(llhttp_t *p) {
  reading_end(p->data);
  return 0;
}

static void read_llhttp(int responses, const uint8_t *bytes, size_t length, struct reading *ret) {
  static llhttp_settings_t settings;
  llhttp_t parser;
  llhttp_settings_init(&settings);
  settings.on_message_begin = on_begin;
  settings.on_url = on_url;
  settings.on_header_field = on_name;
  settings.on_header_value = on_value;
  settings.on_headers_complete = on_head;
  settings.on_body = on_body;
  settings.on_message_complete = on_complete;
  llhttp_init(&parser, responses ? HTTP_RESPONSE : HTTP_REQUEST, &settings);
  parser.data = ret;
  target.length = 0;
  llhttp_errno_t error = llhttp_execute(&parser, (const char *)bytes, length);
  ret->refused = error != HPE_OK && error != HPE_PAUSED_UPGRADE;
  if (error == HPE_OK) llhttp_finish(&parser);
}

const struct reader reader_llhttp = {"llhttp", read_llhttp};
