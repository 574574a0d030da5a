/* SPDX-License-Identifier: BSD-2-Clause */
#include "ip/defrag.h"

#include <assert.h>
#include <string.h>

#include <weft/stream.h>

#include "base/loads.h"
#include "ip/join.h"
#include "ip/units.h"

#define IPV4_HEADER_MIN 20u
#define TCP_HEADER_MIN 20u
#define PROTOCOL_TCP 6
#define TIME_UNSET INT64_MIN

struct defrag_datagram {
  struct defrag_datagram *bucket_next;
  struct defrag_datagram *older, *newer;
  struct defrag_datagram *source_older, *source_newer;
  struct defrag_source *source;
  struct wire_fragment head;          /* the key; `protocol` of the first fragment once that came */
  struct held_fragment *first, *last; /* in the order of arrival */
  uint64_t bytes;                     /* charged, this struct included */
  weft_time deadline;
  uint32_t length; /* end of what has come; the datagram's once `last_came` */
  uint32_t hash;
  uint8_t last_came;
  struct units units;
};

void defrag_init(struct defrag *defrag, struct mem *mem, uint64_t bytes_max, weft_duration wait,
                 unsigned policy, const uint64_t hash_key[2]) {
  *defrag = (struct defrag){
      .mem = mem, .bytes_max = bytes_max, .wait = wait, .policy = policy, .now = TIME_UNSET};
  defrag->key = hash_key_make(hash_key);
}

/* ---- the table ------------------------------------------------------------ */

static uint32_t buckets_count(uint64_t bytes_max) {
  uint64_t datagrams = bytes_max / sizeof(struct defrag_datagram);
  uint32_t count = 64;
  while (count < datagrams && count < 1u << 16) count *= 2;
  return count;
}

uint64_t defrag_memory_max(uint64_t bytes_max) {
  return bytes_max + buckets_count(bytes_max) * sizeof(struct defrag_datagram *) +
         sizeof(struct join);
}

static int table_new(struct defrag *defrag) {
  if (defrag->buckets) return 0;
  uint32_t count = buckets_count(defrag->bytes_max);
  size_t size = count * sizeof *defrag->buckets;
  struct join *join = mem_alloc(defrag->mem, sizeof *join);
  struct defrag_datagram **buckets = join ? mem_alloc_zero(defrag->mem, size) : NULL;
  if (!buckets) {
    mem_free(defrag->mem, join, sizeof *join);
    return WEFT_E_NOMEM;
  }
  join->parts.count = 0;
  defrag->join = join;
  defrag->buckets = buckets;
  defrag->nbuckets = count;
  return 0;
}

/* RFC 791 section 3.2 tells datagrams apart by protocol as well, RFC 8200
   section 4.5 does not. */
static uint8_t key_protocol(const struct wire_fragment *fragment) {
  return fragment->version == 4 ? fragment->protocol : 0;
}

static uint32_t key_hash(const struct defrag *defrag, const struct wire_fragment *fragment) {
  const uint64_t *secret = defrag->key.word;
  uint64_t rest = (uint64_t)fragment->id << 32 | fragment->realm;
  uint64_t kind = (uint64_t)fragment->version << 8 | key_protocol(fragment);
  uint64_t hash =
      hash_fold(load_u64(fragment->source) ^ secret[0], load_u64(fragment->source + 8) ^ secret[1]);
  hash ^= hash_fold(load_u64(fragment->target) ^ secret[2],
                    load_u64(fragment->target + 8) ^ secret[3] ^ hash);
  return (uint32_t)hash_fold(hash ^ rest ^ secret[1], hash ^ kind ^ secret[2]);
}

static struct defrag_source *source_of(struct defrag *defrag, const uint8_t address[16]) {
  const uint64_t *secret = defrag->key.word;
  uint64_t hash = hash_fold(load_u64(address) ^ secret[1], load_u64(address + 8) ^ secret[3]);
  return &defrag->sources[hash % DEFRAG_SOURCES];
}

static int key_is(const struct wire_fragment *a, const struct wire_fragment *b) {
  return a->id == b->id && a->version == b->version && a->realm == b->realm &&
         key_protocol(a) == key_protocol(b) && !memcmp(a->source, b->source, 16) &&
         !memcmp(a->target, b->target, 16);
}

static struct defrag_datagram **bucket(const struct defrag *defrag, uint32_t hash) {
  return &defrag->buckets[hash & (defrag->nbuckets - 1)];
}

