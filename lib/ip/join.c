/* SPDX-License-Identifier: BSD-2-Clause */
#include "ip/join.h"

#include <assert.h>
#include <string.h>

#include <weft/stream.h>

/*
 * Who wins the units that two fragments both brought, by where the new one begins
 * and ends: 1 for the new one.  As U. Shankar and V. Paxson, Active Mapping, 2003, and
 * J. Novak, Target-Based Fragmentation Reassembly, 2005, found systems to do.
 * Under WEFT_FRAGMENTS_LINUX none that overlap get as far as this.
 */
enum relation {
  BEFORE_WITHIN, /* begins before the old one, and ends before its end */
  BEFORE_WITH,   /* and ends with it */
  BEFORE_BEYOND, /* and ends behind it */
  WITH,          /* begins with the old one */
  BEHIND,
  RELATIONS
};

static const uint8_t new_wins[WEFT_FRAGMENTS_COUNT][RELATIONS] = {
    [WEFT_FRAGMENTS_LINUX] = {0, 0, 0, 0, 0},     [WEFT_FRAGMENTS_FIRST] = {0, 0, 0, 0, 0},
    [WEFT_FRAGMENTS_LAST] = {1, 1, 1, 1, 1},      [WEFT_FRAGMENTS_BSD] = {1, 1, 1, 0, 0},
    [WEFT_FRAGMENTS_BSD_RIGHT] = {0, 0, 0, 1, 1}, [WEFT_FRAGMENTS_LINUX_OLD] = {1, 1, 1, 1, 0},
    [WEFT_FRAGMENTS_WINDOWS] = {0, 0, 1, 0, 0},   [WEFT_FRAGMENTS_SOLARIS] = {0, 1, 1, 0, 0},
};

/* ---- fragments that wait --------------------------------------------- */

static size_t size_of(uint32_t nparts, uint32_t caplen) {
  return sizeof(struct held_fragment) + nparts * sizeof(struct parts_entry) + caplen;
}

size_t held_fragment_size(const struct held_fragment *fragment) {
  return size_of(fragment->nparts, fragment->caplen);
}

static uint8_t *bytes_of(struct held_fragment *fragment) {
  return (uint8_t *)&fragment->parts[fragment->nparts];
}

static const uint8_t *bytes_in(const struct held_fragment *fragment) {
  return (const uint8_t *)&fragment->parts[fragment->nparts];
}

static uint32_t parts_count(const struct parts *inside, const uint8_t *at, uint32_t length) {
  struct weft_mark mark;
  uint32_t count = 0;
  for (uint32_t done = 0; done < length; count++)
    done += (uint32_t)parts_run(inside, at + done, length - done, &mark);
  return count != 0 ? count : 1;
}

static uint32_t caplen_of(const struct wire_fragment *fragment, uint32_t start, uint32_t end) {
  return fragment->caplen < end - start ? fragment->caplen : end - start;
}

size_t held_fragment_need(const struct wire_fragment *fragment, const struct parts *inside,
                          uint32_t start, uint32_t end) {
  uint32_t caplen = caplen_of(fragment, start, end);
  return size_of(parts_count(inside, fragment->payload, caplen), caplen);
}

struct held_fragment *held_fragment_new(struct mem *mem, const struct wire_fragment *fragment,
                                        const struct parts *inside, uint32_t start, uint32_t end) {
  uint32_t caplen = caplen_of(fragment, start, end);
  uint32_t nparts = parts_count(inside, fragment->payload, caplen);
  struct held_fragment *ret = mem_alloc(mem, size_of(nparts, caplen));
  if (!ret) return NULL;
  *ret = (struct held_fragment){NULL, start, end, caplen, nparts};
  uint32_t done = 0;
  for (uint32_t i = 0; i < nparts; i++) {
    struct parts_entry *part = &ret->parts[i];
    *part = (struct parts_entry){bytes_of(ret) + done, fragment->mark};
    if (done < caplen)
      done += (uint32_t)parts_run(inside, fragment->payload + done, caplen - done, &part->mark);
  }
  if (caplen > 0) memcpy(bytes_of(ret), fragment->payload, caplen);
  return ret;
}

void held_fragment_free(struct mem *mem, struct held_fragment *fragment) {
  if (fragment) mem_free(mem, fragment, held_fragment_size(fragment));
}

/* ---- joining ---------------------------------------------------------- */

static enum relation relate(const struct held_fragment *arrived,
                            const struct held_fragment *there) {
  if (arrived->start > there->start) return BEHIND;
  if (arrived->start == there->start) return WITH;
  if (arrived->end < there->end) return BEFORE_WITHIN;
  return arrived->end == there->end ? BEFORE_WITH : BEFORE_BEYOND;
}

static void owners_find(struct join *join, const struct held_fragment *first, uint32_t units,
                        unsigned policy) {
  memset(join->owner, 0, units * sizeof *join->owner);
  for (const struct held_fragment *each = first; each; each = each->next)
    for (uint32_t i = each->start / 8; i < units && i * 8 < each->end; i++)
      if (!join->owner[i] || new_wins[policy][relate(each, join->owner[i])]) join->owner[i] = each;
}

static void part_add(struct join *join, const uint8_t *at, const struct weft_mark *mark) {
  struct parts *parts = &join->parts;
  if (parts->count > 0) {
    const struct weft_mark *last = &join->part[parts->count - 1].mark;
    if (last->frame == mark->frame && last->time == mark->time) return;
  }
  if (parts->count < DATAGRAM_UNITS_MAX)
    join->part[parts->count++] = (struct parts_entry){at, *mark};
}

/* The bytes [start, end) of the datagram, which one fragment brought.  Where they end: before
   `end` when the rest was cut off. */
static uint32_t run_take(struct join *join, const struct held_fragment *owner, uint32_t start,
                         uint32_t end) {
  const struct parts parts = {owner->parts, owner->nparts, bytes_in(owner) + owner->caplen};
  if (owner->start + owner->caplen < end) end = owner->start + owner->caplen;
  if (start >= end) return start;
  const uint8_t *from = bytes_in(owner) + (start - owner->start);
  uint32_t length = end - start;
  memcpy(join->bytes + start, from, length);
  for (size_t at = 0, run; at < length; at += run) {
    struct weft_mark mark = owner->parts[0].mark;
    run = parts_run(&parts, from + at, length - at, &mark);
    part_add(join, join->bytes + start + at, &mark);
  }
  return end;
}

uint32_t join_fragments(struct join *join, const struct held_fragment *first, uint32_t length,
                        unsigned policy) {
  uint32_t units = (length + 7) / 8, at = 0;
  assert(length <= DATAGRAM_BYTES_MAX && policy < WEFT_FRAGMENTS_COUNT);
  owners_find(join, first, units, policy);
  join->parts = (struct parts){.part = join->part};
  for (uint32_t unit = 0, next; unit < units; unit = next) {
    for (next = unit + 1; next < units && join->owner[next] == join->owner[unit];) next++;
    uint32_t end = next * 8 < length ? next * 8 : length;
    assert(join->owner[unit]);
    at = run_take(join, join->owner[unit], unit * 8, end);
    if (at < end) break;
  }
  join->parts.end = join->bytes + at;
  return at;
}
