/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/file.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/fault.h"
#include "capture/source.h"

static const struct format *const formats[] = {&format_pcap, &format_pcapng, &format_snoop};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

struct source_of_file {
  struct source source;
  struct file file;
};

int file_damaged(const struct file *file, struct weft_error *reterr, const char *format, ...) {
  const struct input *input = &file->input;
  /* A file that changed under us reads as damaged; say what really happened. */
  int rc = input_check(input, reterr);
  if (rc == 0) {
    char what[256];
    va_list words;
    va_start(words, format);
    vsnprintf(what, sizeof(what), format, words);
    va_end(words);
    rc = fault(reterr, WEFT_E_FORMAT,
               "%s: damaged at frame %" PRIu64 ", byte %" PRIu64 ": %s; the %" PRIu64
               " frames before it were read, for the rest get the capture again",
               input->name, file->frames + 1, input->position, what, file->frames);
  }
  return fault_place(reterr, rc, input->position, file->frames);
}

/* The input ends inside a record that needs `need` bytes. */
static int file_cut_short(const struct file *file, size_t need, struct weft_error *reterr) {
  const struct input *input = &file->input;
  int rc = input_check(input, reterr);
  if (rc == 0)
    rc = fault(reterr, WEFT_E_FORMAT,
               "%s: cut short inside frame %" PRIu64 " at byte %" PRIu64
               ": %zu bytes are needed there and %zu are left; the %" PRIu64
               " frames before it were read, for the rest let the capture finish or copy it again",
               input->name, file->frames + 1, input->position, need, input->left, file->frames);
  return fault_place(reterr, rc, input->position, file->frames);
}

/* The input gave an error of its own, which knows nothing of frames. */
static int file_unreadable(const struct file *file, int rc, struct weft_error *reterr) {
  if (reterr) {
    size_t used = strlen(reterr->text);
    snprintf(reterr->text + used, sizeof(reterr->text) - used,
             " (frame %" PRIu64 ", byte %" PRIu64 "; the %" PRIu64 " frames before it were read)",
             file->frames + 1, file->input.position, file->frames);
  }
  return fault_place(reterr, rc, file->input.position, file->frames);
}

/* Frames were found, but perhaps in zeros that took the place of a file cut
   off under us: keeps those that lie before its new end. */
static int file_keep_real(struct file *file, const struct weft_frame *frames, int n,
                          struct weft_error *reterr) {
  int kept = 0;
  if (input_check(&file->input, NULL) == 0) return n;
  while (kept < n && input_holds(&file->input, frames[kept].data, frames[kept].caplen)) kept++;
  file->frames -= (uint64_t)(n - kept);
  return kept ? kept : file_damaged(file, reterr, "%s", "");
}

static int file_next(struct source *source, struct weft_frame *ret, size_t n,
                     struct weft_error *reterr) {
  struct file *file = &((struct source_of_file *)source)->file;
  input_tend(&file->input);
  for (;;) {
    size_t need = 0;
    int rc = file->format->take(file, ret, n, &need, reterr);
    if (rc > 0 && (ret[rc - 1].caplen == 0 || input_was_damaged(&file->input)))
      return file_keep_real(file, ret, rc, reterr);
    if (rc != 0) return rc;
    rc = input_want(&file->input, need, reterr);
    if (rc < 0) return file_unreadable(file, rc, reterr);
    if (rc > 0) continue;
    if (file->input.left > 0) return file_cut_short(file, need, reterr);
    if (input_was_damaged(&file->input)) return file_damaged(file, reterr, "%s", "");
    return 0;
  }
}

static void file_inspect(struct source *source, struct weft_capture_info *ret) {
  const struct file *file = &((struct source_of_file *)source)->file;
  ret->position += input_taken(&file->input);
  ret->total += input_total(&file->input);
  ret->kernel_dropped += file->kernel_dropped;
  ret->interface_dropped += file->interface_dropped;
  ret->has_drops |= file->has_drops;
}

