/* SPDX-License-Identifier: BSD-2-Clause */
#include "args.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "options.h"
#include "values.h"

#include <weft/sink.h>

enum { OPTIONS_MAX = 64 };

static const struct option_info *option_find(int code) {
  for (size_t i = 0; i < noptions_info; i++)
    if (options_info[i].code == code && code != 0) return &options_info[i];
  return NULL;
}

/* ---- saying what is wrong ---- */

static int usage(const struct args *a) {
  fprintf(stderr, "Try 'weft %s --help'.\n", a->info->name);
  return EXIT_USAGE;
}

static int bad_value(const struct args *a, int code, const char *value, const char *wanted) {
  complain("--%s: '%s' is not %s", option_find(code)->name, value, wanted);
  return usage(a);
}

/* A name out of a list: the nearest is offered. */
static int bad_choice(const struct args *a, int code, const char *value, const char *const *names) {
  const char *near = nearest_word(value, names);
  char list[200] = "";
  for (int i = 0; names[i] != NULL; i++)
    snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s",
             i == 0                 ? ""
             : names[i + 1] == NULL ? " or "
                                    : ", ",
             names[i]);
  if (near != NULL)
    complain("--%s: no such choice '%s'; did you mean '%s'? (%s)", option_find(code)->name, value,
             near, list);
  else
    complain("--%s: no such choice '%s'; it is %s", option_find(code)->name, value, list);
  return usage(a);
}

/* The subcommand that does take what this one does not. */
static int wrong_command(const struct args *a, const struct option_info *o) {
  for (int i = 0; i < NCOMMANDS; i++)
    if (o->commands & (int)commands[i].command) {
      complain("--%s belongs to 'weft %s'", o->name, commands[i].name);
      break;
    }
  return usage(a);
}

static int unknown_long(const struct args *a, const char *typed) {
  const char *names[OPTIONS_MAX];
  char name[40];
  size_t n = 0;
  snprintf(name, sizeof name, "%.*s", (int)strcspn(typed, "="), typed);
  for (size_t i = 0; i < noptions_info; i++) {
    const struct option_info *o = &options_info[i];
    if (o->code == 0) continue;
    if (!(o->commands & (int)a->info->command)) {
      if (strcmp(o->name, name) == 0) return wrong_command(a, o);
      continue;
    }
    names[n++] = o->name;
    if (strcmp(o->name, name) == 0) {
      complain("--%s takes no value", name);
      return usage(a);
    }
  }
  names[n] = NULL;
  const char *near = nearest_word(name, names);
  if (near != NULL)
    complain("no such option: --%s; did you mean --%s?", name, near);
  else
    complain("no such option: --%s", name);
  return usage(a);
}

static int unknown_short(const struct args *a, int letter) {
  const struct option_info *o = option_find(letter);
  if (o != NULL) return wrong_command(a, o);
  complain("no such option: -%c", letter);
  return usage(a);
}

static int missing_value(const struct args *a, int code) {
  const struct option_info *o = option_find(code);
  if (o->code < 256)
    complain("-%c, --%s needs a value: %s", o->code, o->name, o->value);
  else
    complain("--%s needs a value: %s", o->name, o->value);
  return usage(a);
}

/* ---- taking one ---- */

