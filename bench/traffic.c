/* SPDX-License-Identifier: BSD-2-Clause */
#include "traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weft/frame.h>

enum step { STEP_OPEN, STEP_REQUEST, STEP_RESPONSE, STEP_CLOSE, STEP_OVER };
enum { CLIENT = 0, SERVER = 1 };

static void *memory(void *old, size_t size) {
  void *new = realloc(old, size);
  if (new != NULL) return new;
  fputs("generate: no memory\n", stderr);
  exit(1);
}

void traffic_init(struct traffic *t, const struct traffic_style *style, uint64_t seed,
                  uint64_t id) {
  *t = (struct traffic){.id = id, .random = {digest_mix(seed * 0x10001 + id + 1)}};
  t->seq[CLIENT] = (uint32_t)random_next(&t->random);
  t->seq[SERVER] = (uint32_t)random_next(&t->random);
  t->exchanges_left = style->exchanges_min +
                      random_below(&t->random, style->exchanges_max - style->exchanges_min + 1);
}

void traffic_done(struct traffic *t) {
  free(t->packets);
  free(t->message);
}

static void add(struct traffic *t, const struct traffic_packet *packet) {
  if (t->npackets == t->packets_size) {
    t->packets_size = t->packets_size ? 2 * t->packets_size : 4;
    t->packets = memory(t->packets, t->packets_size * sizeof *t->packets);
  }
  t->packets[t->npackets++] = *packet;
}

/* A packet without payload, from where its sender stands. */
static void add_bare(struct traffic *t, uint8_t from, uint8_t flags) {
  add(t, &(struct traffic_packet){
             .seq = t->seq[from], .ack = t->seq[!from], .flags = flags, .from_server = from});
  t->seq[from] += !!(flags & (WEFT_TCP_SYN | WEFT_TCP_FIN));
}

static void add_data(struct traffic *t, uint8_t from, uint32_t offset, uint32_t length, int last) {
  add(t, &(struct traffic_packet){.seq = t->seq[from] + offset,
                                  .ack = t->seq[!from],
                                  .offset = offset,
                                  .length = (uint16_t)length,
                                  .flags = (uint8_t)(WEFT_TCP_ACK | (last ? WEFT_TCP_PSH : 0)),
                                  .from_server = from});
}

static void add_ack(struct traffic *t, uint8_t from, uint32_t received) {
  add(t, &(struct traffic_packet){.seq = t->seq[from],
                                  .ack = t->seq[!from] + received,
                                  .flags = WEFT_TCP_ACK,
                                  .from_server = from});
}

/* ---- a message that arrives as it was sent --------------------------- */

static void send_clean(struct traffic *t, const struct traffic_style *style, uint8_t from,
                       uint32_t length) {
  uint32_t unacked = 0;
  for (uint32_t at = 0; at < length; at += TRAFFIC_MSS) {
    uint32_t part = length - at < TRAFFIC_MSS ? length - at : TRAFFIC_MSS;
    add_data(t, from, at, part, at + part == length);
    /* Every second segment; the last of a request rides on the response. */
    unacked++;
    int last = at + part == length;
    if (style->delayed_acks || (unacked < 2 && !(last && from == SERVER))) continue;
    add_ack(t, !from, at + part);
    unacked = 0;
  }
}

/* ---- a message that the network and the capture mistreat -------------- */

struct arrival {
  uint32_t offset, length;
  uint32_t order; /* in quarters of a segment's turn */
  uint8_t captured;
};

struct receiver {
  uint8_t *received, *captured; /* one for each byte of the message */
  uint32_t length, next, highest, unacked;
};

static int arrival_compare(const void *a, const void *b) {
  uint32_t x = ((const struct arrival *)a)->order, y = ((const struct arrival *)b)->order;
  return (x > y) - (x < y);
}

