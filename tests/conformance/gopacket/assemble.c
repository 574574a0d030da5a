/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gopacket.h"

/*
 * gopacket's `reassembly` on weft.  What needs saying, since weft by itself
 * does otherwise:
 *
 *  - The first sender is the client.
 *  - Acknowledgements say nothing: the ACK flag is not passed on.
 *  - A SYN begins a stream that has not begun (WEFT_START), else it takes one
 *    number and is no more; it never opens a connection where there is one.
 *  - A RST is a FIN.  Either ends its direction at once when it lies at or
 *    below what is expected, however far; one that lies ahead ends the
 *    direction with the delivery that reaches it, bytes behind it included.
 */

/* ---- streams -------------------------------------------------------- */

static int same_end(const struct weft_endpoint *a, const struct weft_endpoint *b) {
  return a->port == b->port && !memcmp(a->address, b->address, sizeof a->address);
}

static uint32_t realm_of(const struct packet *p, int directed) {
  if (!directed) return 0;
  int order = memcmp(p->source.address, p->target.address, sizeof p->source.address);
  return order < 0 || (!order && p->source.port < p->target.port) ? 1 : 2;
}

struct stream *stream_find(struct adapter *a, const struct packet *p, int directed, int *ret_dir) {
  for (int i = 0; i < a->nstreams; i++) {
    struct stream *stream = &a->streams[i];
    if (!stream->conn) continue;
    const struct weft_tuple *tuple = weft_conn_tuple(stream->conn);
    int forth = same_end(&p->source, &tuple->source) && same_end(&p->target, &tuple->target);
    int back = same_end(&p->source, &tuple->target) && same_end(&p->target, &tuple->source);
    if (!(forth || back) || tuple->realm != realm_of(p, directed)) continue;
    *ret_dir = forth ? stream->flip : !stream->flip;
    return stream;
  }
  return NULL;
}

void stream_expects(const struct stream *stream, int dir, int *ret_started, uint32_t *ret_next) {
  struct weft_conn_info info = {.size = sizeof info};
  weft_conn_inspect(stream->conn, &info);
  *ret_started = info.started[weft_dir_of(stream, dir)];
  *ret_next = info.next_seq[weft_dir_of(stream, dir)] + stream->side[dir].syns -
              (uint32_t)stream->side[dir].reset;
}

enum weft_dir weft_dir_of(const struct stream *stream, int dir) {
  return (enum weft_dir)(dir ^ stream->flip);
}

static void side_done(struct side *side) {
  ledger_clear(&side->ledger);
  free(side->shown);
  side->shown = NULL;
}

void stream_complete(struct adapter *a, struct stream *stream) {
  print_event(a, "complete", stream);
  printf("}");
  if (a->rules.complete_returns)
    weft_conn_close(stream->conn);
  else
    weft_conn_linger(stream->conn, WEFT_FOREVER);
}

static void side_close(struct adapter *a, struct stream *stream, int dir) {
  struct side *side = &stream->side[dir];
  if (side->closed) return;
  side->closed = 1;
  side_done(side);
  a->flush_closed++;
  if (stream->side[!dir].closed) stream_complete(a, stream);
}

/* ---- deliveries ----------------------------------------------------- */

static int64_t keep_wish(const struct adapter *a, uint64_t total, int end) {
  const struct rules *rules = &a->rules;
  if (a->in_call && a->call.packet->keep != KEEP_AS_RULED) return a->call.packet->keep;
  if (end && !rules->keep_on_end) return -1;
  switch (rules->keep) {
  case KEEP_FROM: return (int64_t)rules->keep_n;
  case KEEP_LAST:
    if (!total) return -1;
    return total < rules->keep_n ? 0 : (int64_t)(total - rules->keep_n);
  case KEEP_UNTIL: return total < rules->keep_n ? 0 : -1;
  default: return -1;
  }
}

/* ReassembledSG: the bytes from `from` on, of which those from data->fresh on
   are new.  `data` may be empty but not NULL. */
struct delivery {
  struct stream *stream;
  int dir;
  const struct weft_data *data;
  uint64_t from;
  int start, end;
};

