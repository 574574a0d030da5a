/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "scenario.h"

#define STAT(name) \
  { #name, offsetof(struct weft_stats, name) }
static const struct {
  const char *name;
  size_t at;
} stats[] = {
    STAT(frames),
    STAT(conns_opened),
    STAT(conns_open),
    STAT(conns_evicted),
    STAT(conns_midstream),
    STAT(bytes_delivered),
    STAT(segments_out_of_order),
    STAT(segments_retransmitted),
    STAT(gaps),
    STAT(gap_bytes),
    STAT(overlaps),
    STAT(overlap_bytes),
    STAT(overlaps_differing),
    STAT(held_bytes),
    STAT(held_bytes_peak),
    STAT(limit_conns),
    STAT(limit_segments),
    STAT(limit_held_dir),
    STAT(limit_held),
    STAT(limit_memory),
    STAT(time_backwards),
};

static int find_stat(const struct weft_stats *all, const char *name, uint64_t *ret) {
  for (size_t i = 0; i < sizeof stats / sizeof *stats; i++) {
    if (strcmp(stats[i].name, name)) continue;
    memcpy(ret, (const char *)all + stats[i].at, sizeof *ret);
    return 0;
  }
  return -1;
}

int report_stats(struct play *play, const char *names) {
  struct weft_stats all = {.size = sizeof all};
  char word[64], line[512] = "";
  uint64_t v;
  weft_engine_stats(play->engine, &all);
  while (!word_get(&names, word, sizeof word)) {
    if (find_stat(&all, word, &v)) return -1;
    size_t n = strlen(line);
    snprintf(line + n, sizeof line - n, " %s=%" PRIu64, word, v);
  }
  recorder_line(&play->recorder, "stats%s", line);
  return 0;
}

/* Both directions of a number: "client/server". */
static int find_field(const struct weft_conn *conn, const struct weft_conn_info *i,
                      const char *name, char *ret, size_t room) {
#define TWO(format, field) snprintf(ret, room, format "/" format, (i)->field[0], (i)->field[1])
  if (!strcmp(name, "state")) return snprintf(ret, room, "%s", weft_conn_state_name(i->state));
  if (!strcmp(name, "bytes")) return TWO("%" PRIu64, bytes);
  if (!strcmp(name, "gap_bytes")) return TWO("%" PRIu64, gap_bytes);
  if (!strcmp(name, "segments")) return TWO("%" PRIu64, segments);
  if (!strcmp(name, "retransmitted")) return TWO("%" PRIu64, retransmitted);
  if (!strcmp(name, "out_of_order")) return TWO("%" PRIu64, out_of_order);
  if (!strcmp(name, "held_bytes")) return TWO("%" PRIu64, held_bytes);
  if (!strcmp(name, "next_seq")) return TWO("%" PRIu32, next_seq);
  if (!strcmp(name, "started")) return TWO("%u", started);
  if (!strcmp(name, "first")) return snprintf(ret, room, "#%" PRIu64, i->first.frame);
  if (!strcmp(name, "last")) return snprintf(ret, room, "#%" PRIu64, i->last.frame);
  if (!strcmp(name, "syn")) return snprintf(ret, room, "#%" PRIu64, i->syn.frame);
  if (!strcmp(name, "syn_ack")) return snprintf(ret, room, "#%" PRIu64, i->syn_ack.frame);
  if (!strcmp(name, "established")) return snprintf(ret, room, "#%" PRIu64, i->established.frame);
  if (!strcmp(name, "acked"))
    return snprintf(ret, room, "%" PRIu64 "/%" PRIu64, weft_conn_acked(conn, WEFT_FROM_CLIENT),
                    weft_conn_acked(conn, WEFT_FROM_SERVER));
  return -1;
}

static int tuples_agree(const struct weft_conn *conn) {
  const struct weft_tuple *there = weft_conn_tuple(conn);
  struct weft_tuple copy;
  weft_conn_tuple_copy(conn, &copy);
  return !memcmp(&copy.source, &there->source, sizeof copy.source) &&
         !memcmp(&copy.target, &there->target, sizeof copy.target) && copy.realm == there->realm;
}

/* What can be asked for alone is the same as in the whole, and a copy as what it is of. */
static int agrees(const struct weft_conn *conn, const struct weft_conn_info *info) {
  weft_duration handshake = WEFT_TIME_NONE;
  if (info->syn.frame && info->established.frame)
    handshake = info->established.time - info->syn.time;
  return tuples_agree(conn) && weft_conn_handshake(conn) == handshake &&
         weft_conn_gap_bytes(conn, WEFT_FROM_CLIENT) == info->gap_bytes[0] &&
         weft_conn_gap_bytes(conn, WEFT_FROM_SERVER) == info->gap_bytes[1];
}

int report_conn(struct play *play, const struct weft_conn *conn, const char *names) {
  struct weft_conn_info info = {.size = sizeof info};
  char word[64], value[64], line[512] = "";
  weft_conn_inspect(conn, &info);
  if (!agrees(conn, &info)) return -1;
  while (!word_get(&names, word, sizeof word)) {
    if (find_field(conn, &info, word, value, sizeof value) < 0) return -1;
    size_t n = strlen(line);
    snprintf(line + n, sizeof line - n, " %s=%s", word, value);
  }
  recorder_line(&play->recorder, "conn%s", line);
  return 0;
}
