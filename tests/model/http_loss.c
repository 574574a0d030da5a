/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conversations of known truth, seen by a capture that loses, repeats, reorders
 * and splits their packets:
 *
 *     http-loss [TRANSACTIONS [SEED [VERBOSE]]]
 *
 * Every message whose head the capture holds is reported; no request is given
 * another one's response; times are right or marked as bounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weft/http.h>

#include "build.h"
#include "http_talk.h"
#include "random.h"

struct tally {
  unsigned long transactions, heads, reported, lost, whole, paired, wrong, times, bounds,
      times_wrong;
};

struct capture {
  struct talk talk;
  struct talk_packet frames[TALK_PACKETS * 3]; /* as captured */
  unsigned nframes, loss;                      /* of 1000 packets */
  struct weft_http *http;
  struct tally *tally;
  uint8_t has[2][TALK_BYTES];       /* which bytes were captured */
  weft_time brought[2][TALK_BYTES]; /* when each passed, captured or not */
  uint8_t told[2][TALK_TRANSACTIONS], paired[TALK_TRANSACTIONS];
  weft_time now;
  int verbose;
};

/* ---- what the capture does to packets ---------------------------------------- */

static void frame_add(struct capture *c, const struct talk_packet *p) {
  c->frames[c->nframes++] = *p;
}

static void frame_split(struct capture *c, const struct talk_packet *p, uint64_t *seed) {
  struct talk_packet a = *p, b = *p;
  a.end = b.start = p->start + 1 + random_below(seed, (uint32_t)(p->end - p->start - 1));
  frame_add(c, &a);
  frame_add(c, &b);
}

static void capture_damage(struct capture *c, uint64_t *seed) {
  c->nframes = 0;
  for (unsigned i = 0; i < c->talk.npackets; i++) {
    const struct talk_packet *p = &c->talk.packets[i];
    uint32_t fate = random_below(seed, 4000);
    /* Of a client that pipelines, a capture that begins in the middle cannot tell
       what was on its way by then: so both SYNs are there. */
    if (fate < c->loss * 4 && !(p->flags & SYN)) continue;
    if (fate >= 3900 && fate < 3930 && p->end > p->start + 1)
      frame_split(c, p, seed);
    else
      frame_add(c, p);
    if (fate >= 3930 && fate < 3960) frame_add(c, p);
    if (fate >= 3960 && c->nframes > 3) { /* it was late */
      unsigned to = c->nframes - 2 - random_below(seed, 2);
      struct talk_packet moved = c->frames[to];
      memmove(&c->frames[to], &c->frames[to + 1], (c->nframes - 1 - to) * sizeof moved);
      c->frames[c->nframes - 1] = moved;
    }
  }
  for (unsigned i = 1; i < c->nframes; i++) /* time goes on */
    if (c->frames[i].seen <= c->frames[i - 1].seen) c->frames[i].seen = c->frames[i - 1].seen + 1;
}

static void capture_note(struct capture *c) {
  memset(c->has, 0, sizeof c->has);
  for (unsigned i = 0; i < c->talk.npackets; i++) {
    const struct talk_packet *p = &c->talk.packets[i];
    for (uint64_t at = p->start; at < p->end; at++) c->brought[p->dir][at] = p->seen;
  }
  for (unsigned i = 0; i < c->nframes; i++) {
    const struct talk_packet *p = &c->frames[i];
    for (uint64_t at = p->start; at < p->end; at++) {
      if (c->has[p->dir][at]) continue;
      c->has[p->dir][at] = 1;
      c->brought[p->dir][at] = p->seen;
    }
  }
}

static int is_there(const struct capture *c, int dir, uint64_t from, uint64_t to) {
  return !memchr(c->has[dir] + from, 0, to - from);
}

static weft_time last_time(const struct capture *c, int dir, const struct talk_message *m) {
  weft_time last = c->brought[dir][m->start];
  for (uint64_t at = m->start; at < m->end; at++)
    if (c->brought[dir][at] > last) last = c->brought[dir][at];
  return last;
}

/* ---- what weft says ------------------------------------------------------------ */

