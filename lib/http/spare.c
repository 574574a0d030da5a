/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/spare.h"

#include <assert.h>
#include <string.h>

void http_spare_init(struct http_spare *spare, struct mem *mem, uint32_t size, uint32_t kept_max) {
  assert(size >= sizeof spare->first);
  *spare = (struct http_spare){.mem = mem, .size = size, .kept_max = kept_max};
}

void *http_spare_take(struct http_spare *spare) {
  void *object = spare->first;
  if (!object) return mem_alloc(spare->mem, spare->size);
  memcpy(&spare->first, object, sizeof spare->first);
  spare->kept--;
  return object;
}

void http_spare_give(struct http_spare *spare, void *object) {
  if (!object) return;
  if (spare->kept == spare->kept_max) {
    mem_free(spare->mem, object, spare->size);
    return;
  }
  memcpy(object, &spare->first, sizeof spare->first);
  spare->first = object;
  spare->kept++;
}

void http_spare_done(struct http_spare *spare) {
  spare->kept_max = spare->kept;
  while (spare->first) mem_free(spare->mem, http_spare_take(spare), spare->size);
}