static struct defrag_datagram *datagram_find(const struct defrag *defrag, uint32_t hash,
                                             const struct wire_fragment *fragment) {
  struct defrag_datagram *datagram = *bucket(defrag, hash);
  while (datagram && !(datagram->hash == hash && key_is(&datagram->head, fragment)))
    datagram = datagram->bucket_next;
  return datagram;
}

/* ---- datagrams ------------------------------------------------------------ */

static weft_time time_after(weft_time now, weft_duration wait) {
  return now > INT64_MAX - wait ? INT64_MAX : now + wait;
}

static void bytes_charge(struct defrag *defrag, struct defrag_datagram *datagram, uint64_t bytes) {
  datagram->bytes += bytes;
  datagram->source->bytes += bytes;
  defrag->bytes += bytes;
}

static void datagram_link(struct defrag *defrag, struct defrag_datagram *datagram) {
  struct defrag_datagram **head = bucket(defrag, datagram->hash);
  struct defrag_source *source = datagram->source;
  datagram->bucket_next = *head;
  *head = datagram;
  datagram->older = defrag->newest;
  *(defrag->newest ? &defrag->newest->newer : &defrag->oldest) = datagram;
  defrag->newest = datagram;
  datagram->source_older = source->newest;
  *(source->newest ? &source->newest->source_newer : &source->oldest) = datagram;
  source->newest = datagram;
  defrag->ndatagrams++;
}

static struct defrag_datagram *datagram_new(struct defrag *defrag, uint32_t hash,
                                            const struct wire_fragment *fragment) {
  struct defrag_datagram *datagram = mem_alloc_zero(defrag->mem, sizeof *datagram);
  if (!datagram) return NULL;
  datagram->head = *fragment;
  datagram->hash = hash;
  datagram->source = source_of(defrag, fragment->source);
  datagram->deadline = time_after(defrag->now, defrag->wait);
  datagram_link(defrag, datagram);
  bytes_charge(defrag, datagram, sizeof *datagram);
  return datagram;
}

static void datagram_unlink(struct defrag *defrag, struct defrag_datagram *datagram) {
  struct defrag_datagram **at = bucket(defrag, datagram->hash);
  while (*at != datagram) at = &(*at)->bucket_next;
  *at = datagram->bucket_next;
  *(datagram->older ? &datagram->older->newer : &defrag->oldest) = datagram->newer;
  *(datagram->newer ? &datagram->newer->older : &defrag->newest) = datagram->older;
  struct defrag_source *source = datagram->source;
  struct defrag_datagram *older = datagram->source_older, *newer = datagram->source_newer;
  *(older ? &older->source_newer : &source->oldest) = newer;
  *(newer ? &newer->source_older : &source->newest) = older;
  defrag->ndatagrams--;
  source->bytes -= datagram->bytes;
  defrag->bytes -= datagram->bytes;
}

static void datagram_free(struct defrag *defrag, struct defrag_datagram *datagram) {
  datagram_unlink(defrag, datagram);
  for (struct held_fragment *each = datagram->first, *next; each; each = next) {
    next = each->next;
    held_fragment_free(defrag->mem, each);
  }
  mem_free(defrag->mem, datagram, sizeof *datagram);
}

void defrag_advance(struct defrag *defrag, weft_time now) {
  if (now > defrag->now) defrag->now = now;
  while (defrag->oldest && defrag->oldest->deadline <= defrag->now) {
    if (defrag->oldest->deadline == INT64_MAX) return; /* for ever */
    datagram_free(defrag, defrag->oldest);
    defrag->stats.expired++;
  }
}

void defrag_clear(struct defrag *defrag) {
  defrag->stats.expired += defrag->ndatagrams;
  while (defrag->oldest) datagram_free(defrag, defrag->oldest);
  assert(defrag->bytes == 0 && defrag->ndatagrams == 0);
}

void defrag_done(struct defrag *defrag) {
  defrag_clear(defrag);
  mem_free(defrag->mem, defrag->buckets, defrag->nbuckets * sizeof *defrag->buckets);
  mem_free(defrag->mem, defrag->join, sizeof *defrag->join);
  defrag->buckets = NULL;
  defrag->join = NULL;
}

/* ---- one fragment --------------------------------------------------------- */

/* A fragment's place in its datagram, in bytes. */
struct range {
  uint32_t start, end;
};

