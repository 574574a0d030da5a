/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/head.h"

#include <assert.h>
#include <string.h>

#include "http/text.h"

void http_head_init(struct http_head *head, enum http_kind kind) {
  memset(head, 0, offsetof(struct http_head, line));
  head->kind = (uint8_t)kind;
}

static struct weft_text text_of(const uint8_t *base, size_t length) {
  http_text_trim(&base, &length);
  return length ? (struct weft_text){(const char *)base, length} : (struct weft_text){NULL, 0};
}

/* "HTTP/1.1", any case.  0 when it is no version at all. */
static int version_read(const uint8_t *p, size_t length, struct weft_http_message *view) {
  if (length < 5 || !http_text_is(p, 5, "http/")) return 0;
  view->major = length > 5 && http_text_is_digit(p[5]) ? (uint8_t)(p[5] - '0') : 1;
  view->minor = length > 7 && http_text_is_digit(p[7]) ? (uint8_t)(p[7] - '0') : 0;
  if (length != 8 || p[6] != '.' || !http_text_is_digit(p[5]) || !http_text_is_digit(p[7]))
    view->flags |= WEFT_HTTP_INVALID;
  return 1;
}

/* request-line = method SP request-target SP HTTP-version (RFC 9112 section 3).
   The version is the last word and the method the first; a target with blanks
   in it is what lies between. */
static void request_line(struct http_head *head, struct weft_http_message *view,
                         const uint8_t *line, size_t length) {
  while (length && http_text_is_blank(line[length - 1])) length--, view->flags |= WEFT_HTTP_INVALID;
  size_t method = 0, word = length;
  while (method < length && !http_text_is_blank(line[method])) method++;
  while (word > method && !http_text_is_blank(line[word - 1])) word--;
  view->method = text_of(line, method);
  if (word > method && version_read(line + word, length - word, view)) {
    length = word;
  } else {
    view->major = 0;
    view->minor = 9;
    head->versionless = 1;
    view->flags |= WEFT_HTTP_INVALID;
  }
  view->target = text_of(line + method, length - method);
  if (!view->target.len || memchr(view->target.base, ' ', view->target.len))
    view->flags |= WEFT_HTTP_INVALID;
}

/* status-line = HTTP-version SP status-code SP [reason] (RFC 9112 section 4). */
static void status_line(struct weft_http_message *view, const uint8_t *line, size_t length) {
  size_t i = 0, digits = 0;
  while (i < length && !http_text_is_blank(line[i])) i++;
  if (!version_read(line, i, view)) {
    view->major = 1;
    view->minor = 0;
    view->flags |= WEFT_HTTP_INVALID;
  }
  while (i < length && http_text_is_blank(line[i])) i++;
  for (; i < length && digits < 3 && http_text_is_digit(line[i]); i++, digits++)
    view->status = (uint16_t)(view->status * 10 + (line[i] - '0'));
  if (digits != 3 || view->status < 100 || (i < length && !http_text_is_blank(line[i])))
    view->flags |= WEFT_HTTP_INVALID;
  view->reason = text_of(line + i, length - i);
}

/* The field whose last line was met: adds it and shows it to the framing. */
static void field_close(struct http_head *head, struct http_store *store, struct http_message *m,
                        const uint8_t *base) {
  if (!head->has_fold) return;
  head->has_fold = 0;
  struct weft_http_field field;
  field.name = text_of(base + head->fold, head->fold_colon - head->fold);
  uint32_t value = head->fold_colon < head->fold_end ? head->fold_colon + 1 : head->fold_end;
  field.value = text_of(base + value, head->fold_end - value);
  /* RFC 9112 section 5.1: no blank before the colon; and a line without one is
     no field. */
  if (field.name.len != head->fold_colon - head->fold || head->fold_colon == head->fold_end)
    m->view.flags |= WEFT_HTTP_INVALID;
  http_framing_field(&head->framing, (const uint8_t *)field.name.base, field.name.len,
                     (const uint8_t *)field.value.base, field.value.len);
  if (http_message_add_field(store, m, field)) head->status = WEFT_E_NOMEM;
}