static void print_probes(struct adapter *a, const struct delivery *d) {
  const struct rules *rules = &a->rules;
  uint64_t end = d->data->offset + d->data->length;
  if (rules->ncapture) printf(",\"capture\":{");
  for (int i = 0; i < rules->ncapture; i++) {
    struct weft_mark mark = {0, 0};
    if (rules->capture[i] >= 0)
      mark = weft_data_mark(d->data, d->from + (uint64_t)rules->capture[i]);
    printf("%s\"%ld\":", i ? "," : "", rules->capture[i]);
    print_time(&mark);
  }
  if (rules->ncapture) printf("}");
  if (rules->nfetch) printf(",\"fetch\":{");
  for (int i = 0; i < rules->nfetch; i++) {
    size_t n = (size_t)rules->fetch[i];
    uint8_t *scratch = malloc(n + 1);
    const uint8_t *bytes = d->from + n <= end ? weft_data_flat(d->data, d->from, n, scratch) : NULL;
    printf("%s\"%zu\":\"", i ? "," : "", n);
    if (bytes) print_hex(bytes, n);
    printf("\"");
    free(scratch);
  }
  if (rules->nfetch) printf("}");
}

static void print_bytes(const struct delivery *d) {
  printf(",\"data\":\"");
  for (size_t i = 0; i < d->data->nspans; i++) {
    const struct weft_span *span = &d->data->spans[i];
    uint64_t skip = d->from > span->offset ? d->from - span->offset : 0;
    if (skip < span->len) print_hex(span->base + skip, span->len - skip);
  }
  printf("\"");
}

static void print_delivery(struct adapter *a, const struct delivery *d, int64_t keep) {
  struct side *side = &d->stream->side[d->dir];
  struct ledger *ledger = &side->ledger;
  uint64_t end = d->data->offset + d->data->length;
  size_t packets = 0;
  int inside = 0;
  for (size_t i = 0; i < ledger->run.count; i++) {
    packets += (size_t)ledger->run.at[i].first;
    inside |= ledger->run.at[i].inside;
  }
  struct weft_mark first = weft_data_mark(d->data, d->from);
  struct weft_mark last = weft_data_mark(d->data, end - 1);
  if (d->from == end) first = last = (struct weft_mark){0, 0};
  print_event(a, "data", d->stream);
  printf(",\"dir\":\"%s\"", d->dir ? "s2c" : "c2s");
  print_bytes(d);
  printf(",\"saved\":%llu,\"skip\":%lld,\"start\":%s,\"end\":%s",
         (unsigned long long)(d->data->fresh - d->from), (long long)side->skip,
         d->start ? "true" : "false", d->end ? "true" : "false");
  printf(",\"chunks\":%zu,\"packets\":%zu,\"queued\":[%u,%u],\"overlap\":[%u,%u],\"t_first\":",
         ledger->run.count, packets, ledger->queued[0], ledger->queued[1], ledger->overlap[0],
         ledger->overlap[1]);
  print_time(&first);
  printf(",\"t_last\":");
  print_time(&last);
  print_probes(a, d);
  if (keep >= 0) printf(",\"keep_from\":%lld", (long long)keep);
  if (inside) printf(",\"rule\":\"mark-of-the-bytes\"");
  printf("}");
}

/* A copy of the bytes from `from` on, with their marks; NULL for none. */
static struct weft_data *data_copy(const struct weft_data *data, uint64_t from) {
  if (from >= data->offset + data->length) return NULL;
  uint64_t length = data->offset + data->length - from;
  struct weft_data *copy = malloc(sizeof *copy + data->nspans * sizeof *data->spans + length);
  if (!copy) abort();
  struct weft_span *span = (struct weft_span *)(copy + 1);
  uint8_t *bytes = (uint8_t *)(span + data->nspans);
  *copy =
      (struct weft_data){.spans = span, .offset = from, .length = length, .fresh = from + length};
  for (size_t i = 0; i < data->nspans; i++) {
    const struct weft_span *part = &data->spans[i];
    uint64_t skip = from > part->offset ? from - part->offset : 0;
    if (skip >= part->len) continue;
    memcpy(bytes, part->base + skip, part->len - skip);
    span[copy->nspans++] =
        (struct weft_span){bytes, part->len - skip, part->offset + skip, part->mark};
    bytes += part->len - skip;
  }
  return copy;
}

