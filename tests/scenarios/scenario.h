/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <stdio.h>

#include "allocator.h"
#include "build.h"
#include "recorder.h"

/*
 * A scenario is a text file of steps and of the events that each must cause;
 * README.md beside this file describes it.  It is played four times: its
 * segments handed over decoded or as Ethernet frames, in memory that is
 * overwritten after the call or that stays.  The events must be the same.  With
 * frames nobody listens to on_segment unless the scenario does, so that the
 * short way of healthy segments is played as well as the long one.
 */
enum play_mode { PLAY_SEGMENTS, PLAY_STABLE, PLAY_FRAMES, PLAY_BATCH, PLAY_MODES };

#define PAYLOAD_MAX 65000
#define CONNS_MAX 100 /* connections that a scenario can tell apart */

/* What the callbacks do the next time they are called. */
enum deed { DEED_NONE, DEED_DETACH, DEED_CLOSE, DEED_DISCARD, DEED_DROP, DEED_START, DEED_FAIL };
enum occasion { ON_OPEN, ON_DATA, ON_GAP, ON_END, ON_SEGMENT, OCCASIONS };

/* One run of one scenario. */
struct play {
  enum play_mode mode;
  struct weft_engine *engine;
  struct test_allocator memory;
  struct recorder recorder;
  struct weft_conn *conns[CONNS_MAX];
  weft_time now;
  uint64_t frame;
  uint32_t ack[CONNS_MAX][2]; /* what each direction acknowledges unless told */
  enum deed deeds[OCCASIONS];
  uint64_t keep[2]; /* WEFT_OFFSET_NONE: nothing */
  uint8_t **stable; /* payloads and frames that must outlive the engine */
  size_t nstable;
  int hears;       /* the scenario wants on_segment to be called */
  unsigned show;   /* enum recorder_show */
  char error[256]; /* why a step could not be understood */
};

/* Reads one `name=value` of an option line.  0, or -1 and play->error. */
int play_option(struct play *, struct weft_options *, const char *name, const char *value);

/* Starts and ends a run, whose `fail_at`-th allocation fails (0: none).  play_done returns -1 and says in play->error what
   was left behind: memory, connections never closed. */
int play_init(struct play *, enum play_mode, const struct weft_options *, unsigned show, int hears,
              uint64_t fail_at);
int play_done(struct play *);

/* Does one step; its events are then in play->recorder.  0, or -1 when the
   line makes no sense and play->error says why. */
int play_step(struct play *, const char *line);

/* The callbacks; `user` is the play. */
extern const struct weft_stream_ops play_ops;

/* words.c: pieces of a line.  Each moves *text past what it read, and past
   blanks behind it, and returns -1 where there is no such thing. */
int word_get(const char **text, char *ret, size_t room);
int word_number(const char *word, uint64_t *ret);
int word_duration(const char *word, weft_duration *ret); /* 3s 200ms 5us 7ns forever */
int word_flags(const char *word, unsigned *ret);         /* letters of FSRPAUEC, or - */
int word_pair(char *word, const char **ret_value);       /* cuts name=value in two */

/* segment.c: `> 1001 PA "abc" ack=5` and the like. */
struct said {
  unsigned conn;
  enum weft_dir dir;
  struct weft_segment segment;
  weft_time at; /* WEFT_TIME_NONE: the next moment */
  uint8_t payload[PAYLOAD_MAX];
};
int segment_parse(struct play *, const char *line, struct said *ret);

/* report.c: `stats gaps gap_bytes` and `inspect state bytes.client`, as lines
   of the recorder. */
int report_stats(struct play *, const char *names);
int report_conn(struct play *, const struct weft_conn *, const char *names);

#endif
