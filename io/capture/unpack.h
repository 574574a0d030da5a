/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_UNPACK_H
#define WEFTIO_CAPTURE_UNPACK_H

#include "capture/supply.h"

/*
 * Compressed files: told by content, any number of frames or members one after
 * another; what follows the last and begins none is left alone, as gzip does.
 *
 * Data that ends early or is damaged gives everything before the damage first.
 * Decoders see damage late, or not before a checksum at the end of the frame, so
 * what they gave since its beginning may be wrong.  Then the next place where
 * a frame begins is looked for, from shortly behind where the damaged one began:
 *
 *          damaged one      next
 *      ----|-----x----------|-------------|----
 *          ^ damage lies    ^ found       ^ seen here at the latest
 *
 * If there is one, it goes on there (supply.h: `resumes`).  Bytes of a damaged
 * frame that look like the beginning of another give garbage, which is for the
 * reader to tell, and then the search goes on.
 *
 * Adding a compression is one table of functions and one line in unpack.c.
 */

/* One step of unpacking.  Taken bytes are taken off `in`, made ones off `out`. */
struct unpack_step {
  const uint8_t *in;
  size_t nin;
  uint8_t *out;
  size_t nout;
  const char *reason; /* why it is damaged */
};

enum unpack_result {
  UNPACK_GOES_ON,
  UNPACK_ENDED, /* a frame; the next step begins another */
  UNPACK_DAMAGED,
  UNPACK_NO_MEMORY
};

/* Bytes that tell the beginning of a frame from what is no such thing.  A frame that
   is no longer holds nothing. */
#define UNPACK_SIGN 12

struct unpacker {
  const char *name, *tool;
  const char *magic; /* what a file begins with */
  uint8_t magic_size;
  int16_t also; /* what holds nothing begins with this (the low half any); -1: no such thing */
  int (*begins)(const uint8_t head[UNPACK_SIGN]); /* a frame, as sure as can be told by these */
  void *(*open)(void);                            /* NULL: not in this build */
  enum unpack_result (*step)(void *state, struct unpack_step *);
  void (*close)(void *state);
};

extern const struct unpacker unpack_gzip, unpack_zstd, unpack_xz, unpack_lz4, unpack_bzip2;

/* Decompressors that would need more than this for a window are not obeyed. */
#define UNPACK_WINDOW_LOG_MAX 28

/* What the compression whose data begins with these bytes gives, put on top of
   `under`, from which `n` bytes (at most UNPACK_HEAD_MAX) were already taken;
   or `under` itself, as it is, when they begin no compression.  Says which by
   `*ret`; on success `under` belongs to it.  WEFT_E_NOTBUILT: one that is not
   in this build. */
#define UNPACK_HEAD_MAX ((size_t)64 << 10)
#define UNPACK_MAGIC_MAX 6 /* bytes that tell any compression */
int supply_unpack(struct supply *under, const uint8_t *head, size_t n, struct supply **ret,
                  struct weft_error *reterr);

/* The bytes begin a compression of which weft knows the name. */
int unpack_recognises(const uint8_t *head, size_t n);

#endif
