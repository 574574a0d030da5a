/* SPDX-License-Identifier: BSD-2-Clause */
#include "scenario.h"

/* The place of `value` in `names`, -1 when it has none. */
static int choose(const char *value, const char *const *names) {
  for (int i = 0; names[i]; i++)
    if (!strcmp(names[i], value)) return i;
  return -1;
}

static int choose_overlap(const char *value) {
  for (unsigned i = 0; weft_overlap_policy_name(i); i++)
    if (!strcmp(weft_overlap_policy_name(i), value)) return (int)i;
  return -1;
}

static int option_choice(struct weft_options *o, const char *name, const char *value) {
  static const char *const delivers[] = {"arrival", "acked", NULL};
  static const char *const receivers[] = {"lenient", "strict", NULL};
  static const char *const checksums[] = {"none", "auto", "all", NULL};
  static const char *const urgents[] = {"out-of-band", "inline", NULL};
  static const char *const openings[] = {"data", "syn", "any", NULL};
  const struct {
    const char *name;
    uint8_t *at;
    int v;
  } all[] = {
      {"overlap", &o->overlap, choose_overlap(value)},
      {"deliver", &o->deliver, choose(value, delivers)},
      {"receiver", &o->receiver, choose(value, receivers)},
      {"checksum", &o->checksum, choose(value, checksums)},
      {"urgent", &o->urgent, choose(value, urgents)},
      {"opens", &o->opens, choose(value, openings)},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (strcmp(all[i].name, name)) continue;
    if (all[i].v < 0) return -1;
    *all[i].at = (uint8_t)all[i].v;
    return 0;
  }
  return 1;
}

static int option_wait(struct weft_options *o, const char *name, const char *value) {
  const struct {
    const char *name;
    weft_duration *at;
  } all[] = {
      {"gap_wait", &o->gap_wait},           {"ack_wait", &o->ack_wait},
      {"start_wait", &o->start_wait},       {"idle_wait", &o->idle_wait},
      {"linger_wait", &o->linger_wait},     {"handshake_wait", &o->handshake_wait},
      {"fragment_wait", &o->fragment_wait},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (!strcmp(all[i].name, name)) return word_duration(value, all[i].at);
  return 1;
}

static int option_bound(struct weft_options *o, const char *name, const char *value) {
  uint64_t v;
  if (word_number(value, &v)) return -1;
  if (!strcmp(name, "conns_max"))
    o->conns_max = (uint32_t)v;
  else if (!strcmp(name, "segments_max"))
    o->segments_max = (uint32_t)v;
  else if (!strcmp(name, "held_bytes_max"))
    o->held_bytes_max = v;
  else if (!strcmp(name, "held_bytes_dir_max"))
    o->held_bytes_dir_max = v;
  else
    return -1;
  return 0;
}

int play_option(struct play *play, struct weft_options *o, const char *name, const char *value) {
  int rc = option_choice(o, name, value);
  if (!strcmp(name, "show")) {
    if (strstr(value, "marks")) play->show |= SHOW_MARKS;
    if (strstr(value, "overlap")) play->show |= SHOW_OVERLAP;
    if (strstr(value, "segment")) play->show |= SHOW_SEGMENT;
    return 0;
  }
  if (rc == 1) rc = option_wait(o, name, value);
  if (rc == 1) rc = option_bound(o, name, value);
  if (rc < 0) snprintf(play->error, sizeof play->error, "no option %.100s=%.100s", name, value);
  return rc;
}
