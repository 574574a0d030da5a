/* SPDX-License-Identifier: BSD-2-Clause */
#include "ip/defrag.h"

#include <assert.h>
#include <string.h>

#include "base/loads.h"
#include "ip/units.h"

#define DATAGRAM_BYTES_MAX 65535u
#define IPV4_HEADER_MIN 20u
#define TIME_UNSET INT64_MIN

/* One fragment, in the order of arrival; they do not overlap. */
struct piece {
  struct piece *next;
  uint32_t offset, caplen;
  uint8_t bytes[];
};

struct defrag_datagram {
  struct defrag_datagram *bucket_next;
  struct defrag_datagram *older, *newer;
  struct wire_fragment head; /* the key; `protocol` of the first fragment once that came */
  struct piece *pieces;
  uint64_t bytes; /* charged, this struct included */
  weft_time deadline;
  uint32_t length;   /* end of what has come; the datagram's once `last_came` */
  uint32_t received; /* bytes of it, on the wire */
  uint32_t captured; /* where the first byte cut off is, or more than any length */
  uint32_t hash;
  uint8_t first_came, last_came;
  struct units units;
};

void defrag_init(struct defrag *defrag, struct mem *mem, uint64_t bytes_max, weft_duration wait,
                 const uint64_t hash_key[2]) {
  *defrag = (struct defrag){.mem = mem, .bytes_max = bytes_max, .wait = wait, .now = TIME_UNSET};
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
         DATAGRAM_BYTES_MAX;
}

