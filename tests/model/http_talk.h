/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_HTTP_TALK_H
#define TEST_HTTP_TALK_H

#include <weft/stream.h>

/*
 * A conversation between an HTTP client and a server as it truly was: messages,
 * the packets that carried them, and when each passed the place of capture.
 * Requests name themselves in their URL, "/7/3", responses in a field, "X-Id: 7/3":
 * connection and transaction.
 */
#define TALK_TRANSACTIONS 24
#define TALK_PACKETS 4096
#define TALK_BYTES (TALK_TRANSACTIONS * 8192)

enum talk_style { TALK_ONE_BY_ONE, TALK_GROUPS, TALK_SLIDING };

struct talk_message {
  uint64_t start, head, end; /* stream offsets: first byte, body, end */
  weft_time sent, arrived;   /* its last byte */
};

struct talk_packet {
  uint64_t start, end, acks; /* stream offsets */
  weft_time sent, seen;      /* by its sender; at the place of capture */
  uint8_t dir, flags;
};

struct talk {
  unsigned conn, ntransactions, npackets;
  enum talk_style style;
  struct talk_message messages[2][TALK_TRANSACTIONS];
  struct talk_packet packets[TALK_PACKETS]; /* in the order seen */
  char bytes[2][TALK_BYTES];
  uint64_t length[2];
};

/* A conversation that `seed` decides. */
void talk_make(struct talk *, unsigned conn, weft_time start, uint64_t *seed);

#endif
