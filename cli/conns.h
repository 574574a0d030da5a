/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_CONNS_H
#define CLI_CONNS_H

#include <nettle/sha2.h>

#include <weft/protocol.h>

#include "output.h"

/* One direction of a connection, as `weft conns` gathers it. */
struct side {
  uint64_t (*gaps)[2]; /* offset, length; room for a power of two */
  size_t ngaps;
  int probed; /* its first bytes have been looked at */
};

enum { SERVER_NAME_MAX = 255 };

struct conns;

struct conn {
  struct conns *all;
  struct side sides[2];
  struct sha256_ctx *digests; /* of both directions, behind this struct; NULL without --digest */
  int protocol;               /* enum weft_protocol; negative: not known */
  int switched;               /* by a response 101 */
  char *server_name;          /* of TLS; NULL: none seen */
  struct weft_websocket *websockets; /* of both directions, once they speak it */
  uint32_t end;                      /* enum weft_end_cause */
};

struct conns {
  const struct args *args;
  struct output output;
  uint8_t scratch[16384]; /* to see first bytes in one piece */
};

/* The header line, where the format has one. */
void conns_begin(struct conns *);

/* One line or object for a connection that is over.  Ends its digests. */
void conns_write(struct conns *, const struct weft_conn *, struct conn *);

#endif
