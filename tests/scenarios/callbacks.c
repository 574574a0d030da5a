/* SPDX-License-Identifier: BSD-2-Clause */
#include "scenario.h"

#define FAILURE (WEFT_E_USER - 7)

/* A deed is done once. */
static int do_deed(struct play *play, enum occasion occasion, struct weft_conn *conn,
                   enum weft_dir dir) {
  enum deed deed = play->deeds[occasion];
  play->deeds[occasion] = DEED_NONE;
  switch (deed) {
  case DEED_DETACH: return WEFT_DETACH;
  case DEED_DROP: return WEFT_DROP;
  case DEED_START: return WEFT_START;
  case DEED_FAIL: return FAILURE;
  case DEED_CLOSE: weft_conn_close(conn); return 0;
  case DEED_DISCARD: weft_conn_discard(conn, dir); return 0;
  case DEED_NONE: break;
  }
  return 0;
}

static unsigned number_of(const struct weft_conn *conn) {
  const struct weft_tuple *t = weft_conn_tuple(conn);
  unsigned port = t->source.port == 80 ? t->target.port : t->source.port;
  return (port - 40000) % CONNS_MAX;
}

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  struct play *play = user;
  play->conns[number_of(conn)] = conn;
  recorder_open(&play->recorder, conn, open);
  return do_deed(play, ON_OPEN, conn, WEFT_FROM_CLIENT);
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  struct play *play = user;
  recorder_data(&play->recorder, conn, dir, data);
  if (play->keep[dir] != WEFT_OFFSET_NONE) weft_conn_keep(conn, dir, play->keep[dir]);
  return do_deed(play, ON_DATA, conn, dir);
}

static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  struct play *play = user;
  recorder_gap(&play->recorder, conn, dir, gap);
  return do_deed(play, ON_GAP, conn, dir);
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  struct play *play = user;
  recorder_end(&play->recorder, conn, dir, end);
  return do_deed(play, ON_END, conn, dir);
}

static void on_close(struct weft_conn *conn, void *user) {
  struct play *play = user;
  if (play->conns[number_of(conn)] == conn) play->conns[number_of(conn)] = NULL;
  recorder_close(&play->recorder, conn);
}

static int on_overlap(struct weft_conn *conn, enum weft_dir dir, const struct weft_overlap *overlap,
                      void *user) {
  struct play *play = user;
  recorder_overlap(&play->recorder, conn, dir, overlap);
  return 0;
}

static int on_segment(struct weft_conn *conn, enum weft_dir dir, const struct weft_segment *segment,
                      void *user) {
  struct play *play = user;
  recorder_segment(&play->recorder, conn, dir, segment);
  return do_deed(play, ON_SEGMENT, conn, dir);
}

const struct weft_stream_ops play_ops = {
    .size = sizeof(struct weft_stream_ops),
    .on_open = on_open,
    .on_data = on_data,
    .on_gap = on_gap,
    .on_end = on_end,
    .on_close = on_close,
    .on_overlap = on_overlap,
    .on_segment = on_segment,
};
