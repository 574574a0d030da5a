/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/reuse.h"

void http_reuse_init(struct http_reuse *reuse, struct mem *mem, uint32_t object_size,
                     uint32_t shift) {
  slab_init(&reuse->slab, mem, object_size, shift);
  reuse->nkept = 0;
}

void http_reuse_done(struct http_reuse *reuse) {
  slab_done(&reuse->slab);
  reuse->nkept = 0;
}

void http_reuse_give(struct http_reuse *reuse, uint32_t index) {
  int few = reuse->slab.used - reuse->nkept <= 1u << reuse->slab.shift;
  if (reuse->nkept < HTTP_REUSE_KEPT && (!few || index >> reuse->slab.shift == 0)) {
    reuse->kept[reuse->nkept++] = index;
    return;
  }
  while (few && reuse->nkept) slab_release(&reuse->slab, reuse->kept[--reuse->nkept]);
  slab_release(&reuse->slab, index);
}
