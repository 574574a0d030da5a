/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIFFERENTIAL_TABLE_H
#define DIFFERENTIAL_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum { PEERS_MAX = 3, ROWS_MAX = 64, SAMPLE_MAX = 8192, SAMPLES_MAX = 1024 };

/* ---- the documented differences ------------------------------------------- */

/* How a parser's reading of messages differs from weft's: bits, as messages of
   one kind may fare differently. */
enum differs { DIFFERS_NOT = 0, DIFFERS_REFUSES = 1, DIFFERS_OTHERWISE = 2 };
/* How weft reads them. */
enum weft_reads { WEFT_CLEAN = 1, WEFT_INVALID = 2, WEFT_AMBIGUOUS = 4 };

struct row {
  char name[64];
  unsigned weft;             /* enum weft_reads */
  unsigned peers[PEERS_MAX]; /* enum differs; from a document: by column */
};

struct table {
  struct row rows[ROWS_MAX];
  size_t nrows;
  char columns[PEERS_MAX][32];
};

/* The rows of the Markdown table whose head names the parsers; exits without it. */
void table_load(struct table *, const char *path);
/* NULL: no such row. */
const struct row *table_row(const struct table *, const char *name);
/* The parser's place among the peers; exits when it has none. */
size_t table_column(const struct table *, const char *peer);

/* The words of a cell, in static memory until the next call. */
const char *differs_words(unsigned);
const char *weft_words(unsigned);

/* ---- messages -------------------------------------------------------------- */

struct sample {
  size_t section, line; /* of the file */
  int responses;
  size_t length;
  uint8_t bytes[SAMPLE_MAX];
};

struct samples {
  struct sample all[SAMPLES_MAX];
  size_t count;
  char sections[ROWS_MAX][64];
  size_t nsections;
};

/* Exits when the file cannot be read. */
void samples_load(struct samples *, const char *path);
void sample_print(const struct sample *);
/* As in C, on one line. */
void bytes_print(const uint8_t *, size_t length);

#endif
