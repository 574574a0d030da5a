/* SPDX-License-Identifier: BSD-2-Clause */
#include "links.h"

static int on_layer(const struct weft_layer *layer, void *user) {
  (void)layer;
  *(int *)user = 1;
  return 0;
}

/* Whether any layer of it is. */
static int is_read(const struct weft_frame *frame) {
  int any = 0;
  return weft_explain(frame, on_layer, &any) != WEFT_IS_UNKNOWN_LINK || any;
}

static struct link *links_find(struct links *links, const struct weft_frame *frame) {
  for (unsigned i = 0; i < links->count; i++)
    if (links->link[i].linktype == frame->linktype) return &links->link[i];
  if (links->count == LINKS_MAX) return NULL;
  struct link *link = &links->link[links->count++];
  link->linktype = frame->linktype;
  link->is_read = (uint8_t)is_read(frame);
  return link;
}

void links_count(struct links *links, const struct weft_frame *frames, size_t nframes) {
  struct link *link = NULL;
  for (size_t i = 0; i < nframes; i++) {
    if (!link || link->linktype != frames[i].linktype) link = links_find(links, &frames[i]);
    if (!link)
      links->others++;
    else if (!link->is_read)
      link->frames++;
  }
}