static int table_new(struct defrag *defrag) {
  if (defrag->buckets) return 0;
  uint32_t count = buckets_count(defrag->bytes_max);
  size_t size = count * sizeof *defrag->buckets;
  uint8_t *whole = mem_alloc(defrag->mem, DATAGRAM_BYTES_MAX);
  struct defrag_datagram **buckets = whole ? mem_alloc_zero(defrag->mem, size) : NULL;
  if (!buckets) {
    mem_free(defrag->mem, whole, DATAGRAM_BYTES_MAX);
    return WEFT_E_NOMEM;
  }
  defrag->whole = whole;
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

static void datagram_link(struct defrag *defrag, struct defrag_datagram *datagram) {
  struct defrag_datagram **head = bucket(defrag, datagram->hash);
  datagram->bucket_next = *head;
  *head = datagram;
  datagram->older = defrag->newest;
  *(defrag->newest ? &defrag->newest->newer : &defrag->oldest) = datagram;
  defrag->newest = datagram;
  defrag->ndatagrams++;
  defrag->bytes += datagram->bytes;
}

static struct defrag_datagram *datagram_new(struct defrag *defrag, uint32_t hash,
                                            const struct wire_fragment *fragment) {
  struct defrag_datagram *datagram = mem_alloc_zero(defrag->mem, sizeof *datagram);
  if (!datagram) return NULL;
  datagram->head = *fragment;
  datagram->hash = hash;
  datagram->captured = UINT32_MAX;
  datagram->bytes = sizeof *datagram;
  datagram->deadline = time_after(defrag->now, defrag->wait);
  datagram_link(defrag, datagram);
  return datagram;
}

static void datagram_unlink(struct defrag *defrag, struct defrag_datagram *datagram) {
  struct defrag_datagram **at = bucket(defrag, datagram->hash);
  while (*at != datagram) at = &(*at)->bucket_next;
  *at = datagram->bucket_next;
  *(datagram->older ? &datagram->older->newer : &defrag->oldest) = datagram->newer;
  *(datagram->newer ? &datagram->newer->older : &defrag->newest) = datagram->older;
  defrag->ndatagrams--;
  defrag->bytes -= datagram->bytes;
}

static void datagram_free(struct defrag *defrag, struct defrag_datagram *datagram) {
  datagram_unlink(defrag, datagram);
  for (struct piece *piece = datagram->pieces, *next; piece; piece = next) {
    next = piece->next;
    mem_free(defrag->mem, piece, sizeof *piece + piece->caplen);
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
  while (defrag->oldest) datagram_free(defrag, defrag->oldest);
  assert(defrag->bytes == 0 && defrag->ndatagrams == 0);
}

void defrag_done(struct defrag *defrag) {
  defrag_clear(defrag);
  mem_free(defrag->mem, defrag->buckets, defrag->nbuckets * sizeof *defrag->buckets);
  mem_free(defrag->mem, defrag->whole, DATAGRAM_BYTES_MAX);
  defrag->buckets = NULL;
  defrag->whole = NULL;
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

static enum judgement fragment_judge(const struct wire_fragment *fragment,
                                     struct defrag_datagram *datagram, struct range *range) {
  enum judgement judgement = range_judge(fragment, range);
  if (judgement != TAKE || !datagram) return judgement;
  if (!length_fits(datagram, *range, fragment->more)) return DISCARD;
  switch (units_relate(&datagram->units, range->start, range->end)) {
  case UNITS_FREE: return TAKE;
  case UNITS_IN_RUN:
    if (!fragment->more) /* as a copy it is ignored, but what it says of the length counts */
      datagram->last_came = 1;
    return IGNORE;
  default: return DISCARD;
  }
}

/* Lets the oldest datagrams but `spare` (which may be NULL) give way to `needed`
   bytes; false when even all of them would not be enough. */
static int room_make(struct defrag *defrag, uint64_t needed, const struct defrag_datagram *spare) {
  if (needed + (spare ? spare->bytes : 0) > defrag->bytes_max) return 0;
  struct defrag_datagram *datagram = defrag->oldest, *next;
  for (; defrag->bytes + needed > defrag->bytes_max; datagram = next) {
    next = datagram->newer;
    if (datagram == spare) continue;
    datagram_free(defrag, datagram);
    defrag->stats.evicted++;
  }
  return 1;
}

static struct piece *piece_new(struct defrag *defrag, const struct wire_fragment *fragment,
                               uint32_t offset, uint32_t caplen) {
  struct piece *piece = mem_alloc(defrag->mem, sizeof *piece + caplen);
  if (!piece) return NULL;
  piece->offset = offset;
  piece->caplen = caplen;
  if (caplen > 0) memcpy(piece->bytes, fragment->payload, caplen);
  return piece;
}

static void piece_add(struct defrag *defrag, struct defrag_datagram *datagram, struct piece *piece,
                      const struct wire_fragment *fragment, struct range range) {
  uint64_t bytes = sizeof *piece + piece->caplen;
  piece->next = datagram->pieces;
  datagram->pieces = piece;
  datagram->bytes += bytes;
  defrag->bytes += bytes;
  datagram->received += range.end - range.start;
  if (range.start + piece->caplen < range.end && range.start + piece->caplen < datagram->captured)
    datagram->captured = range.start + piece->caplen;
  if (range.start == 0) {
    datagram->first_came = 1;
    datagram->head.protocol = fragment->protocol;
  }
  if (range.end > datagram->length) datagram->length = range.end;
  if (!fragment->more) datagram->last_came = 1;
  units_add(&datagram->units, range.start, range.end);
}

/* The datagram's bytes in order, as far as they were captured. */
static void datagram_assemble(struct defrag *defrag, struct defrag_datagram *datagram,
                              struct weft_mark mark, struct wire_fragment *ret) {
  for (const struct piece *piece = datagram->pieces; piece; piece = piece->next)
    memcpy(defrag->whole + piece->offset, piece->bytes, piece->caplen);
  *ret = datagram->head;
  ret->more = 0;
  ret->frame_flags = 0; /* the bytes are ours, and not for long */
  ret->offset = 0;
  ret->wirelen = datagram->length;
  ret->caplen = datagram->captured < datagram->length ? datagram->captured : datagram->length;
  ret->payload = defrag->whole;
  ret->mark = mark;
  defrag->stats.whole++;
  datagram_free(defrag, datagram);
}

static void datagram_discard(struct defrag *defrag, struct defrag_datagram *datagram) {
  if (datagram) /* else a single fragment that is no good: nothing was held */
    datagram_free(defrag, datagram);
  defrag->stats.discarded++;
}

static void datagram_evict(struct defrag *defrag, struct defrag_datagram *datagram) {
  if (datagram) datagram_free(defrag, datagram);
  defrag->stats.evicted++;
}

/* Puts a fragment into `*datagram`, or, when that is NULL, into a new one.  0 or
   WEFT_E_NOMEM.  When it is too large for the bound the datagram goes, and
   *datagram is NULL. */
static int fragment_take(struct defrag *defrag, const struct wire_fragment *fragment, uint32_t hash,
                         struct range range, struct defrag_datagram **datagram) {
  uint32_t length = range.end - range.start;
  uint32_t caplen = fragment->caplen < length ? fragment->caplen : length;
  uint64_t needed = sizeof(struct piece) + caplen + (*datagram ? 0 : sizeof **datagram);
  if (!room_make(defrag, needed, *datagram)) {
    datagram_evict(defrag, *datagram);
    *datagram = NULL;
    return 0;
  }
  struct piece *piece = piece_new(defrag, fragment, range.start, caplen);
  if (!piece) return WEFT_E_NOMEM;
  if (!*datagram && !(*datagram = datagram_new(defrag, hash, fragment))) {
    mem_free(defrag->mem, piece, sizeof *piece + caplen);
    return WEFT_E_NOMEM;
  }
  piece_add(defrag, *datagram, piece, fragment, range);
  return 0;
}

static int datagram_is_whole(const struct defrag_datagram *datagram) {
  return datagram->first_came && datagram->last_came && datagram->received == datagram->length;
}

int defrag_push(struct defrag *defrag, const struct wire_fragment *fragment,
                struct wire_fragment *ret_datagram) {
  int status = table_new(defrag);
  if (status < 0) return status;
  defrag_advance(defrag, fragment->mark.time);
  struct range range = {fragment->offset, fragment->offset + fragment->wirelen};
  uint32_t hash = key_hash(defrag, fragment);
  struct defrag_datagram *datagram = datagram_find(defrag, hash, fragment);
  switch (fragment_judge(fragment, datagram, &range)) {
  case IGNORE: defrag->stats.ignored++; return 0;
  case DISCARD: datagram_discard(defrag, datagram); return 0;
  case TAKE: break;
  }
  status = fragment_take(defrag, fragment, hash, range, &datagram);
  if (status < 0 || !datagram || !datagram_is_whole(datagram)) return status;
  datagram_assemble(defrag, datagram, fragment->mark, ret_datagram);
  return 1;
}
