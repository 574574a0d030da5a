/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/file.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/fault.h"
#include "capture/resync.h"
#include "capture/source.h"
#include "capture/wishes.h"

static const struct format *const formats[] = {&format_pcap, &format_pcapng, &format_snoop};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

struct source_of_file {
  struct source source;
  struct file file;
};

int file_damaged(const struct file *file, struct weft_error *reterr, const char *format, ...) {
  const struct input *input = &file->input;
  char what[256];
  va_list words;
  va_start(words, format);
  vsnprintf(what, sizeof(what), format, words);
  va_end(words);
  int rc = fault(reterr, WEFT_E_FORMAT, "%s: damaged at frame %" PRIu64 ", byte %" PRIu64 ": %s",
                 input->name, file->frames + 1, input->position, what);
  return fault_place(reterr, rc, input->position, file->frames);
}

/* The input ends inside a record that needs `need` bytes. */
static int file_cut_short(const struct file *file, size_t need, struct weft_error *reterr) {
  const struct input *input = &file->input;
  int rc = fault(reterr, WEFT_E_FORMAT,
                 "%s: cut short inside frame %" PRIu64 " at byte %" PRIu64
                 ": %zu bytes are needed there and %zu are left",
                 input->name, file->frames + 1, input->position, need, input->left);
  return fault_place(reterr, rc, input->position, file->frames);
}

/* The input gave an error of its own, which knows nothing of frames. */
static int file_unreadable(const struct file *file, int rc, struct weft_error *reterr) {
  if (reterr)
    fault_add(reterr,
              " (frame %" PRIu64 ", byte %" PRIu64 "; the %" PRIu64 " frames before it were read)",
              file->frames + 1, file->input.position, file->frames);
  return fault_place(reterr, rc, file->input.position, file->frames);
}

/* ---- damage ---- */

#define WARNINGS_MAX 10 /* of each kind */

static void file_warn(struct file *file, const struct weft_error *damage, enum damage kind,
                      uint64_t bytes) {
  if (!file->wishes || file->warned[kind] == WARNINGS_MAX) return;
  wishes_warn(file->wishes, damage->status, damage->position, damage->frame,
              "%s; %" PRIu64 " bytes were passed over, it goes on at byte %" PRIu64 "%s",
              damage->text, bytes, file->input.position,
              ++file->warned[kind] == WARNINGS_MAX ? " (more damage to this file is only counted)"
                                                   : "");
}

/* Goes past the record at `input.at`, if it is known where it ends, or else to
   where records make sense again: 1; 0: nowhere. */
static int file_go_past(struct file *file, struct weft_error *reterr) {
  size_t size = file->damaged_size;
  file->damaged_size = 0;
  if (size > 0) {
    input_advance(&file->input, size);
    return 1;
  }
  input_advance(&file->input, 1);
  return file_resync(file, reterr);
}

/* The first is told at the end; but what makes no sense where compressed data is
   damaged does so for that reason. */
static void file_note(struct file *file, const struct weft_error *damage, enum damage kind) {
  if (file->damages++ == 0) {
    file->first_damage = *damage;
    file->first_kind = kind;
  } else if (kind == DAMAGE_BREACH && file->first_kind != DAMAGE_BREACH) {
    memcpy(file->first_damage.text, damage->text, sizeof(damage->text));
    file->first_kind = kind;
  }
}

/* Damage was passed over from `begin` on, with `rc` as file_go_past. */
static int file_note_passed(struct file *file, const struct weft_error *damage, enum damage kind,
                            uint64_t begin, int rc) {
  file_note(file, damage, kind);
  file->skipped += file->input.position - begin;
  if (rc > 0) file_warn(file, damage, kind, file->input.position - begin);
  return rc;
}

/* Compressed data lacks a part, or several with no frame between them: goes on
   after it.  What is in reach goes with it, from `begin` on: a record that would
   reach into it, or what already made no sense. */
static int file_pass_breach(struct file *file, uint64_t begin, struct weft_error *reterr) {
  struct weft_error damage = file->input.breach;
  int rc;
  fault_add(&damage, " (from frame %" PRIu64 ", unpacked byte %" PRIu64 " on)", file->frames + 1,
            begin);
  fault_place(&damage, damage.status, begin, file->frames);
  do {
    input_mend(&file->input);
    rc = file_resync(file, reterr);
  } while (rc == 0 && file->input.breach.status);
  return file_note_passed(file, &damage, DAMAGE_BREACH, begin, rc);
}

/* Notes damage and goes on after it: 1; 0: there is no more; negative.  When compressed
   data turns out to be damaged before that, it was for that reason. */
static int file_pass_over(struct file *file, const struct weft_error *damage, enum damage kind,
                          struct weft_error *reterr) {
  uint64_t begin = file->input.position;
  int rc = file_go_past(file, reterr);
  if (rc < 0) return rc;
  if (rc == 0 && file->input.breach.status) return file_pass_breach(file, begin, reterr);
  return file_note_passed(file, damage, kind, begin, rc);
}

