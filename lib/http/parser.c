/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/parser.h"

#include <assert.h>
#include <string.h>

#include "http/cursor.h"
#include "http/resync.h"

void http_parser_setup(struct http_parser *p, const struct http_parser_host *host, void *context,
                       enum http_kind kind, enum weft_dir dir) {
  *p = (struct http_parser){
      .host = host, .context = context, .kind = (uint8_t)kind, .dir = (uint8_t)dir};
}

/* The head is not read any further. */
static void parser_leave_head(struct http_parser *p) {
  assert(p->state == HTTP_PARSER_HEAD);
  if (p->head->status) p->status = p->head->status;
  http_spare_give(&p->host->store->heads, p->head);
  p->state = HTTP_PARSER_START;
}

void http_parser_done(struct http_parser *p) {
  if (!p->message) return;
  if (p->state == HTTP_PARSER_HEAD) parser_leave_head(p);
  http_message_free(p->host->store, p->message);
  p->message = NULL;
}

/* ---- a message's bytes --------------------------------------------------- */

/* `n` bytes of the message came. */
static void parser_arrived(struct http_parser *p, struct weft_mark mark, uint64_t offset,
                           size_t n) {
  if (http_message_arrived(p->host->store, p->message, mark, offset, n)) p->status = WEFT_E_NOMEM;
}

/* Accounts for `n` bytes at the cursor and steps over them. */
static void parser_take(struct http_parser *p, struct cursor *c, size_t n, int is_head) {
  struct http_message *m = p->message;
  struct weft_mark mark = c->span->mark;
  if (!n) return;
  parser_arrived(p, mark, cursor_offset(c), n);
  if (is_head) {
    http_message_count(m, n);
    if (!m->view.head_length) m->view.head_first = mark;
    m->view.head_length += n;
    m->view.head_last = mark;
  } else {
    http_message_count_body(m, mark, n);
  }
  cursor_skip(c, n);
}

/* The same for a head that came in one piece. */
static void parser_take_head(struct http_parser *p, struct cursor *c, size_t n) {
  struct http_message *m = p->message;
  if (p->host->store->parts_max) {
    parser_take(p, c, n, 1);
    return;
  }
  m->view.first = m->view.last = m->view.head_first = m->view.head_last = c->span->mark;
  m->view.frames = 1;
  m->recent[0] = c->span->mark.frame;
  m->view.head_length = m->view.wire_length = n;
  cursor_skip(c, n);
}

static void parser_take_body(struct http_parser *p, struct cursor *c, size_t n) {
  if (!n) return; /* and there may be no span left */
  const uint8_t *data = cursor_bytes(c);
  parser_take(p, c, n, 0);
  p->message->view.body_length += n;
  p->host->ops->body(p, p->message, data, n);
}

/* Hands the message over; a new one may begin. */
static void parser_finish(struct http_parser *p) {
  struct http_message *m = p->message;
  p->message = NULL;
  p->state = HTTP_PARSER_START;
  p->after_gap = 0;
  p->body_doubtful = 0;
  p->chunk_doubtful = 0;
  m->turn.complete = 1;
  p->host->ops->done(p, m);
}

static void parser_resync(struct http_parser *p) {
  p->state = HTTP_PARSER_RESYNC;
  p->line_start = 1;
  p->seek_chunk = 0;
  p->host->store->resyncs++;
}

/* The head could not be read to its end, so where the message ends is not
   known; unless it ends HTTP/1 altogether. */
static void parser_lost(struct http_parser *p) {
  if (p->message->view.flags & WEFT_HTTP_UPGRADED)
    parser_finish(p);
  else
    parser_resync(p);
}

