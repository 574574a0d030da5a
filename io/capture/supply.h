/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_SUPPLY_H
#define WEFTIO_CAPTURE_SUPPLY_H

#include <weft/capture.h>

/*
 * Bytes that come in pieces: a descriptor, memory, or either decompressed.
 * Adding a compression is one such table and one line in supply_decode.
 */
struct stop;
struct supply;

struct supply_ops {
  /* Puts up to `n` bytes at `ret`, waiting for the first: how many; 0 at the
     end, or when stopped; negative: WEFT_E_IO, WEFT_E_FORMAT, WEFT_E_NOMEM. */
  int64_t (*pull)(struct supply *, uint8_t *ret, size_t n, struct weft_error *reterr);
  void (*close)(struct supply *);
};

struct supply {
  const struct supply_ops *ops;
  const char *name; /* of the file, for messages; borrowed */
  uint64_t taken;   /* bytes of the file itself */
};

/* Reads `fd`, which stays the caller's.  NULL: no memory. */
struct supply *supply_fd(int fd, const char *name, struct stop *stop);

/* Bytes that are borrowed, `piece` at a time. */
struct supply *supply_memory(const uint8_t *bytes, size_t size, size_t piece, const char *name);

/* What the compression whose data begins with these bytes gives, put on top of
   `under`, from which `n` bytes (at most SUPPLY_HEAD_MAX) were already taken;
   or `under` itself, as it is, when they begin no compression.  Says which by
   `*ret`; on success `under` belongs to it.  WEFT_E_NOTBUILT: one that is not
   in this build or not read at all. */
#define SUPPLY_HEAD_MAX ((size_t)64 << 10)
int supply_decode(struct supply *under, const uint8_t *head, size_t n, struct supply **ret,
                  struct weft_error *reterr);

/* The bytes begin a compression of which weft knows the name. */
int supply_is_compressed(const uint8_t *head, size_t n);

void supply_close(struct supply *); /* NULL is fine */

#endif
