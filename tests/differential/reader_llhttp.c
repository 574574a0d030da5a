/* SPDX-License-Identifier: BSD-2-Clause */
#include <llhttp/llhttp.h>

#define PEER llhttp_t
#define PEER_METHOD(p) llhttp_method_name((llhttp_method_t)(p)->method)
#include "reader_node.h"

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
