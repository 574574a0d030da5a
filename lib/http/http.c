/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <weft/http.h>

#include "http/conn.h"
#include "http/protocol.h"
#include "http/text.h"

/*
 * A connection is looked at in two stages, told apart by the callbacks it has:
 *
 *   probing    nothing is allocated; the first bytes of each delivery are
 *              judged, as far as PROBE_BYTES into either direction (a proxy's
 *              handshake may come before the HTTP)
 *   http_conn  two parsers and the pairing between them
 *
 * It leaves either when what comes is not HTTP/1, through on_other.
 */
#define PROBE_BYTES 4096
#define PROBE_BYTES_MIDSTREAM (1024 * 1024) /* a message met in its middle has to end first */

static const struct weft_stream_ops probe_ops, probe_midstream_ops;

/* ---- another protocol -------------------------------------------------------- */

/* What a connection has while on_other runs: if it still has it afterwards,
   nobody took it over. */
static const struct weft_stream_ops gone_ops = {.size = sizeof gone_ops};
static char gone;

int http_offer(struct weft_http *http, struct weft_conn *conn,
               const struct weft_http_exchange *exchange, int *result) {
  if (exchange) http_protocol_count(&http->stats, http_protocol_after(exchange->response));
  int status = weft_conn_set_ops(conn, &gone_ops, &gone);
  if (!status && !*result && http->ops.on_other)
    status = http->ops.on_other(conn, exchange, http->user);
  if (status && !*result) *result = status;
  return weft_conn_user(conn) != &gone;
}

/* ---- probing -------------------------------------------------------------- */

/* The connection in its probing stage is something else.  The data are offered
   to whoever takes it over. */
static int probe_leave(struct weft_http *http, struct weft_conn *conn, enum weft_dir dir,
                       const struct weft_data *data) {
  http_protocol_count(&http->stats, weft_protocol_probe(data->spans->base, data->spans->len));
  int result = 0, taken = http_offer(http, conn, NULL, &result);
  if (taken) weft_conn_keep(conn, dir, data->offset);
  if (result) return result;
  return taken ? 0 : WEFT_DETACH;
}

/* The data from their i-th span on. */
static struct weft_data data_from(const struct weft_data *data, size_t i) {
  struct weft_data rest = *data;
  rest.spans += i;
  rest.nspans -= i;
  rest.offset = rest.spans[0].offset;
  rest.length = data->offset + data->length - rest.offset;
  if (rest.fresh < rest.offset) rest.fresh = rest.offset;
  return rest;
}

/* Does HTTP begin with these data?  `last`: none follow them. */
static enum http_probe probe_begins(const struct weft_data *data, int last,
                                    enum http_kind *ret_kind) {
  uint8_t scratch[HTTP_PROBE_MAX];
  const uint8_t *bytes = data->spans[0].base;
  size_t length = data->spans[0].len;
  enum http_probe probe = http_probe_first(bytes, length, ret_kind);
  if (probe != HTTP_PROBE_AGAIN) return probe;
  if (data->nspans > 1) {
    length = data->length < HTTP_PROBE_MAX ? (size_t)data->length : HTTP_PROBE_MAX;
    bytes = weft_data_flat(data, data->offset, length, scratch);
    if (!bytes) return HTTP_PROBE_NO;
    probe = http_probe_first(bytes, length, ret_kind);
    if (probe != HTTP_PROBE_AGAIN) return probe;
  }
  if (!last && length < HTTP_PROBE_MAX) return HTTP_PROBE_AGAIN;
  return last && http_probe_cut(*ret_kind, bytes, length) ? HTTP_PROBE_YES : HTTP_PROBE_NO;
}

/* Looks at the beginning of each segment: a delivery may hold several that
   waited for one another.  Writes what begins there, and the data from there. */
static enum http_probe probe_judge(const struct weft_data *data, int last, enum http_kind *ret_kind,
                                   struct weft_data *ret_from) {
  for (size_t i = 0; i < data->nspans; i++) {
    *ret_from = data_from(data, i);
    enum http_probe probe = probe_begins(ret_from, last, ret_kind);
    if (probe == HTTP_PROBE_YES || probe == HTTP_PROBE_AGAIN) return probe;
    if (probe == HTTP_PROBE_NEVER && i == 0) return probe;
  }
  return HTTP_PROBE_NO;
}

/* It is HTTP: from here it has a state of its own. */
static int probe_accept(struct weft_http *http, struct weft_conn *conn, enum weft_dir dir,
                        enum http_kind kind, struct http_conn **ret) {
  return http_conn_begin(http, conn, dir, kind, ret);
}

static int probe_data(struct weft_http *http, struct weft_conn *conn, enum weft_dir dir,
                      const struct weft_data *data, uint64_t limit) {
  enum http_kind kind = HTTP_REQUEST;
  struct http_conn *c;
  struct weft_data from;
  switch (probe_judge(data, 0, &kind, &from)) {
  case HTTP_PROBE_YES: {
    int status = probe_accept(http, conn, dir, kind, &c);
    return status ? status : http_conn_data(conn, dir, &from, c);
  }
  case HTTP_PROBE_AGAIN: weft_conn_keep(conn, dir, from.offset); return 0;
  case HTTP_PROBE_NEVER: return probe_leave(http, conn, dir, data);
  case HTTP_PROBE_NO: break;
  }
  if (data->offset + data->length <= limit) return 0;
  return probe_leave(http, conn, dir, data);
}