/* The head is all there: what follows it? */
static inline void parser_head_over(struct http_parser *p) {
  struct http_message *m = p->message;
  if (p->head->overflown) m->view.flags |= WEFT_HTTP_INVALID;
  struct http_body_plan plan = http_framing_decide(&p->head->framing, m->view.status, 0);
  m->view.flags |= plan.flags;
  unsigned answers = p->host->ops->head(p, m);
  if (answers) {
    m->view.flags &= ~plan.flags | WEFT_HTTP_INVALID | WEFT_HTTP_AMBIGUOUS_LENGTH;
    plan = http_framing_decide(&p->head->framing, m->view.status, answers);
    m->view.flags |= plan.flags;
  }
  parser_leave_head(p);
  if (m->view.flags & WEFT_HTTP_UPGRADED) plan.body = HTTP_BODY_NONE;
  p->body_doubtful = (answers & HTTP_ANSWERS_UNKNOWN) != 0;
  switch (plan.body) {
  case HTTP_BODY_NONE: parser_finish(p); break;
  case HTTP_BODY_COUNTED:
    p->state = HTTP_PARSER_COUNTED;
    p->remaining = plan.length;
    break;
  case HTTP_BODY_CHUNKED:
    p->state = HTTP_PARSER_CHUNKED;
    http_chunked_init(&p->chunked);
    break;
  case HTTP_BODY_UNTIL_CLOSE: p->state = HTTP_PARSER_UNTIL_CLOSE; break;
  }
}

/* ---- steps: each consumes something, or changes the state, or holds -------- */

/* A message begins at the cursor.  0 when there is no memory for it. */
static inline int parser_begin(struct http_parser *p, struct cursor *c) {
  struct http_head *head = http_spare_take(&p->host->store->heads);
  struct http_message *m = head ? http_message_new(p->host->store, cursor_left(c)) : NULL;
  if (!m) {
    http_spare_give(&p->host->store->heads, head);
    p->status = WEFT_E_NOMEM;
    parser_resync(p);
    p->hidden = 1;
    p->line_start = 0;
    cursor_skip(c, 1);
    return 0;
  }
  m->view.dir = (enum weft_dir)p->dir;
  m->view.offset = cursor_offset(c);
  p->message = m;
  p->head = head;
  http_head_init(head, (enum http_kind)p->kind);
  p->state = HTTP_PARSER_HEAD;
  return 1;
}

/* The answer to an HTTP/0.9 request is its body alone (RFC 1945 section 6). */
static __attribute__((noinline)) void parser_begin_bare(struct http_parser *p, struct cursor *c) {
  if (!parser_begin(p, c)) return;
  p->message->view.minor = 9;
  p->message->view.flags |= WEFT_HTTP_UNTIL_CLOSE;
  p->host->ops->head(p, p->message);
  p->message->turn.first = c->span->mark; /* of the body: there was no head to begin it */
  parser_leave_head(p);
  p->state = HTTP_PARSER_UNTIL_CLOSE;
}

/* RFC 9112 section 2.2: empty lines before a start line belong to nobody. */
static void skip_blank(struct cursor *c) {
  const uint8_t *bytes = cursor_bytes(c);
  size_t left = cursor_left(c), blank = 0;
  while (blank < left && (bytes[blank] == '\r' || bytes[blank] == '\n')) blank++;
  cursor_skip(c, blank);
}

/* No start line is at the cursor. */
static __attribute__((noinline)) void step_no_start(struct http_parser *p, struct cursor *c) {
  if (p->expect_bare) {
    parser_begin_bare(p, c);
    return;
  }
  /* Where the capture begins this may be the rest of an answer. */
  p->hidden = p->kind == HTTP_RESPONSE;
  parser_resync(p);
}

