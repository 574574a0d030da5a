/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HTTP transactions of a capture, and how long each took.  From the first
 * include on this is the program in README.md.
 *
 *     02-http FILE
 */
#include <stdio.h>
#include <weft/capture.h>
#include <weft/http.h>

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *http) {
  (void)open;
  return weft_http_attach(http, conn);
}

static int on_exchange(struct weft_conn *conn, const struct weft_http_exchange *x, void *user) {
  (void)conn, (void)user;
  if (x->match == WEFT_MATCH_FIFO)
    printf("%.*s %.*s: %d after %.6f s\n", (int)x->request->method.len, x->request->method.base,
           (int)x->request->target.len, x->request->target.base, x->response->status,
           (double)x->timing.elapsed / WEFT_SECOND);
  return 0;
}

int main(int argc, char **argv) {
  struct weft_http_ops http_ops = {.size = sizeof http_ops, .on_exchange = on_exchange};
  struct weft_stream_ops stream_ops = {.size = sizeof stream_ops, .on_open = on_open};
  struct weft_capture *capture;
  struct weft_http *http;
  struct weft_engine *engine;
  struct weft_frame frames[32];
  struct weft_error error;
  if (argc != 2 || weft_capture_open(argv[1], &capture, &error) < 0) return 1;
  if (weft_http_new(NULL, &http_ops, NULL, &http) < 0) return 1;
  if (weft_engine_new(NULL, &stream_ops, http, &engine) < 0) return 1;
  for (int n; (n = weft_capture_next(capture, frames, 32, &error)) > 0;)
    weft_engine_push_batch(engine, frames, (size_t)n, NULL);
  weft_engine_finish(engine);
  weft_engine_free(engine);
  weft_http_free(http);
  weft_capture_close(capture);
}