/* Tells of one delivery, keeps what is wanted again, and closes at its end. */
static void deliver(struct adapter *a, struct delivery *d, int from_data) {
  struct stream *stream = d->stream;
  struct side *side = &stream->side[d->dir];
  uint64_t end = d->data->offset + d->data->length, total = end - d->from;
  int64_t keep = keep_wish(a, total, d->end);
  print_delivery(a, d, keep);
  side->skip = 0;
  int64_t kept = keep >= 0 && (uint64_t)keep < total ? keep : -1;
  ledger_keep(&side->ledger, kept);
  side->shown_from = kept >= 0 ? d->from + (uint64_t)kept : total ? end : UINT64_MAX;
  struct weft_data *shown = data_copy(d->data, side->shown_from);
  free(side->shown);
  side->shown = shown;
  if (kept >= 0 && from_data)
    weft_conn_keep(stream->conn, weft_dir_of(stream, d->dir), side->shown_from);
  if (a->in_call) a->call.delivered = 1;
  if (!d->end) return;
  if (from_data) weft_conn_discard(stream->conn, weft_dir_of(stream, d->dir));
  side_close(a, stream, d->dir);
}

static int is_live(const struct adapter *a, const struct stream *stream, int dir) {
  return a->in_call && a->call.stream == stream && a->call.dir == dir && !a->call.queued &&
         !a->call.delivered;
}

/* A delivery without new bytes: of a SYN, or an end. */
static void deliver_empty(struct adapter *a, struct stream *stream, int dir, int end) {
  static const struct weft_data none;
  const struct call *call = &a->call;
  struct side *side = &stream->side[dir];
  struct weft_data *shown = side->shown;
  side->shown = NULL;
  ledger_run(&side->ledger, call->seq, is_live(a, stream, dir), 0, call->packet->t);
  end |= side->fin_known && ahead(side->fin_seq, call->next) >= 0;
  struct delivery d = {.stream = stream, .dir = dir, .data = shown ? shown : &none, .end = end};
  d.from = d.data->offset;
  d.start = call->packet->flags & WEFT_TCP_SYN && !shown;
  deliver(a, &d, 0);
  free(shown);
}

/* ---- what weft tells ------------------------------------------------ */

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  struct adapter *a = user;
  const struct packet *p = a->call.packet;
  if (a->nstreams == STREAMS_MAX) return WEFT_E_USER;
  struct stream *stream = &a->streams[a->nstreams];
  *stream = (struct stream){.adapter = a, .number = a->nstreams++, .conn = conn};
  stream->flip = !same_end(&open->tuple.source, &p->source);
  accept_init(&stream->accept);
  weft_conn_set_user(conn, stream);
  a->call.stream = stream;
  print_event(a, "new", stream);
  printf(",\"key\":\"%s>%s\"}", p->source_text, p->target_text);
  return 0;
}

/* A FIN that will be reached later: the first of several counts. */
static void fin_remember(struct side *side, uint32_t seq) {
  if (side->fin_known && ahead(side->fin_seq, seq) >= 0) return;
  side->fin_known = 1;
  side->fin_seq = seq;
}

/* Takes note of an accepted packet before weft takes it. */
static void side_note(struct stream *stream, struct call *call) {
  struct side *side = &stream->side[call->dir];
  const struct packet *p = call->packet;
  if (call->start) ledger_start(&side->ledger, call->seq);
  if (call->syn_inside) {
    side->syns++;
    call->next++;
    /* What was kept ends before the SYN's number. */
    side->ledger.saved.count = 0;
    free(side->shown);
    side->shown = NULL;
    side->shown_from = UINT64_MAX;
    if (side->ledger.queue.count) print_rule(stream->adapter, "syn-inside");
  }
  if (call->queued)
    ledger_queue(&side->ledger, call->seq, p->length, p->t);
  else
    call->fresh =
        ledger_live(&side->ledger, call->seq, p->length, call->started ? call->next : call->seq);
  if (call->start && !call->fresh && !call->fin && !(p->flags & WEFT_TCP_SYN) &&
      side->ledger.queue.count && side->ledger.queue.at[0].seq == call->seq)
    print_rule(stream->adapter, "start-delivers");
  if (call->fin && !call->fin_native) fin_remember(side, call->end);
}

