/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <weft/stream.h>

/* Option values.  Each returns 0, or -1 and leaves *ret alone. */

/* A whole number up to `most`, not negative. */
int value_number(const char *text, uint64_t most, uint64_t *ret);

/* Bytes: a number with k, M or G (1024) behind it if wanted. */
int value_size(const char *text, uint64_t *ret);

/* "10", "1.5s", "200ms", "2m", "1h", "50us", "never". */
int value_duration(const char *text, weft_duration *ret);

/* The place of `text` in `names` (NULL-terminated). */
int value_choice(const char *text, const char *const *names, uint8_t *ret);

/* The number of an overlap policy. */
int value_policy(const char *text, uint8_t *ret);

/* "10.0.0.0/8=windows", "2001:db8::/32=bsd", "192.0.2.1=first". */
int value_overlap_rule(const char *text, struct weft_overlap_rule *ret);

#endif
