/* SPDX-License-Identifier: BSD-2-Clause */
#include "sink/escape.h"
#include "sink/fields.h"
#include "sink/sink.h"
#include "sink/url.h"

/*
 * A table for people, one line an exchange.
 *
 * On a terminal it fits the width: the address column takes what is left over,
 * and where that would be too little, columns of less interest go first.
 * Elsewhere nothing is left out or cut: fields are padded, separated by at
 * least one blank, contain none, and "-" stands for what there is not, so
 * that awk '{print $7}' means the same on every line.
 */
enum column {
  TIME,
  CLIENT,
  SERVER,
  METHOD,
  URL,
  STATUS,
  SENT,
  GOT,
  WAIT,
  ELAPSED,
  FRAMES,
  NCOLUMNS
};

static const struct {
  const char *title;
  int width;
  int right;
} columns[NCOLUMNS] = {
    [TIME] = {"TIME", 15, 0},          [CLIENT] = {"CLIENT", 21, 0}, [SERVER] = {"SERVER", 21, 0},
    [METHOD] = {"METHOD", 7, 0},       [URL] = {"URL", 40, 0},       [STATUS] = {"STATUS", 6, 1},
    [SENT] = {"REQUEST", 7, 1},        [GOT] = {"RESPONSE", 8, 1},   [WAIT] = {"WAIT_MS", 10, 1},
    [ELAPSED] = {"ELAPSED_MS", 10, 1}, [FRAMES] = {"FRAMES", 11, 1},
};

/* The first to go when the terminal is narrow. */
static const enum column expendable[] = {SENT, FRAMES, WAIT, CLIENT, SERVER, TIME};
enum { URL_MIN = 24, TIME_FULL = 27 };

struct table {
  int width[NCOLUMNS]; /* 0: not shown */
  int colour, terminal, segments, titled, has_fields;
  struct fields fields;
};

/* One cell: text that may be shown as it is, and the columns it takes. */
struct cell {
  char text[256];
  size_t length;
  int columns;
};

static int table_open(void *state, struct weft_writer *w, const struct weft_sink_options *options) {
  (void)w;
  struct table *t = state;
  int total = NCOLUMNS - 1 - columns[URL].width; /* the blanks between, and all but the URL */
  for (int c = 0; c < NCOLUMNS; c++) total += t->width[c] = columns[c].width;
  t->colour = options->colour;
  t->segments = options->segments;
  t->has_fields = fields_init(&t->fields, options);
  t->terminal = options->columns > 0;
  if (!t->terminal) {
    t->width[TIME] = TIME_FULL;
    return 0;
  }
  size_t n = sizeof expendable / sizeof *expendable;
  for (size_t i = 0; i < n && options->columns - total < URL_MIN; i++) {
    total -= t->width[expendable[i]] + 1;
    t->width[expendable[i]] = 0;
  }
  int left = options->columns - total;
  t->width[URL] = left > 8 ? left : 8;
  return 0;
}

static void cell_set(struct cell *c, const char *text) {
  c->length = strlen(text);
  memcpy(c->text, text, c->length);
  c->columns = (int)c->length;
}

static void cell_number(struct cell *c, uint64_t v) {
  c->length = (size_t)(format_uint(c->text, v) - c->text);
  c->columns = (int)c->length;
}

/* On a terminal a size too wide for its column loses digits, not the table its shape. */
static void cell_size(struct cell *c, uint64_t v, int width) {
  cell_number(c, v);
  if (c->columns <= width) return;
  static const char units[] = "kMGTPE";
  int unit = 0;
  for (; v >= 1000000 && unit < 5; unit++) v /= 1000;
  char *p = format_uint(c->text, v / 1000);
  *p++ = '.';
  *p++ = (char)('0' + v / 100 % 10);
  *p++ = units[unit];
  c->columns = (int)(c->length = (size_t)(p - c->text));
}

/* Milliseconds with three digits. */
static void cell_duration(struct cell *c, weft_duration d) {
  if (d == WEFT_TIME_NONE) {
    cell_set(c, "-");
    return;
  }
  char *p = c->text;
  uint64_t us = (d < 0 ? 0 - (uint64_t)d : (uint64_t)d) / 1000;
  if (d < 0) *p++ = '-';
  p = format_uint(p, us / 1000);
  *p++ = '.';
  p = format_3(p, (unsigned)(us % 1000));
  c->columns = (int)(c->length = (size_t)(p - c->text));
}

