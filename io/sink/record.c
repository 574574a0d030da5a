/* SPDX-License-Identifier: BSD-2-Clause */
#include <weft/record.h>

#include <stdlib.h>

#include "sink/writer.h"

struct weft_record {
  struct weft_writer *writer;
  enum weft_record_format format;
  int header;       /* names are written instead of values */
  int nfields;      /* of this record, so far */
  int list;         /* pairs are being written */
  size_t npairs;    /* of the list, so far */
  const char *path; /* JSON: the name of the field before, whose parents are open */
};

int weft_record_new(struct weft_writer *w, enum weft_record_format format,
                    struct weft_record **ret) {
  struct weft_record *r = calloc(1, sizeof *r);
  if (r == NULL) return WEFT_E_NOMEM;
  r->writer = w;
  r->format = format;
  *ret = r;
  return 0;
}

void weft_record_free(struct weft_record *r) { free(r); }

static void record_reset(struct weft_record *r, int header) {
  r->header = header;
  r->nfields = 0;
  r->path = "";
}

void weft_record_begin(struct weft_record *r) {
  record_reset(r, 0);
  if (r->format == WEFT_RECORD_NDJSON) weft_write_char(r->writer, '{');
}

void weft_record_begin_header(struct weft_record *r) { record_reset(r, 1); }

static void close_objects(struct weft_record *r, const char *from) {
  for (; *from != '\0'; from++)
    if (*from == '.') weft_write_char(r->writer, '}');
}

void weft_record_end(struct weft_record *r) {
  if (r->format == WEFT_RECORD_NDJSON) {
    if (r->header) return;
    close_objects(r, r->path);
    weft_write_char(r->writer, '}');
  }
  weft_write_bytes(r->writer, r->format == WEFT_RECORD_CSV ? "\r\n" : "\n",
                   r->format == WEFT_RECORD_CSV ? 2 : 1);
}

/* Closes the objects that the field before was in and this one is not, and
   opens those that are new. */
static void json_name(struct weft_record *r, const char *name) {
  size_t shared = 0; /* length of the parents in common, their last dot included */
  for (size_t i = 0; name[i] != '\0' && name[i] == r->path[i]; i++)
    if (name[i] == '.') shared = i + 1;
  close_objects(r, r->path + shared);
  if (r->nfields > 0) weft_write_char(r->writer, ',');
  r->path = name;
  for (name += shared;;) {
    const char *dot = strchr(name, '.');
    weft_write_char(r->writer, '"');
    weft_write_bytes(r->writer, name, dot != NULL ? (size_t)(dot - name) : strlen(name));
    weft_write_string(r->writer, "\":");
    if (dot == NULL) return;
    weft_write_char(r->writer, '{');
    name = dot + 1;
  }
}

/* Whether a value follows.  A row has its cell either way. */
static int field(struct weft_record *r, const char *name, int present) {
  if (r->format == WEFT_RECORD_NDJSON) {
    if (r->header || !present) return 0;
    json_name(r, name);
  } else {
    if (r->nfields > 0) weft_write_char(r->writer, r->format == WEFT_RECORD_TSV ? '\t' : ',');
    if (r->header) weft_write_string(r->writer, name);
  }
  r->nfields++;
  return present && !r->header;
}

static void tsv_text(struct weft_writer *w, const char *text, size_t length) {
  size_t begun = 0;
  for (size_t i = 0; i < length; i++) {
    const char *escape = text[i] == '\t'   ? "\\t"
                         : text[i] == '\n' ? "\\n"
                         : text[i] == '\r' ? "\\r"
                         : text[i] == '\\' ? "\\\\"
                         : text[i] == '\0' ? "\\0"
                                           : NULL;
    if (escape == NULL) continue;
    weft_write_utf8(w, text + begun, i - begun);
    weft_write_string(w, escape);
    begun = i + 1;
  }
  weft_write_utf8(w, text + begun, length - begun);
}

/* RFC 4180: quoted where it holds a quote, a comma or a line end. */
static void csv_text(struct weft_writer *w, const char *text, size_t length) {
  int quoted = 0;
  for (size_t i = 0; i < length; i++)
    quoted |= text[i] == '"' || text[i] == ',' || text[i] == '\r' || text[i] == '\n';
  if (!quoted) {
    weft_write_utf8(w, text, length);
    return;
  }
  weft_write_char(w, '"');
  size_t begun = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] != '"') continue;
    weft_write_utf8(w, text + begun, i + 1 - begun);
    weft_write_char(w, '"');
    begun = i + 1;
  }
  weft_write_utf8(w, text + begun, length - begun);
  weft_write_char(w, '"');
}

void weft_record_text(struct weft_record *r, const char *name, const char *text, size_t length) {
  if (!field(r, name, text != NULL)) return;
  if (r->format == WEFT_RECORD_NDJSON)
    weft_write_json(r->writer, text, length);
  else if (r->format == WEFT_RECORD_TSV)
    tsv_text(r->writer, text, length);
  else
    csv_text(r->writer, text, length);
}

void weft_record_string(struct weft_record *r, const char *name, const char *text) {
  weft_record_text(r, name, text, text != NULL ? strlen(text) : 0);
}

void weft_record_absent(struct weft_record *r, const char *name) { field(r, name, 0); }

void weft_record_uint(struct weft_record *r, const char *name, uint64_t v) {
  if (field(r, name, 1)) weft_write_uint(r->writer, v);
}

static void quote(struct weft_record *r) {
  if (r->format == WEFT_RECORD_NDJSON) weft_write_char(r->writer, '"');
}

void weft_record_time(struct weft_record *r, const char *name, weft_time time) {
  if (!field(r, name, time != WEFT_TIME_NONE)) return;
  quote(r);
  weft_write_time(r->writer, time);
  quote(r);
}

void weft_record_seconds(struct weft_record *r, const char *name, weft_duration d) {
  if (field(r, name, d != WEFT_TIME_NONE)) weft_write_seconds(r->writer, d);
}

void weft_record_flag(struct weft_record *r, const char *name, int v) {
  if (field(r, name, v)) weft_write_string(r->writer, "true");
}

void weft_record_pairs(struct weft_record *r, const char *name, int present) {
  r->list = field(r, name, present);
  r->npairs = 0;
  if (r->list && r->format == WEFT_RECORD_NDJSON) weft_write_char(r->writer, '[');
}

void weft_record_pair(struct weft_record *r, uint64_t a, uint64_t b) {
  if (!r->list) return;
  int json = r->format == WEFT_RECORD_NDJSON;
  char *p = writer_room(r->writer, 2 * FORMAT_MAX);
  if (r->npairs++ > 0) *p++ = json ? ',' : ' ';
  if (json) *p++ = '[';
  p = format_uint(p, a);
  *p++ = json ? ',' : ':';
  p = format_uint(p, b);
  if (json) *p++ = ']';
  r->writer->at = p;
}

void weft_record_pairs_end(struct weft_record *r) {
  if (r->list && r->format == WEFT_RECORD_NDJSON) weft_write_char(r->writer, ']');
  r->list = 0;
}

void weft_record_base64(struct weft_record *r, const char *name, const struct weft_span *spans,
                        size_t nspans) {
  if (!field(r, name, spans != NULL)) return;
  quote(r);
  weft_write_base64(r->writer, spans, nspans);
  quote(r);
}
