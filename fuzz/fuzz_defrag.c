/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fragments, to ip/defrag.h and to an obvious model of the same rules that has
 * a slot for each unit of 8 bytes: both must say the same after each, and whole
 * datagrams must have the same bytes from the same fragments, marked as these.
 *
 * Input: one byte of mode (a small bound in bit 0, the policy above it), then six bytes
 * a fragment: which datagram, more, version and time; offset in units; length (two);
 * cut; spare.
 */
#include <stdlib.h>
#include <string.h>

#include <weft/stream.h>

#include "ip/defrag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DATAGRAMS 4
#define UNITS 8192
#define WAIT (30 * WEFT_SECOND)

struct model {
  int live;
  weft_time deadline;
  uint32_t length, received, end; /* bytes, units, units */
  int last, runs;
  uint16_t run[UNITS];    /* 0: nothing there */
  uint16_t owner[UNITS];  /* number of the fragment that brought it */
  uint32_t begin[UNITS];  /* where that one begins, */
  uint32_t finish[UNITS]; /* and ends */
};

static struct model models[2][DATAGRAMS]; /* by version */

static void require(int truth) {
  if (!truth) abort();
}

enum answer { HELD, WHOLE };

static enum answer model_discard(struct model *model) {
  model->live = 0;
  return HELD;
}

static void model_begin(struct model *model, weft_time now) {
  memset(model, 0, sizeof *model);
  model->live = 1;
  model->deadline = now + WAIT;
}

/* Whether all of [first, end) is free (0), in one run (1), or neither (2). */
static int model_relate(const struct model *model, uint32_t first, uint32_t end) {
  uint32_t taken = 0, same = 0;
  for (uint32_t i = first; i < end; i++) {
    taken += model->run[i] != 0;
    same += model->run[i] == model->run[first];
  }
  return taken == 0 ? 0 : taken == end - first && same == taken ? 1 : 2;
}

/* Whether a new fragment [start, end) wins units of one that is [other, other_end). */
static int policy_wins(unsigned policy, uint32_t start, uint32_t end, uint32_t other,
                       uint32_t other_end) {
  switch (policy) {
  case WEFT_FRAGMENTS_WINDOWS: return start < other && end > other_end;
  case WEFT_FRAGMENTS_SOLARIS: return start < other && end >= other_end;
  case WEFT_FRAGMENTS_LAST: return 1;
  case WEFT_FRAGMENTS_BSD: return start < other;
  case WEFT_FRAGMENTS_BSD_RIGHT: return start >= other;
  case WEFT_FRAGMENTS_LINUX_OLD: return start <= other;
  default: return 0;
  }
}

static enum answer model_push(struct model *model, const struct wire_fragment *fragment,
                              weft_time now, uint16_t number, unsigned policy) {
  uint32_t start = fragment->offset, end = start + fragment->wirelen;
  int more = fragment->more;
  if (fragment->version == 6 && (end > 65535 || (more && end % 8))) return HELD;
  if (fragment->version == 4 && more) end -= end % 8;
  if (end == start || (fragment->version == 4 && end > 65515)) return model_discard(model);
  if (!model->live) model_begin(model, now);
  if (!more && (end < model->length || (model->last && end != model->length)))
    return model_discard(model);
  if (more && model->last && end > model->length) return model_discard(model);
  uint32_t first = start / 8, beyond = (end + 7) / 8;
  int relation = model_relate(model, first, beyond);
  if (fragment->version == 6) policy = WEFT_FRAGMENTS_LINUX;
  if (relation == 2 && policy == WEFT_FRAGMENTS_LINUX) return model_discard(model);
  if (!more) model->last = 1;
  if (relation == 1 && policy == WEFT_FRAGMENTS_LINUX) return HELD;
  if (end > model->length) model->length = end;
  uint16_t run = first > 0 && first == model->end ? model->run[first - 1] : (uint16_t)++model->runs;
  for (uint32_t i = first; i < beyond; i++) {
    if (model->run[i] && !policy_wins(policy, start, end, model->begin[i], model->finish[i]))
      continue;
    model->received += model->run[i] == 0;
    model->run[i] = run;
    model->owner[i] = number;
    model->begin[i] = start;
    model->finish[i] = end;
  }
  if (beyond > model->end) model->end = beyond;
  return model->last && model->received == (model->length + 7) / 8 ? WHOLE : HELD;
}

