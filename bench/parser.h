/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BENCH_PARSER_H
#define WEFT_BENCH_PARSER_H

#include <stddef.h>
#include <stdint.h>

/*
 * An HTTP parser to be measured.  It is given one direction of one connection
 * in pieces and counts what it finds, so that nobody is fast by leaving out.
 */
struct parser_peer {
  const char *name;
  void (*begin)(int responses);
  /* The piece's bytes stay where they are until `end`. */
  void (*feed)(const uint8_t *bytes, size_t length);
  void (*end)(void);
};

struct parser_found {
  uint64_t messages, fields, value_bytes, body_bytes;
};
extern struct parser_found parser_found;

extern const struct parser_peer parser_weft;
#ifdef WITH_LLHTTP
extern const struct parser_peer parser_llhttp;
#endif
#ifdef WITH_HTTP_PARSER
extern const struct parser_peer parser_http_parser;
#endif
#ifdef WITH_HTP
extern const struct parser_peer parser_htp;
#endif

#endif
