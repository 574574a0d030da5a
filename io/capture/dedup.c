/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames of the last while lie in a ring in the order they came, and in chains
 * by a hash of their bytes:
 *
 *      forgotten | oldest ............ newest |
 *                    ^------ next ---'   ^
 *                                    heads[hash]
 *
 * A frame found again is not entered anew, but takes the new time: of a row of
 * copies each counts for the next.  So the ring is not quite in order of time;
 * an entry that was renewed keeps those behind it a little longer.
 */
#include "capture/dedup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "capture/fault.h"
#include "capture/hoard.h"
#include "capture/source.h"

#define ENTRIES_MAX ((size_t)1 << 17) /* a power of two */
#define NONE UINT64_MAX

struct entry {
  struct weft_frame frame; /* its mark's time: when it was last seen */
  struct chunk *chunk;
  uint64_t hash, next; /* the older entry of the same chain, by number */
};

struct dedup {
  struct source source;
  struct source *under;
  weft_duration window;
  uint64_t seed, duplicates;
  uint64_t oldest, newest; /* numbers: entries are those from `oldest` to before `newest` */
  struct hoard hoard;
  struct entry *entries; /* by number modulo ENTRIES_MAX */
  uint64_t *heads;       /* the newest of each chain */
};

static struct entry *dedup_entry(struct dedup *dedup, uint64_t number) {
  return &dedup->entries[number % ENTRIES_MAX];
}

/* Eight bytes at a time are multiplied in.  The seed keeps senders from choosing
   frames of one chain. */
static uint64_t dedup_hash(const struct dedup *dedup, const struct weft_frame *frame) {
  uint64_t hash = dedup->seed ^ frame->wirelen;
  const uint8_t *at = frame->data;
  for (size_t left = frame->caplen; left;) {
    uint64_t word = 0;
    size_t n = left < 8 ? left : 8;
    memcpy(&word, at, n);
    hash = (hash ^ word) * 0x9fb21c651e98df25u;
    hash ^= hash >> 29;
    at += n;
    left -= n;
  }
  return hash * (dedup->seed | 1) ^ hash >> 32;
}

static int frames_equal(const struct weft_frame *a, const struct weft_frame *b) {
  return a->caplen == b->caplen && a->wirelen == b->wirelen && a->linktype == b->linktype &&
         (a->caplen == 0 || memcmp(a->data, b->data, a->caplen) == 0);
}

static void dedup_forget(struct dedup *dedup) {
  struct entry *entry = dedup_entry(dedup, dedup->oldest);
  uint64_t *head = &dedup->heads[entry->hash % ENTRIES_MAX];
  /* In its chain it is the last; what leads to it is seen to be forgotten by
     the number, so only the head needs to be put right. */
  if (*head == dedup->oldest) *head = NONE;
  hoard_release(&dedup->hoard, entry->chunk);
  dedup->oldest++;
}

/* What is too old to count, and what there is no room for. */
static void dedup_tidy(struct dedup *dedup, weft_time now) {
  while (dedup->oldest < dedup->newest) {
    int full = dedup->newest - dedup->oldest == ENTRIES_MAX || dedup->hoard.bytes > DEDUP_BYTES_MAX;
    if (!full && now - dedup_entry(dedup, dedup->oldest)->frame.mark.time <= dedup->window) return;
    dedup_forget(dedup);
  }
}

static struct entry *dedup_find(struct dedup *dedup, const struct weft_frame *frame,
                                uint64_t hash) {
  uint64_t number = dedup->heads[hash % ENTRIES_MAX];
  while (number != NONE && number >= dedup->oldest) {
    struct entry *entry = dedup_entry(dedup, number);
    weft_duration apart = frame->mark.time - entry->frame.mark.time;
    if (entry->hash == hash && apart <= dedup->window && -apart <= dedup->window &&
        frames_equal(&entry->frame, frame))
      return entry;
    number = entry->next;
  }
  return NULL;
}

/* The frame is a copy of an earlier one: 1; 0: it is not, and is remembered, if
   there is memory for it. */
static int dedup_is_copy(struct dedup *dedup, const struct weft_frame *frame) {
  uint64_t hash = dedup_hash(dedup, frame);
  struct entry *found = dedup_find(dedup, frame, hash);
  if (found) {
    found->frame.mark.time = frame->mark.time;
    return 1;
  }
  dedup_tidy(dedup, frame->mark.time);
  int ok;
  struct entry entry = {.frame = *frame, .hash = hash};
  entry.chunk = hoard_keep(&dedup->hoard, &entry.frame, &ok);
  if (!ok) return 0;
  uint64_t *head = &dedup->heads[hash % ENTRIES_MAX];
  entry.next = *head;
  *head = dedup->newest;
  *dedup_entry(dedup, dedup->newest++) = entry;
  return 0;
}

static int dedup_next(struct source *source, struct weft_frame *ret, size_t n,
                      struct weft_error *reterr) {
  struct dedup *dedup = (struct dedup *)source;
  int kept = 0;
  while (kept == 0) {
    int rc = dedup->under->ops->next(dedup->under, ret, n, reterr);
    source->ended = dedup->under->ended;
    if (rc <= 0) return rc;
    for (int i = 0; i < rc; i++)
      if (!dedup_is_copy(dedup, &ret[i])) ret[kept++] = ret[i];
    dedup->duplicates += (uint64_t)(rc - kept);
  }
  return kept;
}

static void dedup_inspect(struct source *source, struct weft_capture_info *ret) {
  struct dedup *dedup = (struct dedup *)source;
  ret->duplicates += dedup->duplicates;
  dedup->under->ops->inspect(dedup->under, ret);
}

static void dedup_free(struct dedup *dedup) {
  while (dedup->oldest < dedup->newest) dedup_forget(dedup);
  hoard_done(&dedup->hoard);
  free(dedup->entries);
  free(dedup->heads);
  free(dedup);
}

static void dedup_close(struct source *source) {
  struct dedup *dedup = (struct dedup *)source;
  dedup->under->ops->close(dedup->under);
  dedup_free(dedup);
}

int source_dedup(struct source *under, weft_duration window, struct source **ret,
                 struct weft_error *reterr) {
  static const struct source_ops ops = {dedup_next, NULL, dedup_inspect, dedup_close};
  struct dedup *dedup = calloc(1, sizeof(*dedup));
  if (!dedup) return fault_memory(reterr, "finding duplicates");
  dedup->source = (struct source){.ops = &ops, .drains = under->drains, .live = under->live};
  dedup->under = under;
  dedup->window = window;
  dedup->entries = calloc(ENTRIES_MAX, sizeof(*dedup->entries));
  dedup->heads = malloc(ENTRIES_MAX * sizeof(*dedup->heads));
  if (!dedup->entries || !dedup->heads) {
    dedup_free(dedup);
    return fault_memory(reterr, "finding duplicates");
  }
  for (size_t i = 0; i < ENTRIES_MAX; i++) dedup->heads[i] = NONE;
  if (getrandom(&dedup->seed, sizeof(dedup->seed), 0) < 0) dedup->seed = (uintptr_t)dedup;
  *ret = &dedup->source;
  return 0;
}
