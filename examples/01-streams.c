/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The byte streams of a capture: the first line that each side of each
 * connection said, and how its stream ended.
 *
 *     01-streams FILE
 */
#include <inttypes.h>
#include <stdio.h>

#include <weft/capture.h>
#include <weft/stream.h>

static void print_speaker(const struct weft_conn *conn, enum weft_dir dir) {
  const struct weft_tuple *tuple = weft_conn_tuple(conn);
  const struct weft_endpoint *speaker = dir == WEFT_FROM_CLIENT ? &tuple->source : &tuple->target;
  char text[WEFT_ENDPOINT_STRLEN];
  printf("%" PRIu64 " %s: ", weft_conn_id(conn), weft_endpoint_format(speaker, text));
}

/* Bytes come in order, as spans over the frames that brought them.  A line may
   begin in one span and end in the next: weft_data_flat gives it in one piece. */
static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  uint8_t scratch[80];
  (void)user;
  if (data->offset > 0) return 0;

  uint64_t length = weft_data_find(data, 0, '\r');
  if (length > sizeof scratch)
    length = data->length < sizeof scratch ? data->length : sizeof scratch;
  const uint8_t *line = weft_data_flat(data, 0, (size_t)length, scratch);
  print_speaker(conn, dir);
  printf("%.*s\n", (int)length, (const char *)line);
  return 0;
}

/* What the capture lacks is said, never passed over. */
static int on_gap(struct weft_conn *conn, enum weft_dir dir, const struct weft_gap *gap,
                  void *user) {
  (void)user;
  print_speaker(conn, dir);
  if (gap->length == WEFT_LENGTH_UNKNOWN)
    puts("the start was not captured");
  else
    printf("%" PRIu64 " bytes missing (%s)\n", gap->length, weft_gap_cause_name(gap->cause));
  return 0;
}

static int on_end(struct weft_conn *conn, enum weft_dir dir, const struct weft_end *end,
                  void *user) {
  (void)user;
  print_speaker(conn, dir);
  printf("%s after %" PRIu64 " bytes\n", weft_end_cause_name(end->cause), end->length);
  return 0;
}

int main(int argc, char **argv) {
  static const struct weft_stream_ops ops = {
      .size = sizeof ops, .on_data = on_data, .on_gap = on_gap, .on_end = on_end};
  struct weft_capture *capture = NULL;
  struct weft_engine *engine = NULL;
  struct weft_frame frames[32];
  struct weft_error error;
  int n;

  if (argc != 2) return 1;
  if (weft_capture_open(argv[1], &capture, &error) < 0) {
    fprintf(stderr, "%s\n", error.text);
    return 2;
  }
  if (weft_engine_new(NULL, &ops, NULL, &engine) < 0) return 1;

  while ((n = weft_capture_next(capture, frames, 32, &error)) > 0)
    weft_engine_push_batch(engine, frames, (size_t)n, NULL);
  if (n < 0) fprintf(stderr, "%s\n", error.text);
  weft_engine_finish(engine);

  /* In this order: the engine may hold references into the capture. */
  weft_engine_free(engine);
  weft_capture_close(capture);
  return n < 0 ? 3 : 0;
}
