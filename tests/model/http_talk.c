/* SPDX-License-Identifier: BSD-2-Clause */
#include "http_talk.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "random.h"

#define MICROSECOND 1000
#define MILLISECOND (1000 * MICROSECOND)

/* What the messages look like. */
struct maker {
  struct talk *talk;
  uint64_t *seed;
  int heads[TALK_TRANSACTIONS]; /* is it a HEAD request */
  weft_duration way;            /* one way between the two */
  unsigned segment;
};

static unsigned below(struct maker *m, unsigned n) { return random_below(m->seed, n); }

static void add(struct talk *t, int dir, const char *text, size_t n) {
  assert(t->length[dir] + n <= TALK_BYTES);
  memcpy(t->bytes[dir] + t->length[dir], text, n);
  t->length[dir] += n;
}

static void add_body(struct talk *t, int dir, unsigned n, unsigned i) {
  char text[64];
  int k = snprintf(text, sizeof text, "body of %u/%u; ", t->conn, i);
  for (unsigned done = 0; done < n; done += (unsigned)k)
    add(t, dir, text, n - done < (unsigned)k ? n - done : (size_t)k);
}

static void make_request(struct maker *m, unsigned i) {
  struct talk *t = m->talk;
  struct talk_message *q = &t->messages[0][i];
  unsigned kind = below(m, 10), body = kind == 0 ? 1 + below(m, 3000) : 0;
  const char *method = kind == 0 ? "POST" : kind == 1 ? "HEAD" : "GET";
  char text[256];
  int n = snprintf(text, sizeof text, "%s /%u/%u HTTP/1.1\r\nHost: weft.example\r\n", method,
                   t->conn, i);
  q->start = t->length[0];
  add(t, 0, text, (size_t)n);
  if (body) add(t, 0, text, (size_t)snprintf(text, sizeof text, "Content-Length: %u\r\n", body));
  add(t, 0, "\r\n", 2);
  q->head = t->length[0];
  add_body(t, 0, body, i);
  q->end = t->length[0];
  m->heads[i] = kind == 1;
}

static void add_chunks(struct maker *m, unsigned i) {
  char text[32];
  for (unsigned n = below(m, 5); n; n--) {
    unsigned size = 1 + below(m, 1200);
    add(m->talk, 1, text, (size_t)snprintf(text, sizeof text, "%x\r\n", size));
    add_body(m->talk, 1, size, i);
    add(m->talk, 1, "\r\n", 2);
  }
  add(m->talk, 1, "0\r\n\r\n", 5);
}

static void make_response(struct maker *m, unsigned i) {
  struct talk *t = m->talk;
  struct talk_message *r = &t->messages[1][i];
  unsigned kind = below(m, 10), length = kind < 7 ? below(m, 4000) : 0;
  char text[256];
  if (below(m, 20) == 0) add(t, 1, "HTTP/1.1 103 Early Hints\r\n\r\n", 28);
  r->start = t->length[1];
  int n = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nX-Id: %u/%u\r\n",
                   kind == 9 ? "304 Not Modified" : "200 OK", t->conn, i);
  add(t, 1, text, (size_t)n);
  if (kind == 8)
    n = snprintf(text, sizeof text, "Transfer-Encoding: chunked\r\n\r\n");
  else
    n = snprintf(text, sizeof text, "Content-Length: %u\r\n\r\n", length);
  add(t, 1, text, (size_t)n);
  r->head = t->length[1];
  if (kind == 8 && !m->heads[i])
    add_chunks(m, i);
  else if (kind != 9 && !m->heads[i])
    add_body(t, 1, length, i);
  r->end = t->length[1];
}

/* ---- packets ---------------------------------------------------------------- */

static struct talk_packet *packet(struct maker *m, int dir, uint64_t start, uint64_t end,
                                  weft_time sent, unsigned flags) {
  struct talk *t = m->talk;
  assert(t->npackets < TALK_PACKETS);
  struct talk_packet *p = &t->packets[t->npackets++];
  *p = (struct talk_packet){
      .start = start, .end = end, .sent = sent, .dir = (uint8_t)dir, .flags = (uint8_t)flags};
  return p;
}

/* Sends [start, end) from `now` on; returns when the last byte left. */
static weft_time send(struct maker *m, int dir, uint64_t start, uint64_t end, weft_time now) {
  while (start < end) {
    uint64_t next = start + m->segment < end ? start + m->segment : end;
    packet(m, dir, start, next, now, ACK | PSH);
    start = next;
    if (start < end) now += 20 * MICROSECOND;
  }
  return now;
}

static weft_time later(weft_time a, weft_time b) { return a > b ? a : b; }

/* May the client send this request before it has read the answers to all others,
   and if so, whose must it have read? */