static void models_expire(weft_time now) {
  for (int i = 0; i < 2 * DATAGRAMS; i++) {
    struct model *model = &models[i / DATAGRAMS][i % DATAGRAMS];
    if (model->live && model->deadline <= now) model->live = 0;
  }
}

static uint32_t models_live(void) {
  uint32_t live = 0;
  for (int i = 0; i < 2 * DATAGRAMS; i++) live += models[i / DATAGRAMS][i % DATAGRAMS].live != 0;
  return live;
}

/* A byte tells which fragment it is of. */
static uint8_t content(uint16_t number, uint32_t offset) {
  return (uint8_t)(number * 31u + offset * 17u + offset / 256);
}

static void check_whole(struct model *model, const struct wire_fragment *whole,
                        const struct parts *parts) {
  require(whole->wirelen == model->length && whole->caplen <= whole->wirelen);
  require(whole->offset == 0 && !whole->more);
  for (uint32_t i = 0, run; i < whole->caplen; i += run) {
    struct weft_mark mark = {0, 0};
    run = (uint32_t)parts_run(parts, whole->payload + i, whole->caplen - i, &mark);
    require(run > 0 && run <= whole->caplen - i);
    for (uint32_t at = i; at < i + run; at++) {
      require(mark.frame == model->owner[at / 8]);
      require(whole->payload[at] == content(model->owner[at / 8], at));
    }
  }
  model->live = 0;
}

static struct wire_fragment fragment_read(const uint8_t *data, weft_time *now) {
  struct wire_fragment ret = {.version = data[0] & 8 ? 6 : 4, .protocol = 6, .id = data[0] & 3};
  *now += (weft_time)(data[0] >> 4) * WEFT_SECOND / 2;
  ret.more = (data[0] & 4) != 0;
  ret.offset = (data[1] < 250 ? data[1] : 8191u - (255u - data[1])) * 8;
  ret.wirelen = data[3] & 0x80 ? data[2] * 256u : data[2];
  ret.wirelen += data[3] & 7;
  ret.caplen = data[4] < 200 ? ret.wirelen : ret.wirelen / 2;
  ret.mark.time = *now;
  return ret;
}

static void run(const uint8_t *data, size_t size, uint64_t bytes_max, int compare,
                unsigned policy) {
  static uint8_t bytes[65536];
  static const uint64_t key[2] = {3, 4};
  struct mem mem;
  struct defrag defrag;
  weft_time now = 0;
  uint16_t number = 0;
  mem_init(&mem, NULL, 0);
  for (int i = 0; i < 2 * DATAGRAMS; i++) models[i / DATAGRAMS][i % DATAGRAMS].live = 0;
  defrag_init(&defrag, &mem, bytes_max, WAIT, policy, key);
  for (; size >= 6 && number < 400; data += 6, size -= 6) {
    struct wire_fragment fragment = fragment_read(data, &now), whole;
    number++;
    for (uint32_t i = 0; i < fragment.caplen; i++) bytes[i] = content(number, fragment.offset + i);
    fragment.payload = bytes;
    fragment.mark.frame = number;
    int got = defrag_push(&defrag, &fragment, &whole);
    require(got >= 0 && defrag.bytes <= bytes_max);
    require(mem.used <= defrag_memory_max(bytes_max));
    if (!compare) continue;
    models_expire(now);
    struct model *model = &models[fragment.version == 6][fragment.id];
    require(model_push(model, &fragment, now, number, policy) == (got ? WHOLE : HELD));
    if (got) check_whole(model, &whole, defrag_parts(&defrag));
    require(models_live() == defrag.ndatagrams);
  }
  defrag_done(&defrag);
  require(mem.used == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  unsigned policy = (data[0] >> 1) % WEFT_FRAGMENTS_COUNT;
  if (data[0] & 1) /* at the bound who gives way is not modelled */
    run(data + 1, size - 1, 2000 + data[0] * 64u, 0, policy);
  else
    run(data + 1, size - 1, 64u << 20, 1, policy);
  return 0;
}
