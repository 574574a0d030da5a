/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_SUPPLY_H
#define WEFTIO_CAPTURE_SUPPLY_H

#include <weft/capture.h>

/*
 * Bytes that come in pieces: of a descriptor (descriptor.h), of memory, what
 * either gives when unpacked (unpack.h), and any of them read ahead in a
 * thread (ahead.h).
 */
struct supply;

struct supply_ops {
  /* Puts up to `n` bytes at `ret`, waiting for the first: how many; 0 at the
     end, or when stopped; negative: WEFT_E_IO, WEFT_E_FORMAT, WEFT_E_NOMEM.  With
     WEFT_E_FORMAT and `resumes` bytes are missing here, and the next pull gives
     those behind them. */
  int64_t (*pull)(struct supply *, uint8_t *ret, size_t n, struct weft_error *reterr);

  /* From another thread: a pull that waits, or a later one, is to end soon
     with 0.  NULL: none ever waits. */
  void (*cancel)(struct supply *);

  /* Releases it, and what it stands on. */
  void (*close)(struct supply *);
};

struct supply {
  const struct supply_ops *ops;
  const char *name; /* of the file, for messages; borrowed */
  uint64_t taken;   /* bytes of the file itself */
  int resumes;      /* the last pull failed, and the next one need not */
};

/* Bytes that are borrowed, `piece` at a time. */
struct supply *supply_memory(const uint8_t *bytes, size_t size, size_t piece, const char *name);

void supply_cancel(struct supply *);
void supply_close(struct supply *); /* NULL is fine */

#endif
