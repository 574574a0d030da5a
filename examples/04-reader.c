/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams read line by line, as from a socket: instead of callbacks for bytes,
 * readers, which are drained after each batch of frames.
 *
 *     04-reader FILE
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <weft/capture.h>
#include <weft/reader.h>

/* One for each connection; readers live until they are freed. */
struct dialogue {
  struct dialogue *next;
  uint64_t id;
  struct weft_reader *side[2]; /* by enum weft_dir; NULL once read to its end */
};

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  struct dialogue **list = user, *dialogue = calloc(1, sizeof *dialogue);
  (void)open;
  if (!dialogue) return WEFT_E_USER;
  dialogue->id = weft_conn_id(conn);
  dialogue->next = *list;
  *list = dialogue;
  return weft_reader_attach(conn, NULL, &dialogue->side[0], &dialogue->side[1]) < 0 ? WEFT_E_USER
                                                                                    : 0;
}

/* Prints whole lines of the heads, up to the empty one; then the rest is of no
   interest, and the reader may go, whatever its connection still does. */
static int read_head(const struct dialogue *dialogue, enum weft_dir dir) {
  struct weft_reader *reader = dialogue->side[dir];
  const struct weft_data *data;
  uint8_t scratch[256];
  int64_t readable;
  while ((readable = weft_reader_peek(reader, &data)) > 0) {
    uint64_t end = weft_data_find(data, data->offset, '\n');
    if (end == WEFT_OFFSET_NONE) return 1; /* the rest of the line is still to come */
    uint64_t length = end + 1 - data->offset;
    if (length <= 2 || length > sizeof scratch) return 0;
    const uint8_t *line = weft_data_flat(data, data->offset, (size_t)length, scratch);
    printf("%" PRIu64 "%c %.*s\n", dialogue->id, dir == WEFT_FROM_CLIENT ? '>' : '<',
           (int)(length - 2), (const char *)line);
    weft_reader_consume(reader, length);
  }
  if (readable == WEFT_E_GAP) printf("%" PRIu64 ": a part is missing\n", dialogue->id);
  return readable == WEFT_E_AGAIN;
}

static void read_all(struct dialogue *list) {
  for (struct dialogue *dialogue = list; dialogue; dialogue = dialogue->next) {
    for (int dir = 0; dir < 2; dir++) {
      if (!dialogue->side[dir] || read_head(dialogue, (enum weft_dir)dir)) continue;
      weft_reader_free(dialogue->side[dir]);
      dialogue->side[dir] = NULL;
    }
  }
}

int main(int argc, char **argv) {
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_open = on_open};
  struct dialogue *list = NULL;
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
  if (weft_engine_new(NULL, &ops, &list, &engine) < 0) return 1;

  while ((n = weft_capture_next(capture, frames, 32, &error)) > 0) {
    weft_engine_push_batch(engine, frames, (size_t)n, NULL);
    read_all(list);
  }
  if (n < 0) fprintf(stderr, "%s\n", error.text);
  weft_engine_finish(engine);
  read_all(list);

  weft_engine_free(engine);
  weft_capture_close(capture);
  while (list) {
    struct dialogue *next = list->next;
    weft_reader_free(list->side[0]);
    weft_reader_free(list->side[1]);
    free(list);
    list = next;
  }
  return n < 0 ? 3 : 0;
}
