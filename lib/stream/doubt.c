/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "stream/engine.h"

/*
 * Some segments a receiver takes or not for reasons no packet shows: whether
 * the application had read all, what memory was left.  But the receiver
 * answers them at once, and its answer shows it: an acknowledgement that covers
 * the segment, or one that stays where it was.
 */

static uint64_t doubt_cost(const struct doubt *doubt) { return segs_cost(doubt->size); }

void doubt_free(struct weft_engine *e, struct doubt *doubt) {
  e->segs.cost -= doubt_cost(doubt);
  mem_free(&e->mem, doubt, doubt->size);
}

void doubt_drop(struct weft_conn *conn, enum weft_dir dir) {
  struct weft_engine *e = conn_engine(conn);
  struct rare *rare = conn_rare(e, conn);
  if (!rare || !rare->doubt[dir]) return;
  doubt_free(e, rare->doubt[dir]);
  rare->doubt[dir] = NULL;
}

void doubt_keep(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s) {
  struct weft_engine *e = conn_engine(conn);
  doubt_drop(conn, dir);
  size_t size = sizeof(struct doubt) + s->caplen;
  if (e->segs.cost + segs_cost(size) > e->options.held_bytes_max) {
    e->stats.limit_held++;
    return;
  }
  struct rare *rare = conn_rare_make(e, conn);
  struct doubt *doubt = rare ? mem_alloc(&e->mem, size) : NULL;
  if (!doubt) {
    engine_fail(e, WEFT_E_NOMEM);
    return;
  }
  doubt->segment = *s;
  doubt->size = size;
  if (s->caplen) memcpy(doubt->bytes, s->payload, s->caplen);
  doubt->segment.payload = doubt->bytes;
  doubt->segment.frame_flags &= (uint8_t)~WEFT_FRAME_STABLE;
  e->segs.cost += doubt_cost(doubt);
  rare->doubt[dir] = doubt;
}

static int answer_covers(const struct weft_segment *answer, const struct weft_segment *s) {
  uint32_t end = segment_end(s);
  if (!seq32_before(answer->ack, end)) return 1;
  for (unsigned i = 0; i < answer->nsack; i++)
    if (!seq32_after(answer->sack[2 * i], s->seq) && !seq32_before(answer->sack[2 * i + 1], end))
      return 1;
  return 0;
}

struct doubt *doubt_settle(struct weft_conn *conn, enum weft_dir dir,
                           const struct weft_segment *answer) {
  struct weft_engine *e = conn_engine(conn);
  struct rare *rare = conn_rare(e, conn);
  struct doubt *doubt = rare ? rare->doubt[dir] : NULL;
  if (!doubt) return NULL;
  if (!(answer->tcp_flags & WEFT_TCP_ACK) || answer->tcp_flags & WEFT_TCP_RST ||
      !answer_covers(answer, &doubt->segment)) {
    doubt_drop(conn, dir);
    return NULL;
  }
  rare->doubt[dir] = NULL;
  return doubt;
}
