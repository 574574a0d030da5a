/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/message.h"

#include <assert.h>
#include <string.h>

#include "base/clear.h"
#include "http/brief.h"
#include "http/head.h"

/* 2^12 messages are two mebibytes, a huge page; of the roomy ones half as many.  Of the
   briefs as many as make at least one. */
enum { MESSAGES_SHIFT = 12, BRIEFS_SHIFT = 14, ROOMY_BRIEFS_SHIFT = 12 };

/* Own memory of a message is what lies inside it, a block, or twice, four times
   a block.  Free blocks and sheets at hand: those of a busy capture then cost no
   allocation, and a peak is given back. */
enum { BLOCK = 512, BLOCKS_KEPT = 1024, SHEET_FIELDS = 32, SHEETS_KEPT = 16, HEADS_KEPT = 16 };

void http_store_init(struct http_store *store, const struct weft_http_options *options) {
  memset(store, 0, sizeof *store);
  mem_init(&store->mem, options->allocator, 0);
  store->head_bytes_max = options->head_bytes_max ? options->head_bytes_max : 64 * 1024;
  store->fields_max = options->fields_max ? options->fields_max : 256;
  store->parts_max = options->parts_max;
  http_reuse_init(&store->messages, &store->mem, HTTP_MESSAGE_SIZE, MESSAGES_SHIFT);
  http_reuse_init(&store->roomy_messages, &store->mem, HTTP_MESSAGE_ROOMY_SIZE, MESSAGES_SHIFT - 1);
  http_reuse_init(&store->briefs, &store->mem, HTTP_BRIEF_SIZE, BRIEFS_SHIFT);
  http_reuse_init(&store->roomy_briefs, &store->mem, HTTP_BRIEF_ROOMY_SIZE, ROOMY_BRIEFS_SHIFT);
  http_spare_init(&store->blocks, &store->mem, BLOCK, BLOCKS_KEPT);
  http_spare_init(&store->heads, &store->mem, sizeof(struct http_head), HEADS_KEPT);
}

/* ---- sheets ----------------------------------------------------------------- */

static size_t sheet_size(uint32_t max) {
  return sizeof(struct http_sheet) + max * sizeof(struct weft_http_field);
}

/* One with room for `room` fields and more, NULL without memory. */
static struct http_sheet *sheet_new(struct http_store *store, size_t room) {
  uint32_t max = SHEET_FIELDS;
  while (max < room) max *= 2;
  if (max > store->fields_max) max = store->fields_max;
  struct http_sheet *sheet = mem_alloc(&store->mem, sheet_size(max));
  if (sheet) sheet->max = max;
  return sheet;
}

static struct http_sheet *sheet_take(struct http_store *store, size_t room) {
  struct http_sheet *sheet = store->sheets;
  if (!sheet || sheet->max < room) return sheet_new(store, room);
  store->sheets = sheet->next;
  store->nsheets--;
  return sheet;
}

static void sheet_give(struct http_store *store, struct http_sheet *sheet) {
  if (!sheet) return;
  if (store->nsheets >= SHEETS_KEPT) {
    mem_free(&store->mem, sheet, sheet_size(sheet->max));
    return;
  }
  sheet->next = store->sheets;
  store->sheets = sheet;
  store->nsheets++;
}

/* ---- own memory ------------------------------------------------------------- */

static uint8_t *bytes_take(struct http_store *store, uint32_t size) {
  return size == BLOCK ? http_spare_take(&store->blocks) : mem_alloc(&store->mem, size);
}

static void bytes_give(struct http_store *store, uint8_t *bytes, uint32_t size) {
  if (size == BLOCK)
    http_spare_give(&store->blocks, bytes);
  else
    mem_free(&store->mem, bytes, size);
}

void http_store_done(struct http_store *store) {
  while (store->sheets) {
    struct http_sheet *sheet = store->sheets;
    store->sheets = sheet->next;
    mem_free(&store->mem, sheet, sheet_size(sheet->max));
  }
  store->nsheets = 0;
  http_spare_done(&store->blocks);
  http_spare_done(&store->heads);
  http_reuse_done(&store->messages);
  http_reuse_done(&store->roomy_messages);
  http_reuse_done(&store->briefs);
  http_reuse_done(&store->roomy_briefs);
}