/* A retransmission cut at other places: from the middle of segment `at`. */
static struct arrival overlap_arrival(struct traffic *t, uint32_t at, uint32_t length,
                                      uint32_t order) {
  uint32_t from = at + 1 + random_below(&t->random, TRAFFIC_MSS / 2);
  if (from >= length) from = at;
  uint32_t size = 1 + random_below(&t->random, TRAFFIC_MSS - 1);
  if (size > length - from) size = length - from;
  return (struct arrival){from, size, order + 3 + 4 * random_below(&t->random, 2), 1};
}

static uint32_t plan_arrivals(struct traffic *t, const struct traffic_style *style,
                              struct traffic_truth *truth, uint32_t length,
                              struct arrival *arrivals) {
  uint32_t n = 0, order = 0;
  for (uint32_t at = 0; at < length; at += TRAFFIC_MSS, order += 4) {
    uint32_t part = length - at < TRAFFIC_MSS ? length - at : TRAFFIC_MSS;
    struct arrival *arrival = &arrivals[n++];
    *arrival = (struct arrival){at, part, order, 1};
    if (at + part < length && random_chance(&t->random, style->reordered)) {
      arrival->order += 4 * (1 + random_below(&t->random, 3)) + 2;
      truth->reordered++;
    }
    if (random_chance(&t->random, style->lost)) {
      arrival->captured = 0;
      truth->lost++;
    }
    if (random_chance(&t->random, style->repeated)) {
      arrivals[n++] = (struct arrival){at, part, order + 4 * random_below(&t->random, 4) + 1, 1};
      truth->repeated++;
    }
    if (random_chance(&t->random, style->overlapping)) {
      arrivals[n++] = overlap_arrival(t, at, length, order);
      truth->overlapping++;
    }
  }
  qsort(arrivals, n, sizeof *arrivals, arrival_compare);
  return n;
}

/* Returns whether the receiver acknowledges at once: what came was not what it
   waited for, or is the second unacknowledged (RFC 5681 section 4.2). */
static int receiver_take(struct receiver *r, const struct arrival *a) {
  int expected = a->offset == r->next && r->next >= r->highest;
  memset(r->received + a->offset, 1, a->length);
  if (a->captured) memset(r->captured + a->offset, 1, a->length);
  if (a->offset + a->length > r->highest) r->highest = a->offset + a->length;
  while (r->next < r->length && r->received[r->next]) r->next++;
  return ++r->unacked == 2 || !expected;
}

/* Adds to the stream's digest what the capture has of the message.  Returns
   how much it lacks. */
static uint32_t digest_captured(struct digest *digest, const uint8_t *message,
                                const struct receiver *r) {
  uint32_t missing = r->length;
  for (uint32_t at = 0, end; at < r->length; at = end) {
    for (end = at; end < r->length && r->captured[end] == r->captured[at];) end++;
    if (!r->captured[at]) continue;
    digest_add(digest, message + at, end - at);
    missing -= end - at;
  }
  return missing;
}

static uint32_t send_mistreated(struct traffic *t, const struct traffic_style *style,
                                struct traffic_truth *truth, uint8_t from, uint32_t length) {
  uint32_t segments = (length + TRAFFIC_MSS - 1) / TRAFFIC_MSS;
  struct arrival *arrivals = memory(NULL, 3 * segments * sizeof *arrivals);
  struct receiver receiver = {.received = memory(NULL, 2 * length), .length = length};
  memset(receiver.received, 0, 2 * length);
  receiver.captured = receiver.received + length;
  uint32_t n = plan_arrivals(t, style, truth, length, arrivals);
  for (uint32_t i = 0; i < n; i++) {
    const struct arrival *a = &arrivals[i];
    if (a->captured) add_data(t, from, a->offset, a->length, a->offset + a->length == length);
    if (!receiver_take(&receiver, a) && !(i == n - 1 && from == SERVER)) continue;
    receiver.unacked = 0;
    if (random_chance(&t->random, style->lost))
      truth->lost++;
    else
      add_ack(t, !from, receiver.next);
  }
  uint32_t missing = digest_captured(&t->digests[from], t->message, &receiver);
  free(receiver.received);
  free(arrivals);
  return missing;
}

