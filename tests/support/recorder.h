/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_RECORDER_H
#define TEST_RECORDER_H

#include <weft/stream.h>

/*
 * Turns callbacks into lines of text, to be compared with expected ones:
 *
 *     open
 *     open guessed=port
 *     data client 0 "abc"
 *     data client 0 "abcdef" fresh=3
 *     gap client 6+4 acked
 *     gap client start
 *     end client fin 10
 *     close
 *
 * Connection n > 0 of tuple_of() has "n:" in front of its lines.  Bytes are
 * written as test_bytes_format does.  What else is shown is up to `show`.
 */
enum recorder_show {
  SHOW_MARKS = 1 << 0,   /* data: `"abc"#4 "de"#2 by #5`: each span's frame, and the trigger */
  SHOW_OVERLAP = 1 << 1, /* `overlap client 3+2 held wins, differs, held 3-9#1 arrived 1-5#4` */
  SHOW_SEGMENT = 1 << 2  /* `segment client seq=100 len=3` */
};

struct recorder {
  unsigned show; /* enum recorder_show */
  char *text;    /* the lines; NULL while there are none */
  size_t length, room;
  unsigned opened, closed; /* calls */
};

/* Callbacks whose `user` is the recorder. */
extern const struct weft_stream_ops recorder_ops;

/* The same, one by one, for callbacks that do more. */
void recorder_open(struct recorder *, struct weft_conn *, const struct weft_open *);
void recorder_data(struct recorder *, struct weft_conn *, enum weft_dir, const struct weft_data *);
void recorder_gap(struct recorder *, struct weft_conn *, enum weft_dir, const struct weft_gap *);
void recorder_end(struct recorder *, struct weft_conn *, enum weft_dir, const struct weft_end *);
void recorder_close(struct recorder *, struct weft_conn *);
void recorder_overlap(struct recorder *, struct weft_conn *, enum weft_dir,
                      const struct weft_overlap *);
void recorder_segment(struct recorder *, struct weft_conn *, enum weft_dir,
                      const struct weft_segment *);

/* Adds a line of one's own. */
void recorder_line(struct recorder *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The text so far, "" when there is none; owned by the recorder. */
const char *recorder_text(const struct recorder *);

/* Forgets the lines, not the counts. */
void recorder_clear(struct recorder *);
void recorder_done(struct recorder *);

/* Writes bytes as `"abc"`, runs of more than eight equal ones as `"c"*300`, joined
   by `+`; what is not printable as \xNN.  The caller frees the result. */
char *test_bytes_format(const uint8_t *data, size_t length);

/* Reads that back.  Returns the length and moves *text past it, or -1.  At
   most `room` bytes are written. */
long test_bytes_parse(const char **text, uint8_t *ret, size_t room);

#endif