/* ---- messages --------------------------------------------------------------- */

static inline struct http_message *message_take(struct http_reuse *reuse, uint32_t size) {
  uint32_t index = http_reuse_take(reuse);
  if (index == SLAB_NONE) return NULL;
  struct http_message *m = http_reuse_at(reuse, index, size);
  clear(m, offsetof(struct http_message, index));
  m->index = index;
  m->roomy = size == HTTP_MESSAGE_ROOMY_SIZE;
  m->bytes = http_message_inside(m);
  m->bytes_max = size - (uint32_t)sizeof *m;
  return m;
}

struct http_message *http_message_new(struct http_store *store, size_t expected) {
  /* With what packing adds. */
  if (expected + expected / 4 > HTTP_INSIDE_SIZE)
    return message_take(&store->roomy_messages, HTTP_MESSAGE_ROOMY_SIZE);
  return message_take(&store->messages, HTTP_MESSAGE_SIZE);
}

void http_message_free(struct http_store *store, struct http_message *m) {
  if (!m) return;
  if (m->sheet) sheet_give(store, m->sheet);
  if (m->bytes != http_message_inside(m)) bytes_give(store, m->bytes, m->bytes_max);
  if (m->parts) mem_free(&store->mem, m->parts, m->parts_max * sizeof *m->parts);
  http_reuse_give(m->roomy ? &store->roomy_messages : &store->messages, m->index);
}

static void text_move(struct weft_text *text, const uint8_t *from, const uint8_t *to) {
  if (text->base) text->base = (const char *)to + ((const uint8_t *)text->base - from);
}

/* The head is at `to` now. */
static void message_move(struct http_message *m, const uint8_t *to) {
  if (m->head) {
    text_move(&m->view.method, m->head, to);
    text_move(&m->view.target, m->head, to);
    text_move(&m->view.reason, m->head, to);
    /* Packed ones go with their head. */
    for (size_t i = 0; !m->packed && i < m->view.nfields; i++) {
      text_move(&m->sheet->fields[i].name, m->head, to);
      text_move(&m->sheet->fields[i].value, m->head, to);
    }
  }
  m->head = to;
  m->borrowed = 0;
}

int http_message_reserve(struct http_store *store, struct http_message *m, uint32_t size) {
  if (size <= m->bytes_max) return 0;
  uint32_t room = BLOCK;
  while (room < size) room *= 2;
  uint8_t *bytes = bytes_take(store, room);
  if (!bytes) return WEFT_E_NOMEM;
  if (m->bytes_used) memcpy(bytes, m->bytes, m->bytes_used);
  if (!m->borrowed && m->head) message_move(m, bytes);
  if (m->bytes != http_message_inside(m)) bytes_give(store, m->bytes, m->bytes_max);
  m->bytes = bytes;
  m->bytes_max = room;
  return 0;
}

/* The message's texts are nowhere any more. */
static int message_lose(struct http_store *store, struct http_message *m) {
  const struct weft_text none = {NULL, 0};
  m->view.method = m->view.target = m->view.reason = none;
  m->view.nfields = 0;
  m->view.fields = NULL;
  m->view.flags |= WEFT_HTTP_HEAD_LOST;
  m->head = NULL;
  m->borrowed = m->packed = 0;
  sheet_give(store, m->sheet);
  m->sheet = NULL;
  return WEFT_E_NOMEM;
}

int http_message_settle(struct http_store *store, struct http_message *m, uint32_t length) {
  if (!m->borrowed) return 0;
  assert(m->bytes_used == 0);
  if (http_message_reserve(store, m, length)) return message_lose(store, m);
  memcpy(m->bytes, m->head, length);
  m->bytes_used = length;
  message_move(m, m->bytes);
  return 0;
}

