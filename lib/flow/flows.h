/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_FLOW_FLOWS_H
#define WEFT_FLOW_FLOWS_H

#include "base/hash.h"
#include "base/loads.h"
#include "base/mapped.h"
#include "base/slab.h"
#include "base/table.h"

/*
 * Connections by address: objects of the caller's size, found by the tuple of a
 * segment of either direction.  The hot part of each begins with what nearly always is
 * as good as its tuple, source the client, and four times as small; where it is not, the
 * cold part begins with the struct weft_tuple.
 */

/* IPv4 addresses and ports as they lie in a packet, in network order: a tuple with these as
   v4-mapped addresses, and realm 0.  Source 0 is none, and stands for a tuple that is not of
   this kind. */
struct flow4 {
  uint32_t source, target;
  uint16_t source_port, target_port;
};
_Static_assert(sizeof(struct flow4) == 12, "all of it, and nothing between");

struct flows {
  struct slab slab;
  struct table table;
  struct hash_key key;
};

#define FLOWS_NONE SLAB_NONE
_Static_assert(FLOWS_NONE == TABLE_NONE, "what is not found");

/* Sizes and shift as in slab_init_parts; the two parts hold at least what is
   said above.  WEFT_E_NOMEM. */
int flows_init(struct flows *, struct mem *, const uint64_t seed[2],
               const uint32_t sizes[SLAB_PARTS], uint32_t shift);
void flows_done(struct flows *);
uint64_t flows_memory_max(uint32_t object_size, uint32_t shift, uint32_t objects_max);

/* The object of these addresses, or FLOWS_NONE; *ret_reverse tells whether the
   tuple's source is the object's target. */
uint32_t flows_find(const struct flows *, const struct weft_tuple *, uint32_t hash,
                    int *ret_reverse);

/* A new object for these addresses, which must have none; all but what is said above is
   undefined.  FLOWS_NONE without memory. */
uint32_t flows_add(struct flows *, const struct weft_tuple *, uint32_t hash);

/* The same; 0 as its source where the caller fills in the tuple. */
uint32_t flows_add4(struct flows *, const struct flow4 *, uint32_t hash);

/* Lets go of an object. */
void flows_remove(struct flows *, uint32_t index);

static inline void *flows_at(const struct flows *flows, uint32_t index) {
  return slab_at(&flows->slab, index);
}

static inline uint64_t endpoint_hash(const struct hash_key *key, uint64_t head, uint64_t tail,
                                     uint16_t port) {
  return hash_fold(head ^ key->word[0], tail ^ key->word[1]) ^ (port + UINT64_C(1)) * key->word[2];
}

/* A sum does not care which end is which. */
static inline uint32_t ends_hash(const struct hash_key *key, uint64_t one, uint64_t other,
                                 uint32_t realm) {
  return (uint32_t)hash_fold((one + other) ^ realm, key->word[3]);
}

/* Of a tuple that no flow4 stands for; equal for its reverse. */
static inline uint32_t flows_hash_long(const struct flows *flows, const struct weft_tuple *tuple) {
  const struct hash_key *key = &flows->key;
  const struct weft_endpoint *s = &tuple->source, *t = &tuple->target;
  return ends_hash(key, endpoint_hash(key, load_u64(s->address), load_u64(s->address + 8), s->port),
                   endpoint_hash(key, load_u64(t->address), load_u64(t->address + 8), t->port),
                   tuple->realm);
}

/* Of one with a source; equal for its reverse, since a product does not care either.  Of the
   first product alone the low half hardly depends on the ports. */
static inline uint32_t flows_hash4(const struct flows *flows, const struct flow4 *f) {
  const struct hash_key *key = &flows->key;
  uint64_t one = (uint64_t)f->source_port << 32 | f->source;
  uint64_t other = (uint64_t)f->target_port << 32 | f->target;
  return (uint32_t)hash_fold(hash_fold(one ^ key->word[0], other ^ key->word[0]), key->word[3]);
}

static inline int endpoint_equal(const struct weft_endpoint *a, const struct weft_endpoint *b) {
  return !((load_u64(a->address) ^ load_u64(b->address)) |
           (load_u64(a->address + 8) ^ load_u64(b->address + 8)) | (uint64_t)(a->port ^ b->port));
}

static inline struct flow4 *flows_key(const struct flows *flows, uint32_t index) {
  return flows_at(flows, index);
}

