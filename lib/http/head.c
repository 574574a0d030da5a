/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/head.h"

#include <assert.h>
#include <string.h>

#include "base/clear.h"
#include "http/text.h"

void http_head_init(struct http_head *head, enum http_kind kind) {
  clear(head, offsetof(struct http_head, line));
  head->kind = (uint8_t)kind;
}

static struct weft_text text_of(const uint8_t *base, size_t length) {
  http_text_trim(&base, &length);
  return length ? (struct weft_text){(const char *)base, length} : (struct weft_text){NULL, 0};
}

/* "HTTP/1.1", any case.  0 when it is no version at all.  One that is none of the
   grammar's (RFC 9112 section 2.3) counts as the nearest 1.x. */
static int version_read(const uint8_t *p, size_t length, struct weft_http_message *view) {
  if (length < 5 || !http_text_is(p, 5, "http/")) return 0;
  int shaped = length >= 8 && http_text_is_digit(p[5]) && p[6] == '.' && http_text_is_digit(p[7]);
  if (length != 8 || !shaped || memcmp(p, "HTTP", 4) != 0) view->flags |= WEFT_HTTP_INVALID;
  view->major = shaped && length == 8 ? (uint8_t)(p[5] - '0') : 1;
  view->minor = shaped ? (uint8_t)(p[7] - '0') : 0;
  return 1;
}

/* "HTTP/1.1" and such, as nearly every start line has it. */
static int version_plain(const uint8_t p[8]) {
  return !memcmp(p, "HTTP/1.", 7) && http_text_is_digit(p[7]);
}

/* Reads a line of exactly one blank after method and target. */
static int request_line_plain(struct weft_http_message *view, const uint8_t *line, size_t length,
                              size_t method) {
  if (length < method + 11 || !method || line[method] != ' ' || line[length - 9] != ' ' ||
      !version_plain(line + length - 8))
    return 0;
  const uint8_t *target = line + method + 1;
  size_t size = length - 9 - (method + 1);
  if (http_text_is_blank(target[0]) || http_text_is_blank(target[size - 1]) ||
      memchr(target, ' ', size))
    return 0;
  view->method = (struct weft_text){(const char *)line, method};
  view->target = (struct weft_text){(const char *)target, size};
  view->major = 1;
  view->minor = (uint8_t)(line[length - 1] - '0');
  return 1;
}

/* request-line = method SP request-target SP HTTP-version (RFC 9112 section 3).
   The version is the last word and the method the first; a target with blanks
   in it is what lies between.  Flagged is what request_line_plain left for other
   reasons than its version. */
static void request_line(struct http_head *head, struct weft_http_message *view,
                         const uint8_t *line, size_t length) {
  while (length && http_text_is_blank(line[length - 1])) length--, view->flags |= WEFT_HTTP_INVALID;
  size_t method = 0, word = length;
  while (method < length && !http_text_is_blank(line[method])) method++;
  while (word > method && !http_text_is_blank(line[word - 1])) word--;
  for (size_t i = 0; i < method; i++)
    if (!http_text_is_token(line[i])) view->flags |= WEFT_HTTP_INVALID;
  view->method = text_of(line, method);
  if (word > method && version_read(line + word, length - word, view)) {
    length = word;
    if (line[method] != ' ' || line[word - 1] != ' ') view->flags |= WEFT_HTTP_INVALID;
  } else {
    view->major = 0;
    view->minor = 9;
    head->versionless = 1;
    view->flags |= WEFT_HTTP_INVALID;
  }
  view->target = text_of(line + method, length - method);
  /* A target with a blank in it, or blanks around it beyond the two. */
  if (!view->target.len || view->target.len + 2 != length - method ||
      memchr(view->target.base, ' ', view->target.len))
    view->flags |= WEFT_HTTP_INVALID;
}

static int is_status(const uint8_t p[3]) {
  return p[0] >= '1' && p[0] <= '9' && http_text_is_digit(p[1]) && http_text_is_digit(p[2]);
}

