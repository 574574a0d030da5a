/* SPDX-License-Identifier: BSD-2-Clause */
#include "follow.h"

/* Every delivery, gap and end as an object; docs/output.md has the fields. */

struct event {
  const char *name;
  uint64_t offset, length;
  struct weft_mark mark;
  const struct weft_data *data; /* or NULL */
  const char *cause;            /* or NULL */
};

static void event_endpoint(struct weft_record *r, const char *address, const char *port,
                           const struct weft_endpoint *e) {
  char text[WEFT_ENDPOINT_STRLEN];
  weft_record_string(r, address, weft_address_format(e->address, text));
  weft_record_uint(r, port, e->port);
}

static void event_segments(struct weft_record *r, const struct weft_data *data) {
  weft_record_pairs(r, "segments", data != NULL);
  for (size_t i = 0; data != NULL && i < data->nspans; i++)
    weft_record_pair(r, data->spans[i].mark.frame, data->spans[i].len);
  weft_record_pairs_end(r);
}

static void event_describe(struct weft_record *r, uint64_t id, const struct weft_tuple *tuple,
                           enum weft_dir dir, const struct event *e) {
  weft_record_uint(r, "connection.id", id);
  event_endpoint(r, "client.address", "client.port", &tuple->source);
  event_endpoint(r, "server.address", "server.port", &tuple->target);
  weft_record_string(r, "direction", dir == WEFT_FROM_CLIENT ? "client" : "server");
  weft_record_string(r, "event", e->name);
  weft_record_uint(r, "offset", e->offset);
  if (e->length != WEFT_LENGTH_UNKNOWN)
    weft_record_uint(r, "length", e->length);
  else
    weft_record_absent(r, "length");
  if (e->mark.frame != 0)
    weft_record_uint(r, "frame", e->mark.frame);
  else
    weft_record_absent(r, "frame");
  weft_record_time(r, "time", e->mark.frame != 0 ? e->mark.time : WEFT_TIME_NONE);
  weft_record_string(r, "cause", e->cause);
  event_segments(r, e->data);
  weft_record_base64(r, "data", e->data != NULL ? e->data->spans : NULL,
                     e->data != NULL ? e->data->nspans : 0);
}

static int records_begin(struct follow *f) {
  static const struct weft_tuple tuple;
  static const struct event nothing;
  weft_record_begin_header(f->output.record);
  event_describe(f->output.record, 0, &tuple, WEFT_FROM_CLIENT, &nothing);
  weft_record_end(f->output.record);
  return 0;
}

static int event_write(struct follow *f, const struct weft_conn *conn, enum weft_dir dir,
                       const struct event *e) {
  weft_record_begin(f->output.record);
  event_describe(f->output.record, weft_conn_id(conn), weft_conn_tuple(conn), dir, e);
  weft_record_end(f->output.record);
  return 0;
}

static int records_data(struct follow *f, const struct weft_conn *conn, enum weft_dir dir,
                        const struct weft_data *data) {
  struct event e = {"data", data->offset, data->length, data->trigger, data, NULL};
  return event_write(f, conn, dir, &e);
}

static int records_gap(struct follow *f, const struct weft_conn *conn, enum weft_dir dir,
                       const struct weft_gap *gap) {
  struct event e = {"gap",        gap->offset, gap->length,
                    gap->trigger, NULL,        weft_gap_cause_name(gap->cause)};
  return event_write(f, conn, dir, &e);
}

static int records_end(struct follow *f, const struct weft_conn *conn, enum weft_dir dir,
                       const struct weft_end *end) {
  struct event e = {"end", end->length, 0, end->mark, NULL, weft_end_cause_name(end->cause)};
  return event_write(f, conn, dir, &e);
}

const struct follow_mode follow_records = {
    .begin = records_begin, .data = records_data, .gap = records_gap, .end = records_end};
