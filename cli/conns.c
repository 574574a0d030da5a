/* SPDX-License-Identifier: BSD-2-Clause */
#include "conns.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- what there is to say ---- */

static weft_duration between(const struct weft_mark *from, const struct weft_mark *to) {
  return from->frame != 0 && to->frame != 0 ? to->time - from->time : WEFT_TIME_NONE;
}

static void digest_text(struct sha256_ctx *digest, char text[2 * SHA256_DIGEST_SIZE + 1]) {
  uint8_t bytes[SHA256_DIGEST_SIZE];
  sha256_digest(digest, sizeof bytes, bytes);
  for (size_t i = 0; i < sizeof bytes; i++) snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

/* One direction under one name, "client" or "server". */
struct side_names {
  const char *address, *port, *packets, *bytes, *missing, *retransmitted, *out_of_order, *end,
      *gaps, *sha256;
};
static const struct side_names names[2] = {
    {"client.address", "client.port", "client.packets", "client.bytes", "client.missing_bytes",
     "client.retransmitted", "client.out_of_order", "client.end", "client.gaps", "client.sha256"},
    {"server.address", "server.port", "server.packets", "server.bytes", "server.missing_bytes",
     "server.retransmitted", "server.out_of_order", "server.end", "server.gaps", "server.sha256"},
};

/* A connection, or with `conn` NULL the header. */
struct line {
  uint64_t id;
  struct weft_tuple tuple;
  struct weft_conn_info info;
  const struct conn *conn;
  char sha256[2][2 * SHA256_DIGEST_SIZE + 1];
};

static const char *protocol_name(const struct line *l) {
  return l->conn != NULL && l->conn->protocol >= 0 ? weft_protocol_name((uint32_t)l->conn->protocol)
                                                   : NULL;
}

static const struct {
  const char *frames, *opcodes, *first, *last, *lost;
} websocket_names[2] = {
    {"websocket.client.frames", "websocket.client.opcodes", "websocket.client.first",
     "websocket.client.last", "websocket.client.lost"},
    {"websocket.server.frames", "websocket.server.opcodes", "websocket.server.first",
     "websocket.server.last", "websocket.server.lost"},
};

static void record_websocket(struct weft_record *r, const struct line *l, int d) {
  static const struct weft_websocket nothing;
  int present = l->conn != NULL && l->conn->websockets != NULL;
  const struct weft_websocket *w = present ? &l->conn->websockets[d] : &nothing;
  if (present)
    weft_record_uint(r, websocket_names[d].frames, w->frames);
  else
    weft_record_absent(r, websocket_names[d].frames);
  weft_record_pairs(r, websocket_names[d].opcodes, present);
  for (unsigned i = 0; i < 16; i++)
    if (w->opcodes[i] > 0) weft_record_pair(r, i, w->opcodes[i]);
  weft_record_pairs_end(r);
  weft_record_time(r, websocket_names[d].first, w->frames > 0 ? w->first.time : WEFT_TIME_NONE);
  weft_record_time(r, websocket_names[d].last, w->frames > 0 ? w->last.time : WEFT_TIME_NONE);
  weft_record_flag(r, websocket_names[d].lost, w->lost);
}

static void record_side(struct weft_record *r, const struct line *l, int d, int digest) {
  char address[WEFT_ENDPOINT_STRLEN];
  const struct side_names *n = &names[d];
  const struct weft_endpoint *e = d == WEFT_FROM_CLIENT ? &l->tuple.source : &l->tuple.target;
  const struct side *s = l->conn != NULL ? &l->conn->sides[d] : NULL;
  weft_record_string(r, n->address, weft_address_format(e->address, address));
  weft_record_uint(r, n->port, e->port);
  weft_record_uint(r, n->packets, l->info.segments[d]);
  weft_record_uint(r, n->bytes, l->info.bytes[d]);
  weft_record_uint(r, n->missing, l->info.gap_bytes[d]);
  weft_record_uint(r, n->retransmitted, l->info.retransmitted[d]);
  weft_record_uint(r, n->out_of_order, l->info.out_of_order[d]);
  weft_record_string(r, n->end, weft_end_cause_name(l->info.end[d]));
  weft_record_pairs(r, n->gaps, 1);
  for (size_t i = 0; s != NULL && i < s->ngaps; i++)
    weft_record_pair(r, s->gaps[i][0], s->gaps[i][1]);
  weft_record_pairs_end(r);
  if (digest) weft_record_string(r, n->sha256, l->sha256[d]);
}

static void record_line(struct weft_record *r, const struct line *l, int digest) {
  const struct weft_conn_info *i = &l->info;
  weft_record_time(r, "@timestamp", i->first.time);
  weft_record_uint(r, "connection.id", l->id);
  weft_record_uint(r, "connection.first_frame", i->first.frame);
  weft_record_uint(r, "connection.last_frame", i->last.frame);
  weft_record_seconds(r, "connection.duration", i->last.time - i->first.time);
  weft_record_string(r, "connection.state", weft_conn_state_name(i->state));
  weft_record_string(r, "connection.end",
                     l->conn != NULL ? weft_end_cause_name(l->conn->end) : NULL);
  weft_record_seconds(r, "connection.rtt.server", between(&i->syn, &i->syn_ack));
  weft_record_seconds(r, "connection.rtt.client", between(&i->syn_ack, &i->established));
  weft_record_seconds(r, "connection.rtt.total", between(&i->syn, &i->established));
  weft_record_string(r, "network.protocol", protocol_name(l));
  record_side(r, l, WEFT_FROM_CLIENT, digest);
  record_side(r, l, WEFT_FROM_SERVER, digest);
  weft_record_string(r, "tls.client.server_name", l->conn != NULL ? l->conn->server_name : NULL);
  for (int d = 0; d < 2; d++) record_websocket(r, l, d);
}

/* ---- text ---- */

static void text_title(struct output *o, int digest) {
  output_right(o, "ID", 6);
  output_left(o, "CLIENT", 21);
  output_left(o, "SERVER", 21);
  output_left(o, "PROTO", 9);
  output_left(o, "STATE", 12);
  output_left(o, "END", 7);
  output_right(o, "CLIENT_BYTES", 12);
  output_right(o, "SERVER_BYTES", 12);
  output_right(o, "PACKETS", 8);
  output_right(o, "RETRANS", 7);
  output_right(o, "MISSING", 8);
  output_right(o, "RTT_MS", 9);
  if (digest) {
    output_left(o, "FRAMES", 11);
    output_left(o, "CLIENT_SHA256", 64);
  }
  output_last(o, digest ? "SERVER_SHA256" : "FRAMES");
}

static void text_milliseconds(struct output *o, weft_duration d, size_t width) {
  char text[32] = "-";
  if (d != WEFT_TIME_NONE) snprintf(text, sizeof text, "%.3f", (double)(d / 1000) / 1000);
  output_right(o, text, width);
}

static void text_line(struct output *o, const struct line *l, int digest) {
  char text[WEFT_ENDPOINT_STRLEN];
  const struct weft_conn_info *i = &l->info;
  output_number(o, l->id, 6);
  output_left(o, weft_endpoint_format(&l->tuple.source, text), 21);
  output_left(o, weft_endpoint_format(&l->tuple.target, text), 21);
  const char *protocol = protocol_name(l);
  output_left(o, protocol != NULL ? protocol : "-", 9);
  output_left(o, weft_conn_state_name(i->state), 12);
  output_left(o, weft_end_cause_name(l->conn->end), 7);
  output_number(o, i->bytes[0], 12);
  output_number(o, i->bytes[1], 12);
  output_number(o, i->segments[0] + i->segments[1], 8);
  output_number(o, i->retransmitted[0] + i->retransmitted[1], 7);
  output_number(o, i->gap_bytes[0] + i->gap_bytes[1], 8);
  text_milliseconds(o, between(&i->syn, &i->established), 9);
  char frames[48];
  snprintf(frames, sizeof frames, "%" PRIu64 "-%" PRIu64, i->first.frame, i->last.frame);
  if (digest) {
    output_left(o, frames, 11);
    output_left(o, l->sha256[0], 64);
  }
  output_last(o, digest ? l->sha256[1] : frames);
}

/* ---- either ---- */

void conns_begin(struct conns *all) {
  static const struct line nothing;
  struct weft_record *r = all->output.record;
  if (r == NULL) {
    text_title(&all->output, all->args->digest);
    return;
  }
  weft_record_begin_header(r);
  record_line(r, &nothing, all->args->digest);
  weft_record_end(r);
}

void conns_write(struct conns *all, const struct weft_conn *conn, struct conn *c) {
  struct line line = {
      .id = weft_conn_id(conn),
      .tuple = *weft_conn_tuple(conn),
      .info = {.size = sizeof line.info},
      .conn = c,
  };
  struct weft_record *r = all->output.record;
  weft_conn_inspect(conn, &line.info);
  for (int d = 0; c->digests != NULL && d < 2; d++) digest_text(&c->digests[d], line.sha256[d]);
  if (r == NULL) {
    text_line(&all->output, &line, all->args->digest);
    return;
  }
  weft_record_begin(r);
  record_line(r, &line, all->args->digest);
  weft_record_end(r);
}