/* ---- steps ------------------------------------------------------------ */

/* Returns whether the capture has all of the message. */
static int step_message(struct traffic *t, const struct traffic_style *style,
                        struct traffic_truth *truth, uint8_t from) {
  size_t size;
  free(t->message);
  t->message = from == CLIENT
                   ? message_request(style->messages, &t->random, t->id, &size)
                   : message_response(style->messages, &t->random, t->id, style->body, &size);
  uint32_t length = (uint32_t)size, missing = 0;
  if (style->reordered | style->repeated | style->lost | style->overlapping) {
    missing = send_mistreated(t, style, truth, from, length);
  } else {
    send_clean(t, style, from, length);
    digest_add(&t->digests[from], t->message, length);
  }
  t->seq[from] += length;
  truth->bytes += length - missing;
  truth->bytes_missing += missing;
  return missing == 0;
}

static void step_exchange_over(struct traffic *t, struct traffic_truth *truth, int whole) {
  truth->exchanges++;
  truth->exchanges_whole += (uint64_t)(whole && t->request_whole);
  t->step = --t->exchanges_left ? STEP_REQUEST : STEP_CLOSE;
}

static void step_close(struct traffic *t, const struct traffic_style *style,
                       struct traffic_truth *truth) {
  if (style->delayed_acks) add_bare(t, CLIENT, WEFT_TCP_ACK);
  add_bare(t, CLIENT, WEFT_TCP_FIN | WEFT_TCP_ACK);
  add_bare(t, SERVER, WEFT_TCP_FIN | WEFT_TCP_ACK);
  add_bare(t, CLIENT, WEFT_TCP_ACK);
  truth->connections++;
  truth->digest += digest_finish(&t->digests[CLIENT]) + digest_finish(&t->digests[SERVER]);
  t->step = STEP_OVER;
}

static void step_run(struct traffic *t, const struct traffic_style *style,
                     struct traffic_truth *truth) {
  t->npackets = t->at = 0;
  switch (t->step) {
  case STEP_OPEN:
    add_bare(t, CLIENT, WEFT_TCP_SYN);
    add_bare(t, SERVER, WEFT_TCP_SYN | WEFT_TCP_ACK);
    add_bare(t, CLIENT, WEFT_TCP_ACK);
    t->step = STEP_REQUEST;
    break;
  case STEP_REQUEST:
    t->request_whole = (uint8_t)step_message(t, style, truth, CLIENT);
    t->step = STEP_RESPONSE;
    break;
  case STEP_RESPONSE: step_exchange_over(t, truth, step_message(t, style, truth, SERVER)); break;
  case STEP_CLOSE: step_close(t, style, truth); break;
  }
}

int traffic_next(struct traffic *t, const struct traffic_style *style, struct traffic_truth *truth,
                 uint32_t time_ms, struct out_segment *ret) {
  while (t->at == t->npackets) {
    if (t->step == STEP_OVER) return 0;
    step_run(t, style, truth);
  }
  const struct traffic_packet *p = &t->packets[t->at++];
  t->ts_recent[p->from_server] = time_ms;
  /* 256 thousand clients, each with a few ports; some servers. */
  *ret = (struct out_segment){.client = 0x0a000000u + (uint32_t)(t->id & 0x3ffff),
                              .client_port = (uint16_t)(20000 + (t->id >> 18)),
                              .server = 0xc0a80001u + (uint32_t)(t->id % 61),
                              .server_port = 80,
                              .seq = p->seq,
                              .ack = p->ack,
                              .ts_value = time_ms,
                              .ts_echo = t->ts_recent[!p->from_server],
                              .flags = p->flags,
                              .from_server = p->from_server,
                              .payload = p->length ? t->message + p->offset : NULL,
                              .length = p->length};
  truth->packets++;
  return 1;
}