static void head_line(struct http_head *head, struct http_store *store, struct http_message *m,
                      const uint8_t *base, struct http_line line) {
  if (!head->started) {
    head->started = 1;
    if (head->kind == HTTP_REQUEST)
      request_line(head, &m->view, base + line.start, line.end - line.start);
    else
      status_line(&m->view, base + line.start, line.end - line.start);
    return;
  }
  /* obs-fold, RFC 9112 section 5.2. */
  if (line.end > line.start && http_text_is_blank(base[line.start]) && head->has_fold) {
    head->fold_end = line.end;
    m->view.flags |= WEFT_HTTP_INVALID;
    return;
  }
  field_close(head, store, m, base);
  if (line.end > line.start) {
    head->has_fold = 1;
    head->fold = line.start;
    head->fold_colon = line.colon;
    head->fold_end = line.end;
  }
}

int http_head_read(struct http_head *head, struct http_store *store, struct http_message *m,
                   const uint8_t *base, uint32_t length) {
  struct http_line line;
  while (http_token_next(&head->token, base, length, &line)) {
    head_line(head, store, m, base, line);
    if (line.start == line.end) return 1;
  }
  return 0;
}

/* "GET /path HTT": the version was there, only not all of it was captured. */
static uint32_t cut_version(const struct http_head *head, struct weft_http_message *view,
                            const uint8_t *base, struct http_line line) {
  uint32_t word = line.end, i = line.start;
  while (word > line.start && !http_text_is_blank(base[word - 1])) word--;
  while (i < word && !http_text_is_blank(base[i])) i++;
  while (i < word && http_text_is_blank(base[i])) i++;
  if (head->kind != HTTP_REQUEST || i >= word || word == line.end || line.end - word > 5)
    return line.end;
  for (i = word; i < line.end; i++)
    if (http_text_lower(base[i]) != (uint8_t) "http/"[i - word]) return line.end;
  view->major = 1;
  view->minor = 0;
  return word;
}

void http_head_cut(struct http_head *head, struct http_store *store, struct http_message *m,
                   const uint8_t *base, uint32_t length) {
  struct http_line line = {head->token.line, length, length};
  uint32_t flags = m->view.flags;
  if (head->overflown) return;
  if (head->token.has_colon) line.colon = head->token.colon;
  int start_line = !head->started;
  if (start_line) line.end = line.colon = cut_version(head, &m->view, base, line);
  uint8_t major = m->view.major, minor = m->view.minor;
  /* Half a field name is nothing; half a start line or value is something. */
  if (line.start < line.end && (start_line || head->token.has_colon))
    head_line(head, store, m, base, line);
  if (start_line && major) {
    m->view.major = major;
    m->view.minor = minor;
    head->versionless = 0;
  }
  field_close(head, store, m, base);
  /* What is missing in it the capture has lost, not the sender. */
  m->view.flags = flags;
}

/* ---- past the bound ---------------------------------------------------- */

static void overflow_byte(struct http_head *head, uint8_t byte) {
  if (head->line_used < sizeof head->line)
    head->line[head->line_used++] = byte;
  else
    head->line_long = 1;
}

void http_head_overflow_begin(struct http_head *head, struct http_store *store,
                              struct http_message *m, const uint8_t *base, uint32_t length) {
  assert(!head->overflown);
  head->overflown = 1;
  if (!head->started) {
    struct http_line line = {head->token.line, length, length};
    head_line(head, store, m, base, line);
    head->line_long = 1; /* the rest of it is no field */
    return;
  }
  /* The field that waits for a continuation ends here: how it goes on is no
     longer read. */
  field_close(head, store, m, base);
  for (uint32_t i = head->token.line; i < length && !head->line_long; i++)
    overflow_byte(head, base[i]);
}

static void overflow_line(struct http_head *head) {
  const uint8_t *colon = memchr(head->line, ':', head->line_used);
  if (!colon || head->line_long) return;
  const uint8_t *value = colon + 1;
  size_t size = (size_t)(head->line + head->line_used - value);
  http_text_trim(&value, &size);
  http_framing_field(&head->framing, head->line, (size_t)(colon - head->line), value, size);
}

size_t http_head_overflow(struct http_head *head, const uint8_t *bytes, size_t length,
                          int *ret_complete) {
  *ret_complete = 0;
  for (size_t i = 0; i < length; i++) {
    if (bytes[i] != '\n') {
      overflow_byte(head, bytes[i]);
      continue;
    }
    if (head->line_used && head->line[head->line_used - 1] == '\r' && !head->line_long)
      head->line_used--;
    int empty = !head->line_used && !head->line_long;
    overflow_line(head);
    head->line_used = head->line_long = 0;
    if (empty) {
      *ret_complete = 1;
      return i + 1;
    }
  }
  return length;
}
