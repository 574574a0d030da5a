/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/interim.h"

int http_interims_add(struct http_interim **list, struct http_store *store,
                      const struct http_turn *owner, const struct http_message *interim) {
  struct http_interim *n = mem_alloc(&store->mem, sizeof *n);
  if (!n) return WEFT_E_NOMEM;
  *n = (struct http_interim){
      .owner = owner, .view = {interim->view.status, interim->view.first, interim->view.last}};
  while (*list) list = &(*list)->next;
  *list = n;
  return 0;
}

void http_interims_claim(struct http_interim *list, const struct http_turn *response) {
  for (; list; list = list->next)
    if (!list->owner) list->owner = response;
}

size_t http_interims_of(const struct http_interim *list, const struct http_turn *request,
                        const struct http_turn *response,
                        struct weft_http_interim ret[WEFT_HTTP_INTERIMS_MAX]) {
  size_t n = 0;
  for (; list && n < WEFT_HTTP_INTERIMS_MAX; list = list->next)
    if (list->owner && (list->owner == request || list->owner == response)) ret[n++] = list->view;
  return n;
}

void http_interims_forget(struct http_interim **list, struct http_store *store,
                          const struct http_turn *owner) {
  while (*list) {
    struct http_interim *n = *list;
    if (n->owner != owner) {
      list = &n->next;
      continue;
    }
    *list = n->next;
    mem_free(&store->mem, n, sizeof *n);
  }
}

void http_interims_done(struct http_interim **list, struct http_store *store) {
  while (*list) {
    struct http_interim *n = *list;
    *list = n->next;
    mem_free(&store->mem, n, sizeof *n);
  }
}