static int id_of(const struct capture *c, const struct weft_http_message *m) {
  unsigned conn, i;
  char text[64];
  if (!m) return -1;
  struct weft_text id = m->status ? weft_http_find(m, "X-Id") : m->target;
  if (!id.len || id.len >= sizeof text) return -1;
  memcpy(text, id.base, id.len);
  text[id.len] = 0;
  if (sscanf(m->status ? text : text + 1, "%u/%u", &conn, &i) != 2) return -1;
  return conn == c->talk.conn && i < c->talk.ntransactions ? (int)i : -1;
}

/* A duration is what it truly was, also where frames are missing, or marked. */
static void check_time(struct capture *c, int i, const char *name, weft_duration told,
                       weft_duration truth, uint32_t bounds) {
  c->tally->times++;
  c->tally->bounds += bounds != 0;
  if (told == truth || bounds) return;
  c->tally->times_wrong++;
  printf("TIME %u/%d: %s %lld instead of %lld\n", c->talk.conn, i, name, (long long)told,
         (long long)truth);
}

static void check_times(struct capture *c, int i, const struct weft_http_exchange *x) {
  const struct talk_message *q = &c->talk.messages[0][i], *r = &c->talk.messages[1][i];
  const struct weft_http_timing *t = &x->timing;
  weft_time asked = c->brought[0][q->start], sent = last_time(c, 0, q);
  weft_time answered = c->brought[1][r->start], over = last_time(c, 1, r);
  uint32_t whole = t->bounds & (WEFT_BOUND_WAIT | WEFT_BOUND_RECEIVE);
  check_time(c, i, "send", t->send, sent - asked, t->bounds & WEFT_BOUND_SEND);
  check_time(c, i, "wait", t->wait, answered - sent, t->bounds & WEFT_BOUND_WAIT);
  check_time(c, i, "receive", t->receive, over - answered, t->bounds & WEFT_BOUND_RECEIVE);
  check_time(c, i, "elapsed", t->elapsed, over - sent, whole);
  check_time(c, i, "last byte", t->last_byte, over - sent, whole);
}

/* Most have none, some one, directly before the final response. */
static void check_interims(struct capture *c, int i, const struct weft_http_exchange *x) {
  static const char hints[] = "HTTP/1.1 103 Early Hints\r\n\r\n";
  const uint64_t length = sizeof hints - 1, end = c->talk.messages[1][i].start;
  struct talk_message truth = {.start = end - length, .end = end};
  if (!x->ninterims) return;
  if (x->ninterims == 1 && end >= length &&
      !memcmp(c->talk.bytes[1] + truth.start, hints, length) &&
      x->interims[0].last.time == last_time(c, 1, &truth))
    return;
  c->tally->wrong++;
  printf("INTERIM %u/%d: of another one\n", c->talk.conn, i);
}

static int on_exchange(struct weft_conn *conn, const struct weft_http_exchange *x, void *user) {
  struct capture *c = user;
  (void)conn;
  int q = id_of(c, x->request), r = id_of(c, x->response);
  if (c->verbose) printf("  %d > %d\n", q, r);
  if (q >= 0) c->told[0][q]++;
  if (r >= 0) c->told[1][r]++;
  if (q < 0 || r < 0) return 0;
  if (q == r) {
    c->paired[q] = 1;
    check_times(c, q, x);
    check_interims(c, q, x);
    return 0;
  }
  c->tally->wrong++;
  printf("WRONG %u: request %d with response %d, style %d, %u of 1000 lost\n", c->talk.conn, q, r,
         c->talk.style, c->loss);
  return 0;
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  struct capture *c = user;
  (void)open;
  return weft_http_attach(c->http, conn);
}

/* ---- one conversation ------------------------------------------------------------ */

static void push(struct capture *c, struct weft_engine *engine, const struct talk_packet *p,
                 uint64_t frame) {
  uint32_t isn[2] = {0xfffff000u + c->talk.conn * 77, 0x1000u + c->talk.conn * 99};
  int syn = p->flags & SYN;
  struct weft_segment s =
      seg_bytes((enum weft_dir)p->dir, isn[p->dir] + (syn ? 0 : 1) + (uint32_t)p->start,
                c->talk.bytes[p->dir] + p->start, p->end - p->start, p->flags);
  if (p->flags & ACK) s = seg_acks(s, isn[!p->dir] + 1 + (uint32_t)p->acks);
  s = seg_of(s, c->talk.conn % 20000);
  s.mark = (struct weft_mark){p->seen, frame};
  if (c->verbose)
    printf("%llu: %c [%llu,%llu) acks %llu at %lld us\n", (unsigned long long)frame,
           p->dir ? '<' : '>', (unsigned long long)p->start, (unsigned long long)p->end,
           (unsigned long long)p->acks, (long long)((p->seen - c->talk.packets[0].seen) / 1000));
  if (weft_engine_push_segment(engine, &s) < 0) abort();
}

