/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream/spans.h"

#include <string.h>

enum { SPANS_MIN = 64, SPANS_BYTES = sizeof(struct weft_span) + sizeof(struct block *) };

static int spans_grow(struct spans *spans, struct mem *mem, uint32_t room) {
  uint8_t *memory = mem_alloc(mem, (size_t)room * SPANS_BYTES);
  if (!memory) return WEFT_E_NOMEM;
  struct weft_span *span = (struct weft_span *)(void *)memory;
  struct block **block = (struct block **)(void *)(memory + room * sizeof *span);
  if (spans->count) {
    memcpy(span, spans->span, spans->count * sizeof *span);
    memcpy(block, spans->block, spans->count * sizeof *block);
  }
  mem_free(mem, spans->span, (size_t)spans->room * SPANS_BYTES);
  spans->span = span;
  spans->block = block;
  spans->room = room;
  return 0;
}

int spans_init(struct spans *spans, struct mem *mem) {
  memset(spans, 0, sizeof *spans);
  return spans_grow(spans, mem, SPANS_MIN);
}

void spans_done(struct spans *spans, struct mem *mem) {
  mem_free(mem, spans->span, (size_t)spans->room * SPANS_BYTES);
  memset(spans, 0, sizeof *spans);
}

int spans_add(struct spans *spans, struct mem *mem, struct weft_span span, struct block *block) {
  if (spans->count == spans->room) {
    int status = spans_grow(spans, mem, spans->room * 2);
    if (status) return status;
  }
  spans->span[spans->count] = span;
  spans->block[spans->count++] = block;
  return 0;
}

uint64_t spans_memory_max(uint64_t spans) {
  uint64_t room = SPANS_MIN;
  while (room < spans) room *= 2;
  return (room + room / 2) * SPANS_BYTES;
}
