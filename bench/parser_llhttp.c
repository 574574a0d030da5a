/* SPDX-License-Identifier: BSD-2-Clause */
#include <llhttp/llhttp.h>

#include "parser.h"

static llhttp_t parser;

static int on_name(llhttp_t *p, const char *at, size_t length) {
  (void)p, (void)at, (void)length;
  return 0;
}

static int on_value(llhttp_t *p, const char *at, size_t length) {
  (void)p, (void)at;
  parser_found.value_bytes += length;
  return 0;
}

static int on_value_complete(llhttp_t *p) {
  (void)p;
  parser_found.fields++;
  return 0;
}

static int on_body(llhttp_t *p, const char *at, size_t length) {
  (void)p, (void)at;
  parser_found.body_bytes += length;
  return 0;
}

static int on_complete(llhttp_t *p) {
  (void)p;
  parser_found.messages++;
  return 0;
}

static void begin(int responses) {
  static llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_url = settings.on_status = settings.on_header_field = on_name;
  settings.on_header_value = on_value;
  settings.on_header_value_complete = on_value_complete;
  settings.on_body = on_body;
  settings.on_message_complete = on_complete;
  llhttp_init(&parser, responses ? HTTP_RESPONSE : HTTP_REQUEST, &settings);
}

static void feed(const uint8_t *bytes, size_t length) {
  llhttp_execute(&parser, (const char *)bytes, length);
}

static void end(void) {}

const struct parser_peer parser_llhttp = {"llhttp", begin, feed, end};
