/* SPDX-License-Identifier: BSD-2-Clause */
/* libhtp reads both directions of a connection; here it is shown one of them. */
#include <htp/htp.h>
#include <stdlib.h>

#include "reading.h"

static htp_cfg_t *config;
static struct reading *reading;
static int responding;

static void add_bytes(void (*add)(struct reading *, const char *, size_t), const bstr *text) {
  add(reading, text ? (const char *)bstr_ptr(text) : "", text ? bstr_len(text) : 0);
}

static void add_fields(const htp_table_t *fields) {
  for (size_t i = 0; i < htp_table_size(fields); i++) {
    const htp_header_t *field = htp_table_get_index(fields, i, NULL);
    add_bytes(reading_name, field->name);
    add_bytes(reading_value, field->value);
  }
}

static void add_version(int number) {
  if (number >= 0)
    reading_version(reading, (unsigned)number / 100, (unsigned)number % 100);
  else
    reading_version(reading, 99, 99); /* none it knows */
}

static int on_request_fields(htp_tx_t *tx) {
  if (responding) return HTP_OK;
  reading_begin(reading);
  add_bytes(reading_word, tx->request_method);
  add_bytes(reading_word, tx->request_uri);
  add_version(tx->request_protocol_number);
  add_fields(tx->request_headers);
  return HTP_OK;
}

static int on_response_fields(htp_tx_t *tx) {
  reading_begin(reading);
  reading_number(reading,
                 tx->response_status_number > 0 ? (unsigned)tx->response_status_number : 0);
  add_version(tx->response_protocol_number);
  add_fields(tx->response_headers);
  return HTP_OK;
}

static int on_body(htp_tx_data_t *data) {
  if (data->data) reading_body(reading, (const char *)data->data, data->len);
  return HTP_OK;
}

static int on_request(htp_tx_t *tx) {
  (void)tx;
  if (!responding) reading_end(reading);
  return HTP_OK;
}

static int on_response(htp_tx_t *tx) {
  (void)tx;
  if (responding) reading_end(reading);
  return HTP_OK;
}

static void configure(void) {
  config = htp_config_create();
  if (!config || htp_config_set_server_personality(config, HTP_SERVER_IDS) != HTP_OK) abort();
  htp_config_set_response_decompression(config, 0);
  htp_config_register_request_headers(config, on_request_fields);
  htp_config_register_response_headers(config, on_response_fields);
  htp_config_register_request_body_data(config, on_body);
  htp_config_register_response_body_data(config, on_body);
  htp_config_register_request_complete(config, on_request);
  htp_config_register_response_complete(config, on_response);
}

static void read_htp(int responses, const uint8_t *bytes, size_t length, struct reading *ret) {
  struct timeval now = {1, 0};
  if (!config) configure();
  reading = ret;
  responding = responses;
  htp_connp_t *parser = htp_connp_create(config);
  if (!parser) abort();
  htp_connp_open(parser, "192.0.2.1", 1024, "192.0.2.2", 80, &now);
  int state = responses ? htp_connp_res_data(parser, &now, bytes, length)
                        : htp_connp_req_data(parser, &now, bytes, length);
  ret->refused = state == HTP_STREAM_ERROR || state == HTP_STREAM_STOP;
  if (!ret->refused) htp_connp_close(parser, &now);
  htp_connp_destroy_all(parser);
}

const struct reader reader_htp = {"libhtp", read_htp};