static void cell_time(const struct table *t, struct weft_writer *w, struct cell *c,
                      weft_time time) {
  char *p = format_time(&w->clock, c->text, time);
  p -= 4; /* microseconds are enough to look at */
  *p++ = 'Z';
  c->length = (size_t)(p - c->text);
  if (t->terminal) {
    c->length = 15;
    memmove(c->text, c->text + 11, c->length);
  }
  c->columns = (int)c->length;
}

static void cell_endpoint(struct cell *c, const struct weft_endpoint *e) {
  char text[WEFT_ENDPOINT_STRLEN];
  cell_set(c, weft_endpoint_format(e, text));
}

static void cell_frames(struct cell *c, const struct weft_http_exchange *x) {
  const struct weft_http_message *first = x->request != NULL ? x->request : x->response;
  const struct weft_http_message *last = x->response != NULL ? x->response : x->request;
  char *p = format_uint(c->text, first->first.frame);
  if (last->last.frame != first->first.frame) {
    *p++ = '-';
    p = format_uint(p, last->last.frame);
  }
  c->columns = (int)(c->length = (size_t)(p - c->text));
}

/* ---- writing ---- */

static const char *const reset = "\033[0m";

static const char *status_colour(const struct weft_http_message *response) {
  static const char *const by_class[6] = {"\033[33m", "\033[36m", "\033[32m",
                                          "\033[36m", "\033[33m", "\033[31m"};
  unsigned class = response != NULL ? response->status / 100 : 0;
  return by_class[class < 6 ? class : 0];
}

static void separate(const struct table *t, struct weft_writer *w, enum column column) {
  int first = t->width[TIME] > 0 ? TIME : METHOD; /* what narrow terminals begin with */
  if ((int)column != first) weft_write_char(w, ' ');
}

/* Cut with an ellipsis on a terminal; whole, and the line longer, elsewhere. */
static void put_cell(const struct table *t, struct weft_writer *w, enum column column,
                     struct cell *c, const char *colour) {
  int width = t->width[column], cut = t->terminal && c->columns > width;
  if (width == 0) return;
  separate(t, w, column);
  size_t used = (size_t)(cut ? width : c->columns), wide = (size_t)width;
  if (columns[column].right) weft_write_pad(w, used, wide);
  if (t->colour && colour != NULL) weft_write_string(w, colour);
  weft_write_bytes(w, c->text, cut ? used - 1 : c->length);
  if (cut) weft_write_string(w, "…");
  if (t->colour && colour != NULL) weft_write_string(w, reset);
  if (!columns[column].right) weft_write_pad(w, used, wide);
}

static size_t visible_columns(struct weft_text t) {
  char piece[ESCAPE_VISIBLE_MAX];
  size_t total = 0;
  for (size_t i = 0, used; i < t.len; i += used) {
    used = escape_printable(t.base + i, t.len - i);
    total += used > 0 ? used : escape_visible(piece, t.base + i, t.len - i, &used);
  }
  return total;
}

/* As many whole characters as fit into `width` columns; returns how many columns they take. */
static size_t put_beginning(struct weft_writer *w, struct weft_text t, size_t width) {
  char piece[ESCAPE_VISIBLE_MAX];
  size_t used = 0, n;
  for (size_t i = 0; i < t.len; i += n) {
    size_t more = escape_visible(piece, t.base + i, t.len - i, &n);
    if (used + more > width) break;
    weft_write_string(w, piece);
    used += more;
  }
  return used;
}

/* Up to two texts in one column; "-" for none. */
static void put_texts(const struct table *t, struct weft_writer *w, enum column column,
                      struct weft_text a, struct weft_text b) {
  static const struct weft_text none = {"-", 1};
  size_t width = (size_t)t->width[column];
  if (a.len + b.len == 0) a = none;
  separate(t, w, column);
  size_t first = visible_columns(a), total = first + visible_columns(b);
  if (!t->terminal || total <= width) {
    weft_write_visible(w, a.base, a.len);
    weft_write_visible(w, b.base, b.len);
    weft_write_pad(w, total, width);
    return;
  }
  size_t used = put_beginning(w, a, width - 1);
  if (used == first) used += put_beginning(w, b, width - 1 - used);
  weft_write_string(w, "…");
  weft_write_pad(w, used + 1, width);
}

static void put_titles(struct table *t, struct weft_writer *w) {
  struct cell cell;
  t->titled = 1;
  for (int c = 0; c < NCOLUMNS; c++) {
    cell_set(&cell, columns[c].title);
    put_cell(t, w, (enum column)c, &cell, "\033[1m");
  }
  weft_write_char(w, '\n');
}