/* 1 when a message began at the cursor, with its head. */
static inline int step_start(struct http_parser *p, struct cursor *c) {
  const uint8_t *bytes = cursor_bytes(c);
  if (bytes[0] <= '\r' && (bytes[0] == '\r' || bytes[0] == '\n')) {
    skip_blank(c);
    return 0;
  }
  if (p->kind == HTTP_RESPONSE && p->host->ops->begin) p->host->ops->begin(p);
  /* Behind a loss a start line may be half a start line. */
  if (p->after_gap) {
    parser_resync(p);
    p->line_start = 0;
    return 0;
  }
  enum http_probe probe = p->judged ? HTTP_PROBE_YES : http_resync_start(p, c);
  if (probe != HTTP_PROBE_YES) {
    if (probe == HTTP_PROBE_AGAIN)
      c->hold = 1;
    else
      step_no_start(p, c);
    return 0;
  }
  p->judged = 0;
  return parser_begin(p, c);
}

/* Past head_bytes_max. */
static __attribute__((noinline)) void step_head_overflow(struct http_parser *p, struct cursor *c) {
  int complete;
  size_t n = http_head_overflow(p->head, cursor_bytes(c), cursor_left(c), &complete);
  parser_take(p, c, n, 1);
  if (complete) parser_head_over(p);
}

static void head_without_memory(struct http_parser *p) {
  p->status = WEFT_E_NOMEM;
  p->message->view.flags |= WEFT_HTTP_HEAD_LOST | WEFT_HTTP_TRUNCATED;
  p->host->ops->head(p, p->message);
  parser_leave_head(p);
  parser_lost(p);
}

/* Of a head that began in an earlier span: collects it in the message. */
static __attribute__((noinline)) void step_head_more(struct http_parser *p, struct cursor *c) {
  struct http_message *m = p->message;
  uint32_t used = m->bytes_used, room = p->host->store->head_bytes_max - used;
  uint32_t n = cursor_left(c) < room ? (uint32_t)cursor_left(c) : room;
  if (p->head->overflown) {
    step_head_overflow(p, c);
    return;
  }
  if (!n) {
    http_head_overflow_begin(p->head, p->host->store, m, m->bytes, used);
    return;
  }
  if (http_message_reserve(p->host->store, m, used + n)) {
    head_without_memory(p);
    return;
  }
  memcpy(m->bytes + used, cursor_bytes(c), n);
  int complete = http_head_read(p->head, p->host->store, m, m->bytes, used + n);
  uint32_t end = complete ? p->head->token.line : used + n;
  m->bytes_used = end;
  parser_take(p, c, end - used, 1);
  if (complete) parser_head_over(p);
}

static void step_head(struct http_parser *p, struct cursor *c) {
  struct http_message *m = p->message;
  if (m->view.head_length) {
    step_head_more(p, c);
    return;
  }
  /* Nearly always the head lies in one frame and is read there. */
  uint32_t bound = p->host->store->head_bytes_max;
  uint32_t n = cursor_left(c) < bound ? (uint32_t)cursor_left(c) : bound;
  m->head = cursor_bytes(c);
  m->borrowed = 1;
  int complete = http_head_read(p->head, p->host->store, m, m->head, n);
  uint32_t end = complete ? p->head->token.line : n;
  if (!complete && http_message_settle(p->host->store, m, n)) {
    head_without_memory(p);
    return;
  }
  parser_take_head(p, c, end);
  if (complete) parser_head_over(p);
}

/* The request of a response is not known, so it may have been HEAD: then the next
   response stands where a body would.  0 when that cannot be told yet. */
static int body_doubt(struct http_parser *p, struct cursor *c) {
  uint8_t scratch[HTTP_PROBE_MAX];
  const uint8_t *bytes = cursor_bytes(c);
  size_t length = cursor_left(c);
  enum http_probe probe = http_probe_resync(HTTP_RESPONSE, bytes, length, 1);
  if (probe == HTTP_PROBE_AGAIN) {
    bytes = cursor_flat(c, 0, scratch, &length);
    probe = http_probe_resync(HTTP_RESPONSE, bytes, length, 1);
  }
  if (probe == HTTP_PROBE_AGAIN && !c->last) {
    c->hold = 1;
    return 0;
  }
  p->body_doubtful = 0;
  if (probe == HTTP_PROBE_YES) parser_finish(p);
  return probe != HTTP_PROBE_YES;
}

