/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef GOPACKET_LEDGER_H
#define GOPACKET_LEDGER_H

#include <stddef.h>
#include <stdint.h>

/*
 * The pages that gopacket would have in use for one direction, without their
 * bytes: its limits and counters are in pages, weft's in bytes and segments.
 * Sequence numbers; pages are sorted by them and never wrap around each other.
 */
enum { PAGE_SIZE = 1900, PAGES_MAX = 4096 };

struct page {
  uint32_t seq, length;
  int first;  /* of its packet: has the packet's context */
  int live;   /* not a page: the packet that is just being delivered */
  int inside; /* its bytes were replaced in place: see deviations.txt */
  int end;    /* flat.c: FIN or RST */
  int syn;    /* flat.c: its first number is a SYN's, not a byte's */
  int64_t t;
};

struct pages {
  struct page *at;
  size_t count, room;
};

struct ledger {
  struct pages queue, saved, run;
  uint32_t queued[2], overlap[2]; /* bytes, packets, since the last delivery */
};

void ledger_clear(struct ledger *);
long ledger_pages(const struct ledger *);

/* What begins at `seq` makes everything below it stale. */
void ledger_start(struct ledger *, uint32_t seq);

/* A packet [seq, seq + length) arrives ahead of what is expected. */
void ledger_queue(struct ledger *, uint32_t seq, uint32_t length, int64_t t);

/* A packet is delivered at once from `next` on; returns the bytes that count
   as its own: none when they went into a page that stays. */
uint32_t ledger_live(struct ledger *, uint32_t seq, uint32_t length, uint32_t next);

/* The delivery of [seq, end): saved pages, the live packet if there is one,
   and the queue's pages move to ledger->run.  Returns where they end. */
uint32_t ledger_run(struct ledger *, uint32_t seq, int live, uint32_t live_length, int64_t t);

/* Of the run, what lies from its offset on is saved; nothing if negative. */
void ledger_keep(struct ledger *, int64_t from);

/* Queues a packet in order of start, then of arrival, nothing trimmed.  Non-zero
   when that put it between the pages of another. */
int ledger_append(struct ledger *, struct page packet);

void pages_add(struct pages *, struct page);
void pages_drop(struct pages *, size_t from, size_t count);

static inline int32_t ahead(uint32_t from, uint32_t to) { return (int32_t)(to - from); }

#endif
