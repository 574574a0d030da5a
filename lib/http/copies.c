/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/copies.h"

static void copy_widen(struct http_copy *copy, uint64_t start, uint64_t end,
                       struct weft_mark mark) {
  if (start < copy->start) copy->start = start;
  if (end > copy->end) copy->end = end;
  if (http_mark_after(mark, copy->mark)) copy->mark = mark;
}

int http_copies_add(struct http_copy **list, struct http_store *store, uint64_t start, uint64_t end,
                    struct weft_mark mark) {
  struct http_copy **at = list, *last = NULL;
  for (unsigned n = 0; *at; at = &last->next) {
    last = *at;
    if (++n == HTTP_COPIES_MAX) {
      copy_widen(last, start, end, mark);
      return 0;
    }
  }
  struct http_copy *copy = mem_alloc(&store->mem, sizeof *copy);
  if (copy) *copy = (struct http_copy){.start = start, .end = end, .mark = mark};
  *at = copy;
  return copy ? 0 : WEFT_E_NOMEM;
}

void http_copies_of(const struct http_copy *list, const struct http_message *m,
                    struct weft_mark *ret_first, struct weft_mark *ret_last) {
  uint64_t start = m->view.offset, end = http_message_end(m);
  struct weft_mark first = m->view.first, last = m->view.last;
  const struct weft_mark none = {0, 0};
  for (; list; list = list->next) {
    if (list->end <= start || list->start >= end) continue;
    if (list->start <= start && http_mark_after(list->mark, first)) first = list->mark;
    if (http_mark_after(list->mark, last)) last = list->mark;
  }
  *ret_first = first.frame != m->view.first.frame ? first : none;
  *ret_last = last.frame != m->view.last.frame ? last : none;
}

void http_copies_forget(struct http_copy **list, struct http_store *store, uint64_t offset) {
  while (*list) {
    struct http_copy *copy = *list;
    if (copy->end > offset) {
      list = &copy->next;
      continue;
    }
    *list = copy->next;
    mem_free(&store->mem, copy, sizeof *copy);
  }
}
