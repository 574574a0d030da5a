/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "scenario.h"

/* `>`, `<`, `2>`: who speaks, on which connection. */
static int get_speaker(const char *word, struct said *said) {
  char *end;
  unsigned long conn = strtoul(word, &end, 10);
  if ((*end != '>' && *end != '<') || end[1] || conn >= CONNS_MAX) return -1;
  said->conn = (unsigned)conn;
  said->dir = *end == '>' ? WEFT_FROM_CLIENT : WEFT_FROM_SERVER;
  return 0;
}

/* sack=10-20,30-40 */
static int get_sack(struct weft_segment *s, const char *value) {
  char *end;
  for (s->nsack = 0; s->nsack < 4; s->nsack++) {
    s->sack[2 * s->nsack] = (uint32_t)strtoul(value, &end, 0);
    if (*end != '-') return -1;
    s->sack[2 * s->nsack + 1] = (uint32_t)strtoul(end + 1, &end, 0);
    if (!*end) break;
    value = end + 1;
  }
  s->nsack++;
  s->options |= WEFT_TCPOPT_SACK;
  return *end ? -1 : 0;
}

/* ts=5 or ts=5/3 */
static int get_timestamp(struct weft_segment *s, const char *value) {
  char *end;
  s->ts_value = (uint32_t)strtoul(value, &end, 0);
  if (*end == '/') s->ts_echo = (uint32_t)strtoul(end + 1, &end, 0);
  s->options |= WEFT_TCPOPT_TIMESTAMP;
  return *end ? -1 : 0;
}

static int get_plain(struct weft_segment *s, const char *word) {
  if (!strcmp(word, "badsum"))
    s->checksum = WEFT_CHECKSUM_BAD;
  else if (!strcmp(word, "sackok"))
    s->options |= WEFT_TCPOPT_SACK_PERMITTED;
  else if (!strcmp(word, "md5"))
    s->options |= WEFT_TCPOPT_MD5;
  else
    return -1;
  return 0;
}

static int get_numbered(struct said *said, const char *name, uint64_t v) {
  struct weft_segment *s = &said->segment;
  if (!strcmp(name, "ack"))
    s->ack = (uint32_t)v;
  else if (!strcmp(name, "win"))
    s->window = (uint16_t)v;
  else if (!strcmp(name, "urg"))
    s->urgent = (uint16_t)v;
  else if (!strcmp(name, "cap"))
    *s = seg_cut(*s, (uint32_t)v);
  else if (!strcmp(name, "mss"))
    s->mss = (uint16_t)v, s->options |= WEFT_TCPOPT_MSS;
  else if (!strcmp(name, "wscale"))
    s->window_shift = (uint8_t)v, s->options |= WEFT_TCPOPT_WSCALE;
  else
    return -1;
  return 0;
}

static int get_extra(struct said *said, char *word) {
  const char *value;
  uint64_t number;
  if (word_pair(word, &value)) return get_plain(&said->segment, word);
  if (!strcmp(word, "sack")) return get_sack(&said->segment, value);
  if (!strcmp(word, "ts")) return get_timestamp(&said->segment, value);
  if (!strcmp(word, "at")) {
    weft_duration since;
    if (word_duration(value, &since)) return -1;
    said->at = FEED_START + since;
    return 0;
  }
  return word_number(value, &number) ? -1 : get_numbered(said, word, number);
}

/* Unless told otherwise a segment acknowledges what its sender last did, and
   after a SYN that SYN: nothing that would conclude a gap. */
static void settle_ack(struct play *play, struct said *said, int told) {
  uint32_t *own = &play->ack[said->conn][said->dir];
  if (told)
    *own = said->segment.ack;
  else if (said->segment.tcp_flags & WEFT_TCP_ACK)
    said->segment.ack = *own;
  if (said->segment.tcp_flags & WEFT_TCP_SYN)
    play->ack[said->conn][!said->dir] = said->segment.seq + 1;
}

int segment_parse(struct play *play, const char *line, struct said *said) {
  char word[256];
  uint64_t seq;
  unsigned flags;
  long length = 0;
  int told = strstr(line, " ack=") != NULL;
  if (word_get(&line, word, sizeof word) || get_speaker(word, said)) return -1;
  if (word_get(&line, word, sizeof word) || word_number(word, &seq)) return -1;
  if (word_get(&line, word, sizeof word) || word_flags(word, &flags)) return -1;
  if (*line == '"' && (length = test_bytes_parse(&line, said->payload, PAYLOAD_MAX)) < 0) return -1;
  said->at = WEFT_TIME_NONE;
  said->segment =
      seg_of(seg_bytes(said->dir, (uint32_t)seq, said->payload, (size_t)length, flags), said->conn);
  while (!word_get(&line, word, sizeof word))
    if (get_extra(said, word)) return -1;
  settle_ack(play, said, told);
  return 0;
}
