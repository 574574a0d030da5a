/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIFFERENTIAL_ODDITY_H
#define DIFFERENTIAL_ODDITY_H

#include <stddef.h>
#include <stdint.h>

/*
 * What is odd about bytes that are to be HTTP, said by a reader of their own
 * that is as simple as it can be: a bit for each row of the table in
 * docs/http-parsing.md.
 */
#define ODDITIES(X) \
  X(LEADING_LINES, "empty lines first") \
  X(BARE_LF, "LF without CR") \
  X(LONE_CR, "CR without LF") \
  X(CONTROL, "control byte") \
  X(NO_VERSION, "no version") \
  X(ODD_VERSION, "odd version") \
  X(UNKNOWN_METHOD, "unknown method") \
  X(ODD_METHOD, "odd method") \
  X(START_BLANKS, "blanks in the start line") \
  X(ODD_TARGET, "odd target") \
  X(ODD_STATUS, "odd status") \
  X(SHORT_STATUS_LINE, "nothing after the status") \
  X(INTERIM, "interim response") \
  X(ICY, "ICY") \
  X(FOLD, "folded line") \
  X(BLANK_BEFORE_COLON, "blank before the colon") \
  X(NO_COLON, "line without colon") \
  X(EMPTY_NAME, "empty name") \
  X(ODD_NAME, "odd name") \
  X(LENGTH_REPEATED, "length repeated") \
  X(LENGTH_DIFFERING, "lengths that differ") \
  X(LENGTH_LIST, "length as a list") \
  X(LENGTH_ODD, "length that is no number") \
  X(VALUE_TAB, "tab after a value") \
  X(LENGTH_HUGE, "huge length") \
  X(LENGTH_AND_CODING, "length and coding") \
  X(CODING_ODD, "coding not chunked last") \
  X(CODING_LIST, "list of codings") \
  X(CODING_NAME, "name that begins as Transfer-Encoding") \
  X(CODING_OLD, "coding in HTTP/1.0") \
  X(CHUNK_EXTENSION, "chunk extension") \
  X(CHUNK_ODD, "odd chunk size") \
  X(CHUNK_HUGE, "huge chunk size") \
  X(CHUNK_END, "no line end after a chunk") \
  X(TRAILERS, "trailers") \
  X(BODY_FORBIDDEN, "fields of a body where none is") \
  X(AFTER_CLOSE, "after the last message") \
  X(UPGRADE, "upgrade") \
  X(CUT, "cut short") \
  X(GARBAGE, "no start line")

enum {
#define X(symbol, name) ODDITY_##symbol,
  ODDITIES(X)
#undef X
      ODDITY_COUNT
};

extern const char *const oddity_names[ODDITY_COUNT];

/* Bit i: oddity i is there. */
uint64_t oddities_of(int responses, const uint8_t *bytes, size_t length);

#endif
