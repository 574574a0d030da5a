/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <weft/protocol.h>

#include "require.h"

/*
 * Always true:
 *   - more bytes change no answer but "more must tell", and 2048 of them tell;
 *   - a server name lies inside the bytes, and so does the end of a 101;
 *   - WebSocket frames are counted the same in one piece and in single bytes.
 */

static void check_growth(const uint8_t *data, size_t size) {
  int protocol = WEFT_E_AGAIN, before = WEFT_E_AGAIN;
  size_t end_before = 0;
  for (size_t n = 0; n <= size && n <= 4096; n++) {
    size_t end = 0;
    int now = weft_protocol_probe(data, n), switched = weft_protocol_switch(data, n, &end);
    REQUIRE(now == protocol || protocol == WEFT_E_AGAIN);
    REQUIRE(now != WEFT_E_AGAIN || n < 2048);
    REQUIRE(switched == before || before == WEFT_E_AGAIN);
    REQUIRE(end <= n && (before == WEFT_E_AGAIN || end == end_before));
    protocol = now;
    before = switched;
    end_before = end;
  }
}

static void check_server_name(const uint8_t *data, size_t size) {
  const char *base = NULL;
  size_t length = 0;
  int found = weft_tls_server_name(data, size, &base, &length);
  REQUIRE(found == 1 || found == 0 || found == WEFT_E_AGAIN);
  if (found != 1) return;
  REQUIRE(length > 0 && (const uint8_t *)base > data);
  REQUIRE((const uint8_t *)base + length <= data + size);
}

static void check_websocket(const uint8_t *data, size_t size) {
  struct weft_websocket whole = {0}, bytes = {0};
  struct weft_span span = {data, size, 0, {1, 1}};
  uint64_t opcodes = 0;
  weft_websocket_data(&whole, &span, 1);
  span.len = 1;
  for (size_t i = 0; i < size; i++, span.base++) weft_websocket_data(&bytes, &span, 1);
  REQUIRE(!memcmp(&whole, &bytes, sizeof whole));
  for (int i = 0; i < 16; i++) opcodes += whole.opcodes[i];
  REQUIRE(opcodes == whole.frames && whole.frames <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  check_growth(data, size);
  check_server_name(data, size);
  check_websocket(data, size);
  return 0;
}
