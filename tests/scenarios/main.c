/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "scenario.h"

/*
 *     scenarios [--print | --fail-each] FILE|FOLDER...
 *
 * Plays each scenario in each mode and writes TAP: one test a file, and where
 * one fails the step, what it should have caused and what it did.  --print
 * writes each file with the events that happened in place of those expected.
 * --fail-each plays each file once for every allocation that it makes, with
 * that one failing: events may be missing then, but nothing may be left behind.
 */
static int print_mode, fail_mode;

struct script {
  char *text;
  char **lines;
  size_t nlines;
};

static char *read_all(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  char *text = calloc(1, 1 << 20);
  size_t n = text ? fread(text, 1, (1 << 20) - 1, file) : 0;
  fclose(file);
  if (text) text[n] = '\0';
  return text;
}

static void chop(char *line) {
  size_t n = strlen(line);
  while (n && isspace((unsigned char)line[n - 1])) line[--n] = '\0';
}

static int script_read(const char *path, struct script *ret) {
  char *at = read_all(path);
  if (!at) return -1;
  *ret = (struct script){.text = at};
  ret->lines = calloc(strlen(at) + 2, sizeof *ret->lines);
  if (!ret->lines) abort();
  while (at && *at) {
    char *end = strchr(at, '\n');
    if (end) *end = '\0';
    chop(at);
    ret->lines[ret->nlines++] = at;
    at = end ? end + 1 : NULL;
  }
  return 0;
}

static void script_done(struct script *script) {
  free(script->lines);
  free(script->text);
}

static int is_blank(const char *line) { return !*line || *line == '#'; }
static int is_option(const char *line) { return !strncmp(line, "option ", 7); }
static int is_event(const char *line) { return *line == ' '; }
static int is_step(const char *line) {
  return !is_blank(line) && !is_option(line) && !is_event(line);
}

static const char *unindent(const char *line) {
  while (*line == ' ') line++;
  return line;
}

static int read_options(const struct script *script, struct play *play, struct weft_options *ret) {
  char word[128];
  const char *value;
  for (size_t i = 0; i < script->nlines; i++) {
    const char *rest = script->lines[i] + 7;
    if (!is_option(script->lines[i])) continue;
    while (!word_get(&rest, word, sizeof word))
      if (word_pair(word, &value) || play_option(play, ret, word, value)) return -1;
  }
  return 0;
}

static int hears_segments(const struct script *script, const struct play *play) {
  for (size_t i = 0; i < script->nlines; i++)
    if (!strncmp(script->lines[i], "on segment ", 11)) return 1;
  return !!(play->show & SHOW_SEGMENT);
}

/* The lines indented under step `at`, each ended by a line end. */
static char *expected_of(const struct script *script, size_t at) {
  size_t room = 1, n = 0;
  char *text = malloc(1 << 20);
  if (!text) abort();
  text[0] = '\0';
  for (size_t i = at + 1; i < script->nlines && !is_step(script->lines[i]); i++) {
    const char *line = unindent(script->lines[i]);
    if (!is_event(script->lines[i]) || is_blank(line)) continue;
    room += strlen(line) + 1;
    if (room > 1 << 20) abort();
    n += (size_t)sprintf(text + n, "%s\n", line);
  }
  return text;
}

static void print_lines(const char *prefix, const char *text) {
  if (!*text) printf("%s(nothing)\n", prefix);
  while (*text) {
    size_t n = strcspn(text, "\n");
    printf("%s%.*s\n", prefix, (int)n, text);
    text += n + (text[n] == '\n');
  }
}

static int check_step(struct play *play, const struct script *script, size_t at, const char *mode) {
  char *expected = expected_of(script, at);
  const char *got = recorder_text(&play->recorder);
  int same = !strcmp(expected, got);
  if (print_mode) {
    printf("%s\n", script->lines[at]);
    if (*got) print_lines("  ", got);
  } else if (!same) {
    printf("# line %zu (%s): %s\n#   expected\n", at + 1, mode, script->lines[at]);
    print_lines("#     ", expected);
    printf("#   got\n");
    print_lines("#     ", got);
  }
  free(expected);
  return same || print_mode ? 0 : -1;
}