/* Accept. */
static int on_segment(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *s,
                      void *user) {
  (void)conn, (void)dir, (void)s;
  struct stream *stream = user;
  struct adapter *a = stream->adapter;
  struct call *call = &a->call;
  struct side *side = &stream->side[call->dir];
  if (a->rules.api == API_TCPASSEMBLY) return call->start ? WEFT_START : 0;
  const char *why =
      accept_judge(&stream->accept, &a->rules, call->dir, call->packet, call->started, call->next);
  stream->packets++;
  if (why) {
    print_event(a, "reject", stream);
    printf(",\"dir\":\"%s\",\"why\":\"%s\",\"next_seq\":%lld}", call->dir ? "s2c" : "c2s", why,
           call->started ? (long long)call->next : -1LL);
  }
  if (why || side->closed) return WEFT_DROP;
  call->accepted = 1;
  side_note(stream, call);
  return call->start ? WEFT_START : 0;
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  (void)conn;
  struct stream *stream = user;
  struct side *side = &stream->side[dir ^ stream->flip];
  side->skip = gap->cause == WEFT_GAP_START ? -1 : (int64_t)gap->length;
  /* Kept bytes, readable here for the last time, vanish as they do there. */
  side->ledger.saved.count = 0;
  free(side->shown);
  side->shown = NULL;
  side->shown_from = 0;
  return 0;
}

static int on_data(struct weft_conn *conn, enum weft_dir weft_dir, const struct weft_data *data,
                   void *user) {
  (void)conn;
  struct stream *stream = user;
  struct adapter *a = stream->adapter;
  int dir = weft_dir ^ stream->flip, started, live = is_live(a, stream, dir);
  struct side *side = &stream->side[dir];
  if (a->rules.api == API_TCPASSEMBLY) {
    flat_on_data(a, stream, weft_dir, data);
    return 0;
  }
  if (side->closed) return 0;
  uint32_t next;
  stream_expects(stream, dir, &started, &next);
  uint32_t seq = next - (uint32_t)(data->offset + data->length - data->fresh);
  uint32_t ends =
      ledger_run(&side->ledger, seq, live, live ? a->call.fresh : 0, live ? a->call.packet->t : 0);
  if (ends != next) print_rule(a, "ledger-differs");
  struct delivery d = {.stream = stream, .dir = dir, .data = data, .from = data->offset};
  if (side->shown_from > d.from)
    d.from = side->shown_from < data->fresh ? side->shown_from : data->fresh;
  d.start = live && a->call.packet->flags & WEFT_TCP_SYN && d.from == data->fresh;
  d.end = (live && a->call.fin_native) || (side->fin_known && ahead(side->fin_seq, next) >= 0);
  deliver(a, &d, 1);
  return 0;
}

static int on_end(struct weft_conn *conn, enum weft_dir weft_dir, const struct weft_end *end,
                  void *user) {
  (void)conn;
  struct stream *stream = user;
  struct adapter *a = stream->adapter;
  int dir = weft_dir ^ stream->flip;
  if (a->rules.api == API_TCPASSEMBLY) {
    flat_on_end(a, stream, weft_dir, end);
    return 0;
  }
  if (end->cause == WEFT_END_FIN && !stream->side[dir].closed) deliver_empty(a, stream, dir, 1);
  if (end->cause == WEFT_END_FIN && !(a->call.packet->flags & WEFT_TCP_FIN))
    stream->side[dir].reset = 1;
  side_close(a, stream, dir);
  return 0;
}

static void on_close(struct weft_conn *conn, void *user) {
  (void)conn;
  struct stream *stream = user;
  for (int dir = 0; dir < 2; dir++) side_done(&stream->side[dir]);
  stream->conn = NULL;
}

/* ---- Assemble ------------------------------------------------------- */

