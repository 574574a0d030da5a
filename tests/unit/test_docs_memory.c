/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/brief.h"
#include "http/conn.h"
#include "http/copies.h"
#include "http/interim.h"
#include "stream/engine.h"
#include "stream/options.h"

/* The numbers in docs/memory.md are those of the program.  The document is the
   argument. */
static char document[32768];
static struct weft_options defaults;

struct fact {
  const char *name; /* first column of its row */
  uint64_t value;
};

/* The row whose first column is `name`, behind that column. */
static const char *row_of(const char *name) {
  char row[64];
  snprintf(row, sizeof row, "\n| %s | ", name);
  const char *found = strstr(document, row);
  if (!found) fail_msg("docs/memory.md has no row '%s'", name);
  return found + strlen(row);
}

static void check_facts(const struct fact *facts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint64_t said = strtoull(row_of(facts[i].name), NULL, 10);
    if (said != facts[i].value)
      fail_msg("docs/memory.md: %s is %llu", facts[i].name, (unsigned long long)facts[i].value);
  }
}

/* Rows between two headings, the table's own two not counted. */
static unsigned rows_of(const char *heading) {
  const char *at = strstr(document, heading), *end = at ? strstr(at + 1, "\n## ") : NULL;
  unsigned count = 0;
  assert_non_null(end);
  for (; (at = strstr(at, "\n| ")) != NULL && at < end; at++) count++;
  return count - 1;
}

static void sizes_of_structs(void **state) {
  (void)state;
  static const struct fact facts[] = {
      {"`struct weft_conn`", sizeof(struct weft_conn)},
      {"`struct half`", sizeof(struct half)},
      {"`struct conn_cold`", sizeof(struct conn_cold)},
      {"`struct half_rest`", sizeof(struct half_rest)},
      {"`struct conn_links`", sizeof(struct conn_links)},
      {"`struct rare`", sizeof(struct rare)},
      {"`struct hold`", sizeof(struct hold)},
      {"`struct piece`", sizeof(struct piece)},
      {"`struct segs_entry`", sizeof(struct segs_entry)},
      {"`struct block`", sizeof(struct block)},
      {"`struct doubt`", sizeof(struct doubt)},
      {"`struct weft_span`", sizeof(struct weft_span)},
      {"`struct wheel`", sizeof(struct wheel)},
      {"`struct queue_entry`", sizeof(struct queue_entry)},
  };
  check_facts(facts, sizeof facts / sizeof *facts);
  assert_int_equal(rows_of("## What things cost"), sizeof facts / sizeof *facts);
}

static void sizes_of_http(void **state) {
  (void)state;
  static const struct fact facts[] = {
      {"`struct http_brief`", HTTP_BRIEF_SIZE},
      {"`struct http_conn`", HTTP_CONN_SIZE},
      {"`struct http_copy`", sizeof(struct http_copy)},
      {"`struct http_interim`", sizeof(struct http_interim)},
      {"`struct http_message`", HTTP_MESSAGE_SIZE},
      {"`struct http_packed_field`", sizeof(struct http_packed_field)},
      {"`struct weft_http_field`", sizeof(struct weft_http_field)},
  };
  check_facts(facts, sizeof facts / sizeof *facts);
  assert_int_equal(rows_of("## HTTP"), sizeof facts / sizeof *facts);
}

static void assert_says(const char *format, uint64_t value) {
  char words[64];
  snprintf(words, sizeof words, format, (unsigned long long)value);
  if (!strstr(document, words)) fail_msg("docs/memory.md does not say '%s'", words);
}

static void sums_in_the_text(void **state) {
  (void)state;
  assert_says("A connection is %llu bytes", CONN_SIZE);
  assert_says("of which %llu bytes have room for its head", HTTP_INSIDE_SIZE);
  assert_says("where more is expected it has %llu", HTTP_MESSAGE_ROOMY_SIZE);
  assert_says("with room for %llu", HTTP_INSIDE_ROOMY_SIZE);
  assert_says("frame without a body, of which %llu bytes", HTTP_BRIEF_HEADER_SIZE);
  assert_says("head and its fields; %llu where", HTTP_BRIEF_ROOMY_SIZE);
  assert_says("**plus %llu\nbytes**", segs_cost(0));
  assert_says("in chunks of %llu (", UINT64_C(1) << CONN_SHIFT_MANY);
}

/* In MiB with one digit, as the document has it. */
static void assert_part(const char *name, uint64_t bytes) {
  char said[32], is[32];
  snprintf(is, sizeof is, "%.1f", (double)bytes / (1 << 20));
  assert_int_equal(sscanf(row_of(name), "%31[0-9.]", said), 1);
  if (strcmp(said, is)) fail_msg("docs/memory.md: %s is %s MiB", name, is);
}

static void parts_of_the_maximum(void **state) {
  (void)state;
  const struct weft_options *o = &defaults;
  uint64_t kept = o->held_bytes_dir_max / segs_cost(0) + 1;
  assert_part("connections", flows_memory_max(CONN_SIZE, conns_shift(o), o->conns_max));
  assert_part("rare parts", slab_memory_max(sizeof(struct rare), RARES_SHIFT, o->conns_max));
  assert_part("lingering", queue_memory_max(o->conns_max));
  assert_part("remembered SYNs", (uint64_t)o->conns_max * sizeof(struct weft_segment));
  assert_part("held", segs_memory_max(o->segments_max, o->held_bytes_max + o->held_bytes_dir_max +
                                                           o->segments_max * segs_cost(0)));
  assert_part("spans", spans_memory_max(kept + 2 * (uint64_t)o->segments_max + 2));
  assert_part("fragments", defrag_memory_max(o->fragment_bytes_max));
  assert_part("all", weft_engine_memory_max(NULL));
  assert_int_equal(rows_of("## The most there can be"), 8);
}

static void defaults_of_the_bounds(void **state) {
  (void)state;
  const struct fact facts[] = {
      {"`conns_max`", defaults.conns_max},
      {"`segments_max`", defaults.segments_max},
      {"`held_bytes_dir_max`", defaults.held_bytes_dir_max},
      {"`held_bytes_max`", defaults.held_bytes_max},
      {"`fragment_bytes_max`", defaults.fragment_bytes_max},
  };
  check_facts(facts, sizeof facts / sizeof *facts);
  assert_int_equal(rows_of("## At the bounds"), sizeof facts / sizeof *facts);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes_of_structs),       cmocka_unit_test(sizes_of_http),
      cmocka_unit_test(sums_in_the_text),       cmocka_unit_test(parts_of_the_maximum),
      cmocka_unit_test(defaults_of_the_bounds),
  };
  FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
  if (!file) return 2;
  document[fread(document, 1, sizeof document - 1, file)] = '\0';
  fclose(file);
  if (options_take(NULL, &defaults)) return 2;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
