/* SPDX-License-Identifier: BSD-2-Clause */
#include "values.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Digits from `text` on; *end is what follows them. */
static int read_digits(const char *text, uint64_t *ret, const char **end) {
  char *after;
  if (!isdigit((unsigned char)text[0])) return -1;
  errno = 0;
  unsigned long long v = strtoull(text, &after, 10);
  if (errno != 0) return -1;
  *ret = v;
  *end = after;
  return 0;
}

int value_number(const char *text, uint64_t most, uint64_t *ret) {
  const char *end;
  uint64_t v;
  if (read_digits(text, &v, &end) < 0 || *end != '\0' || v > most) return -1;
  *ret = v;
  return 0;
}

int value_size(const char *text, uint64_t *ret) {
  static const char units[] = "kmgt";
  const char *end;
  uint64_t v;
  if (read_digits(text, &v, &end) < 0) return -1;
  const char *unit = *end != '\0' ? strchr(units, tolower((unsigned char)*end)) : NULL;
  if (*end != '\0' && (unit == NULL || end[1] != '\0')) return -1;
  unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
  if (v > UINT64_MAX >> shift) return -1;
  *ret = v << shift;
  return 0;
}

static weft_duration unit_duration(const char *unit) {
  static const struct {
    const char *name;
    weft_duration length;
  } units[] = {{"", WEFT_SECOND},
               {"ns", 1},
               {"us", 1000},
               {"ms", 1000000},
               {"s", WEFT_SECOND},
               {"m", 60 * WEFT_SECOND},
               {"min", 60 * WEFT_SECOND},
               {"h", 3600 * WEFT_SECOND}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (strcmp(unit, units[i].name) == 0) return units[i].length;
  return 0;
}

int value_duration(const char *text, weft_duration *ret) {
  if (strcmp(text, "never") == 0) {
    *ret = WEFT_FOREVER;
    return 0;
  }
  const char *end, *digits = NULL;
  uint64_t whole;
  if (read_digits(text, &whole, &end) < 0) return -1;
  if (*end == '.') {
    digits = end + 1;
    end = digits + strspn(digits, "0123456789");
  }
  weft_duration unit = unit_duration(end);
  if (unit == 0 || whole > (uint64_t)(INT64_MAX / unit - 1)) return -1;
  weft_duration d = (weft_duration)whole * unit;
  for (; digits != NULL && digits < end && unit >= 10; digits++)
    d += (unit /= 10) * (*digits - '0');
  if (d == 0) /* zero would mean the default */
    return -1;
  *ret = d;
  return 0;
}

int value_choice(const char *text, const char *const *names, uint8_t *ret) {
  for (uint8_t i = 0; names[i] != NULL; i++)
    if (strcmp(text, names[i]) == 0) {
      *ret = i;
      return 0;
    }
  return -1;
}

int value_policy(const char *text, uint8_t *ret) {
  const char *name;
  for (unsigned i = 0; (name = weft_overlap_policy_name(i)) != NULL; i++)
    if (strcmp(text, name) == 0) {
      *ret = (uint8_t)i;
      return 0;
    }
  return -1;
}

int value_overlap_rule(const char *text, struct weft_overlap_rule *ret) {
  struct weft_overlap_rule rule = {.prefix = 128};
  char address[64];
  const char *equals = strchr(text, '=');
  if (equals == NULL || (size_t)(equals - text) >= sizeof address) return -1;
  memcpy(address, text, (size_t)(equals - text));
  address[equals - text] = '\0';
  char *slash = strchr(address, '/');
  if (slash != NULL) *slash = '\0';
  if (weft_address_parse(address, rule.network) < 0 || value_policy(equals + 1, &rule.policy) < 0)
    return -1;
  unsigned width = strchr(address, ':') != NULL ? 128 : 32; /* IPv4 is stored v4-mapped */
  uint64_t prefix = width;
  if (slash != NULL && value_number(slash + 1, width, &prefix) < 0) return -1;
  rule.prefix = (uint8_t)(128 - width + prefix);
  *ret = rule;
  return 0;
}