static void step_counted(struct http_parser *p, struct cursor *c) {
  size_t n = cursor_left(c) < p->remaining ? cursor_left(c) : (size_t)p->remaining;
  p->remaining -= n;
  parser_take_body(p, c, n);
  if (!p->remaining) parser_finish(p);
}

/* Where a chunk should be is none.  A response whose very first chunk is none
   was never chunked, whatever its head says: then it ends with the connection. */
static void chunked_bad(struct http_parser *p) {
  struct weft_http_message *view = &p->message->view;
  view->flags |= WEFT_HTTP_INVALID;
  if (p->kind == HTTP_RESPONSE && !view->body_length && !view->body_missing) {
    view->flags &= ~(uint32_t)WEFT_HTTP_CHUNKED;
    view->flags |= WEFT_HTTP_UNTIL_CLOSE | WEFT_HTTP_AMBIGUOUS_LENGTH;
    p->state = HTTP_PARSER_UNTIL_CLOSE;
    return;
  }
  view->flags |= WEFT_HTTP_TRUNCATED;
  parser_resync(p);
}

/* ---- finding the place again ------------------------------------------------ */

/* Bytes of no known place: the open message's, or nobody's. */
static void resync_skip(struct http_parser *p, struct cursor *c, size_t n) {
  if (!n) return;
  p->line_start = cursor_bytes(c)[n - 1] == '\n';
  if (p->message)
    parser_take_body(p, c, n);
  else
    cursor_skip(c, n);
}

/* The chunk may be data that look like one.  It is believed when another one
   follows it; until then a start line within it is believed first. */
static void resync_chunk(struct http_parser *p, struct cursor *c) {
  uint8_t scratch[HTTP_PROBE_MAX];
  uint64_t size = 0;
  size_t length, left;
  const uint8_t *bytes = cursor_flat(c, 0, scratch, &length);
  int framing = http_chunked_plausible(bytes, length, &size);
  for (left = framing > 0 ? (size_t)framing : 0; left;) {
    size_t n = left < cursor_left(c) ? left : cursor_left(c);
    parser_take(p, c, n, 0);
    left -= n;
  }
  http_chunked_begin(&p->chunked, size);
  p->state = HTTP_PARSER_CHUNKED;
  p->seek_chunk = 0;
  p->chunk_doubtful = size > 0;
  p->line_start = 1;
}

static void resync_start(struct http_parser *p, struct cursor *c) {
  if (p->message) parser_finish(p);
  if (p->state == HTTP_PARSER_STOPPED) return;
  p->after_gap = 1;
  parser_begin(p, c);
}

static void step_resync(struct http_parser *p, struct cursor *c) {
  size_t n;
  enum http_found found = http_resync_find(p, c, cursor_left(c), &n);
  resync_skip(p, c, n);
  switch (found) {
  case HTTP_FOUND_NOTHING: break;
  case HTTP_FOUND_PERHAPS: c->hold = 1; break;
  case HTTP_FOUND_CHUNK: resync_chunk(p, c); break;
  case HTTP_FOUND_START: resync_start(p, c); break;
  }
}

/* ---- chunks ------------------------------------------------------------------- */

static void parser_seek_chunk(struct http_parser *p) {
  parser_resync(p);
  p->seek_chunk = 1;
  p->chunk_doubtful = 0;
  p->message->place_lost = 1;
}

/* Behind a doubtful chunk. */
static void chunk_prove(struct http_parser *p, struct cursor *c) {
  uint8_t scratch[HTTP_PROBE_MAX];
  uint64_t size;
  size_t length;
  const uint8_t *bytes = cursor_flat(c, 0, scratch, &length);
  int chunk = http_chunked_plausible(bytes, length, &size);
  if (chunk > 0)
    p->chunk_doubtful = 0;
  else if (chunk < 0 && !c->last)
    c->hold = 1;
  else
    parser_seek_chunk(p);
}