static void file_close(struct source *source) {
  struct source_of_file *of = (struct source_of_file *)source;
  if (of->file.format && of->file.format->close) of->file.format->close(&of->file);
  input_close(&of->file.input);
  free(of);
}

/* The first bytes, as text or as numbers, for whoever wonders what it is. */
static int file_not_a_capture(struct file *file, struct weft_error *reterr) {
  const struct input *input = &file->input;
  char begins[3 * 8 + 1] = "";
  size_t n = input->left < 8 ? input->left : 8, printable = 0;
  if (n == 0)
    return fault(reterr, WEFT_E_FORMAT,
                 "%s: is empty: the program that was to write it wrote nothing", input->name);
  while (printable < n && isprint(input->at[printable])) printable++;
  if (printable == n)
    snprintf(begins, sizeof(begins), "\"%.*s\"", (int)n, (const char *)input->at);
  else
    for (size_t i = 0; i < n; i++) snprintf(begins + 3 * i, 4, "%02x ", input->at[i]);
  return fault(reterr, WEFT_E_FORMAT,
               "%s: is not a capture file (it begins with %s): pcap, pcapng and snoop are read, "
               "also when gzipped; capinfos tells of others, editcap converts them",
               input->name, begins);
}

static int file_recognise(struct file *file, struct weft_error *reterr) {
  int rc = input_want(&file->input, FORMAT_MAGIC_MAX, reterr);
  if (rc < 0) return rc;
  uint8_t magic[FORMAT_MAGIC_MAX] = {0};
  size_t n = file->input.left < sizeof(magic) ? file->input.left : sizeof(magic);
  if (n) memcpy(magic, file->input.at, n);
  for (size_t i = 0; i < FORMATS; i++)
    if (formats[i]->recognises(magic)) {
      file->format = formats[i];
      return 0;
    }
  return file_not_a_capture(file, reterr);
}

static int file_open(struct file *file, struct weft_error *reterr) {
  int rc = file_recognise(file, reterr);
  if (rc < 0) return rc;
  rc = input_want(&file->input, file->format->header_size, reterr);
  if (rc < 0) return rc;
  if (rc == 0)
    return fault(reterr, WEFT_E_FORMAT,
                 "%s: begins as %s but is cut short inside its first %zu bytes: there is no frame "
                 "in it; get the capture again",
                 file->input.name, file->format->name, file->format->header_size);
  return file->format->open(file, reterr);
}

static struct source_of_file *source_new(const char *name, struct weft_error *reterr) {
  static const struct source_ops ops = {file_next, file_inspect, file_close};
  struct source_of_file *of = calloc(1, sizeof(*of));
  if (!of)
    fault_memory(reterr, name);
  else
    of->source.ops = &ops;
  return of;
}

/* The input was opened, or not: `rc`. */
static int source_begin(struct source_of_file *of, int rc, struct source **ret,
                        struct weft_error *reterr) {
  if (rc >= 0) rc = file_open(&of->file, reterr);
  if (rc < 0)
    file_close(&of->source);
  else
    *ret = &of->source;
  return rc < 0 ? rc : 0;
}

int source_file(const char *path, struct stop *stop, struct source **ret,
                struct weft_error *reterr) {
  struct source_of_file *of = source_new(path, reterr);
  if (!of) return WEFT_E_NOMEM;
  return source_begin(of, input_open(path, stop, &of->file.input, reterr), ret, reterr);
}

int source_memory(const char *name, const uint8_t *bytes, size_t size, size_t piece,
                  struct source **ret, struct weft_error *reterr) {
  struct source_of_file *of = source_new(name, reterr);
  if (!of) return WEFT_E_NOMEM;
  int rc = input_memory(name, bytes, size, piece, &of->file.input, reterr);
  return source_begin(of, rc, ret, reterr);
}
