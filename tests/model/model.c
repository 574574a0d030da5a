/* SPDX-License-Identifier: BSD-2-Clause */
#include "model.h"

#include <assert.h>

void model_init(struct model *m, unsigned policy) {
  *m = (struct model){.policy = policy};
  for (int i = 0; i < MODEL_SLOTS; i++) m->owner[i] = OWNER_NONE;
}

/* Who wins between a newcomer and a held segment, written out as the
   literature has it (Novak and Sturges; Shankar and Paxson), apart from the
   library's own table. */
static int newcomer_wins(unsigned policy, const struct model_segment *n,
                         const struct model_segment *o) {
  uint32_t n_length = n->end - n->start, o_length = o->end - o->start;
  switch (policy) {
  case WEFT_OVERLAP_FIRST: return 0;
  case WEFT_OVERLAP_LAST: return 1;
  case WEFT_OVERLAP_BSD:
  case WEFT_OVERLAP_WINDOWS: return n->start < o->start;
  case WEFT_OVERLAP_LINUX:
    return n->start < o->start || (n->start == o->start && n_length > o_length);
  case WEFT_OVERLAP_LINUX_OLD:
    return n->start < o->start || (n->start == o->start && n_length >= o_length);
  case WEFT_OVERLAP_SOLARIS:
    if (n->start > o->start) return n->end > o->end;
    return n->end >= o->end;
  default: assert(0); return 0;
  }
}

int model_is_fin(const struct model *m, uint32_t slot) {
  int owner = m->owner[slot];
  return owner >= 0 && m->segments[owner].fin && slot == m->segments[owner].end - 1;
}

/* Moves over what is there without a hole. */
static void deliver(struct model *m) {
  while (!m->ended && m->owner[m->next] >= 0) {
    m->ended = model_is_fin(m, m->next);
    m->next++;
  }
}

static void skip_to(struct model *m, uint32_t slot) {
  for (; m->next < slot; m->next++, m->gap_slots++) m->owner[m->next] = OWNER_GAP;
}

int model_push(struct model *m, uint32_t start, uint32_t length, int fin) {
  int index = m->nsegments++;
  assert(index < MODEL_SEGMENTS && start + length + 1 < MODEL_SLOTS);
  m->segments[index] = (struct model_segment){start, start + length + (fin != 0), fin};
  if (m->ended) return index;
  const struct model_segment *n = &m->segments[index];
  for (uint32_t slot = n->start < m->next ? m->next : n->start; slot < n->end; slot++) {
    int o = m->owner[slot];
    if (o < 0 || newcomer_wins(m->policy, n, &m->segments[o])) m->owner[slot] = index;
  }
  deliver(m);
  return index;
}

static uint32_t first_held(const struct model *m, uint32_t end) {
  uint32_t slot = m->next;
  while (slot < end && m->owner[slot] < 0) slot++;
  return slot;
}

void model_acked(struct model *m, uint32_t end) {
  while (!m->ended && m->next < end) {
    skip_to(m, first_held(m, end));
    deliver(m);
  }
}

void model_flush(struct model *m) {
  for (;;) {
    uint32_t slot = first_held(m, MODEL_SLOTS);
    if (m->ended || slot == MODEL_SLOTS) return;
    skip_to(m, slot);
    deliver(m);
  }
}
