/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_PROTOCOL_H
#define WEFT_PROTOCOL_H

#include <weft/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What a connection speaks, by its content and on any port.  Pure functions of
 * bytes: they keep nothing and may be called from anywhere.
 */
enum weft_protocol {
  WEFT_PROTOCOL_OTHER = 0,
  WEFT_PROTOCOL_HTTP,  /* HTTP/1 and before */
  WEFT_PROTOCOL_HTTP2, /* its connection preface, or h2c agreed upon by 101 */
  WEFT_PROTOCOL_TLS,   /* what is within is not seen */
  WEFT_PROTOCOL_SSH,
  WEFT_PROTOCOL_WEBSOCKET /* agreed upon by 101 */
};

/* "other", "http", "http2", "tls", "ssh", "websocket": static, never NULL. */
WEFT_API const char *weft_protocol_name(uint32_t protocol);

/* From the first bytes that one side sent: an enum weft_protocol, or
   WEFT_E_AGAIN when more bytes must tell.  2048 always tell. */
WEFT_API int weft_protocol_probe(const uint8_t *data, size_t length);

/* Do these bytes begin with a response 101 (RFC 9110 section 15.2.2)?  The enum
   weft_protocol that both sides speak from here on, and writes where the
   response ends; WEFT_PROTOCOL_HTTP: no such response; WEFT_E_AGAIN: one that
   is not all there. */
WEFT_API int weft_protocol_switch(const uint8_t *data, size_t length, size_t *ret_end);

/* The host that a TLS client asks for (RFC 6066 section 3), from its first
   bytes: 1, with *ret_base pointing into the data; 0, there is none; WEFT_E_AGAIN,
   when more bytes must tell. */
WEFT_API int weft_tls_server_name(const uint8_t *data, size_t length, const char **ret_base,
                                  size_t *ret_length);

/*
 * WebSocket frames counted (RFC 6455 section 5.2), one direction at a time.
 * Payload is stepped over.  Where it cannot be told any more where a frame
 * begins, behind a gap or what is no frame, counting ends.
 */
struct weft_websocket { /* FROZEN; all zero to begin with */
  uint64_t frames;      /* begun */
  uint64_t opcodes[16]; /* of these, by opcode: 1 text, 2 binary, 8 close, 9 ping, 10 pong */
  struct weft_mark first, last; /* the first byte of the first frame, the last byte of any so far */
  uint64_t remaining;           /* payload of the current frame that is still to come */
  uint8_t head[14], nhead;      /* of a frame whose head is not all there */
  uint8_t lost;                 /* counting has ended */
};

WEFT_API void weft_websocket_data(struct weft_websocket *, const struct weft_span *, size_t nspans);
WEFT_API void weft_websocket_gap(struct weft_websocket *, uint64_t length);

#ifdef __cplusplus
}
#endif

#endif
