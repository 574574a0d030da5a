/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Puts weft's HTTP parser beside those of others.
 *
 *     differential TABLE MESSAGES [MUTATIONS [SEED]]
 *
 * TABLE is docs/http-parsing.md: a row for each way to be odd (oddity.h), a
 * column for each parser, which says whether it reads such messages as weft
 * does.  MESSAGES holds messages that are odd in one way each.  Wrong is
 *
 *   - a cell that says something else than what MESSAGES show;
 *   - a message made from them by chance that a parser reads in another way,
 *     although it is odd in no way that the table lets this parser differ in.
 *
 * Prints TAP.  With MUTATIONS 0 prints the table as it is now, or, with the name
 * of a row for SEED, what everybody makes of its messages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oddity.h"
#include "random.h"
#include "reading.h"
#include "table.h"

#include <weft/http.h>

static const struct reader *const peers[] = {
#ifdef WITH_LLHTTP
    &reader_llhttp,
#endif
#ifdef WITH_HTTP_PARSER
    &reader_http_parser,
#endif
#ifdef WITH_HTP
    &reader_htp,
#endif
    NULL};

static const char *const absent[] = {
#ifndef WITH_LLHTTP
    "llhttp",
#endif
#ifndef WITH_HTTP_PARSER
    "http_parser",
#endif
#ifndef WITH_HTP
    "libhtp",
#endif
    NULL};

static int tests, failures;

static void result(int ok, const char *what) {
  printf("%s %d - %s\n", ok ? "ok" : "not ok", ++tests, what);
  failures += !ok;
}

/* ---- one message ----------------------------------------------------------- */

static unsigned differs(const struct reader *peer, const struct sample *sample,
                        const struct reading *weft) {
  struct reading reading;
  unsigned kind = DIFFERS_NOT;
  reading_init(&reading);
  peer->read(sample->responses, sample->bytes, sample->length, &reading);
  if (!reading_equal(&reading, weft)) kind = reading.refused ? DIFFERS_REFUSES : DIFFERS_OTHERWISE;
  reading_done(&reading);
  return kind;
}

/* What the reader makes of it, on one line. */
static void complain(const struct reader *reader, const struct sample *sample) {
  struct reading reading;
  reading_init(&reading);
  reader->read(sample->responses, sample->bytes, sample->length, &reading);
  printf("# %11s:%s ", reader->name, reading.refused ? " refuses;" : "");
  bytes_print((const uint8_t *)reading.messages.bytes, reading.messages.length);
  printf("\n");
  reading_done(&reading);
}

static unsigned weft_kind(uint32_t flags) {
  return flags & WEFT_HTTP_AMBIGUOUS_LENGTH ? WEFT_AMBIGUOUS
         : flags & WEFT_HTTP_INVALID        ? WEFT_INVALID
                                            : WEFT_CLEAN;
}

/* ---- the messages of the table ------------------------------------------------ */

/* What the section's messages show, as bits of the kinds met. */
static void observe(const struct samples *samples, size_t section, struct row *ret) {
  memset(ret, 0, sizeof *ret);
  for (size_t i = 0; i < samples->count; i++) {
    const struct sample *sample = &samples->all[i];
    struct reading weft;
    if (sample->section != section) continue;
    reading_init(&weft);
    reader_weft.read(sample->responses, sample->bytes, sample->length, &weft);
    ret->weft |= weft_kind(weft.flags);
    for (size_t p = 0; peers[p]; p++) ret->peers[p] |= differs(peers[p], sample, &weft);
    reading_done(&weft);
  }
}

static void check_section(const struct samples *samples, size_t section,
                          const struct table *table) {
  struct row seen;
  char what[200];
  const char *name = samples->sections[section];
  const struct row *row = table_row(table, name);
  observe(samples, section, &seen);
  snprintf(what, sizeof what, "weft: %s", name);
  result(row && row->weft == seen.weft, what);
  if (!row || row->weft != seen.weft) printf("# is: %s\n", weft_words(seen.weft));
  for (size_t p = 0; peers[p]; p++) {
    snprintf(what, sizeof what, "%s: %s", peers[p]->name, name);
    unsigned cell = row ? row->peers[table_column(table, peers[p]->name)] : ~0u;
    result(cell == seen.peers[p], what);
    if (cell != seen.peers[p]) printf("# is: %s\n", differs_words(seen.peers[p]));
  }
}

/* Do the messages have the oddity they stand under? */
static void check_oddities(const struct samples *samples) {
  int right = 1;
  for (size_t i = 0; i < samples->count; i++) {
    const struct sample *s = &samples->all[i];
    const char *name = samples->sections[s->section];
    uint64_t oddities = oddities_of(s->responses, s->bytes, s->length);
    int oddity = 0;
    while (oddity < ODDITY_COUNT && strcmp(oddity_names[oddity], name)) oddity++;
    int ok = oddity < ODDITY_COUNT ? oddities >> oddity & 1 : oddities == 0;
    if (!ok) printf("# line %zu, %s: seen as %#llx\n", s->line, name, (unsigned long long)oddities);
    right &= ok;
  }
  result(right, "messages are odd as they are said to be");
}

/* ---- messages made by chance ------------------------------------------------------ */

/* Puts `n` bytes in place of `cut` at `at`. */
static void splice(struct sample *s, size_t at, size_t cut, const uint8_t *bytes, size_t n) {
  if (s->length - cut + n > SAMPLE_MAX) return;
  memmove(s->bytes + at + n, s->bytes + at + cut, s->length - at - cut);
  if (n) memcpy(s->bytes + at, bytes, n);
  s->length = s->length - cut + n;
}