/* Reads a line of exactly one blank after version and status. */
static int status_line_plain(struct weft_http_message *view, const uint8_t *line, size_t length) {
  if (length < 13 || !version_plain(line) || line[8] != ' ' || !is_status(line + 9) ||
      line[12] != ' ')
    return 0;
  view->major = 1;
  view->minor = (uint8_t)(line[7] - '0');
  view->status = (uint16_t)((line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0'));
  view->reason = text_of(line + 13, length - 13);
  return 1;
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
  if (i < length && line[i] != ' ') view->flags |= WEFT_HTTP_INVALID;
  if (i + 1 < length && http_text_is_blank(line[i + 1])) view->flags |= WEFT_HTTP_INVALID;
  while (i < length && http_text_is_blank(line[i])) i++;
  for (; i < length && digits < 3 && http_text_is_digit(line[i]); i++, digits++)
    view->status = (uint16_t)(view->status * 10 + (line[i] - '0'));
  if (digits != 3 || view->status < 100 || (i < length && !http_text_is_blank(line[i])))
    view->flags |= WEFT_HTTP_INVALID;
  view->reason = text_of(line + i, length - i);
}

/* The first colon of a field's line, or the line's end where there is none. */
static uint32_t line_colon(const uint8_t *base, struct http_line line) {
  const uint8_t *colon = memchr(base + line.name_end, ':', line.end - line.name_end);
  return colon ? (uint32_t)(colon - base) : line.end;
}

/* Seldom called, and kept out of the loop that has no register to spare for it. */
static __attribute__((noinline)) struct weft_text text_between(const uint8_t *base,
                                                               const uint8_t *end) {
  return text_of(base, (size_t)(end - base));
}

/* A value up to the line end before `next`, without the blanks around it: nearly always
   one, before it. */
static inline struct weft_text value_of(const uint8_t *value, const uint8_t *next) {
  const uint8_t *end = next - 2;
  if (value[0] == ' ' && value[1] > ' ' && *end == '\r' && end[-1] > ' ')
    return (struct weft_text){(const char *)value + 1, (size_t)(end - value - 1)};
  return text_between(value, next - 1 - (*end == '\r'));
}

/* Adds a field, its value without the blanks around it, and shows it to the framing. */
static void field_add(struct http_head *head, struct http_store *store, struct http_message *m,
                      const uint8_t *name, size_t length, const uint8_t *value,
                      const uint8_t *end) {
  struct weft_http_field field = {{length ? (const char *)name : NULL, length},
                                  text_of(value, (size_t)(end - value))};
  http_framing_field(&head->framing, name, length, (const uint8_t *)field.value.base,
                     field.value.len);
  if (http_message_add_field(store, m, field)) head->status = WEFT_E_NOMEM;
}

/* The field whose last line was met, if there is one. */
static void field_close(struct http_head *head, struct http_store *store, struct http_message *m,
                        const uint8_t *base) {
  if (!head->has_fold) return;
  head->has_fold = 0;
  const uint8_t *name = base + head->fold;
  size_t length = head->fold_colon - head->fold;
  http_text_trim(&name, &length);
  uint32_t start = head->fold_colon + (head->fold_colon < head->fold_end);
  const uint8_t *value = base + start;
  size_t size = head->fold_end - start;
  http_text_trim_folded(&value, &size);
  field_add(head, store, m, name, length, value, value + size);
}

static void start_line(struct http_head *head, struct weft_http_message *view, const uint8_t *base,
                       struct http_line line) {
  const uint8_t *bytes = base + line.start;
  size_t length = line.end - line.start;
  head->started = 1;
  if (head->kind == HTTP_REQUEST) {
    if (!request_line_plain(view, bytes, length, line.name_end - line.start))
      request_line(head, view, bytes, length);
  } else if (!status_line_plain(view, bytes, length)) {
    status_line(view, bytes, length);
  }
}

/* A line that is not empty, after the start line, whatever it is. */
static void odd_line(struct http_head *head, struct http_store *store, struct http_message *m,
                     const uint8_t *base, struct http_line line) {
  /* obs-fold, RFC 9112 section 5.2. */
  if (http_text_is_blank(base[line.start]) && head->has_fold) {
    head->fold_end = line.end;
    m->view.flags |= WEFT_HTTP_INVALID;
    return;
  }
  field_close(head, store, m, base);
  /* The next line, when it comes, may continue this one. */
  head->has_fold = 1;
  head->fold = line.start;
  head->fold_colon = line.name_end;
  head->fold_end = line.end;
  /* RFC 9110 section 5.1: a name is a token; RFC 9112 section 5.1: no blank before
     the colon; and a line without one is no field. */
  if (base[line.name_end] == ':' && line.name_end > line.start) return;
  head->fold_colon = line_colon(base, line);
  m->view.flags |= WEFT_HTTP_INVALID;
}

/* Where the next field goes, while many are added; `to` == `end` where there is no
   sheet, or no room on it. */
struct room {
  struct weft_http_field *to, *end;
};

static struct room room_of(const struct http_message *m) {
  struct http_sheet *sheet = m->sheet;
  if (!sheet) return (struct room){NULL, NULL};
  return (struct room){sheet->fields + m->view.nfields, sheet->fields + sheet->max};
}

static void room_end(struct room room, struct http_message *m) {
  if (room.to) m->view.nfields = (size_t)(room.to - m->sheet->fields);
}

static __attribute__((noinline)) struct room room_grow(struct room room, struct http_head *head,
                                                       struct http_store *store,
                                                       struct http_message *m,
                                                       struct weft_http_field field) {
  room_end(room, m);
  if (http_message_add_sheet(store, m, field)) head->status = WEFT_E_NOMEM;
  return room_of(m);
}

/* A plain field, of which the next line is at hand and no continuation: a name, a colon,
   a value.  0 where it is not. */
static inline int plain_field(struct http_head *head, struct http_store *store,
                              struct http_message *m, struct room *room, const uint8_t *line,
                              const uint8_t *name_end, const uint8_t *next, const uint8_t *stop) {
  if (*name_end != ':' || name_end == line || next == stop || http_text_is_blank(*next)) return 0;
  size_t size = (size_t)(name_end - line);
  struct weft_http_field field = {{(const char *)line, size}, value_of(name_end + 1, next)};
  http_framing_field(&head->framing, line, size, (const uint8_t *)field.value.base,
                     field.value.len);
  if (room->to != room->end)
    *room->to++ = field;
  else
    *room = room_grow(*room, head, store, m, field);
  return 1;
}

/* The start line, of which there is something. */
static inline int plain_start(struct http_head *head, struct http_message *m, const uint8_t *base,
                              const uint8_t *line, const uint8_t *name_end, const uint8_t *next) {
  const uint8_t *end = next - 1;
  if (end > line && end[-1] == '\r') end--;
  start_line(head, &m->view, base,
             (struct http_line){(uint32_t)(line - base), (uint32_t)(end - base),
                                (uint32_t)(name_end - base)});
  return end > line;
}

/* What is known of the head: `line` begins a line, and nothing of it was looked at. */
static void token_restart(struct http_token *token, uint32_t line, int odd) {
  *token = (struct http_token){
      .block = line, .scanned = line, .line = line, .odd_seen = (uint8_t)(token->odd_seen | odd)};
}

/* Reads on from where a line begins, as long as lines are plain, as nearly all are; 1 at
   the empty line.  Whatever it stops at is left to http_token_next, whose steps these are, on
   pointers, without second looks, and several blocks at a time. */
static int plain_lines(struct http_head *head, struct http_store *store, struct http_message *m,
                       const uint8_t *base, uint32_t length) {
  struct http_block blocks[4], *b = blocks, *blocks_end = blocks;
  const uint8_t *line = base + head->token.line, *stop = base + length;
  const uint8_t *block = line, *name_end = NULL, *next = NULL;
  http_message_expect_fields(store, m);
  struct room room = room_of(m);
  uint64_t odd = 0;
  unsigned max = head->started ? 1 : 4; /* after an odd line there may be another one */
  int complete = 0;
  if (block == stop) return 0;
  for (;;) {
    if (b == blocks_end) {
      b = blocks;
      blocks_end = b + http_token_look(base, (uint32_t)(block - base), length, max, blocks);
      max = 4;
    }
    uint64_t lf = b->lf, delimiter = b->delimiter;
    if (!name_end && delimiter) name_end = block + http_block_lowest(delimiter);
    for (; lf; lf &= lf - 1) {
      next = block + http_block_lowest(lf) + 1;
      if (head->started ? !plain_field(head, store, m, &room, line, name_end, next, stop)
                        : !plain_start(head, m, base, line, name_end, next))
        goto Stop;
      line = next;
      delimiter &= ~(lf ^ (lf - 1)); /* those of the lines to come */
      name_end = delimiter ? block + http_block_lowest(delimiter) : NULL;
    }
    odd |= b++->odd;
    if (stop - block <= 64) goto Exit;
    block += 64;
    odd |= block[-1] == '\r' && block[0] != '\n';
  }
Stop:
  complete = *name_end != ':' && (next - line == 1 || (next - line == 2 && *line == '\r'));
  if (complete) line = next;
  odd |= b->odd & (UINT64_MAX >> (64 - (next - block)));
Exit:
  room_end(room, m);
  token_restart(&head->token, (uint32_t)(line - base), odd != 0);
  return complete;
}

/* A line that plain_lines did not take, the empty one or one that is yet to see. */
static void head_line(struct http_head *head, struct http_store *store, struct http_message *m,
                      const uint8_t *base, struct http_line line) {
  if (!head->started)
    start_line(head, &m->view, base, line);
  else if (line.start < line.end)
    odd_line(head, store, m, base, line);
  else
    field_close(head, store, m, base);
}

/* May plain_lines go on?  Of a line that came in pieces, which it looks at from its
   beginning again, only a little. */
static int is_plain(const struct http_head *head) {
  return !head->has_fold && head->token.scanned - head->token.line <= 256;
}

static int head_lines(struct http_head *head, struct http_store *store, struct http_message *m,
                      const uint8_t *base, uint32_t length) {
  struct http_token *token = &head->token;
  struct http_line line;
  for (;;) {
    if (is_plain(head)) {
      int odd = token->line > token->block && http_token_odd(token, token->line);
      token_restart(token, token->line, odd);
      if (plain_lines(head, store, m, base, length)) return 1;
    }
    if (!http_token_next(token, base, length, &line)) return 0;
    head_line(head, store, m, base, line);
    if (line.start == line.end) return 1;
    /* The next line does not continue it. */
    if (token->line < length && !http_text_is_blank(base[token->line]))
      field_close(head, store, m, base);
  }
}

int http_head_read(struct http_head *head, struct http_store *store, struct http_message *m,
                   const uint8_t *base, uint32_t length) {
  int complete = head_lines(head, store, m, base, length);
  /* Not a matter of lines: bytes that no head may hold. */
  if (http_token_odd(&head->token, complete ? head->token.line : length))
    m->view.flags |= WEFT_HTTP_INVALID;
  return complete;
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

/* What there is of the start line is something. */
static void cut_start_line(struct http_head *head, struct weft_http_message *view,
                           const uint8_t *base, struct http_line line) {
  uint8_t major = view->major, minor = view->minor;
  if (line.name_end > line.end) line.name_end = line.end;
  if (line.start < line.end) start_line(head, view, base, line);
  if (!major) return;
  view->major = major;
  view->minor = minor;
  head->versionless = 0;
}

void http_head_cut(struct http_head *head, struct http_store *store, struct http_message *m,
                   const uint8_t *base, uint32_t length) {
  struct http_line line = {head->token.line, length, length};
  uint32_t flags = m->view.flags;
  if (head->overflown) return;
  if (head->token.named) line.name_end = head->token.name_end;
  if (!head->started) {
    line.end = cut_version(head, &m->view, base, line);
    cut_start_line(head, &m->view, base, line);
  } else if (line.start < line.end && line_colon(base, line) < line.end) {
    /* Half a field's name is nothing, half a value is something. */
    odd_line(head, store, m, base, line);
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
    if (head->token.named) line.name_end = head->token.name_end;
    start_line(head, &m->view, base, line);
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
  const uint8_t *name = head->line, *value = colon + 1;
  size_t name_size = (size_t)(colon - name), size = (size_t)(head->line + head->line_used - value);
  http_text_trim(&name, &name_size);
  http_text_trim(&value, &size);
  http_framing_field(&head->framing, name, name_size, value, size);
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