static unsigned must_have(struct maker *m, unsigned i, unsigned *group) {
  switch (m->talk->style) {
  case TALK_ONE_BY_ONE: return i;
  case TALK_GROUPS:
    if (i == 0 || below(m, 3) == 0) *group = i;
    return *group;
  default: return i > 1 ? i - 1 : 0; /* always two on the way */
  }
}

static void make_exchanges(struct maker *m, weft_time now) {
  struct talk *t = m->talk;
  unsigned group = 0, pause = below(m, 3) ? 1 : 100;
  weft_time asked = now, answered = now;
  for (unsigned i = 0; i < t->ntransactions; i++) {
    struct talk_message *q = &t->messages[0][i], *r = &t->messages[1][i];
    unsigned have = must_have(m, i, &group);
    make_request(m, i);
    asked += 30 * MICROSECOND;
    if (have)
      asked = later(asked, t->messages[1][have - 1].arrived + below(m, pause) * MILLISECOND);
    asked = q->sent = send(m, 0, q->start, q->end, asked);
    q->arrived = q->sent + m->way;
    uint64_t from = t->length[1];
    make_response(m, i);
    answered = later(answered, q->arrived) + 100 * MICROSECOND + below(m, 3000) * MICROSECOND;
    answered = r->sent = send(m, 1, from, r->end, answered);
    r->arrived = r->sent + m->way;
  }
}

static int by_sent(const void *a, const void *b) {
  const struct talk_packet *x = a, *y = b;
  if (x->sent != y->sent) return x->sent < y->sent ? -1 : 1;
  return x->start != y->start ? (x->start < y->start ? -1 : 1) : 0;
}

static int by_seen(const void *a, const void *b) {
  const struct talk_packet *x = a, *y = b;
  return x->seen != y->seen ? (x->seen < y->seen ? -1 : 1) : by_sent(a, b);
}

/* Some segments are acknowledged by a packet of their own, as they arrive. */
static void add_acks(struct maker *m) {
  struct talk *t = m->talk;
  for (unsigned i = 0, n = t->npackets; i < n; i++) {
    const struct talk_packet p = t->packets[i];
    if (!(p.flags & SYN) && below(m, 2)) packet(m, !p.dir, 0, 0, p.sent + m->way, ACK);
  }
}

/* What each side had when it sent: its own place and its peer's bytes. */
static void fill_in(struct maker *m) {
  struct talk *t = m->talk;
  uint64_t sent[2] = {0, 0};
  unsigned arrived[2] = {0, 0};
  uint64_t acks[2] = {0, 0};
  for (unsigned i = 0; i < t->npackets; i++) {
    struct talk_packet *p = &t->packets[i];
    unsigned *j = &arrived[p->dir];
    for (; *j < t->npackets && t->packets[*j].sent + m->way <= p->sent; ++*j)
      if (t->packets[*j].dir != p->dir && t->packets[*j].end > acks[p->dir])
        acks[p->dir] = t->packets[*j].end;
    p->acks = acks[p->dir];
    if (p->start == p->end && p->flags == ACK) p->start = p->end = sent[p->dir];
    if (p->end > sent[p->dir]) sent[p->dir] = p->end;
  }
}

void talk_make(struct talk *t, unsigned conn, weft_time start, uint64_t *seed) {
  struct maker m = {.talk = t, .seed = seed};
  t->conn = conn;
  t->npackets = 0;
  t->length[0] = t->length[1] = 0;
  t->ntransactions = 1 + below(&m, TALK_TRANSACTIONS);
  t->style = below(&m, 10) < 7 ? TALK_ONE_BY_ONE : below(&m, 2) ? TALK_GROUPS : TALK_SLIDING;
  m.way = (1 + below(&m, 100)) * 100 * MICROSECOND;
  m.segment = below(&m, 2) ? 1448 : 60 + below(&m, 600);
  packet(&m, 0, 0, 0, start, SYN);
  packet(&m, 1, 0, 0, start + m.way, SYN | ACK);
  make_exchanges(&m, start + 2 * m.way);
  weft_time end = later(t->messages[1][t->ntransactions - 1].arrived, start) + MILLISECOND;
  packet(&m, 0, t->length[0], t->length[0], end, FIN | ACK);
  packet(&m, 1, t->length[1], t->length[1], end + m.way, FIN | ACK);
  add_acks(&m);
  qsort(t->packets, t->npackets, sizeof *t->packets, by_sent);
  fill_in(&m);
  unsigned place = below(&m, 11); /* tenths of the way from the client */
  for (unsigned i = 0; i < t->npackets; i++) {
    struct talk_packet *p = &t->packets[i];
    p->seen = p->sent + m.way / 10 * (p->dir ? 10 - place : place);
  }
  qsort(t->packets, t->npackets, sizeof *t->packets, by_seen);
}
