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
 * They are read into a buffer of a room and a block.  A read goes to the
 * start of the block, which is page-aligned; what was left of the block before,
 * the beginning of a record, is moved in front of it into the room:
 *
 *      |  room  |        block        |
 *           |==>|====================>|
 *           at  ^ aligned
 *
 * (A read(2) to a place a few bytes past a page boundary was measured to take
 * up to five times as long; mapping the file costs more in page faults than it
 * saves in copying, and a mapped file can be cut off under its reader.)
 * Bytes move when input_want is called for more than is in reach, and only then.
 * The room grows with the records met, as their bytes arrive, to INPUT_WANT_MAX
 * and no further.
 */
struct wishes;
struct supply;

#define INPUT_WANT_MAX ((size_t)16 << 20)

struct input {
  const uint8_t *at;
  size_t left;
  uint64_t position; /* of `at`, after decompression */
  int stable;        /* the bytes stay where they are until input_close */
  uint8_t *buffer;   /* NULL: nothing was to be read yet, or all is in reach */
  size_t room, block;
  size_t filled;         /* of the block */
  struct supply *supply; /* NULL: all is in reach */
  struct wishes *wishes; /* NULL: of memory */
  int fd, regular;
  uint64_t file_size; /* 0: unknown */
  char name[256];
  struct weft_error breach; /* with a status: bytes are missing behind those in reach */
};

/* Opens `path`, "-" being standard input.  Compression is told by content. */
int input_open(const char *path, struct wishes *wishes, struct input *ret,
               struct weft_error *reterr);

/* `piece` 0: in reach and stable; else pulled in pieces of that many bytes. */
int input_memory(const char *name, const uint8_t *bytes, size_t size, size_t piece,
                 struct input *ret, struct weft_error *reterr);
void input_close(struct input *);

/* Slow path of input_want. */
int input_pull(struct input *, size_t n, struct weft_error *reterr);

/* Has `n` bytes in reach: 1; the input ends before that: 0, and what remains
   is in reach; negative: WEFT_E_IO, WEFT_E_FORMAT (compressed data damaged),
   WEFT_E_NOMEM, and what came before is in reach.  `n` <= INPUT_WANT_MAX.
   Of damage behind which it goes on, `breach` tells as well, and until input_mend
   no more comes. */
static inline int input_want(struct input *input, size_t n, struct weft_error *reterr) {
  return input->left >= n ? 1 : input_pull(input, n, reterr);
}

static inline void input_advance(struct input *input, size_t n) {
  input->at += n;
  input->left -= n;
  input->position += n;
}

/* Gives up what is in reach, and goes on with what is behind the breach. */
static inline void input_mend(struct input *input) {
  input_advance(input, input->left);
  input->breach.status = 0;
}

/* A record's header lies where the one before it ends, so each would be waited
   for in turn, and where lengths vary none can be guessed.  So all lines some
   way ahead are asked for as the bytes before them are passed over: the `n`
   from `at` on.  Past the end of the buffer that does nothing.  What was read
   lies in a far cache; with large bodies this saves a tenth of all the time. */
#define INPUT_FETCH_AHEAD ((size_t)4 << 10)
#define INPUT_FETCH_LINES ((uintptr_t)16 * 64) /* at a time */

static inline void input_fetch_ahead(const uint8_t *at, size_t n) {
  uintptr_t end = ((uintptr_t)at + n + INPUT_FETCH_AHEAD) & ~(INPUT_FETCH_LINES - 1);
  uintptr_t line = (uintptr_t)at + (n > INPUT_FETCH_AHEAD ? n : INPUT_FETCH_AHEAD);
  for (line &= ~(INPUT_FETCH_LINES - 1); line < end; line += INPUT_FETCH_LINES)
    for (uintptr_t i = 0; i < INPUT_FETCH_LINES; i += 64)
      __builtin_prefetch((const void *)(line + i)); /* NOLINT(performance-no-int-to-ptr) */
}

/* Bytes taken of the file itself, and of how many; 0 when that is unknown. */
uint64_t input_taken(const struct input *);
uint64_t input_total(const struct input *);

#endif
