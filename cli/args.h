/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <weft/capture.h>
#include <weft/stream.h>

enum command {
  CMD_HTTP = 1,
  CMD_CONNS = 2,
  CMD_FOLLOW = 4,
  CMD_STATS = 8,
  CMD_OBJECTS = 16,
  CMD_ALL = 31
};

/* A subcommand as the user knows it. */
struct command_info {
  enum command command;
  const char *name;
  const char *summary; /* one line */
  const char *synopsis;
  const char *examples;
};
extern const struct command_info commands[];
enum { NCOMMANDS = 5 };

enum format { FORMAT_TEXT, FORMAT_NDJSON, FORMAT_TSV, FORMAT_CSV };
extern const char *const format_names[];

/* What was asked for.  Strings are argv's. */
struct args {
  const struct command_info *info;
  const char **files;
  size_t nfiles;
  int follow;                              /* the one file grows */
  weft_duration sort_window, dedup_window; /* 0: not wanted */
  const char *interface_name;
  char *filter; /* -f and the trailing words, or NULL */
  int snaplen, no_promiscuous;
  uint64_t count; /* frames; 0: all */
  int quiet, verbose;
  uint8_t format; /* enum format */
  const char *output;
  int segments, digest, raw, hex;
  const char *folder;
  uint64_t connection; /* follow; 0: every one */
  const char **fields; /* http: header fields to show, by their dotted names */
  size_t nfields;
  int headers, no_redact;
  uint64_t body_bytes_max; /* http: of each body, to show; 0: none */
  char **types;            /* objects: media types, patterns in lower case */
  size_t ntypes;
  int incomplete, force;
  uint64_t object_bytes_max; /* 0: none */
  uint64_t explain_frame;    /* stats; 0: as explain_verdict says */
  int explain, explain_verdict;
  weft_duration idle_wait, idle_check;
  struct weft_options engine;
  struct weft_overlap_rule *rules;
  int list_interfaces, help, version;
};

/* Reads argv[1..] of a subcommand.  0, or EXIT_USAGE after saying what is wrong. */
int args_parse(struct args *, const struct command_info *, int argc, char **argv);
void args_done(struct args *);

/* One option, as parsing and help see it. */
struct option_info {
  int code; /* the short letter, or a number from 256 */
  const char *name;
  const char *value; /* NULL: takes none */
  int commands;      /* enum command, those that take it */
  const char *help;
};
extern const struct option_info options_info[];
extern const size_t noptions_info;

#endif
