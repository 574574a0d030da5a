/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/unpack.h"

#include <stdlib.h>
#include <string.h>

#include "capture/fault.h"

static const struct unpacker *const unpackers[] = {&unpack_gzip, &unpack_zstd, &unpack_xz,
                                                   &unpack_lz4, &unpack_bzip2};
#define UNPACKERS (sizeof(unpackers) / sizeof(unpackers[0]))

/* Compressed bytes of the frame that is being unpacked that are kept, to be searched
   should it turn out to be damaged: decoders mostly notice within less. */
#define KEPT ((size_t)256 << 10)

struct unpack {
  struct supply supply;
  struct supply *under;
  const struct unpacker *kind;
  void *state;
  struct unpack_step step;
  uint64_t frame;    /* where in the file the frame begins */
  uint64_t searched; /* bytes that were gone back to, in all */
  int between;       /* at the end of a frame: the end of the file may follow */
  int full;          /* the last step filled its room: there may be more without new bytes */
  int ended;
  enum { SOUND, DAMAGED, CUT } condition; /* told once all before it was given */
  /* Bytes of the frame already used, and those not yet: `step.in` is between them. */
  uint8_t bytes[KEPT + UNPACK_HEAD_MAX];
};

/* Where in the file `step.in` is. */
static uint64_t unpack_place(const struct unpack *unpack) {
  return unpack->under->taken - unpack->step.nin;
}

/* Of the bytes before `step.in`, those that are there and of this frame. */
static size_t unpack_kept(const struct unpack *unpack) {
  size_t kept = (size_t)(unpack->step.in - unpack->bytes);
  uint64_t used = unpack_place(unpack) - unpack->frame;
  return kept < used ? kept : (size_t)used;
}

/* More compressed bytes, behind those that are not yet used: 1, 0 at their end, negative. */
static int unpack_fill(struct unpack *unpack, struct weft_error *reterr) {
  size_t kept = unpack_kept(unpack), left = unpack->step.nin;
  if (kept > KEPT) kept = KEPT;
  memmove(unpack->bytes, unpack->step.in - kept, kept + left);
  unpack->step.in = unpack->bytes + kept;
  uint8_t *end = unpack->bytes + kept + left;
  size_t room = sizeof(unpack->bytes) - kept - left;
  if (room > UNPACK_HEAD_MAX) room = UNPACK_HEAD_MAX;
  int64_t got = unpack->under->ops->pull(unpack->under, end, room, reterr);
  unpack->supply.taken = unpack->under->taken;
  if (got <= 0) return (int)got;
  unpack->step.nin += (size_t)got;
  return 1;
}

/* ---- the way back after damage ---- */

static void unpack_skip(struct unpack *unpack, size_t n) {
  unpack->step.in += n;
  unpack->step.nin -= n;
}

/* Goes from `step.in` to where a frame begins: 1; 0: none does; negative. */
static int unpack_search(struct unpack *unpack, struct weft_error *reterr) {
  struct unpack_step *step = &unpack->step;
  for (;;) {
    while (step->nin >= UNPACK_SIGN) {
      size_t places = step->nin - (UNPACK_SIGN - 1);
      const uint8_t *next = memchr(step->in, (uint8_t)unpack->kind->magic[0], places);
      unpack_skip(unpack, next ? (size_t)(next - step->in) : places);
      if (!next) break;
      if (unpack->kind->begins(step->in)) return 1;
      unpack_skip(unpack, 1);
    }
    unpack->frame = unpack_place(unpack); /* nothing before it is kept */
    int rc = unpack_fill(unpack, reterr);
    if (rc <= 0) return rc;
  }
}

/* To just behind the beginning of the damaged frame.  Not again and again: no
   more than every byte twice. */
static void unpack_go_back(struct unpack *unpack) {
  size_t back = unpack_kept(unpack);
  if (unpack->searched + back > unpack->under->taken) back = 0;
  unpack->searched += back;
  unpack->step.in -= back;
  unpack->step.nin += back;
  if (unpack_place(unpack) == unpack->frame && unpack->step.nin) unpack_skip(unpack, 1);
}

/* Begins with the frame at `step.in` as if nothing had been before. */
static int unpack_resume(struct unpack *unpack, struct weft_error *reterr) {
  void *state = unpack->kind->open();
  if (!state) return fault_memory(reterr, unpack->supply.name);
  unpack->kind->close(unpack->state);
  unpack->state = state;
  unpack->frame = unpack_place(unpack);
  unpack->between = unpack->full = 0;
  unpack->condition = SOUND;
  unpack->supply.resumes = 1;
  return 0;
}

