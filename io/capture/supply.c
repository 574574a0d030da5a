/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/supply.h"

#include <stdlib.h>
#include <string.h>

void supply_close(struct supply *supply) {
  if (supply) supply->ops->close(supply);
}

void supply_cancel(struct supply *supply) {
  if (supply->ops->cancel) supply->ops->cancel(supply);
}

struct supply_of_memory {
  struct supply supply;
  const uint8_t *bytes;
  size_t size, piece;
};

static int64_t memory_pull(struct supply *supply, uint8_t *ret, size_t n,
                           struct weft_error *reterr) {
  struct supply_of_memory *of = (struct supply_of_memory *)supply;
  (void)reterr;
  if (n > of->piece) n = of->piece;
  if (n > of->size) n = of->size;
  if (n) memcpy(ret, of->bytes, n);
  of->bytes += n;
  of->size -= n;
  supply->taken += n;
  return (int64_t)n;
}

static void memory_close(struct supply *supply) { free(supply); }

struct supply *supply_memory(const uint8_t *bytes, size_t size, size_t piece, const char *name) {
  static const struct supply_ops ops = {memory_pull, NULL, memory_close};
  struct supply_of_memory *of = calloc(1, sizeof(*of));
  if (!of) return NULL;
  *of = (struct supply_of_memory){{.ops = &ops, .name = name}, bytes, size, piece};
  return &of->supply;
}
