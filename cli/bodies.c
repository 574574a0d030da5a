/* SPDX-License-Identifier: BSD-2-Clause */
#include "bodies.h"

#include <stdlib.h>
#include <string.h>

#include <weft/content.h>

#include "codings.h"

/* Beyond so many bytes in all, bodies are cut where they are. */
#define HELD_MAX ((uint64_t)256 << 20)

struct body {
  struct weft_sink_body shown; /* what the sink sees, so it is first */
  struct body *next, **link;
  char *bytes;
  size_t length, room;
  uint64_t missing;
};

int bodies_on_head(struct bodies *all, const struct weft_http_message *m, void **message_user) {
  if (all->each_max == 0 || m->status / 100 == 1) return 0;
  struct body *b = calloc(1, sizeof *b);
  if (b == NULL) return WEFT_E_NOMEM;
  b->next = all->all;
  b->link = &all->all;
  if (b->next != NULL) b->next->link = &b->next;
  all->all = b;
  *message_user = b;
  return 0;
}

static int body_reserve(struct bodies *all, struct body *b, size_t length) {
  size_t room = b->room > 0 ? b->room : 1024;
  if (length <= b->room) return 0;
  while (room < length) room *= 2;
  char *more = realloc(b->bytes, room);
  if (more == NULL) return WEFT_E_NOMEM;
  all->held += room - b->room;
  b->bytes = more;
  b->room = room;
  return 0;
}

/* As much as there may be. */
static int body_add(struct bodies *all, struct body *b, const uint8_t *bytes, size_t length) {
  uint64_t left = all->each_max - b->length;
  if (length > left || all->held > HELD_MAX) {
    b->shown.cut = 1;
    length = all->held > HELD_MAX ? 0 : (size_t)left;
  }
  if (length == 0) return 0;
  int status = body_reserve(all, b, b->length + length);
  if (status < 0) return status;
  memcpy(b->bytes + b->length, bytes, length);
  b->length += length;
  return 0;
}

/* What follows a gap is left out: no coding goes on there. */
int bodies_on_body(struct bodies *all, const struct weft_http_message *m, const uint8_t *bytes,
                   size_t length, void *message_user) {
  struct body *b = message_user;
  if (b == NULL) return 0;
  if (m->body_missing > 0) b->shown.cut = 1;
  if (b->shown.cut || length == 0) return 0;
  return body_add(all, b, bytes, length);
}

/* ---- done ---- */

/* What it decodes to, in a body that nobody else sees. */
struct decoded {
  struct bodies *all;
  struct body body;
};

static int decoded_take(const uint8_t *bytes, size_t length, void *user) {
  struct decoded *d = user;
  int status = body_add(d->all, &d->body, bytes, length);
  return status == 0 && d->body.shown.cut ? WEFT_E_USER : status;
}

/* In place of what was sent.  What cannot be decoded is not shown. */
static void body_decode(struct bodies *all, struct body *b, const struct weft_text *codings,
                        size_t ncodings) {
  struct decoded d = {.all = all};
  struct weft_content *content;
  int end = WEFT_CONTENT_UNKNOWN;
  if (weft_content_new(codings, ncodings, NULL, decoded_take, &d, &content) == 0) {
    weft_content_write(content, (const uint8_t *)b->bytes, b->length);
    end = weft_content_finish(content);
    weft_content_free(content);
  }
  all->held -= b->room;
  free(b->bytes);
  b->bytes = d.body.bytes;
  b->room = d.body.room;
  b->length = end == WEFT_CONTENT_DECODED || end == WEFT_CONTENT_CUT ? d.body.length : 0;
  b->shown.cut |= d.body.shown.cut || end != WEFT_CONTENT_DECODED;
}

void bodies_decode(struct bodies *all, const struct weft_http_message *m) {
  struct body *b = m != NULL ? m->user : NULL;
  struct weft_text codings[CODINGS_MAX];
  if (b == NULL || (b->length == 0 && !b->shown.cut)) return;
  size_t n = message_codings(m, codings);
  if (weft_content_is_coded(codings, n)) body_decode(all, b, codings, n);
  if (m->flags & WEFT_HTTP_TRUNCATED || m->body_missing > 0) b->shown.cut = 1;
  b->shown.text = (struct weft_text){b->length > 0 ? b->bytes : "", b->length};
}

static void body_free(struct bodies *all, struct body *b) {
  *b->link = b->next;
  if (b->next != NULL) b->next->link = b->link;
  all->held -= b->room;
  free(b->bytes);
  free(b);
}

void bodies_drop(struct bodies *all, const struct weft_http_message *m) {
  if (m != NULL && m->user != NULL) body_free(all, m->user);
}

void bodies_done(struct bodies *all) {
  while (all->all != NULL) body_free(all, all->all);
}
