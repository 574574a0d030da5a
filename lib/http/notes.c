/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/notes.h"

static void tell_again(const struct http_notes *notes, const struct http_message *request,
                       const struct http_message *response, struct http_told *told) {
  struct weft_http_again *again = &told->again;
  struct weft_mark unused;
  *again = (struct weft_http_again){{0, 0}, {0, 0}, {0, 0}};
  if (request) http_copies_of(notes->copies[request->view.dir], request, &unused, &again->request);
  if (response)
    http_copies_of(notes->copies[response->view.dir], response, &again->response_first,
                   &again->response);
  if (!again->request.frame && !again->response_first.frame && !again->response.frame) return;
  told->exchange.timing.bounds |= WEFT_BOUND_AGAIN;
  told->exchange.again = again;
}

void http_notes_tell(const struct http_notes *notes, const struct http_turn *turn,
                     const struct http_message *request, const struct http_message *response,
                     struct http_told *told) {
  told->exchange.ninterims =
      http_interims_of(notes->interims, turn, response ? &response->turn : NULL, told->interims);
  told->exchange.interims = told->interims;
  tell_again(notes, request, response, told);
}

void http_notes_forget(struct http_notes *notes, struct http_store *store,
                       const struct http_turn *turn, const struct http_message *m) {
  http_interims_forget(&notes->interims, store, turn);
  http_copies_forget(&notes->copies[m->view.dir], store, http_message_end(m));
}

void http_notes_free(struct http_notes *notes, struct http_store *store) {
  http_interims_done(&notes->interims, store);
  for (int dir = 0; dir < 2; dir++) http_copies_forget(&notes->copies[dir], store, UINT64_MAX);
  mem_free(&store->mem, notes, sizeof *notes);
}
