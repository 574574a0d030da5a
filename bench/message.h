/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BENCH_MESSAGE_H
#define WEFT_BENCH_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

/*
 * HTTP/1.1 messages of made-up but likely shape: request and response lines,
 * fields and bodies, from a seeded generator.
 */
struct random {
  uint64_t state;
};

uint64_t random_next(struct random *);

/* From 0 up to and without `bound`, which is not 0. */
uint32_t random_below(struct random *, uint32_t bound);

/* Whether something of this probability, in parts of 10 000, happens. */
int random_chance(struct random *, uint32_t in_10000);

/* How large messages are and what they carry. */
enum message_style {
  MESSAGE_BULK, /* long responses */
  MESSAGE_WEB,  /* pages and their parts; some requests with bodies, some chunked responses */
  MESSAGE_SMALL /* a short request, a response of some hundred bytes */
};

/* A whole message in memory of its own, which the caller frees; never NULL.
   `key` distinguishes connections; `body` is a response's length in bulk. */
uint8_t *message_request(enum message_style, struct random *, uint64_t key, size_t *ret_length);
uint8_t *message_response(enum message_style, struct random *, uint64_t key, size_t body,
                          size_t *ret_length);

#endif
