/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIFFERENTIAL_READING_H
#define DIFFERENTIAL_READING_H

#include <stddef.h>
#include <stdint.h>

/*
 * What a parser makes of bytes, as text that can be compared: of each complete
 * message the start line, the fields and the body.
 *
 *     POST /x 1.1
 *     host: a
 *
 *     5 hello
 *
 * Left out is what parsers report in different ways and nobody disputes: the
 * reason phrase, trailers, blanks around values; lines of a folded value are
 * joined with a blank, and fields of one name with a comma, as RFC 9110 section
 * 5.3 allows.
 */
struct text {
  char *bytes;
  size_t length, room;
};

struct reading {
  int refused;    /* the parser gave up: what it found before stands */
  uint32_t flags; /* weft's, of all messages */
  struct text messages;
  /* The message being read. */
  struct text start, body;
  struct field {
    struct text name, value;
    int merged; /* into an earlier one */
  } fields[80];
  size_t nfields;
  int in_value;
};

void reading_init(struct reading *);
void reading_done(struct reading *);
int reading_equal(const struct reading *, const struct reading *);

/* A message begins; one that did not end is forgotten. */
void reading_begin(struct reading *);
/* Parts of its start line: words, numbers, the version last. */
void reading_word(struct reading *, const char *bytes, size_t length);
void reading_number(struct reading *, unsigned);
void reading_version(struct reading *, unsigned major, unsigned minor);
/* Names and values may come in pieces; a name after a value begins a field. */
void reading_name(struct reading *, const char *bytes, size_t length);
void reading_value(struct reading *, const char *bytes, size_t length);
void reading_body(struct reading *, const char *bytes, size_t length);
/* The message is complete. */
void reading_end(struct reading *);

struct reader {
  const char *name;
  /* The direction's bytes, then its end. */
  void (*read)(int responses, const uint8_t *bytes, size_t length, struct reading *ret);
};

extern const struct reader reader_weft;
#ifdef WITH_LLHTTP
extern const struct reader reader_llhttp;
#endif
#ifdef WITH_HTTP_PARSER
extern const struct reader reader_http_parser;
#endif
#ifdef WITH_HTP
extern const struct reader reader_htp;
#endif

#endif
