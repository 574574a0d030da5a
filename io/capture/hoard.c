/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/hoard.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE ((size_t)256 << 10)

struct chunk {
  size_t size, used;
  unsigned frames; /* not yet released */
  uint8_t bytes[];
};

static void chunk_free(struct hoard *hoard, struct chunk *chunk) {
  hoard->bytes -= chunk->size;
  free(chunk);
}

/* A chunk with room for `n` bytes, or NULL. */
static struct chunk *hoard_room(struct hoard *hoard, size_t n) {
  struct chunk *chunk = hoard->filling;
  if (chunk && n <= chunk->size - chunk->used) return chunk;
  size_t size = n > CHUNK_SIZE ? n : CHUNK_SIZE;
  struct chunk *next = malloc(sizeof(*next) + size);
  if (!next) return NULL;
  if (chunk && chunk->frames == 0) chunk_free(hoard, chunk);
  *next = (struct chunk){.size = size};
  hoard->bytes += size;
  return hoard->filling = next;
}

struct chunk *hoard_keep(struct hoard *hoard, struct weft_frame *frame, int *ok) {
  *ok = 1;
  if (frame->flags & WEFT_FRAME_STABLE || frame->caplen == 0) return NULL;
  struct chunk *chunk = hoard_room(hoard, frame->caplen);
  *ok = chunk != NULL;
  if (!chunk) return NULL;
  frame->data = memcpy(chunk->bytes + chunk->used, frame->data, frame->caplen);
  chunk->used += frame->caplen;
  chunk->frames++;
  return chunk;
}

void hoard_release(struct hoard *hoard, struct chunk *chunk) {
  if (!chunk || --chunk->frames > 0) return;
  if (chunk == hoard->filling)
    chunk->used = 0;
  else
    chunk_free(hoard, chunk);
}

void hoard_done(struct hoard *hoard) {
  if (hoard->filling) chunk_free(hoard, hoard->filling);
  hoard->filling = NULL;
}
