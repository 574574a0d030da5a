/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "frames.h"
#include "scenario.h"

int play_init(struct play *play, enum play_mode mode, const struct weft_options *options,
              unsigned show, int hears, uint64_t fail_at) {
  *play = (struct play){.mode = mode, .now = FEED_START, .show = show, .hears = hears};
  play->memory.fail_at = fail_at;
  play->keep[0] = play->keep[1] = WEFT_OFFSET_NONE;
  play->recorder.show = show;
  struct weft_allocator allocator = test_allocator_of(&play->memory);
  struct weft_options own = *options;
  own.size = sizeof own;
  own.allocator = &allocator;
  own.hash_key[0] = 1;
  struct weft_stream_ops ops = play_ops;
  if (!hears && (mode == PLAY_FRAMES || mode == PLAY_BATCH)) ops.on_segment = NULL;
  int rc = weft_engine_new(&own, &ops, play, &play->engine);
  if (rc < 0) snprintf(play->error, sizeof play->error, "no engine: %s", weft_strerror(rc));
  return rc < 0 ? -1 : 0;
}

int play_done(struct play *play) {
  const char *wrong = NULL;
  weft_engine_free(play->engine);
  if (play->recorder.opened != play->recorder.closed) wrong = "connections opened but not closed";
  if (play->memory.live) wrong = "memory left behind";
  if (play->memory.wrong_sizes) wrong = "memory freed with another size than asked for";
  if (wrong) snprintf(play->error, sizeof play->error, "%s", wrong);
  recorder_done(&play->recorder);
  for (size_t i = 0; i < play->nstable; i++) free(play->stable[i]);
  free(play->stable);
  return wrong ? -1 : 0;
}

static int fail(struct play *play, const char *why) {
  snprintf(play->error, sizeof play->error, "%s", why);
  return -1;
}

/* Bytes for one push, in memory of exactly their size so that a sanitizer sees
   each step beyond. */
static uint8_t *lend(struct play *play, const uint8_t *data, size_t length) {
  uint8_t *copy = malloc(length + !length);
  uint8_t **list = realloc(play->stable, (play->nstable + 1) * sizeof *list);
  if (!copy || !list) abort();
  if (length) memcpy(copy, data, length);
  play->stable = list;
  play->stable[play->nstable++] = copy;
  return copy;
}

/* The end of a loan that was for one call only. */
static void take_back(struct play *play, size_t length) {
  if (play->mode == PLAY_STABLE) return;
  uint8_t *copy = play->stable[--play->nstable];
  memset(copy, '?', length);
  free(copy);
}

static int push_segment(struct play *play, struct weft_segment *s) {
  size_t length = s->caplen;
  s->payload = lend(play, s->payload, length);
  if (play->mode == PLAY_STABLE) s->frame_flags = WEFT_FRAME_STABLE;
  int rc = weft_engine_push_segment(play->engine, s);
  take_back(play, length);
  return rc;
}

/* A batch does not say the verdict: see which one was counted. */
static int push_batch(struct play *play, const struct weft_frame *frame) {
  struct weft_stats before = {.size = sizeof before}, after = {.size = sizeof after};
  size_t taken = 0;
  weft_engine_stats(play->engine, &before);
  int rc = weft_engine_push_batch(play->engine, frame, 1, &taken);
  weft_engine_stats(play->engine, &after);
  if (rc || taken != 1) return rc ? rc : WEFT_E_INVAL;
  for (int v = 0; v < WEFT_VERDICT_COUNT; v++)
    if (after.verdicts[v] != before.verdicts[v]) return v;
  return WEFT_E_INVAL;
}

static int push_frame(struct play *play, const struct weft_segment *s) {
  static uint8_t buffer[TEST_FRAME_MAX];
  struct weft_frame frame = test_frame(s, TEST_LINK_ETHERNET, buffer);
  frame.data = lend(play, frame.data, frame.caplen);
  int rc =
      play->mode == PLAY_BATCH ? push_batch(play, &frame) : weft_engine_push(play->engine, &frame);
  take_back(play, frame.caplen);
  return rc;
}

static int step_segment(struct play *play, const char *line) {
  static struct said said;
  if (segment_parse(play, line, &said)) return fail(play, "not a segment");
  play->now = said.at == WEFT_TIME_NONE ? play->now + FEED_STEP : said.at;
  said.segment.mark = (struct weft_mark){play->now, ++play->frame};
  int frames = play->mode == PLAY_FRAMES || play->mode == PLAY_BATCH;
  int rc = frames ? push_frame(play, &said.segment) : push_segment(play, &said.segment);
  if (rc < 0) recorder_line(&play->recorder, "returns %d", rc);
  if (rc > 0) recorder_line(&play->recorder, "%s", weft_verdict_name(rc));
  return 0;
}

/* gaps=5s: those older than that.  `all` and `none` are ages as well. */
static int get_age(const struct play *play, const char *value, weft_time *ret) {
  weft_duration age;
  if (!strcmp(value, "all"))
    *ret = INT64_MAX;
  else if (!strcmp(value, "none"))
    *ret = WEFT_TIME_NONE;
  else if (word_duration(value, &age))
    return -1;
  else
    *ret = play->now - age;
  return 0;
}

