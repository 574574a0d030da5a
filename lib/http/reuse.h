/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_REUSE_H
#define WEFT_HTTP_REUSE_H

#include "base/slab.h"

/*
 * A slab whose objects are taken again in the reverse order of their release.  The
 * slab alone fills one chunk before the next, with objects that were released long
 * ago and have left the cache; those released last are in it.
 *
 * Chunks are given back as those of a slab are, but for the first: once a chunk's worth
 * or less is in use, a release lets go of what is kept of others.
 */
enum { HTTP_REUSE_KEPT = 32 };

struct http_reuse {
  struct slab slab;
  uint32_t nkept;
  uint32_t kept[HTTP_REUSE_KEPT]; /* released, the last one last */
};

/* As slab_init. */
void http_reuse_init(struct http_reuse *, struct mem *, uint32_t object_size, uint32_t shift);

/* As slab_done. */
void http_reuse_done(struct http_reuse *);

/* As slab_take. */
static inline uint32_t http_reuse_take(struct http_reuse *reuse) {
  return reuse->nkept ? reuse->kept[--reuse->nkept] : slab_take(&reuse->slab);
}

/* Are those in use a chunk's worth or less? */
static inline int http_reuse_is_few(const struct http_reuse *reuse) {
  return reuse->slab.used - reuse->nkept <= 1u << reuse->slab.shift;
}

/* As slab_release, and lets go of what is kept where those in use are few. */
void http_reuse_release(struct http_reuse *, uint32_t index);

/* As slab_release. */
static inline void http_reuse_give(struct http_reuse *reuse, uint32_t index) {
  int keep = !http_reuse_is_few(reuse) || index >> reuse->slab.shift == 0;
  if (reuse->nkept < HTTP_REUSE_KEPT && keep)
    reuse->kept[reuse->nkept++] = index;
  else
    http_reuse_release(reuse, index);
}

/* `size` is http_reuse_init's, where the compiler knows it. */
static inline void *http_reuse_at(const struct http_reuse *reuse, uint32_t index, uint32_t size) {
  return slab_at_sized(&reuse->slab, index, size);
}

#endif
