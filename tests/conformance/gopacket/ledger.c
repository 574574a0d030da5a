/* SPDX-License-Identifier: BSD-2-Clause */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

static uint32_t page_end(const struct page *page) { return page->seq + page->length; }

static void pages_insert(struct pages *pages, size_t at, struct page page) {
  if (pages->count == pages->room) {
    size_t room = pages->room ? 2 * pages->room : 16;
    struct page *grown = realloc(pages->at, room * sizeof *grown);
    if (!grown) abort();
    pages->at = grown;
    pages->room = room;
  }
  memmove(pages->at + at + 1, pages->at + at, (pages->count - at) * sizeof page);
  pages->at[at] = page;
  pages->count++;
}

void pages_add(struct pages *pages, struct page page) { pages_insert(pages, pages->count, page); }

void pages_drop(struct pages *pages, size_t from, size_t count) {
  memmove(pages->at + from, pages->at + from + count,
          (pages->count - from - count) * sizeof *pages->at);
  pages->count -= count;
}

static void pages_free(struct pages *pages) {
  free(pages->at);
  *pages = (struct pages){0};
}

void ledger_clear(struct ledger *ledger) {
  pages_free(&ledger->queue);
  pages_free(&ledger->saved);
  pages_free(&ledger->run);
}

long ledger_pages(const struct ledger *ledger) {
  return (long)(ledger->queue.count + ledger->saved.count);
}

static void page_cut_front(struct page *page, uint32_t seq) {
  page->length -= seq - page->seq;
  page->seq = seq;
}

void ledger_start(struct ledger *ledger, uint32_t seq) {
  struct pages *queue = &ledger->queue;
  while (queue->count && ahead(seq, page_end(&queue->at[0])) <= 0) pages_drop(queue, 0, 1);
  if (queue->count && ahead(queue->at[0].seq, seq) > 0) page_cut_front(&queue->at[0], seq);
}

/* The newcomer against the pages, last to first.  Returns where it would be
   inserted; *length becomes 0 when its bytes went into a page. */
static size_t ledger_meet(struct ledger *ledger, uint32_t seq, uint32_t *length) {
  struct pages *queue = &ledger->queue;
  uint32_t end = seq + *length;
  size_t at = queue->count;
  for (size_t i = queue->count; i-- > 0;) {
    struct page *page = &queue->at[i];
    int32_t start = ahead(seq, page->seq), over = ahead(end, page_end(page));
    if (ahead(end, page->seq) >= 0) {
      at = i;
    } else if (ahead(seq, page_end(page)) <= 0) {
      break;
    } else if (start >= 0 && over <= 0) {
      ledger->overlap[0] += page->length;
      ledger->overlap[1] += (uint32_t)page->first;
      pages_drop(queue, i, 1);
      at = i;
    } else if (start < 0 && over < 0) {
      page->length = seq - page->seq;
      break;
    } else if (start > 0) {
      page_cut_front(page, end);
      at = i;
    } else {
      page->inside = 1;
      *length = 0;
      break;
    }
  }
  return at;
}

static void split(struct pages *pages, size_t at, uint32_t seq, uint32_t length, int64_t t) {
  int first = 1;
  do {
    uint32_t part = length < PAGE_SIZE ? length : PAGE_SIZE;
    pages_insert(pages, at++, (struct page){.seq = seq, .length = part, .first = first, .t = t});
    seq += part;
    length -= part;
    first = 0;
  } while (length);
}

void ledger_queue(struct ledger *ledger, uint32_t seq, uint32_t length, int64_t t) {
  if (!length) return;
  size_t at = ledger_meet(ledger, seq, &length);
  if (!length) return;
  ledger->queued[0] += length;
  ledger->queued[1]++;
  split(&ledger->queue, at, seq, length, t);
}

uint32_t ledger_live(struct ledger *ledger, uint32_t seq, uint32_t length, uint32_t next) {
  int32_t old = ahead(seq, next);
  if (old > 0 && length) {
    uint32_t dropped = (uint32_t)old < length ? (uint32_t)old : length;
    ledger->overlap[0] += dropped;
    ledger->overlap[1]++;
    length -= dropped;
  }
  if (length) ledger_meet(ledger, next, &length);
  return length;
}

uint32_t ledger_run(struct ledger *ledger, uint32_t seq, int live, uint32_t live_length,
                    int64_t t) {
  ledger->run.count = 0;
  for (size_t i = 0; i < ledger->saved.count; i++) pages_add(&ledger->run, ledger->saved.at[i]);
  ledger->saved.count = 0;
  if (live)
    pages_add(&ledger->run,
              (struct page){.seq = seq, .length = live_length, .first = 1, .live = 1, .t = t});
  seq += live_length;
  struct pages *queue = &ledger->queue;
  while (queue->count && queue->at[0].seq == seq) {
    seq = page_end(&queue->at[0]);
    pages_add(&ledger->run, queue->at[0]);
    pages_drop(queue, 0, 1);
  }
  return seq;
}

void ledger_keep(struct ledger *ledger, int64_t from) {
  int found = 0;
  for (size_t i = 0; i < ledger->run.count && from >= 0; i++) {
    struct page page = ledger->run.at[i];
    uint32_t cut = (uint64_t)from < page.length ? (uint32_t)from : page.length;
    from -= cut;
    /* Behind the first byte that is kept, what is empty makes a page too. */
    found |= cut < page.length;
    if (!found) continue;
    page_cut_front(&page, page.seq + cut);
    if (page.live)
      split(&ledger->saved, ledger->saved.count, page.seq, page.length, page.t);
    else
      pages_add(&ledger->saved, page);
  }
  ledger->run.count = 0;
  memset(ledger->queued, 0, sizeof ledger->queued);
  memset(ledger->overlap, 0, sizeof ledger->overlap);
}

int ledger_append(struct ledger *ledger, struct page packet) {
  struct pages *queue = &ledger->queue;
  uint32_t left = packet.length;
  /* All its pages go where the first one belongs. */
  size_t at = queue->count;
  while (at > 0 && ahead(packet.seq, queue->at[at - 1].seq) > 0) at--;
  int between = at < queue->count && !queue->at[at].first;
  packet.first = 1;
  do {
    struct page page = packet;
    page.length = left < PAGE_SIZE ? left : PAGE_SIZE;
    left -= page.length;
    page.end = packet.end && !left;
    pages_insert(queue, at++, page);
    packet.seq += page.length;
    packet.first = 0;
  } while (left);
  return between;
}