int http_message_add_sheet(struct http_store *store, struct http_message *m,
                           struct weft_http_field field) {
  struct http_sheet *full = m->sheet;
  assert(!m->packed);
  if (m->view.nfields == store->fields_max) {
    m->view.flags |= WEFT_HTTP_INVALID;
    return 0;
  }
  struct http_sheet *sheet = sheet_take(store, m->view.nfields + 1);
  if (!sheet) return WEFT_E_NOMEM;
  if (full) memcpy(sheet->fields, full->fields, m->view.nfields * sizeof *sheet->fields);
  sheet_give(store, full);
  m->sheet = sheet;
  m->view.fields = sheet->fields;
  sheet->fields[m->view.nfields++] = field;
  return 0;
}

/* ---- packing ---------------------------------------------------------------- */

/* Of an empty text, which is nowhere, the place means nothing. */
static inline struct http_packed_field field_pack(const struct weft_http_field *field,
                                                  const uint8_t *head) {
  return (struct http_packed_field){
      (uint16_t)((uintptr_t)field->name.base - (uintptr_t)head), (uint16_t)field->name.len,
      (uint16_t)((uintptr_t)field->value.base - (uintptr_t)head), (uint16_t)field->value.len};
}

static inline struct weft_text text_at(const uint8_t *head, uint16_t place, uint16_t length) {
  return (struct weft_text){length ? (const char *)head + place : NULL, length};
}

void http_message_pack_fields(const struct http_message *m, uint8_t *to) {
  const struct weft_http_field *field = m->view.fields, *end = field + m->view.nfields;
  const uint8_t *head = m->head;
  for (; field < end; field++, to += sizeof(struct http_packed_field)) {
    struct http_packed_field packed = field_pack(field, head);
    memcpy(to, &packed, sizeof packed);
  }
}

/* Packs the fields behind a head of `length` bytes, which is copied if it is borrowed. */
static int message_pack(struct http_store *store, struct http_message *m, uint32_t length) {
  uint32_t size = length + (uint32_t)(m->view.nfields * sizeof(struct http_packed_field));
  if (http_message_reserve(store, m, size)) return WEFT_E_NOMEM;
  http_message_pack_fields(m, m->bytes + length);
  m->packed = 1;
  if (!m->borrowed) return 0;
  memcpy(m->bytes, m->head, length);
  m->bytes_used = length;
  message_move(m, m->bytes);
  return 0;
}

int http_message_lay_aside(struct http_store *store, struct http_message *m) {
  uint32_t length = m->borrowed ? (uint32_t)m->view.head_length : m->bytes_used;
  if (!m->sheet || length > UINT16_MAX) return http_message_settle(store, m, length);
  if (!m->packed && message_pack(store, m, length))
    return m->borrowed ? message_lose(store, m) : WEFT_E_NOMEM;
  sheet_give(store, m->sheet);
  m->sheet = NULL;
  m->view.fields = NULL;
  return 0;
}

int http_message_unpack(struct http_store *store, struct http_message *m) {
  if (m->sheet || !m->packed) return 0;
  struct http_sheet *sheet = sheet_take(store, m->view.nfields);
  if (!sheet) return message_lose(store, m);
  struct weft_http_field *field = sheet->fields, *end = field + m->view.nfields;
  const uint8_t *head = m->head, *from = m->bytes + m->bytes_used;
  for (; field < end; field++, from += sizeof(struct http_packed_field)) {
    struct http_packed_field packed;
    memcpy(&packed, from, sizeof packed);
    field->name = text_at(head, packed.name, packed.name_length);
    field->value = text_at(head, packed.value, packed.value_length);
  }
  m->sheet = sheet;
  m->view.fields = sheet->fields;
  return 0;
}

/* ---- frames ----------------------------------------------------------------- */

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

/* The frame that brought the bytes before these brought these too. */
static int message_grow_part(struct http_store *store, struct http_message *m,
                             struct weft_http_part part) {
  struct weft_http_part *last = m->view.nparts ? &m->parts[m->view.nparts - 1] : NULL;
  if (last && last->mark.frame == part.mark.frame && last->offset + last->length == part.offset) {
    last->length += part.length;
    return 0;
  }
  /* The list is full, or a gap lies between: then it is a part of its own. */
  return part.length ? message_add_part(store, m, part) : 0;
}

int http_message_add_part(struct http_store *store, struct http_message *m,
                          struct weft_http_part part, int again) {
  return again ? message_grow_part(store, m, part) : message_add_part(store, m, part);
}