void adapter_push(struct adapter *a, const struct packet *p, uint32_t seq, const uint8_t *payload,
                  uint32_t length, unsigned flags, int directed) {
  struct weft_segment segment = {.size = sizeof segment,
                                 .tuple = {p->source, p->target, realm_of(p, directed)},
                                 .mark = {p->t * 1000, a->step},
                                 .payload = payload,
                                 .caplen = length,
                                 .wirelen = length,
                                 .seq = seq,
                                 .tcp_flags = (uint8_t)flags};
  a->in_call = 1;
  int verdict = weft_engine_push_segment(a->engine, &segment);
  struct stream *stream = a->call.stream;
  if (stream && (!stream->last || stream->last < p->t)) stream->last = p->t;
  if (verdict == WEFT_IS_REFUSED && a->call.accepted) print_rule(a, "far-away");
  if (verdict == WEFT_IS_STRAY) print_rule(a, "stray");
}

static int forced_start(const struct adapter *a, const struct stream *stream) {
  return a->rules.force_start && (stream ? stream->packets : 0) >= a->rules.force_after;
}

/* What the packet is to its stream. */
static void call_plan(const struct adapter *a, struct call *call) {
  const struct packet *p = call->packet;
  int syn = !!(p->flags & WEFT_TCP_SYN);
  if (call->stream) stream_expects(call->stream, call->dir, &call->started, &call->next);
  call->start = !call->started && (syn || forced_start(a, call->stream));
  call->seq = p->seq + (uint32_t)syn;
  call->end = call->seq + p->length;
  call->syn_inside = syn && call->started && p->seq == call->next;
  if (!call->started && call->start) call->next = call->seq;
  call->queued = call->started ? ahead(call->next, p->seq) > 0 : !call->start;
  call->fin = p->flags & (WEFT_TCP_FIN | WEFT_TCP_RST);
  int waits = call->stream && call->stream->side[call->dir].ledger.queue.count;
  call->fin_native = call->fin && !call->queued && (!waits || ahead(call->next, call->end) <= 0);
}

static int pages_reached(const struct adapter *a, const struct ledger *ledger) {
  const struct rules *rules = &a->rules;
  return (rules->pages_half_max > 0 && ledger_pages(ledger) >= rules->pages_half_max) ||
         (rules->pages_all_max > 0 && adapter_pages(a) >= rules->pages_all_max);
}

void adapter_assemble(struct adapter *a, const struct packet *p) {
  struct call *call = &a->call;
  *call = (struct call){.packet = p};
  if (a->rules.api == API_TCPASSEMBLY) {
    flat_assemble(a, p);
    a->in_call = 0;
    return;
  }
  call->stream = stream_find(a, p, 0, &call->dir);
  int opens = !call->stream;
  call_plan(a, call);
  unsigned fin = call->fin_native ? WEFT_TCP_FIN : 0;
  uint32_t syns = opens ? 0 : call->stream->side[call->dir].syns + (uint32_t)call->syn_inside;
  if (call->fin_native && ahead(call->next, call->end) <= 0)
    adapter_push(a, p, call->next - syns, NULL, 0, fin, 0);
  else if (opens && p->flags & WEFT_TCP_SYN)
    adapter_push(a, p, p->seq, p->payload, p->length, WEFT_TCP_SYN | fin, 0);
  else
    adapter_push(a, p, call->seq - syns, p->payload, p->length, fin, 0);
  struct stream *stream = call->stream;
  if (!call->accepted || !stream->conn) goto Done;
  struct side *side = &stream->side[call->dir];
  if (!call->queued && !call->delivered && p->flags & WEFT_TCP_SYN)
    deliver_empty(a, stream, call->dir, 0);
  if (call->queued && pages_reached(a, &side->ledger))
    weft_conn_skip_hole(stream->conn, weft_dir_of(stream, call->dir));
Done:
  a->in_call = 0;
}

long adapter_pages(const struct adapter *a) {
  long pages = 0;
  for (int i = 0; i < a->nstreams; i++)
    for (int dir = 0; dir < 2; dir++) pages += ledger_pages(&a->streams[i].side[dir].ledger);
  return pages;
}

/* ---- flushing ------------------------------------------------------- */

static int64_t nanoseconds(int64_t t) { return t == WEFT_TIME_NONE ? t : t * 1000; }

