/* SPDX-License-Identifier: BSD-2-Clause */
#include "reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text_add(struct text *text, const char *bytes, size_t length) {
  if (!length) return;
  if (text->length + length > text->room) {
    text->room = 2 * (text->length + length);
    text->bytes = realloc(text->bytes, text->room);
    if (!text->bytes) abort();
  }
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
}

static int text_equal(const struct text *a, const struct text *b) {
  return a->length == b->length && (!a->length || !memcmp(a->bytes, b->bytes, a->length));
}

void reading_init(struct reading *r) { memset(r, 0, sizeof *r); }

static void reading_forget(struct reading *r) {
  r->start.length = r->body.length = 0;
  for (size_t i = 0; i < r->nfields; i++) {
    r->fields[i].name.length = r->fields[i].value.length = 0;
    r->fields[i].merged = 0;
  }
  r->nfields = 0;
  r->in_value = 0;
}

void reading_done(struct reading *r) {
  free(r->messages.bytes);
  free(r->start.bytes);
  free(r->body.bytes);
  for (size_t i = 0; i < sizeof r->fields / sizeof *r->fields; i++) {
    free(r->fields[i].name.bytes);
    free(r->fields[i].value.bytes);
  }
}

int reading_equal(const struct reading *a, const struct reading *b) {
  return text_equal(&a->messages, &b->messages);
}

void reading_begin(struct reading *r) { reading_forget(r); }

void reading_word(struct reading *r, const char *bytes, size_t length) {
  text_add(&r->start, bytes, length);
  text_add(&r->start, " ", 1);
}

void reading_number(struct reading *r, unsigned number) {
  char text[16];
  reading_word(r, text, (size_t)snprintf(text, sizeof text, "%u", number));
}

void reading_version(struct reading *r, unsigned major, unsigned minor) {
  char text[32];
  text_add(&r->start, text, (size_t)snprintf(text, sizeof text, "%u.%u", major, minor));
}

void reading_name(struct reading *r, const char *bytes, size_t length) {
  if (!r->nfields || r->in_value) {
    if (r->nfields == sizeof r->fields / sizeof *r->fields) abort();
    r->nfields++;
  }
  r->in_value = 0;
  text_add(&r->fields[r->nfields - 1].name, bytes, length);
}

void reading_value(struct reading *r, const char *bytes, size_t length) {
  if (!r->nfields) reading_name(r, "", 0);
  r->in_value = 1;
  text_add(&r->fields[r->nfields - 1].value, bytes, length);
}

void reading_body(struct reading *r, const char *bytes, size_t length) {
  text_add(&r->body, bytes, length);
}

static int is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* Runs of blanks to one, none at the ends. */
static void text_tidy(struct text *text, int lower) {
  size_t n = 0;
  for (size_t i = 0; i < text->length; i++) {
    char c = text->bytes[i];
    if (is_blank(c)) {
      if (n && text->bytes[n - 1] != ' ') text->bytes[n++] = ' ';
    } else {
      text->bytes[n++] = lower && c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
  }
  if (n && text->bytes[n - 1] == ' ') n--;
  text->length = n;
}

/* Takes the values of later fields of that name in. */
static void fields_merge(struct reading *r, size_t i) {
  struct field *field = &r->fields[i];
  for (size_t j = i + 1; j < r->nfields; j++) {
    struct field *other = &r->fields[j];
    if (other->merged || !text_equal(&field->name, &other->name)) continue;
    text_add(&field->value, ", ", 2);
    text_add(&field->value, other->value.bytes, other->value.length);
    text_tidy(&field->value, 0);
    other->merged = 1;
  }
}

void reading_end(struct reading *r) {
  struct text *out = &r->messages;
  char length[32];
  text_add(out, r->start.bytes, r->start.length);
  for (size_t i = 0; i < r->nfields; i++) {
    text_tidy(&r->fields[i].name, 1);
    text_tidy(&r->fields[i].value, 0);
  }
  for (size_t i = 0; i < r->nfields; i++) {
    if (r->fields[i].merged) continue;
    fields_merge(r, i);
    if (!r->fields[i].name.length && !r->fields[i].value.length) continue;
    text_add(out, "\n", 1);
    text_add(out, r->fields[i].name.bytes, r->fields[i].name.length);
    text_add(out, ": ", 2);
    text_add(out, r->fields[i].value.bytes, r->fields[i].value.length);
  }
  snprintf(length, sizeof length, "\n\n%zu ", r->body.length);
  text_add(out, length, strlen(length));
  text_add(out, r->body.bytes, r->body.length);
  text_add(out, "\n", 1);
  reading_forget(r);
}
