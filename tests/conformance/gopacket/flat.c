/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "gopacket.h"

/*
 * gopacket's `tcpassembly`: each direction is a stream of its own, told apart
 * by the realm, and is handed over in pieces, one for each page or packet.
 * Which pieces those are, the empty ones too, the ledger says; their bytes and
 * times are weft's.
 */

static void print_piece(const struct weft_data *data, uint64_t from, uint64_t to,
                        const struct page *page, int first, int64_t skip, int start) {
  struct weft_mark mark = {page->t * 1000, 1};
  printf("%s{\"data\":\"", first ? "" : ",");
  for (size_t i = 0; data && i < data->nspans; i++) {
    const struct weft_span *span = &data->spans[i];
    uint64_t low = span->offset < from ? from : span->offset, high = span->offset + span->len;
    if (high > to) high = to;
    if (low < high) print_hex(span->base + (low - span->offset), high - low);
  }
  if (from < to) mark = weft_data_mark(data, from);
  printf("\",\"skip\":%lld,\"start\":%s,\"end\":%s,\"t\":", (long long)skip,
         start ? "true" : "false", page->end ? "true" : "false");
  print_time(&mark);
  printf("}");
}

static void flat_close(struct adapter *a, struct stream *stream) {
  if (stream->side[0].closed) return;
  stream->side[0].closed = 1;
  ledger_clear(&stream->side[0].ledger);
  a->flush_closed++;
  stream_complete(a, stream);
}

/* Reassembled: [seq, next), with the bytes of `data`, NULL for none. */
static void flat_deliver(struct adapter *a, struct stream *stream, const struct weft_data *data,
                         uint32_t seq, uint32_t next) {
  struct side *side = &stream->side[0];
  struct pages *queue = &side->ledger.queue;
  struct call *call = &a->call;
  int live = a->in_call && call->stream == stream && !call->queued && !call->delivered;
  int pieces = 0, end = 0;
  uint32_t at = seq;
  print_event(a, "data", stream);
  printf(",\"pieces\":[");
  for (;;) {
    struct page page;
    if (live) {
      page = (struct page){.seq = call->seq,
                           .length = call->length,
                           .t = call->packet->t,
                           .end = call->fin,
                           .syn = (int)call->inside};
    } else {
      if (!queue->count || ahead(at, queue->at[0].seq) > 0) break;
      page = queue->at[0];
      pages_drop(queue, 0, 1);
    }
    uint32_t to = page.seq + page.length;
    if (ahead(at, to) < 0) to = at;
    uint64_t base = data ? data->offset : 0;
    uint32_t from = page.syn && at == page.seq && to != at ? at + 1 : at;
    print_piece(data, base + (from - seq), base + (to - seq), &page, !pieces, side->skip,
                live && call->packet->flags & WEFT_TCP_SYN && call->start);
    side->skip = 0;
    live = 0;
    pieces++;
    end |= page.end;
    at = to;
  }
  printf("]}");
  if (at != next) print_rule(a, "ledger-differs");
  if (a->in_call) call->delivered = 1;
  if (end) flat_close(a, stream);
}

void flat_on_data(struct adapter *a, struct stream *stream, enum weft_dir dir,
                  const struct weft_data *data) {
  int started;
  uint32_t next;
  if (stream->side[0].closed) return;
  stream_expects(stream, dir ^ stream->flip, &started, &next);
  a->touched |= UINT64_C(1) << stream->number;
  flat_deliver(a, stream, data, next - (uint32_t)data->length, next);
}

void flat_on_end(struct adapter *a, struct stream *stream, enum weft_dir dir,
                 const struct weft_end *end) {
  int started;
  uint32_t next;
  if ((int)dir != stream->flip || stream->side[0].closed) return;
  stream_expects(stream, 0, &started, &next);
  a->touched |= UINT64_C(1) << stream->number;
  /* The FIN took a number. */
  if (end->cause == WEFT_END_FIN) flat_deliver(a, stream, NULL, next - 1, next - 1);
  flat_close(a, stream);
}

void flat_assemble(struct adapter *a, const struct packet *p) {
  struct call *call = &a->call;
  int syn = !!(p->flags & WEFT_TCP_SYN), dir = 0;
  call->fin = p->flags & (WEFT_TCP_FIN | WEFT_TCP_RST) ? 1 : 0;
  if (!syn && !call->fin && !p->length) return;
  struct stream *stream = call->stream = stream_find(a, p, 1, &dir);
  int opens = !stream;
  if (opens && !syn && !p->length) return;
  if (stream) stream_expects(stream, 0, &call->started, &call->next);
  call->start = !call->started && syn;
  call->inside = syn && call->started && p->seq == call->next;
  call->seq = p->seq + (uint32_t)syn - call->inside;
  if (call->start) call->next = call->seq;
  call->queued = call->started ? ahead(call->next, p->seq) > 0 : !syn;
  /* The number of a SYN where a byte is expected is given one, which is never shown. */
  call->length = p->length + call->inside;
  const uint8_t *payload = p->payload - call->inside;
  /* An end without bytes takes a number of its own while it waits. */
  unsigned fin = call->queued && call->fin && !call->length ? WEFT_TCP_FIN : 0;
  if (opens) adapter_push(a, p, p->seq, payload, call->length, syn ? WEFT_TCP_SYN : 0, 1);
  stream = call->stream;
  if (call->queued && syn && !p->length) print_rule(a, "empty-waits");
  struct ledger *ledger = &stream->side[0].ledger;
  struct page page = {.seq = call->seq, .length = call->length, .t = p->t, .end = call->fin};
  if (call->queued && ledger_append(ledger, page)) print_rule(a, "between-pages");
  if (!opens) adapter_push(a, p, call->seq, payload, call->length, fin, 1);
  if (!call->queued && !call->delivered && stream->conn)
    flat_deliver(a, stream, NULL, call->next, call->next);
  const struct rules *rules = &a->rules;
  if (!call->queued || !stream->conn) return;
  if ((rules->pages_half_max > 0 && ledger_pages(ledger) >= rules->pages_half_max) ||
      (rules->pages_all_max > 0 && adapter_pages(a) >= rules->pages_all_max))
    weft_conn_skip_hole(stream->conn, weft_dir_of(stream, 0));
}
