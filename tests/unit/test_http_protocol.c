/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <weft/protocol.h>

#include "http/protocol.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* ---- first bytes ------------------------------------------------------------ */

static void first_bytes(void **state) {
  (void)state;
  assert_int_equal(weft_protocol_probe(BYTES("GET / HTTP/1.1\r\n")), WEFT_PROTOCOL_HTTP);
  assert_int_equal(weft_protocol_probe(BYTES("HTTP/1.1 200 OK\r\n")), WEFT_PROTOCOL_HTTP);
  assert_int_equal(weft_protocol_probe(BYTES("\x16\x03\x01\x02\x05\x01")), WEFT_PROTOCOL_TLS);
  assert_int_equal(weft_protocol_probe(BYTES("\x17\x03\x03\x00\x20")), WEFT_PROTOCOL_TLS);
  assert_int_equal(weft_protocol_probe(BYTES("\x15\x03\x03\x00\x02")), WEFT_PROTOCOL_TLS);
  assert_int_equal(weft_protocol_probe(BYTES("SSH-2.0-OpenSSH")), WEFT_PROTOCOL_SSH);
  assert_int_equal(weft_protocol_probe(BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0")),
                   WEFT_PROTOCOL_HTTP2);
  assert_int_equal(weft_protocol_probe(BYTES("220 mail ESMTP\r\n")), WEFT_PROTOCOL_OTHER);
  assert_int_equal(weft_protocol_probe(BYTES("\x16\x03\x01\xff\xff")), WEFT_PROTOCOL_OTHER);
  assert_int_equal(weft_protocol_probe(BYTES("\x16\x03\x01\x00\x00")), WEFT_PROTOCOL_OTHER);
  assert_int_equal(weft_protocol_probe(BYTES("\x16\x02\x01\x00\x05")), WEFT_PROTOCOL_OTHER);
  assert_int_equal(weft_protocol_probe(BYTES("\x00\x01\x02")), WEFT_PROTOCOL_OTHER);
}

static void first_bytes_may_not_tell_yet(void **state) {
  static const struct {
    const char *text;
    size_t length;
    int protocol;
  } whole[] = {{"\x16\x03\x01\x02\x05", 5, WEFT_PROTOCOL_TLS},
               {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24, WEFT_PROTOCOL_HTTP2},
               {"SSH-", 4, WEFT_PROTOCOL_SSH},
               {"HTTP/1", 6, WEFT_PROTOCOL_HTTP}};
  (void)state;
  for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
    for (size_t n = 0; n <= whole[i].length; n++)
      assert_int_equal(weft_protocol_probe((const uint8_t *)whole[i].text, n),
                       n < whole[i].length ? WEFT_E_AGAIN : whole[i].protocol);
}

static void two_thousand_bytes_tell(void **state) {
  static uint8_t bytes[2048];
  (void)state;
  memset(bytes, 'A', sizeof bytes);
  assert_int_equal(weft_protocol_probe(bytes, sizeof bytes), WEFT_PROTOCOL_OTHER);
  memcpy(bytes, "GET ", 4);
  memset(bytes + 4, ' ', sizeof bytes - 4);
  assert_int_equal(weft_protocol_probe(bytes, sizeof bytes), WEFT_PROTOCOL_OTHER);
}

static void protocols_have_names(void **state) {
  static const char *const names[] = {"other", "http", "http2", "tls", "ssh", "websocket", "other"};
  (void)state;
  for (uint32_t i = 0; i < 7; i++) assert_string_equal(weft_protocol_name(i), names[i]);
}

/* ---- 101 -------------------------------------------------------------------- */

#define SWITCH "HTTP/1.1 101 Switching Protocols\r\n"

static void a_switch_says_what_comes(void **state) {
  static const struct {
    const char *text;
    int protocol;
  } cases[] = {
      {SWITCH "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", WEFT_PROTOCOL_WEBSOCKET},
      {SWITCH "connection: upgrade\r\nUPGRADE:WebSocket\t\r\n\r\n", WEFT_PROTOCOL_WEBSOCKET},
      {"HTTP/1.0 101\nUpgrade: foo, h2c\n\n", WEFT_PROTOCOL_HTTP2},
      {SWITCH "Upgrade: TLS/1.2, HTTP/1.1\r\n\r\n", WEFT_PROTOCOL_TLS},
      {SWITCH "Upgrade: h2c-14\r\nX-Upgrade: websocket\r\n\r\n", WEFT_PROTOCOL_OTHER},
      {SWITCH "\r\n", WEFT_PROTOCOL_OTHER}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[200];
    size_t n = strlen(cases[i].text), end = 0;
    strcpy(text, cases[i].text);
    strcat(text, "\x81\x05");
    assert_int_equal(weft_protocol_switch((const uint8_t *)text, n + 2, &end), cases[i].protocol);
    assert_int_equal(end, n);
    for (end = 0; n-- > 0;)
      assert_int_equal(weft_protocol_switch((const uint8_t *)text, n, &end), WEFT_E_AGAIN);
    assert_int_equal(end, 0);
  }
}

static void others_are_no_switch(void **state) {
  size_t end = 7;
  (void)state;
  assert_int_equal(
      weft_protocol_switch(BYTES("HTTP/1.1 200 OK\r\nUpgrade: websocket\r\n\r\n"), &end),
      WEFT_PROTOCOL_HTTP);
  assert_int_equal(weft_protocol_switch(BYTES("HTTP/1.1 1010\r\n\r\n"), &end), WEFT_PROTOCOL_HTTP);
  assert_int_equal(weft_protocol_switch(BYTES("GET / HTTP/1.1\r\n"), &end), WEFT_PROTOCOL_HTTP);
  assert_int_equal(end, 7);
}

static void what_follows_a_response(void **state) {
  struct weft_http_field upgrade = {{"upgrade", 7}, {"websocket", 9}};
  struct weft_http_message m = {.status = 101, .fields = &upgrade, .nfields = 1};
  (void)state;
  assert_int_equal(http_protocol_after(&m), WEFT_PROTOCOL_WEBSOCKET);
  m.status = 200; /* of CONNECT */
  assert_int_equal(http_protocol_after(&m), WEFT_PROTOCOL_OTHER);
  m.status = 101;
  m.nfields = 0;
  assert_int_equal(http_protocol_after(&m), WEFT_PROTOCOL_OTHER);
}

static void counted_by_name(void **state) {
  struct weft_http_stats stats = {.size = sizeof stats};
  (void)state;
  http_protocol_count(&stats, WEFT_E_AGAIN);
  http_protocol_count(&stats, WEFT_PROTOCOL_OTHER);
  http_protocol_count(&stats, WEFT_PROTOCOL_TLS);
  http_protocol_count(&stats, WEFT_PROTOCOL_HTTP2);
  http_protocol_count(&stats, WEFT_PROTOCOL_WEBSOCKET);
  assert_int_equal(stats.conns_other, 5);
  assert_int_equal(stats.conns_tls, 1);
  assert_int_equal(stats.conns_http2, 1);
  assert_int_equal(stats.conns_websocket, 1);
}

/* ---- TLS --------------------------------------------------------------------- */

/* A ClientHello with those extensions; returns its length. */
static size_t hello(uint8_t *p, const char *extensions, size_t length) {
  static const uint8_t zeros[32];
  size_t n = 0, body = 2 + 32 + 5 + 4 + 2 + 2 + length;
  memcpy(p, "\x16\x03\x01", 3), n = 3;
  p[n++] = (uint8_t)((body + 4) >> 8), p[n++] = (uint8_t)(body + 4);
  p[n++] = 1, p[n++] = 0, p[n++] = (uint8_t)(body >> 8), p[n++] = (uint8_t)body;
  memcpy(p + n, "\x03\x03", 2), n += 2;
  memcpy(p + n, zeros, 32), n += 32;
  memcpy(p + n, "\x04sess", 5), n += 5;
  memcpy(p + n, "\x00\x02\x13\x01", 4), n += 4;
  memcpy(p + n, "\x01\x00", 2), n += 2;
  p[n++] = (uint8_t)(length >> 8), p[n++] = (uint8_t)length;
  memcpy(p + n, extensions, length);
  return n + length;
}

#define SNI \
  "\x00\x00\x00\x0d\x00\x0b\x00\x00\x08" \
  "weft.org"
#define OTHER "\x00\x0b\x00\x02\x01\x00"

static int name_of(const char *extensions, size_t length, const char **base, size_t *n) {
  static uint8_t record[512]; /* what is found points into it */
  return weft_tls_server_name(record, hello(record, extensions, length), base, n);
}

static void a_client_names_its_server(void **state) {
  const char *base = NULL;
  size_t n = 0;
  (void)state;
  assert_int_equal(name_of(SNI, sizeof SNI - 1, &base, &n), 1);
  assert_int_equal(n, 8);
  assert_memory_equal(base, "weft.org", 8);
  assert_int_equal(name_of(OTHER OTHER SNI OTHER, sizeof(OTHER OTHER SNI OTHER) - 1, &base, &n), 1);
  assert_memory_equal(base, "weft.org", 8);
}

static void or_does_not(void **state) {
  const char *base;
  size_t n;
  (void)state;
  assert_int_equal(name_of("", 0, &base, &n), 0);
  assert_int_equal(name_of(OTHER, sizeof OTHER - 1, &base, &n), 0);
  assert_int_equal(name_of("\0\0\0\0", 4, &base, &n), 0);             /* an empty list */
  assert_int_equal(name_of("\0\0\0\5\0\3\0\0\0", 9, &base, &n), 0);   /* an empty name */
  assert_int_equal(name_of("\0\0\0\6\0\4\1\0\1x", 10, &base, &n), 0); /* of another type */
  assert_int_equal(name_of("\0\0\0\6\0\4\0\xff\xff"
                           "x",
                           10, &base, &n),
                   0);                                            /* longer than its list */
  assert_int_equal(name_of("\0\x0b\xff\xff\0", 5, &base, &n), 0); /* longer than the record */
  assert_int_equal(weft_tls_server_name(BYTES("\x16\x03\x03\x00\x02\x02\x00"), &base, &n), 0);
  assert_int_equal(weft_tls_server_name(BYTES("GET / HTTP"), &base, &n), 0);
}

static void a_hello_in_pieces(void **state) {
  uint8_t record[256];
  size_t whole = hello(record, OTHER SNI OTHER, sizeof(OTHER SNI OTHER) - 1), n;
  const char *base;
  int before = WEFT_E_AGAIN;
  (void)state;
  for (size_t i = 0; i <= whole; i++) {
    /* Exactly as many bytes as there are, for the sanitizer to watch. */
    uint8_t *piece = malloc(i ? i : 1);
    assert_non_null(piece);
    memcpy(piece, record, i);
    int now = weft_tls_server_name(piece, i, &base, &n);
    assert_true(now == before || (before == WEFT_E_AGAIN && now == 1));
    before = now;
    free(piece);
  }
  assert_int_equal(before, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(first_bytes),
      cmocka_unit_test(first_bytes_may_not_tell_yet),
      cmocka_unit_test(two_thousand_bytes_tell),
      cmocka_unit_test(protocols_have_names),
      cmocka_unit_test(a_switch_says_what_comes),
      cmocka_unit_test(others_are_no_switch),
      cmocka_unit_test(what_follows_a_response),
      cmocka_unit_test(counted_by_name),
      cmocka_unit_test(a_client_names_its_server),
      cmocka_unit_test(or_does_not),
      cmocka_unit_test(a_hello_in_pieces),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