enum judgement { TAKE, IGNORE, DISCARD };

/* Without regard to what else has come; rounds the range. */
static enum judgement range_judge(const struct wire_fragment *fragment, struct range *range) {
  if (fragment->version == 6) {
    if (range->end > DATAGRAM_BYTES_MAX || (fragment->more && range->end % 8 != 0)) return IGNORE;
  } else if (fragment->more) {
    range->end -= range->end % 8;
  }
  if (range->end == range->start) return DISCARD;
  /* A datagram as long as this could not be whole: give it up at once. */
  if (fragment->version == 4 && range->end > DATAGRAM_BYTES_MAX - IPV4_HEADER_MIN) return DISCARD;
  return TAKE;
}

/* Whether a datagram's known length allows for the fragment. */
static int length_fits(const struct defrag_datagram *datagram, struct range range, int more) {
  if (more) return !datagram->last_came || range.end <= datagram->length;
  return datagram->last_came ? range.end == datagram->length : range.end >= datagram->length;
}

/* Who would hide from a filter what the TCP header says writes it twice: with a
   fragment that begins inside it, before or after the one that holds all of it. */
static int is_over_header(const struct wire_fragment *fragment,
                          const struct defrag_datagram *datagram, struct range range,
                          enum units_relation relation) {
  if (fragment->protocol != PROTOCOL_TCP && datagram->head.protocol != PROTOCOL_TCP) return 0;
  return range.start < TCP_HEADER_MIN && (range.start > 0 || relation == UNITS_OVERLAP);
}

/* What there is of the fragment's bytes already. */
static enum units_relation overlap_count(struct defrag *defrag,
                                         const struct wire_fragment *fragment,
                                         const struct defrag_datagram *datagram,
                                         struct range range) {
  enum units_relation relation = units_relate(&datagram->units, range.start, range.end);
  if (relation == UNITS_FREE) return relation;
  defrag->stats.overlapping += relation == UNITS_OVERLAP;
  defrag->stats.over_header += (uint64_t)is_over_header(fragment, datagram, range, relation);
  return relation;
}

static unsigned policy_of(const struct defrag *defrag, const struct wire_fragment *fragment) {
  return fragment->version == 4 ? defrag->policy : WEFT_FRAGMENTS_LINUX;
}

static enum judgement fragment_judge(struct defrag *defrag, const struct wire_fragment *fragment,
                                     struct defrag_datagram *datagram, struct range *range) {
  enum judgement judgement = range_judge(fragment, range);
  if (judgement != TAKE || !datagram) return judgement;
  enum units_relation relation = overlap_count(defrag, fragment, datagram, *range);
  if (!length_fits(datagram, *range, fragment->more)) return DISCARD;
  if (relation == UNITS_FREE || policy_of(defrag, fragment) != WEFT_FRAGMENTS_LINUX) return TAKE;
  if (relation == UNITS_OVERLAP) return DISCARD;
  if (!fragment->more) /* as a copy it is ignored, but what it says of the length counts */
    datagram->last_came = 1;
  return IGNORE;
}

static void datagram_evict(struct defrag *defrag, struct defrag_datagram *datagram) {
  if (datagram) datagram_free(defrag, datagram);
  defrag->stats.evicted++;
}

/* Lets the oldest datagrams of a source but `spare` (which may be NULL) give way,
   until the rest and `needed` bytes are within its share. */
static void source_make_room(struct defrag *defrag, struct defrag_source *source, uint64_t needed,
                             const struct defrag_datagram *spare) {
  struct defrag_datagram *datagram = source->oldest, *next;
  uint64_t share = defrag->bytes_max / DEFRAG_SOURCE_SHARE;
  for (; datagram && source->bytes + needed > share; datagram = next) {
    next = datagram->source_newer;
    if (datagram != spare) datagram_evict(defrag, datagram);
  }
}

/* Lets the oldest datagrams but `spare` (which may be NULL) give way to `needed`
   bytes; false when even all of them would not be enough. */
static int room_make(struct defrag *defrag, uint64_t needed, const struct defrag_datagram *spare) {
  if (needed + (spare ? spare->bytes : 0) > defrag->bytes_max) return 0;
  struct defrag_datagram *datagram = defrag->oldest, *next;
  for (; defrag->bytes + needed > defrag->bytes_max; datagram = next) {
    next = datagram->newer;
    if (datagram != spare) datagram_evict(defrag, datagram);
  }
  return 1;
}