static int play_steps(struct play *play, const struct script *script, const char *mode) {
  for (size_t i = 0; i < script->nlines; i++) {
    const char *line = script->lines[i];
    if (print_mode && (is_blank(line) || is_option(line))) printf("%s\n", line);
    if (!is_step(line)) continue;
    recorder_clear(&play->recorder);
    if (play_step(play, line)) {
      printf("# line %zu: %s: %s\n", i + 1, line, play->error);
      return -1;
    }
    if (check_step(play, script, i, mode)) return -1;
  }
  return 0;
}

static int play_script(const struct script *script, enum play_mode mode) {
  static const char *const names[] = {"segments", "stable segments", "frames", "batch"};
  static struct play play;
  struct weft_options options = {0};
  play = (struct play){0};
  if (read_options(script, &play, &options)) {
    printf("# %s\n", play.error[0] ? play.error : "an option is not name=value");
    return -1;
  }
  if (play_init(&play, mode, &options, play.show, hears_segments(script, &play), 0)) {
    printf("# %s\n", play.error);
    return -1;
  }
  int rc = play_steps(&play, script, names[mode]);
  if (play_done(&play)) {
    printf("# (%s) at the end: %s\n", names[mode], play.error);
    rc = -1;
  }
  return rc;
}

/* Whether the n-th allocation was reached; *ret_rc as play_done says. */
static int play_failing(const struct script *script, uint64_t n, int *ret_rc) {
  static struct play play;
  struct weft_options options = {0};
  play = (struct play){0};
  if (read_options(script, &play, &options)) return 0;
  if (play_init(&play, PLAY_SEGMENTS, &options, play.show, 1, n) == 0)
    for (size_t i = 0; i < script->nlines; i++)
      if (is_step(script->lines[i])) play_step(&play, script->lines[i]);
  int reached = play.memory.calls >= n;
  *ret_rc = play_done(&play);
  if (*ret_rc) printf("# allocation %llu fails: %s\n", (unsigned long long)n, play.error);
  return reached;
}

static int play_each(const struct script *script) {
  int rc = 0;
  for (uint64_t n = 1; !rc && play_failing(script, n, &rc);) n++;
  return rc;
}

static int play_file(const char *path) {
  struct script script;
  int rc = 0;
  if (script_read(path, &script)) {
    printf("# cannot read %s\n", path);
    return -1;
  }
  if (fail_mode) rc = play_each(&script);
  int modes = fail_mode ? 0 : print_mode ? 1 : PLAY_MODES;
  for (int mode = 0; mode < modes && !rc; mode++) rc = play_script(&script, (enum play_mode)mode);
  script_done(&script);
  return rc;
}

static int is_scenario(const struct dirent *entry) {
  const char *dot = strrchr(entry->d_name, '.');
  return dot && !strcmp(dot, ".weft");
}

static unsigned count, failed;

static void test_file(const char *path) {
  int rc = play_file(path);
  count++;
  if (rc) failed++;
  if (!print_mode) printf("%s %u - %s\n", rc ? "not ok" : "ok", count, path);
  fflush(stdout);
}

static void test_path(const char *path) {
  struct dirent **entries;
  struct stat st;
  if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
    test_file(path);
    return;
  }
  int n = scandir(path, &entries, is_scenario, alphasort);
  for (int i = 0; i < n; i++) {
    char name[4096];
    snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
    test_file(name);
    free(entries[i]);
  }
  if (n >= 0) free(entries);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--print"))
      print_mode = 1;
    else if (!strcmp(argv[i], "--fail-each"))
      fail_mode = 1;
    else
      test_path(argv[i]);
  }
  if (!count) {
    fprintf(stderr, "usage: scenarios [--print | --fail-each] FILE|FOLDER...\n");
    return 1;
  }
  if (!print_mode) printf("1..%u\n", count);
  return failed ? 1 : 0;
}
