/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_CONNS_H
#define CLI_CONNS_H

#include <nettle/sha2.h>

#include <weft/stream.h>

#include "output.h"

/* One direction of a connection, as `weft conns` gathers it. */
struct side {
  uint64_t (*gaps)[2]; /* offset, length; room for a power of two */
  size_t ngaps;
  uint8_t head[32]; /* first bytes, until the protocol is known */
  uint8_t nhead, probed;
};

struct conns;

struct conn {
  struct conns *all;
  struct side sides[2];
  struct sha256_ctx *digests; /* of both directions, behind this struct; NULL without --digest */
  const char *protocol;       /* NULL: not known */
  uint32_t end;               /* enum weft_end_cause */
};

struct conns {
  const struct args *args;
  struct output output;
};

/* The header line, where the format has one. */
void conns_begin(struct conns *);

/* One line or object for a connection that is over.  Ends its digests. */
void conns_write(struct conns *, const struct weft_conn *, struct conn *);

#endif
