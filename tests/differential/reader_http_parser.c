/* SPDX-License-Identifier: BSD-2-Clause */
#include <http_parser.h>

#include <string.h>

#include "reading.h"

static int in_body; /* fields from here on are trailers */

static int on_begin(http_parser *p) {
  reading_begin(p->data);
  in_body = 0;
  return 0;
}

static struct target {
  char bytes[8192];
  size_t length;
} target;

static int on_url(http_parser *p, const char *at, size_t length) {
  (void)p;
  for (size_t i = 0; i < length && target.length < sizeof target.bytes; i++)
    target.bytes[target.length++] = at[i];
  return 0;
}

static int on_name(http_parser *p, const char *at, size_t length) {
  if (!in_body) reading_name(p->data, at, length);
  return 0;
}

static int on_value(http_parser *p, const char *at, size_t length) {
  if (!in_body) reading_value(p->data, at, length);
  return 0;
}

static int on_head(http_parser *p) {
  if (p->type == HTTP_RESPONSE) {
    reading_number(p->data, p->status_code);
  } else {
    const char *method = http_method_str((enum http_method)p->method);
    reading_word(p->data, method, strlen(method));
    reading_word(p->data, target.bytes, target.length);
  }
  reading_version(p->data, p->http_major, p->http_minor);
  target.length = 0;
  in_body = 1;
  return 0;
}

static int on_body(http_parser *p, const char *at, size_t length) {
  reading_body(p->data, at, length);
  return 0;
}

static int on_complete(http_parser *p) {
  reading_end(p->data);
  return 0;
}

static const http_parser_settings settings = {.on_message_begin = on_begin,
                                              .on_url = on_url,
                                              .on_header_field = on_name,
                                              .on_header_value = on_value,
                                              .on_headers_complete = on_head,
                                              .on_body = on_body,
                                              .on_message_complete = on_complete};

static void read_http_parser(int responses, const uint8_t *bytes, size_t length,
                             struct reading *ret) {
  http_parser parser;
  http_parser_init(&parser, responses ? HTTP_RESPONSE : HTTP_REQUEST);
  parser.data = ret;
  target.length = 0;
  http_parser_execute(&parser, &settings, (const char *)bytes, length);
  ret->refused = HTTP_PARSER_ERRNO(&parser) != HPE_OK;
  if (!ret->refused && !parser.upgrade) http_parser_execute(&parser, &settings, "", 0);
}

const struct reader reader_http_parser = {"http_parser", read_http_parser};
