/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdlib.h>

#include "scenario.h"

static void skip_blanks(const char **text) {
  while (isspace((unsigned char)**text)) ++*text;
}

int word_get(const char **text, char *ret, size_t room) {
  size_t n = 0;
  skip_blanks(text);
  if (!**text) return -1;
  while (**text && !isspace((unsigned char)**text)) {
    if (n + 1 == room) return -1;
    ret[n++] = *(*text)++;
  }
  ret[n] = '\0';
  skip_blanks(text);
  return 0;
}

int word_number(const char *word, uint64_t *ret) {
  char *end;
  if (!isdigit((unsigned char)*word)) return -1;
  uint64_t v = strtoull(word, &end, 0);
  if (*end) return -1;
  *ret = v;
  return 0;
}

int word_duration(const char *word, weft_duration *ret) {
  static const struct {
    const char *name;
    weft_duration unit;
  } units[] = {{"s", WEFT_SECOND}, {"ms", WEFT_SECOND / 1000}, {"us", 1000}, {"ns", 1}};
  char *end;
  if (!strcmp(word, "forever")) {
    *ret = WEFT_FOREVER;
    return 0;
  }
  if (!isdigit((unsigned char)*word)) return -1;
  uint64_t v = strtoull(word, &end, 10);
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (strcmp(end, units[i].name)) continue;
    *ret = (weft_duration)v * units[i].unit;
    return 0;
  }
  return -1;
}

int word_flags(const char *word, unsigned *ret) {
  static const char letters[] = "FSRPAUEC";
  unsigned flags = 0;
  for (const char *w = word; *w; w++) {
    const char *at = strchr(letters, *w);
    if (!at && strcmp(word, "-")) return -1;
    if (at) flags |= 1u << (at - letters);
  }
  *ret = flags;
  return 0;
}

int word_pair(char *word, const char **ret_value) {
  char *equals = strchr(word, '=');
  if (!equals) return -1;
  *equals = '\0';
  *ret_value = equals + 1;
  return 0;
}
