/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MODEL_H
#define MODEL_H

#include <weft/stream.h>

/*
 * One direction of a connection as anybody would write it who need not care
 * for speed: a slot for each number of the stream that says which segment it
 * should come from.  Segments keep the range they were sent with, FIN counted;
 * each slot goes to the winner of newcomer and holder in the order of arrival.
 *
 *     slot      0   1   2   3   4   5   6   7
 *     owner     1   1   -   -   3   3   2   2F
 *                       ^ next
 */
#define MODEL_SLOTS 4096
#define MODEL_SEGMENTS 1024

enum { OWNER_NONE = -1, OWNER_GAP = -2 };

struct model_segment {
  uint32_t start, end; /* as sent, FIN counted */
  int fin;
};

struct model {
  unsigned policy; /* enum weft_overlap_policy */
  struct model_segment segments[MODEL_SEGMENTS];
  int nsegments;
  int owner[MODEL_SLOTS]; /* index of a segment, or OWNER_* */
  uint32_t next;          /* slots below are final */
  int ended;              /* the FIN was reached */
  uint32_t gap_slots;
};

void model_init(struct model *, unsigned policy);

/* A segment of `length` bytes from slot `start` arrives.  Returns its index,
   which is also what owner[] says; it counts even when nothing of it is taken. */
int model_push(struct model *, uint32_t start, uint32_t length, int fin);

/* Whether the slot is held, and by its holder's FIN. */
int model_is_fin(const struct model *, uint32_t slot);

/* Everything below `end` that is not there becomes a gap. */
void model_acked(struct model *, uint32_t end);

/* Every hole that has something behind it becomes a gap. */
void model_flush(struct model *);

/* The byte that segment `index` carries for a slot: tells both. */
static inline uint8_t model_byte(int index, uint32_t slot) {
  return (uint8_t)(index * 31 + slot * 7 + slot / 256);
}

#endif
