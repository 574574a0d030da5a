/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <weft/http.h>

#include "commands.h"
#include "explain.h"
#include "links.h"
#include "output.h"
#include "run.h"

/*
 * Everything is counted by the engine and weft_http; the HTTP layer runs along
 * so that its counters mean something.  Figures that depend on the machine,
 * such as memory, are left out: two runs over a file say the same.
 */
struct stats {
  struct weft_stats engine;
  struct weft_http_stats http;
  struct weft_capture_info capture;
  struct links links;
  weft_time first, last; /* earliest and latest of the frames; WEFT_TIME_NONE before */
};

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  (void)open;
  return weft_http_attach(*(struct weft_http **)user, conn);
}

/* A counter by its dotted name, and as people say it. */
struct row {
  const char *name, *words;
  uint64_t value;
};

static size_t stats_rows(const struct stats *s, struct row *rows) {
  const struct weft_stats *e = &s->engine;
  const struct weft_http_stats *h = &s->http;
  const struct weft_capture_info *c = &s->capture;
  const struct row all[] = {
      {"frames.read", "frames read", c->frames},
      {"frames.filtered", "kept back by the filter", c->filtered},
      {"frames.duplicates", "left out as duplicates", c->duplicates},
      {"frames.used", "frames used", e->frames},
      {"frames.time_backwards", "older than the one before", e->time_backwards},
      {"connections.opened", "connections", e->conns_opened},
      {"connections.midstream", "begun before the capture", e->conns_midstream},
      {"connections.evicted", "given up for newer ones", e->conns_evicted},
      {"connections.http", "speaking HTTP/1", h->conns_http},
      {"connections.other", "speaking something else", h->conns_other},
      {"connections.tls", "  TLS", h->conns_tls},
      {"connections.http2", "  HTTP/2", h->conns_http2},
      {"connections.websocket", "  WebSocket", h->conns_websocket},
      {"streams.bytes", "stream bytes", e->bytes_delivered},
      {"streams.bytes_uncopied", "never copied", e->bytes_delivered_uncopied},
      {"streams.out_of_order", "segments out of order", e->segments_out_of_order},
      {"streams.retransmitted", "segments retransmitted", e->segments_retransmitted},
      {"streams.held_bytes_peak", "most bytes held at once", e->held_bytes_peak},
      {"gaps.count", "gaps", e->gaps},
      {"gaps.bytes", "bytes missing", e->gap_bytes},
      {"overlaps.count", "overlaps", e->overlaps},
      {"overlaps.bytes", "bytes sent again", e->overlap_bytes},
      {"overlaps.differing", "with different bytes", e->overlaps_differing},
      {"http.requests", "HTTP requests", h->requests},
      {"http.responses", "HTTP responses", h->responses},
      {"http.exchanges", "HTTP exchanges", h->exchanges},
      {"http.unmatched_requests", "requests without a response", h->unmatched_requests},
      {"http.unmatched_responses", "responses without a request", h->unmatched_responses},
      {"http.resyncs", "searches for a start line", h->resyncs},
      {"fragments.datagrams", "datagrams put together from fragments", e->datagrams},
      {"fragments.discarded", "datagrams discarded for their fragments", e->datagrams_discarded},
      {"fragments.expired", "datagrams never whole", e->datagrams_expired},
      {"fragments.ignored", "fragments ignored, as copies are", e->fragments_ignored},
      {"fragments.overlapping", "fragments that overlap others", e->fragments_overlapping},
      {"fragments.tiny", "fragments with a part of a TCP header", e->fragments_tiny},
      {"fragments.over_header", "fragments over the header of another", e->fragments_over_header},
      {"limits.connections", "bound on connections reached", e->limit_conns},
      {"limits.segments", "bound on held segments reached", e->limit_segments},
      {"limits.held_direction", "bound on bytes of a direction reached", e->limit_held_dir},
      {"limits.held", "bound on bytes held reached", e->limit_held},
      {"limits.fragments", "bound on fragments reached", e->limit_fragments},
      {"limits.memory", "memory refused", e->limit_memory},
  };
  memcpy(rows, all, sizeof all);
  size_t n = sizeof all / sizeof *all;
  if (c->has_drops) {
    rows[n++] = (struct row){"drops.kernel", "dropped by the kernel", c->kernel_dropped};
    rows[n++] = (struct row){"drops.interface", "dropped by the interface", c->interface_dropped};
  }
  return n;
}
enum { ROWS_MAX = 48, VERDICT_NAME = 40 };

static void verdict_field(int verdict, char name[VERDICT_NAME]) {
  snprintf(name, VERDICT_NAME, "verdicts.%s", weft_verdict_name(verdict));
}

/* Pairs of a link type that is not read and its frames. */
static void record_links(struct weft_record *r, const struct links *links) {
  weft_record_pairs(r, "unknown_links", 1);
  for (unsigned i = 0; i < links->count; i++)
    if (!links->link[i].is_read)
      weft_record_pair(r, links->link[i].linktype, links->link[i].frames);
  weft_record_pairs_end(r);
}

