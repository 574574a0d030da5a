/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/timing.h"

/* Times come from files, so a difference may be anything. */
static weft_duration since(struct weft_mark from, struct weft_mark to) {
  if (!from.frame || !to.frame) return WEFT_TIME_NONE;
  return (weft_duration)((uint64_t)to.time - (uint64_t)from.time);
}

/* Is the frame that brought the last byte unknown? */
static int end_is_lost(const struct http_message *m) {
  return m->last_frame_lost || m->place_lost || (m->view.flags & WEFT_HTTP_TRUNCATED);
}

void http_timing_of(const struct http_message *request, const struct http_message *response,
                    struct weft_http_timing *ret) {
  uint32_t bounds = 0;
  ret->connect = ret->send = ret->wait = WEFT_TIME_NONE;
  ret->receive = ret->elapsed = ret->last_byte = WEFT_TIME_NONE;
  if (request) {
    ret->send = since(request->view.first, request->view.last);
    if (end_is_lost(request)) bounds |= WEFT_BOUND_SEND;
  }
  if (response) {
    ret->receive = since(response->view.first, response->view.last);
    if (end_is_lost(response)) bounds |= WEFT_BOUND_RECEIVE;
  }
  if (request && response) {
    ret->wait = since(request->view.last, response->view.first);
    ret->elapsed = since(request->view.last, response->view.last);
    ret->last_byte =
        response->by_fin ? since(request->view.last, response->data_last) : ret->elapsed;
    if (bounds & WEFT_BOUND_SEND || response->view.flags & WEFT_HTTP_HEAD_LOST)
      bounds |= WEFT_BOUND_WAIT;
  }
  ret->bounds = bounds;
}

int http_timing_is_early(const struct http_message *request, const struct http_message *response) {
  uint32_t odd = WEFT_HTTP_TRUNCATED | WEFT_HTTP_INVALID | WEFT_HTTP_HEAD_LOST;
  /* Nothing is missing, it just was never completed. */
  if ((request->view.flags & odd) == WEFT_HTTP_TRUNCATED && !request->view.body_missing) return 1;
  if (!http_mark_after(request->view.last, response->view.first)) return 0;
  /* Else the capture's order is wrong: the server had read all of the request. */
  return response->turn.late || response->turn.acked < http_message_end(request);
}