/* "  response in frame 53: 20 segments, 300109 bytes: #19(1448) #20(1448) ..." */
static void put_parts(struct weft_writer *w, const char *what, const struct weft_http_message *m) {
  if (m == NULL) return;
  weft_write_string(w, "  ");
  weft_write_string(w, what);
  weft_write_string(w, " in frame ");
  weft_write_uint(w, m->last.frame);
  weft_write_string(w, ": ");
  weft_write_uint(w, m->nparts);
  weft_write_string(w, m->nparts == 1 ? " segment, " : " segments, ");
  weft_write_uint(w, sink_bytes(m));
  weft_write_string(w, " bytes");
  if (m->body_missing > 0) {
    weft_write_string(w, " and ");
    weft_write_uint(w, m->body_missing);
    weft_write_string(w, " missing");
  }
  for (size_t i = 0; i < m->nparts; i++) {
    weft_write_string(w, i == 0 ? ": #" : " #");
    weft_write_uint(w, m->parts[i].mark.frame);
    weft_write_char(w, '(');
    weft_write_uint(w, m->parts[i].length);
    weft_write_char(w, ')');
  }
  weft_write_char(w, '\n');
}

/* "  interim 100 in frame 5, 2011-09-01T06:23:59.123456Z", as above. */
static void put_interims(const struct table *t, struct weft_writer *w,
                         const struct weft_http_exchange *x) {
  struct cell cell;
  for (size_t i = 0; i < x->ninterims; i++) {
    weft_write_string(w, "  interim ");
    weft_write_uint(w, x->interims[i].status);
    weft_write_string(w, " in frame ");
    weft_write_uint(w, x->interims[i].last.frame);
    weft_write_string(w, ", ");
    cell_time(t, w, &cell, x->interims[i].last.time);
    weft_write_bytes(w, cell.text, cell.length);
    weft_write_char(w, '\n');
  }
  if (x->interim_count == x->ninterims) return;
  weft_write_string(w, "  interim responses not listed: ");
  weft_write_uint(w, x->interim_count - x->ninterims);
  weft_write_char(w, '\n');
}

/* "  request came again in frame 9" */
static void put_again(struct weft_writer *w, const char *what, struct weft_mark again) {
  if (again.frame == 0) return;
  weft_write_string(w, "  ");
  weft_write_string(w, what);
  weft_write_string(w, " came again in frame ");
  weft_write_uint(w, again.frame);
  weft_write_char(w, '\n');
}

/* "  WAIT_MS may be 0.210 to 201.300" */
static void put_range(struct weft_writer *w, const char *what, struct sink_range range) {
  struct cell min, max;
  if (range.min == range.max) return;
  cell_duration(&min, range.min);
  cell_duration(&max, range.max);
  weft_write_string(w, "  ");
  weft_write_string(w, what);
  weft_write_string(w, " may be ");
  weft_write_bytes(w, min.text, min.length);
  weft_write_string(w, " to ");
  weft_write_bytes(w, max.text, max.length);
  weft_write_char(w, '\n');
}

static void put_copies(struct weft_writer *w, const struct weft_http_exchange *x) {
  put_again(w, "request", x->again->request);
  put_again(w, "beginning of the response", x->again->response_first);
  put_again(w, "response", x->again->response);
  if (!sink_has_ranges(x)) return;
  put_range(w, "WAIT_MS", sink_wait_range(x));
  put_range(w, "ELAPSED_MS", sink_elapsed_range(x));
}

/* What the table has no column for. */
static void put_notes(struct weft_writer *w, const struct weft_http_exchange *x) {
  struct cell cell;
  if (x->response != NULL && x->response->flags & WEFT_HTTP_EARLY)
    weft_write_string(w, "  response began before the request was complete\n");
  if (sink_has_last_byte(x)) {
    cell_duration(&cell, x->timing.last_byte);
    weft_write_string(w, "  last byte after ");
    weft_write_bytes(w, cell.text, cell.length);
    weft_write_string(w, " ms, then the connection's end\n");
  }
  if (sink_wait_is_bound(x)) weft_write_string(w, "  WAIT_MS is a limit: bytes are missing\n");
  if (sink_elapsed_is_bound(x))
    weft_write_string(w, "  ELAPSED_MS is a limit: bytes are missing\n");
  if (x->again != NULL) put_copies(w, x);
}

/* Words safe to show, one blank where there were any. */
static void put_words(struct weft_writer *w, struct weft_text t) {
  for (size_t i = 0, end; i < t.len; i = end) {
    for (end = i; end < t.len && t.base[end] != ' ';) end++;
    weft_write_visible(w, t.base + i, end - i);
    for (; end < t.len && t.base[end] == ' '; end++)
      if (end + 1 == t.len || t.base[end + 1] != ' ') weft_write_char(w, ' ');
  }
}

