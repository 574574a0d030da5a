/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plays one stream for helpers_reader.py, and reads it with reader.h:
 *
 *     new IGNORE_GAPS            an engine
 *     packet TIME SEQ FLAGS HEX  of its one direction; HEX may be -
 *     finish
 *     read SIZE                  "data HEX", "gap", "end" or "again"
 *     close                      nobody wants the rest; nothing out
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <weft/reader.h>

#include "build.h"

static struct weft_engine *engine;
static struct weft_reader *reader;
static struct weft_reader_options options = {.size = sizeof options};

static int on_open(struct weft_conn *conn, const struct weft_open *open, void *user) {
  (void)open, (void)user;
  return reader || weft_reader_attach(conn, &options, &reader, NULL) ? WEFT_E_USER : 0;
}

static void forget(void) {
  weft_engine_free(engine);
  weft_reader_free(reader);
  engine = NULL;
  reader = NULL;
}

static int play_new(const char *rest) {
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_open = on_open};
  unsigned ignore;
  forget();
  if (sscanf(rest, "%u", &ignore) != 1) return -1;
  options.ignore_gaps = (uint8_t)ignore;
  return weft_engine_new(NULL, &ops, NULL, &engine);
}

static int play_packet(const char *rest) {
  int64_t microseconds;
  uint32_t seq;
  unsigned flags, byte;
  char hex[1024];
  uint8_t data[512];
  size_t length = 0;
  if (sscanf(rest, "%" SCNd64 " %" SCNu32 " %u %1023s", &microseconds, &seq, &flags, hex) != 4)
    return -1;
  while (sscanf(hex + 2 * length, "%2x", &byte) == 1) data[length++] = (uint8_t)byte;
  struct weft_segment segment = seg_bytes(C, seq, data, length, flags);
  segment.mark = (struct weft_mark){microseconds * 1000, 1};
  return weft_engine_push_segment(engine, &segment) < 0 ? -1 : 0;
}

static int play_read(const char *rest) {
  uint8_t bytes[256];
  size_t size;
  if (sscanf(rest, "%zu", &size) != 1 || size > sizeof bytes || !reader) return -1;
  int64_t got = weft_reader_read(reader, bytes, size);
  if (got > 0 || !size) {
    printf("data ");
    for (int64_t i = 0; i < got; i++) printf("%02x", bytes[i]);
    putchar('\n');
  } else {
    puts(got == 0 ? "end" : got == WEFT_E_GAP ? "gap" : "again");
  }
  return got == WEFT_E_GAP ? weft_reader_skip_gap(reader, NULL) : 0;
}

static int play(const char *line) {
  char word[16] = "";
  int used = 0;
  if (sscanf(line, "%15s %n", word, &used) < 1) return -1;
  if (!strcmp(word, "new")) return play_new(line + used);
  if (!engine) return -1;
  if (!strcmp(word, "packet")) return play_packet(line + used);
  if (!strcmp(word, "finish")) return weft_engine_finish(engine);
  if (!strcmp(word, "read")) return play_read(line + used);
  if (strcmp(word, "close") != 0 || !reader) return -1;
  weft_reader_discard(reader);
  return 0;
}

int main(void) {
  char line[2048];
  while (fgets(line, sizeof line, stdin)) {
    if (play(line)) {
      fprintf(stderr, "cannot do: %s", line);
      forget();
      return 2;
    }
  }
  forget();
  return 0;
}