static void judge(struct capture *c) {
  struct tally *t = c->tally;
  for (int dir = 0; dir < 2; dir++)
    for (unsigned i = 0; i < c->talk.ntransactions; i++) {
      const struct talk_message *m = &c->talk.messages[dir][i];
      if (!is_there(c, dir, m->start, m->head)) continue;
      t->heads++;
      t->reported += c->told[dir][i] == 1;
      if (c->told[dir][i] == 1) continue;
      t->lost++;
      printf("LOST %u: %s %u told %u times, style %d, %u of 1000 lost\n", c->talk.conn,
             dir ? "response" : "request", i, c->told[dir][i], c->talk.style, c->loss);
    }
  for (unsigned i = 0; i < c->talk.ntransactions; i++) {
    const struct talk_message *q = &c->talk.messages[0][i], *r = &c->talk.messages[1][i];
    if (!is_there(c, 0, q->start, q->head) || !is_there(c, 1, r->start, r->head)) continue;
    t->whole++;
    t->paired += c->paired[i];
  }
}

static void show_truth(const struct talk *t) {
  for (unsigned i = 0; i < t->ntransactions; i++) {
    const struct talk_message *q = &t->messages[0][i], *r = &t->messages[1][i];
    printf("%u: > [%llu,%llu,%llu) < [%llu,%llu,%llu)\n", i, (unsigned long long)q->start,
           (unsigned long long)q->head, (unsigned long long)q->end, (unsigned long long)r->start,
           (unsigned long long)r->head, (unsigned long long)r->end);
  }
}

static void converse(struct capture *c, uint64_t *seed) {
  static const struct weft_http_ops http_ops = {.size = sizeof http_ops,
                                                .on_exchange = on_exchange};
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_open = on_open};
  struct weft_engine *engine;
  memset(c->told, 0, sizeof c->told);
  memset(c->paired, 0, sizeof c->paired);
  capture_damage(c, seed);
  capture_note(c);
  if (c->verbose) show_truth(&c->talk);
  if (weft_http_new(NULL, &http_ops, c, &c->http) ||
      weft_engine_new(WEFT_OPTIONS(.hash_key = {1, 1}, .conns_max = 16), &ops, c, &engine))
    abort();
  for (unsigned i = 0; i < c->nframes; i++) push(c, engine, &c->frames[i], i + 1);
  if (weft_engine_finish(engine)) abort();
  weft_engine_free(engine);
  weft_http_free(c->http);
  judge(c);
}

int main(int argc, char **argv) {
  static const unsigned losses[] = {0, 1, 3, 10, 30, 100};
  unsigned long transactions = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
  uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  struct capture *c = calloc(1, sizeof *c);
  struct tally tally = {0};
  if (!c) return 2;
  c->tally = &tally;
  c->verbose = argc > 3;
  printf("seed %llu\n", (unsigned long long)seed);
  for (unsigned conn = 1; tally.transactions < transactions; conn++) {
    uint64_t own = seed * 1000003 + conn;
    if (c->verbose && conn != strtoul(argv[3], NULL, 10)) {
      tally.transactions++;
      continue;
    }
    talk_make(&c->talk, conn, FEED_START, &own);
    c->loss = losses[random_below(&own, 6)];
    converse(c, &own);
    tally.transactions += c->talk.ntransactions;
  }
  printf("%lu transactions; %lu of %lu heads reported, %lu of %lu possible pairs, %lu wrong; "
         "%lu of %lu times wrong, %lu bounds\n",
         tally.transactions, tally.reported, tally.heads, tally.paired, tally.whole, tally.wrong,
         tally.times_wrong, tally.times, tally.bounds);
  free(c);
  return tally.wrong || tally.lost || tally.times_wrong || !tally.paired;
}
