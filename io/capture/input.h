/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_INPUT_H
#define WEFTIO_CAPTURE_INPUT_H

#include <weft/capture.h>

/*
 * The bytes of a capture file, wherever they come from: what is in reach lies
 * in one piece at `at`, and input_want brings more into reach.
 *
 *      position
 *      | left ------------|
 *      |=================>|  . . . not yet in reach . . .
 *      at
 *
 * A regular file is mapped: all of it is in reach from the start and stays
 * where it is.  A pipe or a compressed file has a buffer, which moves when
 * input_want is called and only then; it grows with the records met, as their
 * bytes arrive, to INPUT_WANT_MAX and no further.
 */
struct stop;
struct supply;

#define INPUT_WANT_MAX ((size_t)16 << 20)

struct input {
  const uint8_t *at;
  size_t left;
  uint64_t position; /* of `at`, after decompression */
  int stable;        /* the bytes stay where they are until input_close */
  /* Of the mapping: up to where its pages were given back, what watches it. */
  const uint8_t *map;
  size_t map_size, released;
  int guard;
  /* Of the buffer. */
  uint8_t *buffer;
  size_t buffer_size;
  struct supply *supply;
  int fd;             /* kept for a mapping too: to ask for the size */
  uint64_t file_size; /* 0: unknown */
  char name[256];
};

/* Opens `path`, "-" being standard input.  Compression is told by content. */
int input_open(const char *path, struct stop *stop, struct input *ret, struct weft_error *reterr);

/* `piece` 0: in reach and stable; else pulled in pieces of that many bytes. */
int input_memory(const char *name, const uint8_t *bytes, size_t size, size_t piece,
                 struct input *ret, struct weft_error *reterr);
void input_close(struct input *);

/* Slow path of input_want. */
int input_pull(struct input *, size_t n, struct weft_error *reterr);

/* Has `n` bytes in reach: 1; the input ends before that: 0, and what remains
   is in reach; negative: WEFT_E_IO, WEFT_E_FORMAT (compressed data damaged),
   WEFT_E_NOMEM, and what came before is in reach.  `n` <= INPUT_WANT_MAX. */
static inline int input_want(struct input *input, size_t n, struct weft_error *reterr) {
  return input->left >= n ? 1 : input_pull(input, n, reterr);
}

static inline void input_advance(struct input *input, size_t n) {
  input->at += n;
  input->left -= n;
  input->position += n;
}

/* A record's header lies where the one before it ends, so each would be waited
   for in turn, and where lengths vary none can be guessed.  So all lines some
   way ahead are asked for as the bytes before them are passed over: the `n`
   from `at` on.  Past the end of a mapping that does nothing.  Over asking for
   the next headers as if records were of one length it saved a sixth of
   the time of small web pages and a quarter of that of large bodies. */
#define INPUT_FETCH_AHEAD ((size_t)16 << 10)
#define INPUT_LINE ((uintptr_t)64)

static inline void input_fetch_ahead(const uint8_t *at, size_t n) {
  uintptr_t end = ((uintptr_t)at + n + INPUT_FETCH_AHEAD) & ~(INPUT_LINE - 1);
  uintptr_t line = (uintptr_t)at + (n > INPUT_FETCH_AHEAD ? n : INPUT_FETCH_AHEAD);
  for (line &= ~(INPUT_LINE - 1); line < end; line += INPUT_LINE)
    __builtin_prefetch((const void *)line); /* NOLINT(performance-no-int-to-ptr) */
}

/* Gives the pages of a mapping that are well behind `position` back to the
   page cache, so that a file larger than memory costs this process none.  They
   come back by themselves when a stable frame is looked at again.  (Fetching
   pages ahead with MADV_POPULATE_READ was measured: a seventh slower than
   meeting them.) */
void input_tend(struct input *);

/* The file is no longer as long as it was when it was opened, or a page of it
   could not be read: WEFT_E_FORMAT or WEFT_E_IO, and `reterr` says so.
   0 otherwise. */
int input_check(const struct input *, struct weft_error *reterr);

/* Pages of zeros stand where the file's bytes should be: see guard.h.  Cheap. */
int input_was_damaged(const struct input *);

/* Whether these bytes of a mapping are still the file's. */
int input_holds(const struct input *, const uint8_t *bytes, size_t n);

/* Bytes taken of the file itself, and of how many; 0 when that is unknown. */
uint64_t input_taken(const struct input *);
uint64_t input_total(const struct input *);

#endif
