/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IO_SINK_SINK_H
#define IO_SINK_SINK_H

#include <weft/sink.h>

#include "sink/writer.h"

/*
 * One kind of output.  Adding one is a file with such a table and a line in
 * sink.c.  `state_size` bytes, zero-filled, belong to the kind.
 */
struct sink_kind {
  const char *name;
  size_t state_size;
  int (*open)(void *state, struct weft_writer *, const struct weft_sink_options *); /* or NULL */
  void (*write)(void *state, struct weft_writer *, const struct weft_http_exchange *);
  void (*close)(void *state); /* or NULL */
};

extern const struct sink_kind sink_text, sink_ndjson, sink_tsv, sink_csv;

/* The time an exchange is filed under: its first frame. */
static inline weft_time sink_time(const struct weft_http_exchange *x) {
  return x->request != NULL ? x->request->first.time : x->response->first.time;
}

/* Flags of a message by name, as every kind shows them. */
struct sink_flag {
  uint32_t flag;
  const char *name;
};
extern const struct sink_flag sink_flags[];
enum { SINK_NFLAGS = 8 };

/* Are these times of an exchange limits and not values? */
static inline int sink_wait_is_bound(const struct weft_http_exchange *x) {
  return x->timing.wait != WEFT_TIME_NONE && (x->timing.bounds & WEFT_BOUND_WAIT) != 0;
}
static inline int sink_elapsed_is_bound(const struct weft_http_exchange *x) {
  return x->timing.elapsed != WEFT_TIME_NONE &&
         (x->timing.bounds & (WEFT_BOUND_WAIT | WEFT_BOUND_RECEIVE)) != 0;
}

/* Did the end of the connection come after the last byte of the response? */
static inline int sink_has_last_byte(const struct weft_http_exchange *x) {
  return x->timing.elapsed != WEFT_TIME_NONE && x->timing.last_byte != x->timing.elapsed;
}

/* From where to where a time may lie when parts of the messages came again: one of the
   two is the time itself where nothing says otherwise. */
struct sink_range {
  weft_duration min, max;
};

/* The ranges of an exchange that has both messages and `again`: of its time to the
   response's first frame, and to its last. */
struct sink_range sink_wait_range(const struct weft_http_exchange *);
struct sink_range sink_elapsed_range(const struct weft_http_exchange *);

/* Are there such ranges? */
static inline int sink_has_ranges(const struct weft_http_exchange *x) {
  return x->again != NULL && x->request != NULL && x->response != NULL;
}

/* Bytes of the message that the capture holds. */
static inline uint64_t sink_bytes(const struct weft_http_message *m) {
  return m->wire_length - m->body_missing;
}

#endif
