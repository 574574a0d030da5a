/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/brief.h"

#include <string.h>

_Static_assert(HTTP_BRIEF_ROOMY_SIZE <= UINT16_MAX, "places are 16 bits");

/* Have all its marks the time of the first?  Frames whose number is the same, as their
   programs may number them, need not be one. */
static inline int is_of_one_time(const struct weft_http_message *view) {
  return view->last.time == view->first.time && view->head_last.time == view->first.time;
}

/* Did it come whole in one frame, and is it only a head, all of which is there?  Past
   head_bytes_max it is not. */
static int is_brief(const struct http_message *m) {
  const struct weft_http_message *view = &m->view;
  return m->turn.complete && view->frames == 1 && !view->nparts && is_of_one_time(view) &&
         view->wire_length == view->head_length && view->head_first.frame == view->first.frame &&
         m->head && (m->borrowed || m->bytes_used == view->head_length) && !m->packed &&
         !m->by_fin && !m->last_frame_lost && !m->place_lost && !m->turn.interim &&
         !m->turn.partner;
}

static inline struct http_brief *brief_take(struct http_reuse *reuse, uint32_t size) {
  uint32_t index = http_reuse_take(reuse);
  if (index == SLAB_NONE) return NULL;
  struct http_brief *b = http_reuse_at(reuse, index, size);
  b->index = index;
  b->roomy = size == HTTP_BRIEF_ROOMY_SIZE;
  return b;
}

struct http_brief *http_brief_new(struct http_store *store, const struct http_message *m) {
  const struct weft_http_message *view = &m->view;
  if (!is_brief(m) || view->head_length > HTTP_BRIEF_ROOMY_SIZE) return NULL;
  size_t size = http_brief_size((size_t)view->head_length, view->nfields);
  if (size > HTTP_BRIEF_ROOMY_SIZE) return NULL;
  struct http_brief *b = size <= HTTP_BRIEF_SIZE
                             ? brief_take(&store->briefs, HTTP_BRIEF_SIZE)
                             : brief_take(&store->roomy_briefs, HTTP_BRIEF_ROOMY_SIZE);
  if (!b) return NULL;
  b->turn = m->turn;
  b->turn.brief = 1;
  b->user = view->user;
  b->flags = view->flags;
  b->head_length = (uint16_t)view->head_length;
  b->method_length = (uint16_t)view->method.len;
  b->target = (uint16_t)((uintptr_t)view->target.base - (uintptr_t)m->head);
  b->target_length = (uint16_t)view->target.len;
  b->nfields = (uint16_t)view->nfields;
  b->major = view->major;
  b->minor = view->minor;
  b->dir = (uint8_t)view->dir;
  memcpy(b->bytes, m->head, b->head_length);
  http_message_pack_fields(m, b->bytes + b->head_length);
  return b;
}

void http_brief_show(struct http_brief *b, struct http_message *ret) {
  struct weft_http_message *view = &ret->view;
  const char *head = (const char *)b->bytes;
  ret->turn = b->turn;
  ret->head = ret->bytes = b->bytes;
  ret->bytes_used = b->head_length;
  ret->packed = 1;
  view->dir = (enum weft_dir)b->dir;
  view->major = b->major;
  view->minor = b->minor;
  view->method = (struct weft_text){b->method_length ? head : NULL, b->method_length};
  view->target = (struct weft_text){b->target_length ? head + b->target : NULL, b->target_length};
  view->nfields = b->nfields;
  view->flags = b->flags;
  view->offset = b->turn.offset;
  view->head_length = view->wire_length = b->head_length;
  view->head_first = view->head_last = view->first = view->last = b->turn.first;
  view->user = b->user;
  view->frames = 1;
}

void http_brief_free(struct http_store *store, struct http_brief *b) {
  http_reuse_give(b->roomy ? &store->roomy_briefs : &store->briefs, b->index);
}