static void mutate(struct sample *s, const struct samples *samples, uint64_t *seed) {
  static const uint8_t alphabet[] = "\r\n :\t;,0519aAfFxX\x80\xff\0/\"HTP.";
  if (!s->length) return;
  uint32_t length = (uint32_t)s->length;
  size_t at = random_below(seed, length), n = 1 + random_below(seed, 6);
  uint8_t byte = alphabet[random_below(seed, sizeof alphabet - 1)];
  switch (random_below(seed, 5)) {
  case 0: splice(s, at, 0, &byte, 1); break;
  case 1: s->bytes[at] = byte; break;
  case 2: splice(s, at, s->length - at < n ? s->length - at : n, NULL, 0); break;
  case 3: s->bytes[at] ^= (uint8_t)(1u << random_below(seed, 8)); break;
  default: { /* a part of another message */
    const struct sample *other = &samples->all[random_below(seed, (uint32_t)samples->count)];
    size_t from = random_below(seed, (uint32_t)other->length), m = other->length - from;
    splice(s, at, 0, other->bytes + from, m < 60 ? m : 60);
  }
  }
}

/* The oddities in which the table lets the peer differ. */
static uint64_t excused(const struct table *table, const struct reader *peer) {
  uint64_t mask = 0;
  for (int i = 0; i < ODDITY_COUNT; i++) {
    const struct row *row = table_row(table, oddity_names[i]);
    if (row && row->peers[table_column(table, peer->name)] != DIFFERS_NOT) mask |= UINT64_C(1) << i;
  }
  return mask;
}

static void check_mutations(const struct samples *samples, const struct table *table,
                            unsigned long count, uint64_t seed) {
  static struct sample sample;
  unsigned long different = 0, unexplained[8] = {0};
  char what[200];
  for (unsigned long i = 0; i < count; i++) {
    sample = samples->all[random_below(&seed, (uint32_t)samples->count)];
    for (uint32_t n = 1 + random_below(&seed, 3); n; n--) mutate(&sample, samples, &seed);
    struct reading weft;
    reading_init(&weft);
    reader_weft.read(sample.responses, sample.bytes, sample.length, &weft);
    uint64_t oddities = oddities_of(sample.responses, sample.bytes, sample.length);
    for (size_t p = 0; peers[p]; p++) {
      if (!differs(peers[p], &sample, &weft)) continue;
      different++;
      if (oddities & excused(table, peers[p])) continue;
      if (unexplained[p]++ >= 3) continue;
      printf("# unexplained: %s differs, oddities %#llx\n# ", peers[p]->name,
             (unsigned long long)oddities);
      sample_print(&sample);
      complain(&reader_weft, &sample);
      complain(peers[p], &sample);
    }
    reading_done(&weft);
  }
  for (size_t p = 0; peers[p]; p++) {
    snprintf(what, sizeof what, "%s: differences of %lu mutations are in the table", peers[p]->name,
             count);
    result(!unexplained[p], what);
    if (unexplained[p]) printf("# %lu are not\n", unexplained[p]);
  }
  printf("# %lu differences\n", different);
}

static void print_table(const struct samples *samples) {
  for (size_t i = 0; i < samples->nsections; i++) {
    struct row row;
    observe(samples, i, &row);
    printf("| %s | %s |", samples->sections[i], weft_words(row.weft));
    for (size_t p = 0; peers[p]; p++) printf(" %s |", differs_words(row.peers[p]));
    printf("\n");
  }
}

/* What everybody makes of a section's messages. */
static void print_section(const struct samples *samples, const char *name) {
  for (size_t i = 0; i < samples->count; i++) {
    const struct sample *sample = &samples->all[i];
    struct reading weft;
    if (strcmp(samples->sections[sample->section], name) != 0) continue;
    reading_init(&weft);
    reader_weft.read(sample->responses, sample->bytes, sample->length, &weft);
    sample_print(sample);
    complain(&reader_weft, sample);
    printf("# %s\n", weft_words(weft_kind(weft.flags)));
    for (size_t p = 0; peers[p]; p++)
      if (differs(peers[p], sample, &weft)) complain(peers[p], sample);
    reading_done(&weft);
  }
}

int main(int argc, char **argv) {
  static struct samples samples;
  static struct table table;
  unsigned long mutations = argc > 3 ? strtoul(argv[3], NULL, 10) : 20000;
  if (argc < 3) {
    fputs("usage: differential TABLE MESSAGES [MUTATIONS [SEED]]\n", stderr);
    return 2;
  }
  if (!peers[0]) {
    puts("1..0 # SKIP neither llhttp nor http_parser nor libhtp is installed");
    return 0;
  }
  samples_load(&samples, argv[2]);
  table_load(&table, argv[1]);
  if (!mutations) {
    if (argc > 4)
      print_section(&samples, argv[4]);
    else
      print_table(&samples);
    return 0;
  }
  for (size_t i = 0; absent[i]; i++)
    printf("ok %d - %s # SKIP not installed\n", ++tests, absent[i]);
  check_oddities(&samples);
  for (size_t i = 0; i < samples.nsections; i++) check_section(&samples, i, &table);
  check_mutations(&samples, &table, mutations, argc > 4 ? strtoull(argv[4], NULL, 10) : 1);
  printf("1..%d\n", tests);
  return failures ? 1 : 0;
}
