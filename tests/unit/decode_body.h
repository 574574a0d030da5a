/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_DECODE_BODY_H
#define TEST_DECODE_BODY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <weft/content.h>

enum { ROOM = 1 << 20 };
struct bytes {
  uint8_t at[ROOM];
  size_t n;
};
static struct bytes out; /* of decode_body */

static inline int take(const uint8_t *bytes, size_t n, void *user) {
  struct bytes *to = user;
  assert_true(n > 0 && to->n + n <= ROOM);
  memcpy(to->at + to->n, bytes, n);
  to->n += n;
  return 0;
}

static inline int count(const uint8_t *bytes, size_t n, void *user) {
  (void)bytes;
  *(uint64_t *)user += n;
  return 0;
}

/* What came of the body, given in pieces of that many bytes, and the status of the
   last of them. */
static inline int decode_body(const char *names, const uint8_t *from, size_t n, size_t piece,
                              int *ret_status) {
  struct weft_text list = {names, strlen(names)};
  struct weft_content *c;
  out.n = 0;
  assert_int_equal(weft_content_new(&list, 1, NULL, take, &out, &c), 0);
  int status = 0;
  for (size_t i = 0; i < n && status == 0; i += piece)
    status = weft_content_write(c, from + i, n - i < piece ? n - i : piece);
  int end = weft_content_finish(c);
  weft_content_free(c);
  *ret_status = status;
  return end;
}

#endif