/* At the end: 0, or WEFT_E_FORMAT, of a file that was damaged. */
static int file_verdict(const struct file *file, struct weft_error *reterr) {
  static const char *const cures[] = {
      [DAMAGE_PLAIN] = "get", [DAMAGE_CUT] = "finish or copy", [DAMAGE_BREACH] = "get or compress"};
  const struct weft_error *first = &file->first_damage;
  const char *cure = cures[file->first_kind];
  if (!file->damages) return 0;
  int rc;
  if (first->frame == file->frames)
    rc = fault(reterr, WEFT_E_FORMAT,
               "%s; the %" PRIu64 " frames before it were read, for the rest %s the capture again",
               first->text, file->frames, cure);
  else
    rc = fault(reterr, WEFT_E_FORMAT,
               "%s; %" PRIu64 " bytes in %" PRIu64
               " places were passed over and all else was read (%" PRIu64
               " frames), for the rest %s the capture again",
               first->text, file->skipped, file->damages, file->frames, cure);
  return fault_place(reterr, rc, first->position, first->frame);
}

/* The input fails, so that no more comes. */
static int file_fails(const struct file *file, int rc, struct weft_error *reterr) {
  const struct weft_error *first = &file->first_damage;
  if (rc != WEFT_E_FORMAT || !file->damages) return file_unreadable(file, rc, reterr);
  if (reterr)
    fault_add(reterr,
              "; before that, from frame %" PRIu64 " on, %" PRIu64 " bytes in %" PRIu64
              " places were passed over and all else was read (%" PRIu64 " frames)",
              first->frame + 1, file->skipped, file->damages, file->frames);
  return fault_place(reterr, rc, first->position, first->frame);
}

/* `need` bytes are to be in reach: 1; or are not and never will be, and what can be gone
   on with is: 1; 0: there is no more; negative. */
static int file_wait(struct file *file, size_t need, struct weft_error *reterr) {
  struct weft_error damage;
  int rc = input_want(&file->input, need, reterr);
  if (rc < 0)
    return file->input.breach.status ? file_pass_breach(file, file->input.position, reterr) : rc;
  if (rc > 0 || file->input.left == 0) return rc;
  file_cut_short(file, need, &damage);
  return file_pass_over(file, &damage, DAMAGE_CUT, reterr);
}

static int file_next(struct source *source, struct weft_frame *ret, size_t n,
                     struct weft_error *reterr) {
  struct file *file = &((struct source_of_file *)source)->file;
  for (;;) {
    struct weft_error damage;
    size_t need = 0;
    int rc = file->format->take(file, ret, n, &need, &damage);
    if (rc > 0) return rc;
    if (rc < 0 && rc != WEFT_E_FORMAT) {
      if (reterr) *reterr = damage;
      return rc;
    }
    rc = rc == 0 ? file_wait(file, need, reterr)
                 : file_pass_over(file, &damage, DAMAGE_PLAIN, reterr);
    if (rc == 0) return file_verdict(file, reterr);
    if (rc < 0) return file_fails(file, rc, reterr);
  }
}

static size_t file_more(struct source *source, struct weft_frame *ret, size_t n) {
  struct file *file = &((struct source_of_file *)source)->file;
  size_t need = 0;
  int rc = file->format->take(file, ret, n, &need, NULL);
  file->damaged_size = 0; /* found again by file_next */
  return rc > 0 ? (size_t)rc : 0;
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
               "also when compressed; capinfos tells of others, editcap converts them",
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

static int file_begin(struct file *file, struct weft_error *reterr) {
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

/* Of compressed data of which the beginning is lost a later part may begin a capture too. */
static int file_open(struct file *file, struct weft_error *reterr) {
  int rc = file_begin(file, reterr);
  if (rc >= 0 || !file->input.breach.status || file->state) return rc;
  const struct weft_error damage = file->input.breach;
  do {
    input_mend(&file->input);
    rc = file_begin(file, NULL);
  } while (rc < 0 && file->input.breach.status && !file->state);
  if (rc < 0) return damage.status;
  return file_note_passed(file, &damage, DAMAGE_BREACH, file->input.position, 1);
}

static struct source_of_file *source_new(const char *name, struct weft_error *reterr) {
  static const struct source_ops ops = {file_next, file_more, file_inspect, file_close};
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
  of->source.reopens = of->file.input.regular && of->file.input.fd > STDERR_FILENO;
  if (rc < 0)
    file_close(&of->source);
  else
    *ret = &of->source;
  return rc < 0 ? rc : 0;
}

int source_file(const char *path, struct wishes *wishes, struct source **ret,
                struct weft_error *reterr) {
  struct source_of_file *of = source_new(path, reterr);
  if (!of) return WEFT_E_NOMEM;
  of->file.wishes = wishes;
  of->source.drains = wishes->follow;
  return source_begin(of, input_open(path, wishes, &of->file.input, reterr), ret, reterr);
}

int source_memory(const char *name, const uint8_t *bytes, size_t size, size_t piece,
                  struct source **ret, struct weft_error *reterr) {
  struct source_of_file *of = source_new(name, reterr);
  if (!of) return WEFT_E_NOMEM;
  int rc = input_memory(name, bytes, size, piece, &of->file.input, reterr);
  return source_begin(of, rc, ret, reterr);
}