/* Where the key has no source. */
static inline struct weft_tuple *flows_tuple(const struct flows *flows, uint32_t index) {
  return slab_part_at(&flows->slab, index, SLAB_COLD);
}

/* A port of an endpoint, in network order, and the other way. */
static inline uint16_t flow4_port(uint16_t port) { return load_be16((const uint8_t *)&port); }

/* The kind of tuple that a flow4 can be; else one with source 0. */
static inline struct flow4 flow4_of(const struct weft_tuple *t) {
  struct flow4 f = {load_u32(t->source.address + 12), load_u32(t->target.address + 12),
                    flow4_port(t->source.port), flow4_port(t->target.port)};
  uint64_t others = load_u64(t->source.address) | load_u64(t->target.address) |
                    (load_u64(t->source.address + 8) ^ mapped_tail(f.source)) |
                    (load_u64(t->target.address + 8) ^ mapped_tail(f.target)) | t->realm;
  if (others || !f.target) f.source = 0;
  return f;
}

/* The tuple that one with a source stands for. */
static inline void flow4_tuple(const struct flow4 *f, struct weft_tuple *ret) {
  mapped_endpoint(f->source, flow4_port(f->source_port), &ret->source);
  mapped_endpoint(f->target, flow4_port(f->target_port), &ret->target);
  ret->realm = 0;
}

/* Equal for a tuple and its reverse. */
static inline uint32_t flows_hash(const struct flows *flows, const struct weft_tuple *tuple) {
  struct flow4 f = flow4_of(tuple);
  return f.source ? flows_hash4(flows, &f) : flows_hash_long(flows, tuple);
}

/* Whether a segment's addresses are those of an object, and which way. */
enum flows_match { FLOWS_OTHER, FLOWS_ALONG, FLOWS_REVERSE };

/* Both with a source. */
static inline enum flows_match flow4_match(const struct flow4 *own, const struct flow4 *f) {
  /* Without branches, since either way is as likely. */
  uint64_t ends = load_u64(f), own_ends = load_u64(own);
  uint32_t ports = load_u32(&f->source_port), own_ports = load_u32(&own->source_port);
  uint64_t along = (own_ends ^ ends) | (own_ports ^ ports);
  uint64_t back =
      (own_ends ^ (ends << 32 | ends >> 32)) | (own_ports ^ (ports << 16 | ports >> 16));
  unsigned turned = along != 0, other = turned & (back != 0);
  return (enum flows_match)(FLOWS_ALONG + turned - FLOWS_REVERSE * other);
}

static inline enum flows_match tuple_match(const struct weft_tuple *own,
                                           const struct weft_tuple *tuple) {
  if (own->realm != tuple->realm) return FLOWS_OTHER;
  if (endpoint_equal(&own->source, &tuple->source) && endpoint_equal(&own->target, &tuple->target))
    return FLOWS_ALONG;
  if (endpoint_equal(&own->source, &tuple->target) && endpoint_equal(&own->target, &tuple->source))
    return FLOWS_REVERSE;
  return FLOWS_OTHER;
}

static inline enum flows_match flows_match(const struct flows *flows, uint32_t index,
                                           const struct weft_tuple *tuple) {
  struct flow4 f = flow4_of(tuple);
  const struct flow4 *own = flows_key(flows, index);
  if (f.source && own->source) return flow4_match(own, &f);
  return f.source || own->source ? FLOWS_OTHER : tuple_match(flows_tuple(flows, index), tuple);
}

/* flows_hash of an object's own tuple. */
static inline uint32_t flows_hash_of(const struct flows *flows, uint32_t index) {
  const struct flow4 *own = flows_key(flows, index);
  return own->source ? flows_hash4(flows, own) : flows_hash_long(flows, flows_tuple(flows, index));
}

/* The first object whose hash agrees, its addresses not looked at, or FLOWS_NONE.  The table's
   cache line should have been asked for before. */
static inline uint32_t flows_seek(const struct flows *flows, uint32_t hash) {
  return table_seek(&flows->table, hash);
}

/* The same as far as that line tells.  FLOWS_FAR: not yet, and the next one has been asked for. */
#define FLOWS_FAR TABLE_FAR
static inline uint32_t flows_seek_near(const struct flows *flows, uint32_t hash) {
  uint32_t index = table_seek_near(&flows->table, hash);
  if (index == TABLE_FAR) table_prefetch_far(&flows->table, hash);
  return index;
}

#endif
