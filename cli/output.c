/* SPDX-License-Identifier: BSD-2-Clause */
#include "output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "errors.h"

int output_open(struct output *o, const struct args *a) {
  struct weft_error error = {.text = ""};
  int status = weft_writer_open(a->output, &o->writer, &error);
  if (status < 0 || a->format == FORMAT_TEXT) return output_status(status, &error, EXIT_OK);
  enum weft_record_format format = a->format == FORMAT_NDJSON ? WEFT_RECORD_NDJSON
                                   : a->format == FORMAT_TSV  ? WEFT_RECORD_TSV
                                                              : WEFT_RECORD_CSV;
  if (weft_record_new(o->writer, format, &o->record) == 0) return EXIT_OK;
  complain("out of memory");
  return EXIT_OUTPUT;
}

int output_close(struct output *o, int so_far) {
  struct weft_error error = {.text = ""};
  weft_record_free(o->record);
  int status = weft_writer_close(o->writer, &error);
  return output_status(status, &error, so_far);
}

int output_flush(struct output *o) { return weft_writer_flush(o->writer); }

size_t output_pending(const struct output *o) { return weft_writer_pending(o->writer); }

int output_failed(const struct output *o) { return weft_writer_os_error(o->writer) != 0; }

void output_left(struct output *o, const char *text, size_t width) {
  weft_write_string(o->writer, text);
  weft_write_pad(o->writer, strlen(text), width);
  weft_write_char(o->writer, ' ');
}

void output_right(struct output *o, const char *text, size_t width) {
  weft_write_pad(o->writer, strlen(text), width);
  weft_write_string(o->writer, text);
  weft_write_char(o->writer, ' ');
}

void output_number(struct output *o, uint64_t v, size_t width) {
  char text[24];
  snprintf(text, sizeof text, "%" PRIu64, v);
  output_right(o, text, width);
}

void output_last(struct output *o, const char *text) {
  weft_write_string(o->writer, text);
  weft_write_char(o->writer, '\n');
}
