/* SPDX-License-Identifier: BSD-2-Clause */
#include "follow.h"

#include <string.h>

/*
 * The bytes for people.  The directions are told apart by colour on a
 * terminal, elsewhere by "> " (client) and "< " (server) before each line.
 * Text is shown as it is; every other byte as \xNN, and CR before LF not at
 * all.  A line the speaker left open is closed before the other one's.
 */

static void writer_endpoint(struct weft_writer *w, const struct weft_endpoint *e) {
  char text[WEFT_ENDPOINT_STRLEN];
  weft_write_string(w, weft_endpoint_format(e, text));
}

static int text_open(struct follow *f, const struct weft_conn *conn) {
  struct weft_writer *w = f->output.writer;
  const struct weft_tuple *t = weft_conn_tuple(conn);
  weft_write_string(w, "# connection ");
  weft_write_uint(w, weft_conn_id(conn));
  weft_write_string(w, ": client ");
  writer_endpoint(w, &t->source);
  weft_write_string(w, ", server ");
  writer_endpoint(w, &t->target);
  weft_write_char(w, '\n');
  return 0;
}

/* The end of whatever line is open. */
static void line_close(struct follow *f) {
  if (f->colour && f->speaker >= 0) weft_write_string(f->output.writer, "\033[0m");
  if (f->line_open) weft_write_char(f->output.writer, '\n');
  f->line_open = 0;
  f->speaker = -1;
}

static void speak(struct follow *f, enum weft_dir dir) {
  static const char *const colours[2] = {"\033[31m", "\033[34m"};
  if (f->speaker == (int)dir) return;
  line_close(f);
  f->speaker = (int)dir;
  if (f->colour) weft_write_string(f->output.writer, colours[dir]);
}

static void line_begin(struct follow *f, enum weft_dir dir) {
  if (!f->line_open && !f->colour)
    weft_write_string(f->output.writer, dir == WEFT_FROM_CLIENT ? "> " : "< ");
  f->line_open = 1;
}

/* A part of one line, blanks and tabs as they are. */
static void text_words(struct weft_writer *w, const char *text, size_t length) {
  while (length > 0) {
    size_t blanks = 0;
    while (blanks < length && (text[blanks] == ' ' || text[blanks] == '\t')) blanks++;
    weft_write_bytes(w, text, blanks);
    text += blanks;
    length -= blanks;
    size_t n = 0;
    while (n < length && text[n] != ' ' && text[n] != '\t') n++;
    weft_write_visible(w, text, n);
    text += n;
    length -= n;
  }
}

static void text_span(struct follow *f, enum weft_dir dir, const char *text, size_t length) {
  struct weft_writer *w = f->output.writer;
  while (length > 0) {
    const char *end = memchr(text, '\n', length);
    size_t n = end != NULL ? (size_t)(end - text) : length;
    size_t shown = end != NULL && n > 0 && text[n - 1] == '\r' ? n - 1 : n;
    line_begin(f, dir);
    text_words(w, text, shown);
    if (end != NULL) {
      weft_write_char(w, '\n');
      f->line_open = 0;
      n++;
    }
    text += n;
    length -= n;
  }
}

static int text_data(struct follow *f, const struct weft_conn *conn, enum weft_dir dir,
                     const struct weft_data *data) {
  (void)conn;
  speak(f, dir);
  for (size_t i = 0; i < data->nspans; i++)
    text_span(f, dir, (const char *)data->spans[i].base, data->spans[i].len);
  return 0;
}

static int text_gap(struct follow *f, const struct weft_conn *conn, enum weft_dir dir,
                    const struct weft_gap *gap) {
  (void)conn;
  struct weft_writer *w = f->output.writer;
  line_close(f);
  weft_write_string(w, dir == WEFT_FROM_CLIENT ? "# client: " : "# server: ");
  if (gap->length == WEFT_LENGTH_UNKNOWN) {
    weft_write_string(w, "the beginning was not captured\n");
    return 0;
  }
  weft_write_uint(w, gap->length);
  weft_write_string(w, " bytes missing at offset ");
  weft_write_uint(w, gap->offset);
  weft_write_string(w, " (");
  weft_write_string(w, weft_gap_cause_name(gap->cause));
  weft_write_string(w, ")\n");
  return 0;
}

static void text_close(struct follow *f, const struct weft_conn *conn) {
  (void)conn;
  line_close(f);
}

const struct follow_mode follow_text = {
    .open = text_open, .data = text_data, .gap = text_gap, .close = text_close};

/* ---- raw: nothing but the bytes, in the order they were delivered ---- */

static int raw_data(struct follow *f, const struct weft_conn *conn, enum weft_dir dir,
                    const struct weft_data *data) {
  (void)conn;
  (void)dir;
  for (size_t i = 0; i < data->nspans; i++)
    weft_write_bytes(f->output.writer, data->spans[i].base, data->spans[i].len);
  return 0;
}

const struct follow_mode follow_raw = {.data = raw_data};

/* ---- hex: "> 00000000  47 45 54 20 ...  GET ..." ---- */

enum { HEX_ROW = 16 };

static void hex_row(struct follow *f, enum weft_dir dir, uint64_t offset, const uint8_t *bytes,
                    size_t n) {
  struct weft_writer *w = f->output.writer;
  speak(f, dir);
  line_begin(f, dir);
  uint8_t place[8];
  for (int i = 0; i < 8; i++) place[i] = (uint8_t)(offset >> (56 - 8 * i));
  int skip = offset >> 32 == 0 ? 4 : 0; /* eight digits until 4 GiB, sixteen from there */
  weft_write_hex(w, place + skip, sizeof place - (size_t)skip);
  weft_write_char(w, ' ');
  for (size_t i = 0; i < HEX_ROW; i++) {
    weft_write_string(w, i == HEX_ROW / 2 ? "  " : " ");
    if (i < n)
      weft_write_hex(w, bytes + i, 1);
    else
      weft_write_string(w, "  ");
  }
  weft_write_string(w, "  ");
  for (size_t i = 0; i < n; i++)
    weft_write_char(w, bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '.');
  weft_write_char(w, '\n');
  f->line_open = 0;
}

/* Rows run over the ends of spans, so that one delivery is one dump. */
static int hex_data(struct follow *f, const struct weft_conn *conn, enum weft_dir dir,
                    const struct weft_data *data) {
  (void)conn;
  uint8_t row[HEX_ROW];
  uint64_t offset = data->offset;
  size_t n = 0;
  for (size_t s = 0; s < data->nspans; s++)
    for (size_t i = 0; i < data->spans[s].len; i++) {
      row[n++] = data->spans[s].base[i];
      if (n < HEX_ROW) continue;
      hex_row(f, dir, offset, row, n);
      offset += n;
      n = 0;
    }
  if (n > 0) hex_row(f, dir, offset, row, n);
  return 0;
}

const struct follow_mode follow_hex = {
    .open = text_open, .data = hex_data, .gap = text_gap, .close = text_close};