static int unpack_hopeless(struct unpack *unpack, uint64_t place, struct weft_error *reterr) {
  const char *name = unpack->supply.name, *kind = unpack->kind->name;
  unpack->ended = 1;
  if (unpack->condition == CUT)
    return fault(reterr, WEFT_E_FORMAT,
                 "%s: the compressed data ends early, so the end of the capture is missing: "
                 "copy or compress it again to have the rest",
                 name);
  return fault(
      reterr, WEFT_E_FORMAT,
      "%s: the compressed data is damaged (%s) at or before byte %llu of the file, and no %s "
      "data begins anew after that: copy or compress the capture again to have the rest",
      name, unpack->step.reason, (unsigned long long)place, kind);
}

/* The frame is damaged, or ends early: finds another and says so, or that
   there is none. */
static int unpack_damage(struct unpack *unpack, struct weft_error *reterr) {
  uint64_t begin = unpack->frame, place = unpack_place(unpack);
  const char *reason = unpack->condition == CUT ? "it does not end" : unpack->step.reason;
  unpack_go_back(unpack);
  int rc = unpack_search(unpack, reterr);
  if (rc == 0) return unpack_hopeless(unpack, place, reterr);
  if (rc > 0) rc = unpack_resume(unpack, reterr);
  if (rc < 0) return rc;
  return fault(reterr, WEFT_E_FORMAT,
               "%s: the compressed data is damaged (%s) somewhere in bytes %llu to %llu of the "
               "file, so frames out of them may be missing or wrong",
               unpack->supply.name, reason, (unsigned long long)begin,
               (unsigned long long)unpack->frame);
}

/* What follows a frame begins no other.  If one comes later, it was to. */
static int unpack_follow(struct unpack *unpack, struct weft_error *reterr) {
  uint64_t begin = unpack->frame = unpack_place(unpack);
  int rc = unpack_search(unpack, reterr);
  if (rc == 0) unpack->ended = 1;
  if (rc > 0) rc = unpack_resume(unpack, reterr);
  if (rc < 0 || unpack->ended) return rc;
  return fault(reterr, WEFT_E_FORMAT,
               "%s: the compressed data is damaged: bytes %llu to %llu of the file, between two "
               "parts that are whole, begin none, so frames out of them are missing",
               unpack->supply.name, (unsigned long long)begin, (unsigned long long)unpack->frame);
}

/* ---- one frame after another ---- */

/* Between frames: what comes begins another. */
static int unpack_continues(const struct unpack *unpack) {
  uint8_t next = unpack->step.in[0];
  return next == (uint8_t)unpack->kind->magic[0] || (next & 0xf0) == unpack->kind->also;
}

/* Makes sure that there is something to unpack: 1; 0: the end, as it should
   be or as whatever follows the last frame makes it, or one that comes too early;
   negative. */
static int unpack_ready(struct unpack *unpack, struct weft_error *reterr) {
  if (unpack->ended) return 0;
  if (unpack->full) return 1;
  int rc = unpack->step.nin ? 1 : unpack_fill(unpack, reterr);
  if (rc < 0) return rc;
  if (rc == 0 && !unpack->between) unpack->condition = CUT;
  if (rc == 0) {
    unpack->ended = unpack->between;
    return 0;
  }
  if (unpack->between && !unpack_continues(unpack)) return unpack_follow(unpack, reterr);
  if (unpack->between) unpack->frame = unpack_place(unpack);
  unpack->between = 0;
  return 1;
}

/* One step: bytes come out, or a frame ends, or the damage is noted. */
static int unpack_take(struct unpack *unpack, struct weft_error *reterr) {
  struct unpack_step before = unpack->step;
  enum unpack_result result = unpack->kind->step(unpack->state, &unpack->step);
  if (result == UNPACK_NO_MEMORY) return fault_memory(reterr, unpack->supply.name);
  unpack->between = result == UNPACK_ENDED;
  unpack->condition = result == UNPACK_DAMAGED ? DAMAGED : SOUND;
  unpack->full = result == UNPACK_GOES_ON && unpack->step.nout == 0;
  if (result == UNPACK_GOES_ON && unpack->step.nin && unpack->step.nin == before.nin &&
      unpack->step.nout == before.nout) {
    unpack->condition = DAMAGED;
    unpack->step.reason = "it leads nowhere";
  }
  return 0;
}

static int64_t unpack_pull(struct supply *supply, uint8_t *ret, size_t n,
                           struct weft_error *reterr) {
  struct unpack *unpack = (struct unpack *)supply;
  supply->resumes = 0;
  unpack->step.out = ret;
  unpack->step.nout = n;
  while (unpack->step.nout == n) {
    if (unpack->condition != SOUND) return unpack_damage(unpack, reterr);
    int rc = unpack_ready(unpack, reterr);
    if (rc == 0 && unpack->condition == CUT) continue;
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
  unpack->supply = (struct supply){.ops = &ops, .name = under->name, .taken = under->taken};
  unpack->under = under;
  unpack->kind = kind;
  unpack->state = state;
  unpack->frame = under->taken - n;
  memcpy(unpack->bytes, head, n);
  unpack->step.in = unpack->bytes;
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