static void step_doubtful(struct http_parser *p, struct cursor *c) {
  size_t n = cursor_left(c);
  if (p->chunked.state == HTTP_CHUNKED_AFTER) {
    chunk_prove(p, c);
    return;
  }
  if (n > p->chunked.remaining) n = (size_t)p->chunked.remaining;
  enum http_found found = http_resync_find(p, c, n, &n);
  http_chunked_skip(&p->chunked, n);
  resync_skip(p, c, n);
  if (found == HTTP_FOUND_PERHAPS) c->hold = 1;
  if (found == HTTP_FOUND_START) resync_start(p, c);
}

static void step_chunked(struct http_parser *p, struct cursor *c) {
  size_t data, n;
  if (p->chunk_doubtful) {
    step_doubtful(p, c);
    return;
  }
  n = http_chunked_step(&p->chunked, cursor_bytes(c), cursor_left(c), &data);
  if (data < n) parser_take(p, c, n - data, 0);
  parser_take_body(p, c, data);
  if (p->chunked.state == HTTP_CHUNKED_DONE) {
    parser_finish(p);
  } else if (p->chunked.state == HTTP_CHUNKED_BAD) {
    chunked_bad(p);
  }
}

/* ---- input ------------------------------------------------------------------ */

static void parser_step(struct http_parser *p, struct cursor *c) {
  if (p->body_doubtful && !body_doubt(p, c)) return;
  if (p->state == HTTP_PARSER_START && !step_start(p, c)) return;
  switch ((enum http_parser_state)p->state) {
  case HTTP_PARSER_START: break;
  case HTTP_PARSER_HEAD: step_head(p, c); break;
  case HTTP_PARSER_COUNTED: step_counted(p, c); break;
  case HTTP_PARSER_CHUNKED: step_chunked(p, c); break;
  case HTTP_PARSER_UNTIL_CLOSE: parser_take_body(p, c, cursor_left(c)); break;
  case HTTP_PARSER_RESYNC: step_resync(p, c); break;
  case HTTP_PARSER_STOPPED: c->hold = 1; break;
  }
}

/* The body goes on in another delivery. */
static void parser_lay_aside(struct http_parser *p) {
  if (http_message_lay_aside(p->host->store, p->message)) p->status = WEFT_E_NOMEM;
}

uint64_t http_parser_data(struct http_parser *p, const struct weft_span *spans, size_t nspans,
                          int last) {
  struct cursor c = {spans, spans, spans + nspans, 0, p->frame, last, 0};
  while (c.span < c.end && !c.span->len) c.span++;
  while (c.span < c.end && !c.hold) parser_step(p, &c);
  if (p->message && p->state != HTTP_PARSER_HEAD) parser_lay_aside(p);
  p->frame = cursor_frame_before(&c);
  if (c.span == c.end) {
    if (nspans) p->offset = spans[nspans - 1].offset + spans[nspans - 1].len;
    return WEFT_OFFSET_NONE;
  }
  return p->offset = cursor_offset(&c);
}

/* The head ends here, unfinished. */
static void parser_cut_head(struct http_parser *p, uint32_t flags) {
  struct http_message *m = p->message;
  m->view.flags |= flags;
  http_head_cut(p->head, p->host->store, m, m->bytes, m->bytes_used);
  p->host->ops->head(p, m);
  parser_leave_head(p);
}

static void parser_missing(struct http_parser *p, uint64_t length, int frame_lost) {
  struct http_message *m = p->message;
  m->view.flags |= WEFT_HTTP_BODY_GAP;
  m->view.body_missing += length;
  m->view.wire_length += length;
  m->last_frame_lost = frame_lost != 0;
}

