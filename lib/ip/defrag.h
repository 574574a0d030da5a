/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_IP_DEFRAG_H
#define WEFT_IP_DEFRAG_H

#include "base/hash.h"
#include "base/mem.h"
#include "ip/parts.h"
#include "wire/packet.h"

/*
 * Fragments to datagrams, by the rules of a Linux receiver (6.18), the same
 * for IPv4 and IPv6 where not said otherwise:
 *
 *   - a fragment that lies wholly inside one run already there is ignored;
 *     a run is what arrived in order behind one fragment at what was then the
 *     end of the datagram;
 *   - any other overlap discards the whole datagram (RFC 5722 demands it for
 *     IPv6), and so does a last fragment that contradicts the length known, a
 *     fragment beyond the last one, and an empty one;
 *   - a fragment that is not the last counts only up to a multiple of 8 bytes
 *     (IPv4), or is ignored when it is no such multiple (IPv6);
 *   - a datagram that is not whole within `wait` of its first fragment is given up.
 *
 * Hosts of other make keep what overlaps and choose among the bytes: `policy`
 * (enum weft_fragment_policy).  That is for IPv4; RFC 5722 leaves no choice for
 * IPv6.
 *
 * A fragment cut short by the snapshot length counts with its length on the
 * wire; the datagram is then captured up to where its first missing byte is.
 *
 * What a stranger can make it hold is bounded by `bytes_max`, fragment bytes
 * and bookkeeping (some 2 kB a datagram) together; when a fragment needs room
 * the oldest datagrams give way.  One source that has several may hold a quarter of
 * that, then its own oldest give way, so that a flood from one leaves the others
 * theirs (sources are told apart by a keyed hash into 64 lots: two may share one).
 * Datagrams are found by a keyed hash, and what has come of one by offset, so a
 * flood of fragments costs each of them the same.
 */
struct defrag_datagram;

struct defrag_stats {
  uint64_t whole;     /* datagrams put together */
  uint64_t discarded; /* datagrams: overlaps, contradictions */
  uint64_t expired;   /* datagrams: not whole in time, or when all was given up */
  uint64_t evicted;   /* datagrams: gave way at the bound */
  uint64_t ignored;   /* fragments: there already, or not to be counted */
  /* Fragments that overlap what others brought and are no mere copies. */
  uint64_t overlapping;
  /* First ones that hold a part of the TCP header only (RFC 791 allows 8 bytes): ports
     and flags may be in different fragments (RFC 1858 section 3). */
  uint64_t tiny;
  /* Those that would write over a TCP header that another brought, or whose TCP header
     others have written over (RFC 1858 section 4, RFC 3128). */
  uint64_t over_header;
};

enum { DEFRAG_SOURCES = 64, DEFRAG_SOURCE_SHARE = 4 };

/* Datagrams of the sources that share a lot. */
struct defrag_source {
  struct defrag_datagram *oldest, *newest;
  uint64_t bytes;
};

struct defrag {
  struct mem *mem;
  uint64_t bytes_max, bytes; /* held */
  weft_duration wait;
  unsigned policy;
  weft_time now;
  struct hash_key key;
  struct defrag_datagram **buckets; /* NULL until the first fragment */
  uint32_t nbuckets;                /* a power of two */
  uint32_t ndatagrams;
  struct defrag_datagram *oldest, *newest; /* in the order their first fragments came */
  struct defrag_source sources[DEFRAG_SOURCES];
  struct join *join; /* with the datagram last returned; NULL until the first fragment */
  struct defrag_stats stats;
};

/* No memory is taken before the first fragment.  `wait` may be WEFT_FOREVER. */
void defrag_init(struct defrag *, struct mem *, uint64_t bytes_max, weft_duration wait,
                 unsigned policy, const uint64_t hash_key[2]);
void defrag_done(struct defrag *);

/* Takes a fragment, whose bytes need only live for the call, and moves the
   clock to its time.  1: `ret_datagram` is whole, as wire_decode_datagram wants it,
   with the mark of this fragment, which completed it; its bytes live until the
   next call of defrag_push or defrag_done.  0: held, or of no use.
   WEFT_E_NOMEM: the fragment was not taken; its datagram is as it was.
   `ret_datagram` may be the fragment itself. */
int defrag_push(struct defrag *, const struct wire_fragment *, struct wire_fragment *ret_datagram);

/* Which frames brought the datagram last returned, as long as its bytes live. */
const struct parts *defrag_parts(const struct defrag *);

/* Moves the clock, never back, and gives up what is overdue. */
void defrag_advance(struct defrag *, weft_time now);

/* Gives up all that is held. */
void defrag_clear(struct defrag *);

/* The most memory it can hold. */
uint64_t defrag_memory_max(uint64_t bytes_max);

#endif
