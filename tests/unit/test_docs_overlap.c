/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reasm/overlap.h"

/* The table in docs/overlap.md is the one in the program.  The document is the
   argument. */
static const char *path;

/* Column headings, in the order of the table: each names its cell. */
static const char heading[] =
    "| policy | starts before, ends before | starts before, ends same | starts before, ends after "
    "| starts same, ends before | starts same, ends same | starts same, ends after "
    "| starts after, ends before | starts after, ends same | starts after, ends after |\n";

static int policy_named(const char *name) {
  for (unsigned i = 0; i < WEFT_OVERLAP_COUNT; i++)
    if (!strcmp(name, weft_overlap_policy_name(i))) return (int)i;
  fail_msg("no policy %s", name);
  return -1;
}

/* "old (m, s)": who, and at least one source. */
static int cell_says_new(const char *cell, const char *policy) {
  char who[8], sources[32];
  if (sscanf(cell, " %7[a-z] (%31[a-z, ])", who, sources) != 2)
    fail_msg("%s: cell '%s'", policy, cell);
  if (!strcmp(who, "new")) return 1;
  assert_string_equal(who, "old");
  return 0;
}

static void check_row(char *line, unsigned *ret_seen) {
  char *save, *policy = strtok_r(line, "| \n", &save);
  int number = policy_named(policy);
  for (int i = 0; i < 9; i++) {
    const char *cell = strtok_r(NULL, "|\n", &save);
    assert_non_null(cell);
    if (cell_says_new(cell, policy) != overlap_table[number][i / 3][i % 3])
      fail_msg("docs/overlap.md: %s, column %d", policy, i + 1);
  }
  *ret_seen |= 1u << number;
}

static void the_table_in_the_document_is_the_one_in_the_program(void **state) {
  (void)state;
  char line[1024];
  unsigned seen = 0;
  int inside = 0;
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  while (fgets(line, sizeof line, file)) {
    if (!strcmp(line, heading))
      inside = 1;
    else if (inside && line[0] != '|')
      break;
    else if (inside && line[1] != '-')
      check_row(line, &seen);
  }
  fclose(file);
  assert_int_equal(seen, (1u << WEFT_OVERLAP_COUNT) - 1);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_table_in_the_document_is_the_one_in_the_program),
  };
  if (argc != 2) return 2;
  path = argv[1];
  return cmocka_run_group_tests(tests, NULL, NULL);
}