static void record_stats(struct weft_record *r, const struct stats *s) {
  char names[WEFT_VERDICT_COUNT][VERDICT_NAME];
  struct row rows[ROWS_MAX];
  size_t n = stats_rows(s, rows);
  weft_record_time(r, "time.first", s->first);
  weft_record_time(r, "time.last", s->last);
  weft_record_seconds(r, "time.duration",
                      s->first != WEFT_TIME_NONE ? s->last - s->first : WEFT_TIME_NONE);
  for (int v = 0; v < WEFT_VERDICT_COUNT; v++) {
    verdict_field(v, names[v]);
    weft_record_uint(r, names[v], s->engine.verdicts[v]);
  }
  for (size_t i = 0; i < n; i++) weft_record_uint(r, rows[i].name, rows[i].value);
  record_links(r, &s->links);
}

static void text_row(struct output *o, uint64_t value, const char *words) {
  output_number(o, value, 15);
  weft_write_string(o->writer, words);
  weft_write_char(o->writer, '\n');
}

static void text_links(struct output *o, const struct links *links) {
  for (unsigned i = 0; i < links->count; i++) {
    char words[64];
    if (links->link[i].is_read) continue;
    snprintf(words, sizeof words, "    link type %u", (unsigned)links->link[i].linktype);
    text_row(o, links->link[i].frames, words);
  }
}

static void text_verdicts(struct output *o, const struct stats *s) {
  for (int v = 0; v < WEFT_VERDICT_COUNT; v++) {
    char words[VERDICT_NAME];
    if (s->engine.verdicts[v] == 0) continue;
    snprintf(words, sizeof words, "  %s", weft_verdict_name(v));
    text_row(o, s->engine.verdicts[v], words);
    if (v == WEFT_IS_UNKNOWN_LINK) text_links(o, &s->links);
  }
}

/* Of captures without fragments, or where no bound was reached, nothing is said. */
static int is_rare(const char *name) {
  return strncmp(name, "limits", 6) == 0 || strncmp(name, "fragments", 9) == 0;
}

/* Counters of nothing are left out, except those that head a paragraph. */
static void text_stats(struct output *o, const struct stats *s) {
  struct row rows[ROWS_MAX];
  size_t n = stats_rows(s, rows);
  if (s->first != WEFT_TIME_NONE) {
    weft_write_string(o->writer, "from ");
    weft_write_time(o->writer, s->first);
    weft_write_string(o->writer, " for ");
    weft_write_seconds(o->writer, s->last - s->first);
    weft_write_string(o->writer, " s\n");
  }
  for (size_t i = 0; i < n; i++) {
    int heads = i == 0 || strcspn(rows[i].name, ".") != strcspn(rows[i - 1].name, ".") ||
                strncmp(rows[i].name, rows[i - 1].name, strcspn(rows[i].name, ".")) != 0;
    if (rows[i].value > 0 || (heads && !is_rare(rows[i].name)))
      text_row(o, rows[i].value, rows[i].words);
    if (strcmp(rows[i].name, "frames.used") == 0) text_verdicts(o, s);
  }
}

/* Time may go back. */
static void see(void *user, const struct weft_frame *frames, size_t nframes) {
  struct stats *s = user;
  links_count(&s->links, frames, nframes);
  for (size_t i = 0; i < nframes; i++) {
    weft_time time = frames[i].mark.time;
    if (s->first == WEFT_TIME_NONE || time < s->first) s->first = time;
    if (time > s->last) s->last = time;
  }
}

static void stats_write(struct output *o, const struct stats *s) {
  struct weft_record *r = o->record;
  if (r == NULL) {
    text_stats(o, s);
    return;
  }
  weft_record_begin_header(r);
  record_stats(r, s);
  weft_record_end(r);
  weft_record_begin(r);
  record_stats(r, s);
  weft_record_end(r);
}

static const struct weft_stream_ops stream_ops = {.size = sizeof stream_ops, .on_open = on_open};

static int count_all(const struct args *a, struct weft_http **http) {
  struct stats s = {.engine = {.size = sizeof s.engine},
                    .http = {.size = sizeof s.http},
                    .capture = {.size = sizeof s.capture},
                    .first = WEFT_TIME_NONE,
                    .last = WEFT_TIME_NONE};
  struct output output = {NULL, NULL};
  struct run run;
  int status = run_open(&run, a, &stream_ops, http);
  if (status != EXIT_OK) return status;
  run.see = see;
  run.see_user = &s;
  status = output_open(&output, a);
  if (status == EXIT_OK) {
    status = run_all(&run);
    weft_engine_stats(run.engine, &s.engine);
    weft_http_stats(*http, &s.http);
    weft_capture_inspect(run.capture, &s.capture);
    stats_write(&output, &s);
  }
  run_close(&run);
  return output_close(&output, status);
}

int cmd_stats(const struct args *a) {
  static const struct weft_http_ops http_ops = {.size = sizeof http_ops};
  struct weft_http *http = NULL;
  if (weft_http_new(NULL, &http_ops, NULL, &http) < 0) return EXIT_INPUT;
  int status = a->explain ? explain_all(a, &stream_ops, &http) : count_all(a, &http);
  weft_http_free(http);
  return status;
}