static void datagram_add(struct defrag *defrag, struct defrag_datagram *datagram,
                         struct held_fragment *held, const struct wire_fragment *fragment) {
  if (datagram->first)
    datagram->last->next = held;
  else
    datagram->first = held;
  datagram->last = held;
  bytes_charge(defrag, datagram, held_fragment_size(held));
  if (held->start == 0) {
    datagram->head.protocol = fragment->protocol;
    defrag->stats.tiny +=
        fragment->more && fragment->protocol == PROTOCOL_TCP && held->end < TCP_HEADER_MIN;
  }
  if (held->end > datagram->length) datagram->length = held->end;
  if (!fragment->more) datagram->last_came = 1;
  if (policy_of(defrag, fragment) == WEFT_FRAGMENTS_LINUX)
    units_add(&datagram->units, held->start, held->end);
  else
    units_cover(&datagram->units, held->start, held->end);
}

/* The datagram's bytes in order, as far as they were captured. */
static void datagram_join(struct defrag *defrag, struct defrag_datagram *datagram,
                          struct weft_mark mark, struct wire_fragment *ret) {
  unsigned policy = policy_of(defrag, &datagram->head);
  *ret = datagram->head;
  ret->more = 0;
  ret->frame_flags = 0; /* the bytes are ours, and not for long */
  ret->offset = 0;
  ret->wirelen = datagram->length;
  ret->caplen = join_fragments(defrag->join, datagram->first, datagram->length, policy);
  ret->payload = defrag->join->bytes;
  ret->mark = mark;
  defrag->stats.whole++;
  datagram_free(defrag, datagram);
}

static void datagram_discard(struct defrag *defrag, struct defrag_datagram *datagram) {
  if (datagram) /* else a single fragment that is no good: nothing was held */
    datagram_free(defrag, datagram);
  defrag->stats.discarded++;
}

/* Puts a fragment into `*datagram`, or, when that is NULL, into a new one.  0 or
   WEFT_E_NOMEM.  When it is too large for the bound the datagram goes, and
   *datagram is NULL. */
static int fragment_take(struct defrag *defrag, const struct wire_fragment *fragment, uint32_t hash,
                         struct range range, struct defrag_datagram **datagram) {
  const struct parts *inside = &defrag->join->parts;
  uint64_t needed = held_fragment_need(fragment, inside, range.start, range.end) +
                    (*datagram ? 0 : sizeof **datagram);
  source_make_room(defrag, source_of(defrag, fragment->source), needed, *datagram);
  if (!room_make(defrag, needed, *datagram)) {
    datagram_evict(defrag, *datagram);
    *datagram = NULL;
    return 0;
  }
  struct held_fragment *held =
      held_fragment_new(defrag->mem, fragment, inside, range.start, range.end);
  if (!held) return WEFT_E_NOMEM;
  if (!*datagram && !(*datagram = datagram_new(defrag, hash, fragment))) {
    held_fragment_free(defrag->mem, held);
    return WEFT_E_NOMEM;
  }
  datagram_add(defrag, *datagram, held, fragment);
  return 0;
}

static int datagram_is_whole(const struct defrag_datagram *datagram) {
  return datagram->last_came && datagram->units.count == (datagram->length + 7) / 8;
}

int defrag_push(struct defrag *defrag, const struct wire_fragment *fragment,
                struct wire_fragment *ret_datagram) {
  int status = table_new(defrag);
  if (status < 0) return status;
  defrag_advance(defrag, fragment->mark.time);
  struct range range = {fragment->offset, fragment->offset + fragment->wirelen};
  uint32_t hash = key_hash(defrag, fragment);
  struct defrag_datagram *datagram = datagram_find(defrag, hash, fragment);
  switch (fragment_judge(defrag, fragment, datagram, &range)) {
  case IGNORE: defrag->stats.ignored++; return 0;
  case DISCARD: datagram_discard(defrag, datagram); return 0;
  case TAKE: break;
  }
  status = fragment_take(defrag, fragment, hash, range, &datagram);
  if (status < 0 || !datagram || !datagram_is_whole(datagram)) return status;
  datagram_join(defrag, datagram, fragment->mark, ret_datagram);
  return 1;
}

const struct parts *defrag_parts(const struct defrag *defrag) { return &defrag->join->parts; }
