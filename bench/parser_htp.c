/* SPDX-License-Identifier: BSD-2-Clause */
/* libhtp reads both directions of a connection; here it is shown one of them. */
#include <htp/htp.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"

static htp_cfg_t *config;
static htp_connp_t *parser;
static int responding;
static struct timeval now = {1, 0};

static int count_fields(const htp_table_t *fields) {
  size_t n = htp_table_size(fields);
  parser_found.fields += n;
  for (size_t i = 0; i < n; i++) {
    const htp_header_t *field = htp_table_get_index(fields, i, NULL);
    parser_found.value_bytes += bstr_len(field->value);
  }
  return HTP_OK;
}

static int on_request_fields(htp_tx_t *tx) { return count_fields(tx->request_headers); }
static int on_response_fields(htp_tx_t *tx) { return count_fields(tx->response_headers); }

static int on_body(htp_tx_data_t *data) {
  parser_found.body_bytes += data->data ? data->len : 0; /* none: the end */
  return HTP_OK;
}

static int on_request(htp_tx_t *tx) {
  (void)tx;
  parser_found.messages += !responding;
  return HTP_OK;
}

static int on_response(htp_tx_t *tx) {
  (void)tx;
  parser_found.messages++;
  return HTP_OK;
}

static void configure(void) {
  config = htp_config_create();
  if (config == NULL) abort();
  htp_config_register_request_headers(config, on_request_fields);
  htp_config_register_response_headers(config, on_response_fields);
  htp_config_register_request_body_data(config, on_body);
  htp_config_register_response_body_data(config, on_body);
  htp_config_register_request_complete(config, on_request);
  htp_config_register_response_complete(config, on_response);
}

static void begin(int responses) {
  if (config == NULL) configure();
  responding = responses;
  parser = htp_connp_create(config);
  if (parser == NULL) abort();
  htp_connp_open(parser, "192.0.2.1", 1024, "192.0.2.2", 80, &now);
}

static void feed(const uint8_t *bytes, size_t length) {
  if (responding)
    htp_connp_res_data(parser, &now, bytes, length);
  else
    htp_connp_req_data(parser, &now, bytes, length);
}

static void end(void) { htp_connp_destroy_all(parser); }

const struct parser_peer parser_htp = {"libhtp", begin, feed, end};