/* The body's lines, each behind "  > " or "  < ", safe to show. */
static void put_body(struct weft_writer *w, const struct weft_sink_body *body, int is_response) {
  struct weft_text t = body->text;
  for (size_t i = 0, end; i < t.len; i = end + 1) {
    const char *lf = memchr(t.base + i, '\n', t.len - i);
    end = lf != NULL ? (size_t)(lf - t.base) : t.len;
    size_t n = end - i - (lf != NULL && end > i && t.base[end - 1] == '\r');
    weft_write_string(w, is_response ? "  < " : "  > ");
    put_words(w, (struct weft_text){t.base + i, n});
    weft_write_char(w, '\n');
  }
  if (body->cut) weft_write_string(w, is_response ? "  < ...\n" : "  > ...\n");
}

/* "  http.request.header.host: h", and "  > Host: h" of all. */
static void put_fields(struct fields *f, struct weft_writer *w, const struct weft_http_message *m,
                       int is_response) {
  for (size_t i = 0; i < f->nnames; i++) {
    struct weft_text value = fields_value(f, i, m);
    if (fields_is_response(f, i) != is_response || value.base == NULL) continue;
    weft_write_string(w, "  ");
    weft_write_string(w, f->names[i]);
    weft_write_string(w, ": ");
    put_words(w, value);
    weft_write_char(w, '\n');
  }
  for (size_t i = 0; f->all && m != NULL && i < m->nfields; i++) {
    weft_write_string(w, is_response ? "  < " : "  > ");
    weft_write_visible(w, m->fields[i].name.base, m->fields[i].name.len);
    weft_write_string(w, ": ");
    put_words(w, fields_shown(f, &m->fields[i]));
    weft_write_char(w, '\n');
  }
  if (fields_body(f, m) != NULL) put_body(w, fields_body(f, m), is_response);
}

static void put_size(const struct table *t, struct weft_writer *w, enum column column,
                     const struct weft_http_message *m) {
  struct cell cell;
  if (m != NULL)
    cell_size(&cell, sink_bytes(m), t->terminal ? t->width[column] : FORMAT_MAX);
  else
    cell_set(&cell, "-");
  put_cell(t, w, column, &cell, NULL);
}

static void put_request(const struct table *t, struct weft_writer *w,
                        const struct weft_http_message *m) {
  struct weft_text method = {NULL, 0}, target = {NULL, 0};
  struct url url = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
  if (m != NULL) {
    url_split(m, &url);
    method = m->method;
    target = m->target;
  }
  /* A target that names its host itself is shown as it was sent. */
  if (target.len > 0 && target.base[0] != '/' && target.base[0] != '*') url.domain.len = 0;
  put_texts(t, w, METHOD, method, (struct weft_text){NULL, 0});
  put_texts(t, w, URL, url.domain, target);
}

static void table_write(void *state, struct weft_writer *w, const struct weft_http_exchange *x) {
  struct table *t = state;
  struct cell cell;
  if (!t->titled) put_titles(t, w);
  cell_time(t, w, &cell, sink_time(x));
  put_cell(t, w, TIME, &cell, "\033[2m");
  cell_endpoint(&cell, &x->tuple->source);
  put_cell(t, w, CLIENT, &cell, NULL);
  cell_endpoint(&cell, &x->tuple->target);
  put_cell(t, w, SERVER, &cell, NULL);
  put_request(t, w, x->request);
  if (x->response != NULL)
    cell_number(&cell, x->response->status);
  else
    cell_set(&cell, "-");
  put_cell(t, w, STATUS, &cell, status_colour(x->response));
  put_size(t, w, SENT, x->request);
  put_size(t, w, GOT, x->response);
  cell_duration(&cell, x->timing.wait);
  put_cell(t, w, WAIT, &cell, NULL);
  cell_duration(&cell, x->timing.elapsed);
  put_cell(t, w, ELAPSED, &cell, NULL);
  cell_frames(&cell, x);
  put_cell(t, w, FRAMES, &cell, NULL);
  weft_write_char(w, '\n');
  if (t->segments) {
    put_parts(w, "request", x->request);
    put_interims(t, w, x);
    put_parts(w, "response", x->response);
    put_notes(w, x);
  }
  if (t->has_fields) {
    put_fields(&t->fields, w, x->request, 0);
    put_fields(&t->fields, w, x->response, 1);
  }
}

static void table_close(void *state) { fields_done(&((struct table *)state)->fields); }

const struct sink_kind sink_text = {"text", sizeof(struct table), table_open, table_write,
                                    table_close};
