/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/message.h"

#include <assert.h>
#include <string.h>

/* What a free message may keep of its arrays, and how many stay at hand: the
   messages of a busy capture then cost no allocation, and a peak is given back. */
#define KEEP_BYTES 2048
#define KEEP_FIELDS 64
#define KEEP_PARTS 64
#define KEEP_MESSAGES 1024

void http_store_init(struct http_store *store, const struct weft_http_options *options) {
  memset(store, 0, sizeof *store);
  mem_init(&store->mem, options->allocator, 0);
  store->head_bytes_max = options->head_bytes_max ? options->head_bytes_max : 64 * 1024;
  store->fields_max = options->fields_max ? options->fields_max : 256;
  store->parts_max = options->parts_max;
}

static void message_drop_arrays(struct http_store *store, struct http_message *m) {
  mem_free(&store->mem, m->bytes, m->bytes_max);
  mem_free(&store->mem, m->fields, m->fields_max * sizeof *m->fields);
  mem_free(&store->mem, m->parts, m->parts_max * sizeof *m->parts);
}

void http_store_done(struct http_store *store) {
  while (store->free) {
    struct http_message *m = store->free;
    store->free = m->next;
    message_drop_arrays(store, m);
    mem_free(&store->mem, m, sizeof *m);
  }
  store->nfree = 0;
}

/* All zero but for the arrays it owns. */
static void message_clear(struct http_message *m) {
  struct http_message clear = {.bytes = m->bytes,
                               .bytes_max = m->bytes_max,
                               .fields = m->fields,
                               .fields_max = m->fields_max,
                               .parts = m->parts,
                               .parts_max = m->parts_max};
  *m = clear;
}

struct http_message *http_message_new(struct http_store *store) {
  struct http_message *m = store->free;
  if (!m) return mem_alloc_zero(&store->mem, sizeof *m);
  store->free = m->next;
  store->nfree--;
  message_clear(m);
  return m;
}

void http_message_free(struct http_store *store, struct http_message *m) {
  if (!m) return;
  if (store->nfree >= KEEP_MESSAGES || m->bytes_max > KEEP_BYTES || m->fields_max > KEEP_FIELDS ||
      m->parts_max > KEEP_PARTS) {
    message_drop_arrays(store, m);
    mem_free(&store->mem, m, sizeof *m);
    return;
  }
  m->next = store->free;
  store->free = m;
  store->nfree++;
}

/* Moves a text with the head it points into. */
static void text_move(struct weft_text *text, const uint8_t *from, const uint8_t *to) {
  if (text->len) text->base = (const char *)to + ((const uint8_t *)text->base - from);
}

/* `to` holds a copy of the head; the old one still exists. */
static void message_move(struct http_message *m, const uint8_t *to) {
  if (m->head) {
    text_move(&m->view.method, m->head, to);
    text_move(&m->view.target, m->head, to);
    text_move(&m->view.reason, m->head, to);
    for (size_t i = 0; i < m->view.nfields; i++) {
      text_move(&m->fields[i].name, m->head, to);
      text_move(&m->fields[i].value, m->head, to);
    }
  }
  m->head = to;
  m->borrowed = 0;
}

int http_message_reserve(struct http_store *store, struct http_message *m, uint32_t size) {
  if (size <= m->bytes_max) return 0;
  uint32_t room = m->bytes_max ? m->bytes_max : 512;
  while (room < size) room *= 2;
  uint8_t *bytes = mem_alloc(&store->mem, room);
  if (!bytes) return WEFT_E_NOMEM;
  if (m->bytes_used) memcpy(bytes, m->bytes, m->bytes_used);
  if (!m->borrowed && m->head) message_move(m, bytes);
  mem_free(&store->mem, m->bytes, m->bytes_max);
  m->bytes = bytes;
  m->bytes_max = room;
  return 0;
}

int http_message_settle(struct http_store *store, struct http_message *m, uint32_t length) {
  if (!m->borrowed) return 0;
  assert(m->bytes_used == 0);
  if (http_message_reserve(store, m, length)) {
    const struct weft_text none = {NULL, 0};
    m->view.method = m->view.target = m->view.reason = none;
    m->view.nfields = 0;
    m->view.flags |= WEFT_HTTP_HEAD_LOST;
    m->head = NULL;
    m->borrowed = 0;
    return WEFT_E_NOMEM;
  }
  memcpy(m->bytes, m->head, length);
  m->bytes_used = length;
  message_move(m, m->bytes);
  return 0;
}

int http_message_add_field(struct http_store *store, struct http_message *m,
                           struct weft_http_field field) {
  if (m->view.nfields == store->fields_max) {
    m->view.flags |= WEFT_HTTP_INVALID;
    return 0;
  }
  if (m->view.nfields == m->fields_max) {
    uint32_t room = m->fields_max ? m->fields_max * 2 : 16;
    struct weft_http_field *fields =
        mem_resize(&store->mem, m->fields, m->fields_max * sizeof *fields, room * sizeof *fields);
    if (!fields) return WEFT_E_NOMEM;
    m->fields = fields;
    m->fields_max = room;
  }
  m->fields[m->view.nfields++] = field;
  m->view.fields = m->fields;
  return 0;
}

int http_mark_after(struct weft_mark a, struct weft_mark b) {
  return a.time != b.time ? a.time > b.time : a.frame > b.frame;
}

static int message_add_part(struct http_store *store, struct http_message *m,
                            struct weft_http_part part) {
  if (m->view.nparts == store->parts_max) return 0;
  if (m->view.nparts == m->parts_max) {
    uint32_t room = m->parts_max ? m->parts_max * 2 : 4;
    struct weft_http_part *parts =
        mem_resize(&store->mem, m->parts, m->parts_max * sizeof *parts, room * sizeof *parts);
    if (!parts) return WEFT_E_NOMEM;
    m->parts = parts;
    m->parts_max = room;
  }
  m->parts[m->view.nparts++] = part;
  m->view.parts = m->parts;
  return 0;
}

int http_message_arrived(struct http_store *store, struct http_message *m, struct weft_mark mark,
                         uint64_t offset, uint64_t length) {
  struct weft_http_message *view = &m->view;
  if (!view->frames)
    view->first = view->last = mark;
  else if (http_mark_after(mark, view->last))
    view->last = mark;
  if (view->frames && m->recent[0] == mark.frame) {
    struct weft_http_part *last = view->nparts ? &m->parts[view->nparts - 1] : NULL;
    if (last && last->mark.frame == mark.frame && last->offset + last->length == offset) {
      last->length += length;
      return 0;
    }
    /* The list is full, or a gap lies between: then it is a part of its own. */
    if (!length) return 0;
  } else {
    /* Segments may overlap so that one frame's bytes lie on both sides of
       another's: that is still one frame. */
    if (!view->frames || m->recent[1] != mark.frame) view->frames++;
    m->recent[1] = m->recent[0];
    m->recent[0] = mark.frame;
  }
  return message_add_part(store, m, (struct weft_http_part){mark, offset, length});
}
