/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/head.h"
#include "require.h"

/*
 * The first byte says what kind of head the others are, and in what steps they
 * come.
 *
 * Always true:
 *   - the head is the same whether its bytes come at once or in steps;
 *   - every text lies inside the head;
 *   - every twin of the block reader sees the same in any 64 of its bytes;
 *   - past a bound, what was read before it stays, and it ends at the same byte.
 */

struct result {
  struct http_message *m;
  struct http_head head;
  int complete;
};

static struct result head_begin(struct http_store *store, enum http_kind kind,
                                const uint8_t *base) {
  struct result r = {.m = http_message_new(store, 0)};
  REQUIRE(r.m);
  r.m->head = base;
  r.m->borrowed = 1;
  http_head_init(&r.head, kind);
  return r;
}

static void require_same_text(struct weft_text a, struct weft_text b) {
  REQUIRE(a.len == b.len && a.base == b.base);
}

static void require_same(const struct result *a, const struct result *b) {
  REQUIRE(a->complete == b->complete);
  REQUIRE(a->head.token.line == b->head.token.line);
  REQUIRE(a->m->view.status == b->m->view.status && a->m->view.flags == b->m->view.flags);
  REQUIRE(a->m->view.major == b->m->view.major && a->m->view.minor == b->m->view.minor);
  require_same_text(a->m->view.method, b->m->view.method);
  require_same_text(a->m->view.target, b->m->view.target);
  require_same_text(a->m->view.reason, b->m->view.reason);
  REQUIRE(a->m->view.nfields == b->m->view.nfields);
  for (size_t i = 0; i < a->m->view.nfields; i++) {
    require_same_text(a->m->view.fields[i].name, b->m->view.fields[i].name);
    require_same_text(a->m->view.fields[i].value, b->m->view.fields[i].value);
  }
  REQUIRE(!memcmp(&a->head.framing, &b->head.framing, sizeof a->head.framing));
}

static void require_inside(struct weft_text text, const uint8_t *base, size_t length) {
  const uint8_t *start = (const uint8_t *)text.base;
  if (text.len) REQUIRE(start >= base && text.len <= length && start + text.len <= base + length);
}

/* The same with a bound that the head may pass. */
static void bounded(struct http_store *store, enum http_kind kind, const uint8_t *bytes,
                    uint32_t size, uint32_t bound, const struct result *whole) {
  struct result r = head_begin(store, kind, bytes);
  if (http_head_read(&r.head, store, r.m, bytes, bound)) {
    REQUIRE(whole->complete && r.head.token.line == whole->head.token.line);
  } else {
    int complete;
    http_head_overflow_begin(&r.head, store, r.m, bytes, bound);
    size_t n = http_head_overflow(&r.head, bytes + bound, size - bound, &complete);
    REQUIRE(n <= size - bound);
    REQUIRE(complete == whole->complete);
    if (complete) REQUIRE(bound + n == whole->head.token.line);
    REQUIRE(r.m->view.nfields <= whole->m->view.nfields + 1);
  }
  http_message_free(store, r.m);
}

static void require_twins(const uint8_t *bytes, size_t size) {
  unsigned count;
  const struct http_block_twin *twins = http_block_twins(&count);
  struct http_block first, other;
  for (size_t at = 0; at + 64 <= size; at += 1 + at % 31) {
    twins[0].read(bytes + at, 1, &first);
    for (unsigned i = 1; i < count; i++) {
      twins[i].read(bytes + at, 1, &other);
      REQUIRE(!memcmp(&first, &other, sizeof first));
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2 || size > 20000) return 0;
  enum http_kind kind = data[0] & 1 ? HTTP_RESPONSE : HTTP_REQUEST;
  uint32_t step = 1 + (data[0] >> 1), length = (uint32_t)(size - 1);
  const uint8_t *bytes = data + 1;
  require_twins(bytes, length);
  /* A head begins with its start line: empty lines before it are skipped. */
  if (bytes[0] == '\r' || bytes[0] == '\n') return 0;
  const struct weft_http_options options = {.size = sizeof options, .fields_max = 1000};
  static struct http_store store; /* made once: that is not cheap */
  if (!store.head_bytes_max) http_store_init(&store, &options);
  struct result whole = head_begin(&store, kind, bytes), steps = head_begin(&store, kind, bytes);
  whole.complete = http_head_read(&whole.head, &store, whole.m, bytes, length);
  for (uint32_t n = 0; n < length && !steps.complete;) {
    n = length - n < step ? length : n + step;
    steps.complete = http_head_read(&steps.head, &store, steps.m, bytes, n);
  }
  if (!whole.complete) http_head_cut(&whole.head, &store, whole.m, bytes, length);
  if (!steps.complete) http_head_cut(&steps.head, &store, steps.m, bytes, length);
  require_same(&whole, &steps);
  require_inside(whole.m->view.method, bytes, length);
  require_inside(whole.m->view.target, bytes, length);
  require_inside(whole.m->view.reason, bytes, length);
  for (size_t i = 0; i < whole.m->view.nfields; i++) {
    require_inside(whole.m->view.fields[i].name, bytes, length);
    require_inside(whole.m->view.fields[i].value, bytes, length);
  }
  bounded(&store, kind, bytes, length, step < length ? step : length, &whole);
  http_message_free(&store, whole.m);
  http_message_free(&store, steps.m);
  return 0;
}