/* 1 when the gap goes on behind the body. */
static int gap_counted(struct http_parser *p, uint64_t length, int frame_lost) {
  uint64_t n = length < p->remaining ? length : p->remaining;
  parser_missing(p, n, frame_lost);
  p->remaining -= n;
  if (p->remaining) return 0;
  parser_finish(p);
  return p->after_gap = length > n;
}

/* 1 when the next message need not be the one that follows the last. */
static int gap_step(struct http_parser *p, uint64_t length, int frame_lost) {
  if (p->body_doubtful) {
    /* With a body or without one: the next start line tells, if it is there. */
    p->message->view.flags |= WEFT_HTTP_TRUNCATED;
    parser_missing(p, length, frame_lost);
    parser_resync(p);
    return 1;
  }
  switch ((enum http_parser_state)p->state) {
  case HTTP_PARSER_START: p->after_gap = 1; return 1;
  case HTTP_PARSER_HEAD:
    parser_cut_head(p, WEFT_HTTP_TRUNCATED);
    parser_missing(p, length, frame_lost);
    parser_lost(p);
    return 1;
  case HTTP_PARSER_COUNTED: return gap_counted(p, length, frame_lost);
  case HTTP_PARSER_CHUNKED:
    parser_missing(p, length, frame_lost);
    if (!p->chunk_doubtful && http_chunked_skip(&p->chunked, length)) return 0;
    parser_seek_chunk(p);
    return 1;
  case HTTP_PARSER_UNTIL_CLOSE: parser_missing(p, length, frame_lost); return 0;
  case HTTP_PARSER_RESYNC:
    p->line_start = 1;
    if (p->message) parser_missing(p, length, frame_lost);
    return 1;
  case HTTP_PARSER_STOPPED: return 0;
  }
  return 0;
}

void http_parser_gap(struct http_parser *p, uint64_t offset, uint64_t length,
                     struct weft_mark mark) {
  p->offset = offset + length;
  p->frame = 0;
  if (p->message && mark.frame) parser_arrived(p, mark, offset, 0);
  /* A frame cut short holds the beginning of what it brought. */
  if (gap_step(p, length, !mark.frame) && !mark.frame) p->hidden = 1;
  p->body_doubtful = 0;
}

/* Ends the message where it is. */
static void parser_cut(struct http_parser *p, uint32_t flags) {
  if (p->state == HTTP_PARSER_HEAD)
    parser_cut_head(p, flags);
  else
    p->message->view.flags |= flags;
  parser_finish(p);
}

/* The FIN is the last that came of it. */
static void parser_close(struct http_parser *p, struct weft_mark fin) {
  struct http_message *m = p->message;
  struct weft_mark data_last = m->view.last;
  if (!fin.frame) return;
  parser_arrived(p, fin, p->offset, 0);
  m->data_last = data_last;
  m->by_fin = 1;
}

void http_parser_end(struct http_parser *p, int fin, struct weft_mark mark) {
  if (!p->message) return;
  if (p->state == HTTP_PARSER_HEAD && http_head_is_bare(p->head, p->message))
    parser_cut(p, 0);
  else if (p->state != HTTP_PARSER_UNTIL_CLOSE || !fin)
    parser_cut(p, WEFT_HTTP_TRUNCATED);
  else {
    parser_close(p, mark);
    parser_finish(p);
  }
}

void http_parser_settle(struct http_parser *p) {
  if (!p->message) return;
  if (http_parser_is_versionless(p)) {
    parser_cut(p, 0);
  } else if (p->state == HTTP_PARSER_RESYNC || p->chunk_doubtful) {
    parser_finish(p);
    if (p->state == HTTP_PARSER_START) p->state = HTTP_PARSER_RESYNC; /* the search goes on */
    p->seek_chunk = 0;
  }
}

void http_parser_stop(struct http_parser *p) {
  if (p->message) parser_cut(p, WEFT_HTTP_TRUNCATED);
  p->state = HTTP_PARSER_STOPPED;
}