static int is_number(const char *text) {
  return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static int take_overlap(struct args *a, const char *value) {
  const char *names[WEFT_OVERLAP_COUNT + 1];
  for (unsigned i = 0; i <= WEFT_OVERLAP_COUNT; i++) names[i] = weft_overlap_policy_name(i);
  if (strchr(value, '=') == NULL)
    return value_policy(value, &a->engine.overlap) < 0 ? bad_choice(a, OPT_OVERLAP, value, names)
                                                       : 0;
  size_t n = a->engine.noverlap_rules;
  struct weft_overlap_rule rule, *more = realloc(a->rules, (n + 1) * sizeof *more);
  if (more == NULL) abort();
  a->rules = more;
  a->engine.overlap_rules = more;
  if (value_overlap_rule(value, &rule) < 0)
    return bad_value(a, OPT_OVERLAP, value, "NETWORK=POLICY, such as 10.0.0.0/8=windows");
  more[n] = rule;
  a->engine.noverlap_rules = n + 1;
  return 0;
}

static int take_choice(struct args *a, int code, const char *value, const char *const *names,
                       uint8_t *ret) {
  return value_choice(value, names, ret) < 0 ? bad_choice(a, code, value, names) : 0;
}

static int take_duration(struct args *a, int code, const char *value, weft_duration *ret) {
  if (value_duration(value, ret) == 0) return 0;
  return bad_value(a, code, value, "a time above zero, such as 30s, 200ms, 2m or never");
}

static int take_window(struct args *a, int code, const char *value, weft_duration *ret) {
  if (value_duration(value, ret) == 0 && *ret != WEFT_FOREVER) return 0;
  return bad_value(a, code, value, "a time above zero, such as 10ms, 200us or 1s");
}

static int take_number(struct args *a, int code, const char *value, uint64_t most, uint64_t *ret) {
  uint64_t v = 0;
  char wanted[64];
  snprintf(wanted, sizeof wanted, "a number from 1 to %llu", (unsigned long long)most);
  if (value_number(value, most, &v) < 0 || v == 0) return bad_value(a, code, value, wanted);
  *ret = v;
  return 0;
}

static int take_size(struct args *a, int code, const char *value, uint64_t *ret) {
  if (value_size(value, ret) == 0 && *ret > 0) return 0;
  return bad_value(a, code, value, "a size above zero, such as 500k, 64M or 1G");
}

/* A frame's number, or what frames turned out to be. */
static int take_explain(struct args *a, const char *value) {
  a->explain = 1;
  a->explain_verdict = WEFT_VERDICT_COUNT - 1;
  if (is_number(value)) return take_number(a, OPT_EXPLAIN, value, UINT64_MAX, &a->explain_frame);
  while (a->explain_verdict >= 0 && strcmp(weft_verdict_name(a->explain_verdict), value) != 0)
    a->explain_verdict--;
  if (a->explain_verdict >= 0) return 0;
  return bad_value(a, OPT_EXPLAIN, value,
                   "a frame's number or one of segment, fragment, other, truncated, malformed, "
                   "unknown-link, bad-checksum, stray, refused and detached");
}

static int take_fragments(struct args *a, const char *value) {
  const char *names[WEFT_FRAGMENTS_COUNT + 1];
  for (unsigned i = 0; i <= WEFT_FRAGMENTS_COUNT; i++) names[i] = weft_fragment_policy_name(i);
  return take_choice(a, OPT_FRAGMENTS, value, names, &a->engine.fragments);
}

static int take_reassembly(struct args *a, int code, const char *value) {
  /* In the order of the enumerations they name. */
  static const char *const receivers[] = {"lenient", "strict", NULL};
  static const char *const checksums[] = {"none", "auto", "all", NULL};
  static const char *const urgents[] = {"oob", "inline", NULL};
  static const char *const delivers[] = {"arrival", "acked", NULL};
  static const char *const realms[] = {"tunnel", "none", NULL};
  struct weft_options *e = &a->engine;
  uint64_t v = 0;
  int status;
  switch (code) {
  case OPT_OVERLAP: return take_overlap(a, value);
  case OPT_FRAGMENTS: return take_fragments(a, value);
  case OPT_REALM: return take_choice(a, code, value, realms, &e->realms);
  case OPT_RECEIVER: return take_choice(a, code, value, receivers, &e->receiver);
  case OPT_CHECKSUM: return take_choice(a, code, value, checksums, &e->checksum);
  case OPT_URGENT: return take_choice(a, code, value, urgents, &e->urgent);
  case OPT_DELIVER: return take_choice(a, code, value, delivers, &e->deliver);
  case OPT_GAP_WAIT: return take_duration(a, code, value, &e->gap_wait);
  case OPT_IDLE_WAIT: return take_duration(a, code, value, &a->idle_wait);
  case OPT_IDLE_CHECK: return take_duration(a, code, value, &a->idle_check);
  case OPT_CONNS_MAX:
    status = take_number(a, code, value, UINT32_MAX / 2, &v);
    e->conns_max = (uint32_t)v;
    return status;
  case OPT_HELD_MAX: return take_size(a, code, value, &e->held_bytes_max);
  }
  return EXIT_USAGE;
}

/* What matches no type is a mistake: "png", "text/html; charset=utf-8". */
static int is_type_pattern(const char *value) {
  return value[0] == '\0' || (strpbrk(value, "/*?[") != NULL && strpbrk(value, "; \t,") == NULL);
}

/* Media types ignore case. */
static int take_type(struct args *a, const char *value) {
  if (!is_type_pattern(value))
    return bad_value(a, OPT_TYPE, value, "a media type or a pattern of one, such as 'image/*'");
  char **more = realloc(a->types, (a->ntypes + 1) * sizeof *more);
  char *type = malloc(strlen(value) + 1);
  if (more == NULL || type == NULL) abort();
  for (size_t i = 0; i == 0 || value[i - 1] != '\0'; i++)
    type[i] = (char)tolower((unsigned char)value[i]);
  a->types = more;
  a->types[a->ntypes++] = type;
  return 0;
}

/* Wireshark's http.user_agent is of whichever message has it. */
static int take_field(struct args *a, const char *value) {
  const char *leaf = strrchr(value, '.');
  if (weft_sink_has_field(value)) {
    a->fields[a->nfields++] = value;
    return 0;
  }
  leaf = leaf != NULL ? leaf + 1 : value;
  complain("-e: '%s' is no header field; did you mean http.request.header.%s or "
           "http.response.header.%s?",
           value, leaf, leaf);
  return usage(a);
}

static int take_objects(struct args *a, int code, const char *value) {
  switch (code) {
  case OPT_TYPE: return take_type(a, value);
  case OPT_MAX_SIZE: return take_size(a, code, value, &a->object_bytes_max);
  case OPT_INCOMPLETE: a->incomplete = 1; return 0;
  case OPT_FORCE: a->force = 1; return 0;
  default: return take_reassembly(a, code, value);
  }
}

static int take(struct args *a, int code, const char *value) {
  uint64_t v = 0;
  int status;
  switch (code) {
  case 'r': a->files[a->nfiles++] = value; return 0;
  case 'F': a->follow = 1; return 0;
  case 'i': a->interface_name = value; return 0;
  case 'f': /* joined with the trailing words by args_filter */ return 0;
  case 'c': return take_number(a, code, value, UINT64_MAX, &a->count);
  case 's':
    status = take_number(a, code, value, 262144, &v);
    a->snaplen = (int)v;
    return status;
  case 'p': a->no_promiscuous = 1; return 0;
  case 'D': a->list_interfaces = 1; return 0;
  case 'n': return 0;
  case 'T': return take_choice(a, code, value, format_names, &a->format);
  case 'o': a->output = value; return 0;
  case 'd': a->folder = value; return 0;
  case 'q': a->quiet = 1; return 0;
  case 'v': a->verbose = 1; return 0;
  case 'h': a->help = 1; return 0;
  case 'V': a->version = 1; return 0;
  case OPT_SORT_WINDOW: return take_window(a, code, value, &a->sort_window);
  case OPT_DEDUP: return take_window(a, code, value, &a->dedup_window);
  case OPT_SEGMENTS: a->segments = 1; return 0;
  case 'e': return take_field(a, value);
  case OPT_HEADERS: a->headers = 1; return 0;
  case OPT_BODIES: return take_size(a, code, value, &a->body_bytes_max);
  case OPT_NO_REDACT: a->no_redact = 1; return 0;
  case OPT_DIGEST: a->digest = 1; return 0;
  case OPT_RAW: a->raw = 1; return 0;
  case OPT_HEX: a->hex = 1; return 0;
  case OPT_EXPLAIN: return take_explain(a, value);
  default: return take_objects(a, code, value);
  }
}

/* ---- all of them ---- */

/* Appends " and (text)" or, to nothing, "text". */
static void filter_add(struct args *a, const char *text) {
  size_t had = a->filter != NULL ? strlen(a->filter) : 0, length = had + strlen(text) + 16;
  char *joined = malloc(length);
  if (joined == NULL) abort();
  if (a->filter == NULL)
    snprintf(joined, length, "%s", text);
  else
    snprintf(joined, length, "(%s) and (%s)", a->filter, text);
  free(a->filter);
  a->filter = joined;
}

static void filter_add_words(struct args *a, int n, char **words) {
  size_t length = 1;
  for (int i = 0; i < n; i++) length += strlen(words[i]) + 1;
  char *text = calloc(1, length);
  if (text == NULL) abort();
  for (int i = 0; i < n; i++) {
    if (i > 0) strcat(text, " ");
    strcat(text, words[i]);
  }
  if (text[strspn(text, " ")] != '\0') filter_add(a, text);
  free(text);
}

static void getopt_tables(int command, char *letters, struct option *longs) {
  *letters++ = ':';
  for (size_t i = 0; i < noptions_info; i++) {
    const struct option_info *o = &options_info[i];
    if (o->code == 0 || !(o->commands & command)) continue;
    *longs++ = (struct option){o->name, o->value != NULL, NULL, o->code};
    if (o->code >= 256) continue;
    *letters++ = (char)o->code;
    if (o->value != NULL) *letters++ = ':';
  }
  *letters = '\0';
  *longs = (struct option){NULL, 0, NULL, 0};
}

static int args_check(struct args *a) {
  if (a->nfiles == 0 && a->interface_name == NULL) {
    complain("nothing to read: give -r FILE, -r - for standard input, or -i INTERFACE");
    return usage(a);
  }
  if (a->nfiles > 0 && a->interface_name != NULL) {
    complain("-r reads a file and -i captures live: give one of them");
    return usage(a);
  }
  if (a->interface_name != NULL && a->follow) {
    complain("--follow is for files: -i captures live");
    return usage(a);
  }
  if (a->follow && (a->nfiles != 1 || strcmp(a->files[0], "-") == 0)) {
    complain("--follow takes one file with -r FILE");
    return usage(a);
  }
  if (a->raw && a->hex) {
    complain("--raw and --hex are two ways to show the bytes: give one of them");
    return usage(a);
  }
  if (a->info->command == CMD_OBJECTS && a->folder == NULL) {
    complain("where to? give a directory with -d DIR");
    return usage(a);
  }
  int all = a->folder != NULL || a->format != FORMAT_TEXT;
  if (a->info->command == CMD_FOLLOW && a->connection == 0 && !all) {
    complain("which connection? give its number ('weft conns' lists them), -d DIR or -T ndjson");
    return usage(a);
  }
  return 0;
}

int args_parse(struct args *a, const struct command_info *info, int argc, char **argv) {
  char letters[2 * OPTIONS_MAX];
  struct option longs[OPTIONS_MAX];
  *a = (struct args){.info = info, .output = "-"};
  a->engine.size = sizeof a->engine;
  a->files = calloc((size_t)argc + 1, sizeof *a->files);
  a->fields = calloc((size_t)argc + 1, sizeof *a->fields);
  if (a->files == NULL || a->fields == NULL) abort();
  getopt_tables((int)info->command, letters, longs);
  opterr = 0;
  for (int code; (code = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
    int status = 0;
    if (code == ':')
      status = missing_value(a, optopt);
    else if (code == '?' && optopt > 0 && optopt < 256)
      status = unknown_short(a, optopt);
    else if (code == '?')
      status = unknown_long(a, argv[optind - 1] + strspn(argv[optind - 1], "-"));
    else if (code == 'f')
      filter_add(a, optarg);
    else
      status = take(a, code, optarg);
    if (status != 0) return status;
  }
  if (a->help || a->version || a->list_interfaces) return 0;
  if (info->command == CMD_FOLLOW && optind < argc && is_number(argv[optind])) {
    if (value_number(argv[optind], UINT64_MAX, &a->connection) < 0 || a->connection == 0) {
      complain("connections count from 1: '%s' is none", argv[optind]);
      return usage(a);
    }
    optind++;
  }
  filter_add_words(a, argc - optind, argv + optind);
  return args_check(a);
}

void args_done(struct args *a) {
  free(a->files);
  free(a->fields);
  free(a->filter);
  free(a->rules);
  for (size_t i = 0; i < a->ntypes; i++) free(a->types[i]);
  free(a->types);
}
