/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/unpack.h"

#include <stdlib.h>
#include <string.h>

#include "capture/fault.h"

static const struct unpacker *const unpackers[] = {&unpack_gzip, &unpack_zstd, &unpack_xz,
                                                   &unpack_lz4, &unpack_bzip2};
#define UNPACKERS (sizeof(unpackers) / sizeof(unpackers[0]))

struct unpack {
  struct supply supply;
  struct supply *under;
  const struct unpacker *kind;
  void *state;
  struct unpack_step step;
  int between; /* at the end of a frame: the end of the file may follow */
  int full;    /* the last step filled its room: there may be more without new bytes */
  int ended;
  int damaged;                      /* told once all before it was given */
  uint8_t pending[UNPACK_HEAD_MAX]; /* compressed bytes not yet used */
};

/* More compressed bytes: 1, 0 at their end, negative. */
static int unpack_fill(struct unpack *unpack, struct weft_error *reterr) {
  int64_t got =
      unpack->under->ops->pull(unpack->under, unpack->pending, sizeof(unpack->pending), reterr);
  unpack->supply.taken = unpack->under->taken;
  if (got <= 0) return (int)got;
  unpack->step.in = unpack->pending;
  unpack->step.nin = (size_t)got;
  return 1;
}

/* Between frames: what comes begins another. */
static int unpack_continues(const struct unpack *unpack) {
  uint8_t next = unpack->step.in[0];
  return next == (uint8_t)unpack->kind->magic[0] || (next & 0xf0) == unpack->kind->also;
}

/* Makes sure that there is something to unpack: 1; 0: the end, as it should
   be or as whatever follows the last frame makes it; negative. */
static int unpack_ready(struct unpack *unpack, struct weft_error *reterr) {
  if (unpack->ended) return 0;
  if (unpack->full) return 1;
  int rc = unpack->step.nin ? 1 : unpack_fill(unpack, reterr);
  if (rc < 0) return rc;
  if (rc == 0 && !unpack->between)
    return fault(reterr, WEFT_E_FORMAT,
                 "%s: the compressed data ends early, so the end of the capture is missing: "
                 "copy or compress it again to have the rest",
                 unpack->supply.name);
  if (rc == 0 || (unpack->between && !unpack_continues(unpack))) {
    unpack->ended = 1;
    return 0;
  }
  unpack->between = 0;
  return 1;
}

/* One step: bytes come out, or a frame ends, or the damage is noted. */
static int unpack_take(struct unpack *unpack, struct weft_error *reterr) {
  struct unpack_step before = unpack->step;
  enum unpack_result result = unpack->kind->step(unpack->state, &unpack->step);
  if (result == UNPACK_NO_MEMORY) return fault_memory(reterr, unpack->supply.name);
  unpack->between = result == UNPACK_ENDED;
  unpack->damaged = result == UNPACK_DAMAGED;
  unpack->full = result == UNPACK_GOES_ON && unpack->step.nout == 0;
  if (result == UNPACK_GOES_ON && unpack->step.nin && unpack->step.nin == before.nin &&
      unpack->step.nout == before.nout) {
    unpack->damaged = 1;
    unpack->step.reason = "it leads nowhere";
  }
  return 0;
}

static int64_t unpack_pull(struct supply *supply, uint8_t *ret, size_t n,
                           struct weft_error *reterr) {
  struct unpack *unpack = (struct unpack *)supply;
  unpack->step.out = ret;
  unpack->step.nout = n;
  while (unpack->step.nout == n) {
    if (unpack->damaged)
      return fault(reterr, WEFT_E_FORMAT,
                   "%s: the compressed data is damaged (%s): copy or compress the capture again "
                   "to have the rest",
                   supply->name, unpack->step.reason);
    int rc = unpack_ready(unpack, reterr);
    if (rc <= 0) return rc;
    rc = unpack_take(unpack, reterr);
    if (rc < 0) return rc;
  }
  return (int64_t)(n - unpack->step.nout);
}

static void unpack_cancel(struct supply *supply) {
  supply_cancel(((struct unpack *)supply)->under);
}

static void unpack_close(struct supply *supply) {
  struct unpack *unpack = (struct unpack *)supply;
  unpack->kind->close(unpack->state);
  supply_close(unpack->under);
  free(unpack);
}

static int unpack_open(const struct unpacker *kind, struct supply *under, const uint8_t *head,
                       size_t n, struct supply **ret, struct weft_error *reterr) {
  static const struct supply_ops ops = {unpack_pull, unpack_cancel, unpack_close};
  struct unpack *unpack = calloc(1, sizeof(*unpack));
  void *state = unpack ? kind->open() : NULL;
  if (!state) {
    free(unpack);
    return fault_memory(reterr, under->name);
  }
  unpack->supply = (struct supply){&ops, under->name, under->taken};
  unpack->under = under;
  unpack->kind = kind;
  unpack->state = state;
  memcpy(unpack->pending, head, n);
  unpack->step.in = unpack->pending;
  unpack->step.nin = n;
  *ret = &unpack->supply;
  return 0;
}

/* Which of them these bytes begin, or NULL. */
static const struct unpacker *unpack_find(const uint8_t *head, size_t n) {
  for (size_t i = 0; i < UNPACKERS; i++)
    if (n >= unpackers[i]->magic_size &&
        memcmp(head, unpackers[i]->magic, unpackers[i]->magic_size) == 0)
      return unpackers[i];
  return NULL;
}

int unpack_recognises(const uint8_t *head, size_t n) { return unpack_find(head, n) != NULL; }

int supply_unpack(struct supply *under, const uint8_t *head, size_t n, struct supply **ret,
                  struct weft_error *reterr) {
  const struct unpacker *kind = unpack_find(head, n);
  if (kind && kind->open) return unpack_open(kind, under, head, n, ret, reterr);
  if (kind)
    return fault(reterr, WEFT_E_NOTBUILT,
                 "%s: is compressed with %s, which this build does not read: run `%s` on it "
                 "first, or read its output from a pipe",
                 under->name, kind->name, kind->tool);
  *ret = under;
  return 0;
}
