/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode/layer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct weft_content {
  struct weft_content_options options;
  int (*on_bytes)(const uint8_t *, size_t, void *);
  void *user;
  uint64_t in;
  enum weft_content_end end; /* DECODED as long as nothing is wrong */
  struct layer *first;
};

static const struct coding *const codings[] = {
#ifdef WEFT_HAVE_ZLIB
    &coding_gzip,     &coding_deflate,
#endif
#ifdef WEFT_HAVE_BROTLI
    &coding_br,
#endif
#ifdef WEFT_HAVE_ZSTD
    &coding_zstd,
#endif
    &coding_compress, NULL,
};

const char *weft_content_end_name(uint32_t end) {
  static const char *const names[] = {"decoded", "cut", "damaged", "ratio", "size", "unknown"};
  return names[end < sizeof names / sizeof *names ? end : WEFT_CONTENT_UNKNOWN];
}

/* ---- which codings ---- */

static int text_is(struct weft_text t, const char *word) {
  return t.len == strlen(word) && strncasecmp(t.base, word, t.len) == 0;
}

static int is_blank(char c) { return c == ' ' || c == '\t'; }

/* The next element of the lists at (*list, *at), blanks taken off; empty ones
   and identity are passed over.  0 at the end. */
static int next_name(const struct weft_text *lists, size_t nlists, size_t *list, size_t *at,
                     struct weft_text *ret) {
  for (; *list < nlists; ++*list, *at = 0) {
    const struct weft_text *l = &lists[*list];
    while (*at < l->len) {
      const char *from = l->base + *at, *comma = memchr(from, ',', l->len - *at);
      size_t n = comma != NULL ? (size_t)(comma - from) : l->len - *at;
      *at += n + (comma != NULL);
      while (n > 0 && is_blank(*from)) from++, n--;
      while (n > 0 && is_blank(from[n - 1])) n--;
      *ret = (struct weft_text){from, n};
      if (n > 0 && !text_is(*ret, "identity")) return 1;
    }
  }
  return 0;
}

int weft_content_is_coded(const struct weft_text *lists, size_t nlists) {
  size_t list = 0, at = 0;
  struct weft_text name;
  return next_name(lists, nlists, &list, &at, &name);
}

static const struct coding *coding_find(struct weft_text name) {
  for (size_t i = 0; codings[i] != NULL; i++)
    for (size_t j = 0; codings[i]->names[j] != NULL; j++)
      if (text_is(name, codings[i]->names[j])) return codings[i];
  return NULL;
}

/* ---- a body ---- */

/* Puts a layer in front: it was applied after those that are there. */
static int content_add(struct weft_content *c, const struct coding *coding) {
  struct layer *l = calloc(1, coding->size);
  if (l == NULL) return WEFT_E_NOMEM;
  *l = (struct layer){.coding = coding, .content = c, .next = c->first};
  int status = coding->begin(l);
  if (status < 0)
    free(l);
  else
    c->first = l;
  return status;
}

static void options_take(struct weft_content_options *ours,
                         const struct weft_content_options *given) {
  *ours = (struct weft_content_options){.size = sizeof *ours};
  if (given != NULL) memcpy(ours, given, given->size < sizeof *ours ? given->size : sizeof *ours);
  if (ours->bytes_max == 0) ours->bytes_max = (uint64_t)4 << 30;
  if (ours->ratio_max == 0) ours->ratio_max = 250;
  if (ours->ratio_free == 0) ours->ratio_free = 16 << 20;
}

int weft_content_new(const struct weft_text *lists, size_t nlists,
                     const struct weft_content_options *options,
                     int (*on_bytes)(const uint8_t *, size_t, void *), void *user,
                     struct weft_content **ret) {
  size_t list = 0, at = 0, n = 0;
  struct weft_text name;
  struct weft_content *c = calloc(1, sizeof *c);
  if (c == NULL) return WEFT_E_NOMEM;
  options_take(&c->options, options);
  c->on_bytes = on_bytes;
  c->user = user;
  int status = 0;
  while (status == 0 && next_name(lists, nlists, &list, &at, &name)) {
    const struct coding *coding = n++ < WEFT_CONTENT_CODINGS_MAX ? coding_find(name) : NULL;
    status = coding != NULL ? content_add(c, coding) : WEFT_E_NOTBUILT;
  }
  if (status == 0)
    *ret = c;
  else
    weft_content_free(c);
  return status;
}

void weft_content_free(struct weft_content *c) {
  if (c == NULL) return;
  for (struct layer *l = c->first, *next; l != NULL; l = next) {
    next = l->next;
    l->coding->done(l);
    free(l);
  }
  free(c);
}

int weft_content_write(struct weft_content *c, const uint8_t *bytes, size_t length) {
  c->in += length;
  if (c->end != WEFT_CONTENT_DECODED) return WEFT_E_FORMAT;
  if (length == 0) return 0;
  if (c->first == NULL) return c->on_bytes(bytes, length, c->user);
  return c->first->coding->write(c->first, bytes, length);
}

int weft_content_finish(struct weft_content *c) {
  for (const struct layer *l = c->first; l != NULL && c->in > 0; l = l->next)
    if (c->end == WEFT_CONTENT_DECODED && !l->coding->is_over(l)) c->end = WEFT_CONTENT_CUT;
  return (int)c->end;
}

/* ---- for the codings ---- */

int layer_damaged(struct layer *l) {
  l->content->end = WEFT_CONTENT_DAMAGED;
  return WEFT_E_FORMAT;
}

/* Every layer is held to the bounds, so that none can keep the next busy with
   what comes to nothing in the end. */
int layer_emit(struct layer *l, const uint8_t *bytes, size_t length) {
  struct weft_content *c = l->content;
  const struct weft_content_options *o = &c->options;
  assert(c->end == WEFT_CONTENT_DECODED && c->in > 0);
  if (length == 0) return 0;
  l->out += length;
  if (l->out > o->bytes_max)
    c->end = WEFT_CONTENT_SIZE;
  else if (l->out > o->ratio_free && l->out / c->in >= o->ratio_max)
    c->end = WEFT_CONTENT_RATIO;
  if (c->end != WEFT_CONTENT_DECODED) return WEFT_E_FORMAT;
  if (l->next == NULL) return c->on_bytes(bytes, length, c->user);
  return l->next->coding->write(l->next, bytes, length);
}
