/* SPDX-License-Identifier: BSD-2-Clause */
#include <http_parser.h>

#define PEER http_parser
#define PEER_METHOD(p) http_method_str((enum http_method)(p)->method)
#include "reader_node.h"

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
