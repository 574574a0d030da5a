/* SPDX-License-Identifier: BSD-2-Clause */
#include <http_parser.h>

#include "parser.h"

static http_parser parser;
static int in_value;

static int on_name(http_parser *p, const char *at, size_t length) {
  (void)p, (void)at, (void)length;
  in_value = 0;
  return 0;
}

/* A value may come in pieces: its first one counts. */
static int on_value(http_parser *p, const char *at, size_t length) {
  (void)p, (void)at;
  parser_found.fields += !in_value;
  in_value = 1;
  parser_found.value_bytes += length;
  return 0;
}

static int on_body(http_parser *p, const char *at, size_t length) {
  (void)p, (void)at;
  parser_found.body_bytes += length;
  return 0;
}

static int on_complete(http_parser *p) {
  (void)p;
  parser_found.messages++;
  return 0;
}

static const http_parser_settings settings = {.on_url = on_name,
                                              .on_status = on_name,
                                              .on_header_field = on_name,
                                              .on_header_value = on_value,
                                              .on_body = on_body,
                                              .on_message_complete = on_complete};

static void begin(int responses) {
  http_parser_init(&parser, responses ? HTTP_RESPONSE : HTTP_REQUEST);
}

static void feed(const uint8_t *bytes, size_t length) {
  http_parser_execute(&parser, &settings, (const char *)bytes, length);
}

static void end(void) {}

const struct parser_peer parser_http_parser = {"http_parser", begin, feed, end};