/* weft's clock never goes back, so that a packet with an earlier time than one
   of another connection makes its own active as of the clock. */
static void note_clock(struct adapter *a, weft_time idle) {
  for (int i = 0; i < a->nstreams; i++) {
    const struct stream *stream = &a->streams[i];
    struct weft_conn_info info = {.size = sizeof info};
    if (!stream->conn || idle == WEFT_TIME_NONE) continue;
    weft_conn_inspect(stream->conn, &info);
    if (nanoseconds(stream->last) < idle && info.last.time >= idle)
      print_rule(a, "clock-never-back");
  }
}

/* How long bytes have waited is told by the frame that brought them. */
static void note_age(struct adapter *a, int64_t t) {
  for (int i = 0; i < 2 * a->nstreams && t != WEFT_TIME_NONE; i++) {
    const struct pages *queue = &a->streams[i / 2].side[i % 2].ledger.queue;
    for (size_t k = 0; k < queue->count; k++) {
      const struct page *page = &queue->at[k];
      int heads = !k || page[-1].seq + page[-1].length != page->seq;
      if (heads && page->inside && page->t < t) print_rule(a, "age-of-the-bytes");
    }
  }
}

void adapter_flush(struct adapter *a, int64_t t, int64_t idle) {
  struct weft_flushed flushed;
  a->flush_closed = a->flush_touched = 0;
  a->touched = 0;
  note_clock(a, nanoseconds(idle));
  note_age(a, t);
  weft_engine_flush(a->engine, nanoseconds(t), nanoseconds(idle), &flushed);
  if (a->rules.api == API_REASSEMBLY) a->flush_touched = (long)flushed.flushed;
  for (uint64_t rest = a->touched; rest; rest &= rest - 1) a->flush_touched++;
}

void adapter_flush_all(struct adapter *a) {
  struct weft_stats stats = {.size = sizeof stats};
  weft_engine_stats(a->engine, &stats);
  a->flush_closed = (long)stats.conns_open;
  long closed = a->flush_closed;
  if (a->rules.complete_returns) {
    weft_engine_finish(a->engine);
  } else {
    /* They stay, and see nothing more. */
    weft_engine_flush(a->engine, INT64_MAX, WEFT_TIME_NONE, NULL);
    for (int i = 0; i < a->nstreams; i++)
      for (int dir = 0; dir < 2 && a->streams[i].conn; dir++) {
        weft_conn_discard(a->streams[i].conn, (enum weft_dir)dir);
        side_close(a, &a->streams[i], dir);
      }
  }
  a->flush_closed = closed;
}

/* ---- life ----------------------------------------------------------- */

int adapter_open(struct adapter *a, const struct rules *rules) {
  static const struct weft_stream_ops ops = {.size = sizeof ops,
                                             .on_open = on_open,
                                             .on_data = on_data,
                                             .on_gap = on_gap,
                                             .on_end = on_end,
                                             .on_close = on_close,
                                             .on_segment = on_segment};
  *a = (struct adapter){.rules = *rules};
  int flat = rules->api == API_TCPASSEMBLY;
  const struct weft_options *options =
      WEFT_OPTIONS(.hash_key = {1, 2}, .conns_max = 2 * STREAMS_MAX, .segments_max = PAGES_MAX,
                   .gap_wait = WEFT_FOREVER, .ack_wait = WEFT_FOREVER, .start_wait = WEFT_FOREVER,
                   .idle_wait = WEFT_FOREVER, .handshake_wait = WEFT_FOREVER,
                   .opens = WEFT_OPENS_ANY, .urgent = WEFT_URGENT_INLINE,
                   /* Lower start, then first arrival: what a sorted, untrimmed queue gives. */
                   .overlap = flat ? WEFT_OVERLAP_BSD : WEFT_OVERLAP_LAST);
  return weft_engine_new(options, &ops, a, &a->engine);
}

void adapter_close(struct adapter *a) {
  weft_engine_free(a->engine);
  for (int i = 0; i < a->nstreams; i++)
    for (int dir = 0; dir < 2; dir++) side_done(&a->streams[i].side[dir]);
}
