/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_HTTP_KEPT_H
#define TEST_HTTP_KEPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "allocator.h"
#include "http/message.h"

/* A store, from which what is kept of a connection comes. */
static struct test_allocator memory;
static struct weft_allocator allocator;
static struct http_store store;

static inline void store_begin(void) {
  memset(&memory, 0, sizeof memory);
  allocator = test_allocator_of(&memory);
  const struct weft_http_options options = {.size = sizeof options, .allocator = &allocator};
  http_store_init(&store, &options);
}

/* Non-zero when not all memory was given back. */
static inline int store_finish(void) {
  http_store_done(&store);
  return memory.live != 0;
}

#endif
