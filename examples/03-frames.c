/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames that come from anywhere: four are made by hand and pushed in the
 * wrong order, and the stream comes out in the right one, each byte with the
 * number and time of the frame that brought it.
 *
 *     03-frames
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <weft/stream.h>

#define LINKTYPE_RAW 101 /* begins with the IP header */
#define HEADERS 40       /* IPv4 and TCP, no options */

/* Writes an IPv4 packet of 192.0.2.1:40000 to 192.0.2.2:80 with `text` at
   sequence number `seq`, and returns its length. */
static uint32_t packet_write(uint8_t *packet, uint8_t flags, uint8_t seq, const char *text) {
  static const uint8_t headers[HEADERS] = {
      0x45,       0,           0,      0,  0, 0, 0,   0, 64, 6,
      0,          0,           192,    0,  2, 1, 192, 0, 2,  2, /* IPv4 */
      40000 >> 8, 40000 & 255, 0,      80, 0, 0, 0,   0, 0,  0,
      0,          0,           5 << 4, 0,  4, 0, 0,   0, 0,  0};
  size_t length = strlen(text);
  memcpy(packet, headers, HEADERS);
  memcpy(packet + HEADERS, text, length);
  packet[3] = (uint8_t)(HEADERS + length);
  packet[27] = seq;
  packet[33] = flags;
  return (uint32_t)(HEADERS + length);
}

static int on_data(struct weft_conn *conn, enum weft_dir dir, const struct weft_data *data,
                   void *user) {
  (void)conn, (void)dir, (void)user;
  printf("frame %" PRIu64 " makes %zu span(s) ready:\n", data->trigger.frame, data->nspans);
  for (size_t i = 0; i < data->nspans; i++) {
    const struct weft_span *span = &data->spans[i];
    printf("  offset %2" PRIu64 ", from frame %" PRIu64 " at %" PRId64 " s: \"%.*s\"\n",
           span->offset, span->mark.frame, span->mark.time / WEFT_SECOND, (int)span->len,
           (const char *)span->base);
  }
  return 0;
}

int main(void) {
  static const struct {
    uint8_t flags, seq;
    const char *text;
  } sent[] = {
      {WEFT_TCP_SYN, 99, ""},
      {WEFT_TCP_ACK, 100, "packets "},
      {WEFT_TCP_ACK, 116, "the warp"},
      {WEFT_TCP_ACK, 108, "are but "}, /* fills the hole */
  };
  static const struct weft_stream_ops ops = {.size = sizeof ops, .on_data = on_data};
  struct weft_engine *engine;
  uint8_t packet[64];

  if (weft_engine_new(NULL, &ops, NULL, &engine) < 0) return 1;
  for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
    uint32_t length = packet_write(packet, sent[i].flags, sent[i].seq, sent[i].text);
    /* `packet` is written over by the next one.  Without WEFT_FRAME_STABLE the
       engine knows, and copies what has to wait. */
    struct weft_frame frame = {.data = packet,
                               .caplen = length,
                               .wirelen = length,
                               .mark = {(weft_time)i * WEFT_SECOND, i + 1},
                               .linktype = LINKTYPE_RAW};
    int verdict = weft_engine_push(engine, &frame);
    if (verdict != WEFT_IS_SEGMENT) {
      fprintf(stderr, "frame %zu: %s\n", i + 1,
              verdict < 0 ? weft_strerror(verdict) : weft_verdict_name(verdict));
      return 1;
    }
  }
  weft_engine_finish(engine);
  weft_engine_free(engine);
  return 0;
}
