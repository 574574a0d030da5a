/* SPDX-License-Identifier: BSD-2-Clause */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *path, size_t line, const char *why) {
  fprintf(stderr, "%s:%zu: %s\n", path, line, why);
  exit(2);
}

static FILE *open_file(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) die(path, 0, "cannot be read");
  return file;
}

static void name_copy(char *to, size_t room, const char *from) {
  size_t n = strlen(from) < room ? strlen(from) : room - 1;
  memcpy(to, from, n);
  to[n] = 0;
}

/* ---- the table ------------------------------------------------------------- */

struct word {
  const char *text;
  unsigned bit;
};

static const struct word peer_words[] = {
    {"refuses", DIFFERS_REFUSES}, {"otherwise", DIFFERS_OTHERWISE}, {NULL, 0}};
static const struct word own_words[] = {
    {"reads", WEFT_CLEAN}, {"flags", WEFT_INVALID}, {"ambiguous", WEFT_AMBIGUOUS}, {NULL, 0}};

static const char *words_of(const struct word *words, unsigned bits, const char *none) {
  static char text[64];
  text[0] = 0;
  for (; words->text; words++) {
    if (!(bits & words->bit)) continue;
    if (text[0]) strcat(text, ", ");
    strcat(text, words->text);
  }
  return bits ? text : none;
}

const char *differs_words(unsigned bits) { return words_of(peer_words, bits, "same"); }
const char *weft_words(unsigned bits) { return words_of(own_words, bits, "nothing"); }

static unsigned bits_of(const struct word *words, const char *cell) {
  unsigned bits = 0;
  for (; words->text; words++)
    if (strstr(cell, words->text)) bits |= words->bit;
  return bits;
}

/* The next cell of a row, trimmed, in place. */
static char *cell_next(char **at) {
  char *cell = *at, *end = strchr(cell, '|');
  if (!end) return NULL;
  *at = end + 1;
  *end = 0;
  while (*cell == ' ') cell++;
  while (end > cell && end[-1] == ' ') *--end = 0;
  return cell;
}

static void table_head(struct table *table, char *at) {
  for (size_t i = 0; i < PEERS_MAX; i++) {
    const char *cell = cell_next(&at);
    if (cell) name_copy(table->columns[i], sizeof table->columns[i], cell);
  }
}

static void table_add(struct table *table, const char *name, char *at) {
  struct row *row = &table->rows[table->nrows];
  const char *cell = cell_next(&at);
  if (!cell || table->nrows == ROWS_MAX) return;
  name_copy(row->name, sizeof row->name, name);
  row->weft = bits_of(own_words, cell);
  for (size_t i = 0; i < PEERS_MAX; i++) {
    cell = cell_next(&at);
    row->peers[i] = cell ? bits_of(peer_words, cell) : 0;
  }
  table->nrows++;
}

void table_load(struct table *table, const char *path) {
  char line[4096];
  int inside = 0;
  FILE *file = open_file(path);
  while (fgets(line, sizeof line, file)) {
    char *at = line;
    if (line[0] != '|' || line[1] == '-') {
      inside &= line[0] == '|';
      continue;
    }
    at++;
    char *name = cell_next(&at);
    if (!inside && !strncmp(at, " weft |", 7)) {
      cell_next(&at);
      table_head(table, at);
      inside = 1;
    } else if (inside && name) {
      table_add(table, name, at);
    }
  }
  fclose(file);
  if (!table->nrows) die(path, 0, "has no table of parsers");
}

const struct row *table_row(const struct table *table, const char *name) {
  for (size_t i = 0; i < table->nrows; i++)
    if (!strcmp(table->rows[i].name, name)) return &table->rows[i];
  return NULL;
}

size_t table_column(const struct table *table, const char *peer) {
  for (size_t i = 0; i < PEERS_MAX; i++)
    if (!strcmp(table->columns[i], peer)) return i;
  die("the table", 0, peer);
  return 0;
}

/* ---- messages -------------------------------------------------------------- */

static void sample_add(struct sample *s, int byte, size_t times) {
  if (s->length + times > SAMPLE_MAX) die("message", s->line, "too long");
  memset(s->bytes + s->length, byte, times);
  s->length += times;
}

/* Adds what the escape after a backslash stands for; where it ends. */
static const char *sample_escape(struct sample *s, const char *at) {
  char *end;
  switch (*at) {
  case 'r': sample_add(s, '\r', 1); break;
  case 'n': sample_add(s, '\n', 1); break;
  case 't': sample_add(s, '\t', 1); break;
  case '0': sample_add(s, 0, 1); break;
  case 'x': {
    char hex[3] = {at[1], at[2], 0};
    sample_add(s, (int)strtol(hex, NULL, 16), 1);
    return at + 3;
  }
  case '{': {
    size_t times = strtoul(at + 1, &end, 10);
    sample_add(s, end[1], times);
    return end + 2;
  }
  default: sample_add(s, *at, 1);
  }
  return at + 1;
}

static void sample_read(struct sample *s, const char *text, int alone) {
  static const char *const after[2] = {"GET /next HTTP/1.1\r\nHost: n\r\n\r\n",
                                       "HTTP/1.1 204 Next\r\nA: n\r\n\r\n"};
  for (const char *at = text; *at;) {
    if (*at == '\\') {
      at = sample_escape(s, at + 1);
      continue;
    }
    sample_add(s, *at++, 1);
  }
  for (const char *at = alone ? "" : after[s->responses]; *at; at++) sample_add(s, *at, 1);
}

void samples_load(struct samples *samples, const char *path) {
  static char line[16384];
  FILE *file = open_file(path);
  for (size_t number = 1; fgets(line, sizeof line, file); number++) {
    line[strcspn(line, "\n")] = 0;
    if (line[0] == '[') {
      if (samples->nsections == ROWS_MAX) die(path, number, "too many sections");
      line[strcspn(line, "]")] = 0;
      name_copy(samples->sections[samples->nsections++], 64, line + 1);
    } else if (line[0] && strchr("qsQS", line[0]) && line[1] == ' ') {
      if (samples->count == SAMPLES_MAX) die(path, number, "too many messages");
      struct sample *s = &samples->all[samples->count++];
      s->section = samples->nsections - 1;
      s->line = number;
      s->responses = line[0] == 's' || line[0] == 'S';
      sample_read(s, line + 2, line[0] == 'Q' || line[0] == 'S');
    }
  }
  fclose(file);
}

void bytes_print(const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    uint8_t c = bytes[i];
    if (c == '\r')
      printf("\\r");
    else if (c == '\n')
      printf("\\n");
    else
      printf(c < 0x20 || c > 0x7e ? "\\x%02x" : "%c", c);
  }
}

void sample_print(const struct sample *s) {
  printf("%c ", s->responses ? 's' : 'q');
  bytes_print(s->bytes, s->length);
  printf("\n");
}
