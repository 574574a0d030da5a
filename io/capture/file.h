/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_FILE_H
#define WEFTIO_CAPTURE_FILE_H

#include "capture/input.h"
#include "capture/signs.h"

/*
 * A capture file: an input, and the format that says where in it the frames
 * are.  A format only ever looks at what is in reach; when that is not enough
 * it says how much it needs, and the file brings it or finds that the input
 * ends there.  So a mapped file and a pipe are read by the same code, which
 * waits in one place.  Adding a format is one such table and one line in
 * file.c.
 */
struct file;

/* Bytes that tell any format from the others. */
#define FORMAT_MAGIC_MAX 12
/* No frame is longer; captures of hosts stop at 262144. */
#define FRAME_MAX ((uint32_t)15 << 20)
#define FRAME_USUAL_MAX ((uint32_t)262144)

struct format {
  const char *name;
  size_t header_size; /* of the file: in reach when `open` is called */
  int (*recognises)(const uint8_t magic[FORMAT_MAGIC_MAX]);

  /* Takes the header.  May set `state`. */
  int (*open)(struct file *, struct weft_error *reterr);

  /* Takes records in reach and fills up to `n` frames.  The number of frames;
     0: `*need` bytes must be in reach to go on, or there is no more; negative
     (WEFT_E_FORMAT, WEFT_E_NOMEM): the record at `input.at` is damaged, and is
     then passed over.  Both only when no frame was filled in. */
  int (*take)(struct file *, struct weft_frame *ret, size_t n, size_t *need,
              struct weft_error *reterr);

  /* What lies at `at`, of which `n` bytes are in reach, looks like a record, and
     after `before` (NULL: it is the first) like the next one: its size, which may be
     more than `n`; 0: it does not.  After damage as many as `chain` in a
     row are taken for the way back. */
  size_t (*plausible)(const struct file *, const uint8_t *at, size_t n, const uint8_t *before);
  int chain;
  /* What a place must have for that: at each that has not, `plausible` says 0. */
  struct signs (*signs)(const struct file *);

  void (*close)(struct file *); /* may be NULL */
};

enum damage {
  DAMAGE_PLAIN,
  DAMAGE_CUT,    /* the file ends inside a record */
  DAMAGE_BREACH, /* compressed data lacks a part */
  DAMAGE_KINDS
};

struct file {
  struct input input;
  const struct wishes *wishes; /* NULL: nobody to warn */
  const struct format *format;
  void *state;
  uint64_t frames; /* given so far */
  uint64_t kernel_dropped, interface_dropped;
  int has_drops;
  size_t damaged_size; /* of the damaged record, where it is known and in reach; 0: it is not */
  uint64_t damages, skipped; /* places, and bytes passed over there */
  struct weft_error first_damage;
  enum damage first_kind;
  int warned[DAMAGE_KINDS];
};

extern const struct format format_pcap, format_pcapng, format_snoop;

/* WEFT_E_FORMAT at the record at `input.at`: "FILE: damaged at frame N, byte P: ...". */
int file_damaged(const struct file *, struct weft_error *reterr, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Takes the frame check sequence off the end of a frame that has one, as far as
   it was captured. */
static inline void frame_cut_check(struct weft_frame *frame, uint32_t size) {
  if (frame->wirelen < size) return;
  frame->wirelen -= size;
  if (frame->caplen > frame->wirelen) frame->caplen = frame->wirelen;
}

/* Of frames that follow one another: within a day. */
static inline int seconds_are_near(uint32_t before, uint32_t after) {
  return after - before + 86400u <= 2 * 86400u;
}

/* Counts and marks one frame. */
static inline void file_mark(struct file *file, struct weft_frame *frame, weft_time time) {
  frame->mark.time = time;
  frame->mark.frame = ++file->frames;
}

#endif