static int probe_on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                         void *user) {
  return probe_data(user, conn, dir, data, PROBE_BYTES);
}

static int probe_midstream_on_data(struct weft_conn *conn, enum weft_dir dir,
                                   const struct weft_data *data, void *user) {
  return probe_data(user, conn, dir, data, PROBE_BYTES_MIDSTREAM);
}

/* Bytes that were kept, and nothing follows them. */
static int probe_last(struct weft_http *http, struct weft_conn *conn, enum weft_dir dir,
                      const struct weft_data *kept, struct http_conn **ret) {
  enum http_kind kind = HTTP_REQUEST;
  *ret = NULL;
  if (!kept || probe_begins(kept, 1, &kind) != HTTP_PROBE_YES) return 0;
  return probe_accept(http, conn, dir, kind, ret);
}

static int probe_on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                        void *user) {
  struct http_conn *c;
  if (gap->cause == WEFT_GAP_START) return weft_conn_set_ops(conn, &probe_midstream_ops, user);
  int status = probe_last(user, conn, dir, gap->kept, &c);
  return status || !c ? status : http_conn_gap(conn, dir, gap, c);
}

static int probe_on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                        void *user) {
  struct http_conn *c;
  int status = probe_last(user, conn, dir, end->kept, &c);
  return status || !c ? status : http_conn_end(conn, dir, end, c);
}

static const struct weft_stream_ops probe_ops = {
    .size = sizeof probe_ops,
    .on_data = probe_on_data,
    .on_gap = probe_on_gap,
    .on_end = probe_on_end,
};

static const struct weft_stream_ops probe_midstream_ops = {
    .size = sizeof probe_midstream_ops,
    .on_data = probe_midstream_on_data,
    .on_gap = probe_on_gap,
    .on_end = probe_on_end,
};

/* ---- the public face -------------------------------------------------------- */

/* What the caller does not know stays zero; what this library does not know must
   be zero. */
static int struct_copy(void *ours, size_t our_size, const void *given, size_t given_size) {
  if (given_size < sizeof(size_t)) return WEFT_E_INVAL;
  for (size_t i = our_size; i < given_size; i++)
    if (((const unsigned char *)given)[i]) return WEFT_E_UNKNOWN;
  memset(ours, 0, our_size);
  memcpy(ours, given, given_size < our_size ? given_size : our_size);
  return 0;
}

int weft_http_new(const struct weft_http_options *given, const struct weft_http_ops *ops,
                  void *user, struct weft_http **ret) {
  struct weft_http_options options = {.size = sizeof options};
  struct weft_http_ops our_ops = {.size = sizeof our_ops};
  struct mem mem;
  int status = given ? struct_copy(&options, sizeof options, given, given->size) : 0;
  if (!status && ops) status = struct_copy(&our_ops, sizeof our_ops, ops, ops->size);
  if (status) return status;
  /* A head's length is counted in 32 bits, with room to double. */
  if (options.head_bytes_max > 1u << 30) return WEFT_E_INVAL;
  mem_init(&mem, options.allocator, 0);
  struct weft_http *http = mem_alloc_zero(&mem, sizeof *http);
  if (!http) return WEFT_E_NOMEM;
  http_store_init(&http->store, &options);
  http->store.mem = mem;
  http->ops = our_ops;
  http_conns_init(http);
  http->user = user;
  http->pipeline_max = options.pipeline_max ? options.pipeline_max : 128;
  *ret = http;
  return 0;
}

void weft_http_free(struct weft_http *http) {
  if (!http) return;
  http_conns_done(http);
  http_store_done(&http->store);
  struct mem mem = http->store.mem;
  mem_free(&mem, http, sizeof *http);
}

int weft_http_attach(struct weft_http *http, struct weft_conn *conn) {
  return weft_conn_set_ops(conn, &probe_ops, http);
}

void weft_http_stats(const struct weft_http *http, struct weft_http_stats *ret) {
  struct weft_http_stats stats = http->stats;
  size_t size = ret->size < sizeof stats ? ret->size : sizeof stats;
  stats.resyncs = http->store.resyncs;
  stats.size = ret->size;
  memcpy(ret, &stats, size);
}

int weft_http_probe(const uint8_t *data, size_t length) {
  enum http_kind kind;
  switch (http_probe_first(data, length, &kind)) {
  case HTTP_PROBE_YES: return 1;
  case HTTP_PROBE_AGAIN: return WEFT_E_AGAIN;
  default: return 0;
  }
}

struct weft_text weft_http_find(const struct weft_http_message *message, const char *name) {
  size_t length = strlen(name);
  for (size_t i = 0; i < message->nfields; i++) {
    const struct weft_text *have = &message->fields[i].name;
    size_t j = 0;
    if (have->len != length) continue;
    while (j < length &&
           http_text_lower((uint8_t)have->base[j]) == http_text_lower((uint8_t)name[j]))
      j++;
    if (j == length) return message->fields[i].value;
  }
  return (struct weft_text){NULL, 0};
}

const char *weft_http_match_name(uint32_t match) {
  switch (match) {
  case WEFT_MATCH_FIFO: return "fifo";
  case WEFT_MATCH_UNMATCHED_REQUEST: return "unmatched_request";
  case WEFT_MATCH_UNMATCHED_RESPONSE: return "unmatched_response";
  default: return "unknown";
  }
}
