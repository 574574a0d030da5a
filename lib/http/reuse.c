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

void http_reuse_release(struct http_reuse *reuse, uint32_t index) {
  while (http_reuse_is_few(reuse) && reuse->nkept)
    slab_release(&reuse->slab, reuse->kept[--reuse->nkept]);
  slab_release(&reuse->slab, index);
}