static int step_flush(struct play *play, const char *words) {
  weft_time gaps = WEFT_TIME_NONE, idle = WEFT_TIME_NONE;
  struct weft_flushed flushed = {0};
  const char *value;
  char word[64];
  while (!word_get(&words, word, sizeof word)) {
    if (word_pair(word, &value)) return fail(play, "flush wants gaps=AGE idle=AGE");
    weft_time *at = !strcmp(word, "gaps") ? &gaps : !strcmp(word, "idle") ? &idle : NULL;
    if (!at || get_age(play, value, at)) return fail(play, "flush wants gaps=AGE idle=AGE");
  }
  int rc = weft_engine_flush(play->engine, gaps, idle, &flushed);
  if (rc < 0)
    recorder_line(&play->recorder, "returns %d", rc);
  else
    recorder_line(&play->recorder, "flushed=%llu closed=%llu", (unsigned long long)flushed.flushed,
                  (unsigned long long)flushed.closed);
  return 0;
}

static int step_wait(struct play *play, const char *words) {
  weft_duration duration;
  if (word_duration(words, &duration)) return fail(play, "wait wants a duration such as 200ms");
  play->now += duration;
  int rc = weft_engine_advance(play->engine, play->now);
  if (rc < 0) recorder_line(&play->recorder, "returns %d", rc);
  return 0;
}

static int get_dir(const char **words, enum weft_dir *ret) {
  char word[16];
  if (word_get(words, word, sizeof word)) return -1;
  if (!strcmp(word, "client"))
    *ret = WEFT_FROM_CLIENT;
  else if (!strcmp(word, "server"))
    *ret = WEFT_FROM_SERVER;
  else
    return -1;
  return 0;
}

static int step_keep(struct play *play, const char *words) {
  enum weft_dir dir;
  if (get_dir(&words, &dir)) return fail(play, "keep wants client or server");
  if (!strcmp(words, "none"))
    play->keep[dir] = WEFT_OFFSET_NONE;
  else if (word_number(words, &play->keep[dir]))
    return fail(play, "keep wants an offset");
  return 0;
}

static int step_on(struct play *play, const char *words) {
  static const char *const occasions[] = {"open", "data", "gap", "end", "segment"};
  static const char *const deeds[] = {"-", "detach", "close", "discard", "drop", "start", "fail"};
  char occasion[16], deed[16];
  if (word_get(&words, occasion, sizeof occasion) || word_get(&words, deed, sizeof deed))
    return fail(play, "on wants an occasion and a deed");
  for (int o = 0; o < OCCASIONS; o++)
    for (int d = 1; d <= DEED_FAIL; d++) {
      if (strcmp(occasions[o], occasion) || strcmp(deeds[d], deed)) continue;
      play->deeds[o] = (enum deed)d;
      return 0;
    }
  return fail(play, "no such occasion or deed");
}

/* Steps that act on a connection: `close`, `discard client`, `linger 0s`,
   `inspect state`.  A number in front chooses one: `2:close`. */
static int step_conn(struct play *play, struct weft_conn *conn, const char *name,
                     const char *words) {
  enum weft_dir dir;
  weft_duration duration;
  if (!conn) return fail(play, "there is no such connection");
  if (!strcmp(name, "inspect"))
    return report_conn(play, conn, words) ? fail(play, "no such field") : 0;
  if (!strcmp(name, "close"))
    weft_conn_close(conn);
  else if (!strcmp(name, "discard") && !get_dir(&words, &dir))
    weft_conn_discard(conn, dir);
  else if (!strcmp(name, "linger") && !word_duration(words, &duration))
    weft_conn_linger(conn, duration);
  else
    return fail(play, "no such step");
  return 0;
}

static int step_finish(struct play *play) {
  int rc = weft_engine_finish(play->engine);
  if (rc < 0) recorder_line(&play->recorder, "returns %d", rc);
  return 0;
}

int play_step(struct play *play, const char *line) {
  char word[32];
  const char *rest = line, *name = word;
  unsigned long conn = 0;
  if (strspn(line, "0123456789") + 1 <= strlen(line) &&
      strchr("<>", line[strspn(line, "0123456789")]))
    return step_segment(play, line);
  if (word_get(&rest, word, sizeof word)) return fail(play, "empty step");
  if (strchr(word, ':')) {
    conn = strtoul(word, NULL, 10);
    name = strchr(word, ':') + 1;
    if (conn >= CONNS_MAX) return fail(play, "no such connection");
  }
  if (!strcmp(name, "wait")) return step_wait(play, rest);
  if (!strcmp(name, "flush")) return step_flush(play, rest);
  if (!strcmp(name, "finish")) return step_finish(play);
  if (!strcmp(name, "keep")) return step_keep(play, rest);
  if (!strcmp(name, "on")) return step_on(play, rest);
  if (!strcmp(name, "stats")) return report_stats(play, rest) ? fail(play, "no such statistic") : 0;
  return step_conn(play, play->conns[conn], name, rest);
}
