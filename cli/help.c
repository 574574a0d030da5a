/* SPDX-License-Identifier: BSD-2-Clause */
#include "help.h"

#include <string.h>

void help_all(FILE *f) {
  fputs("weft - TCP streams and HTTP transactions from captured packets\n\n"
        "Usage: weft COMMAND (-r FILE... | -i INTERFACE) [options] [filter expression]\n\n"
        "Commands:\n",
        f);
  for (int i = 0; i < NCOMMANDS; i++)
    fprintf(f, "  %-8s %s\n", commands[i].name, commands[i].summary);
  fputs("\nExamples:\n", f);
  for (int i = 0; i < NCOMMANDS; i++)
    fprintf(f, "%.*s\n", (int)strcspn(commands[i].examples, "\n"), commands[i].examples);
  fputs(
      "\n'weft COMMAND --help' has the options; weft -D lists interfaces, weft -V is the version.\n"
      "weft(1) is the manual.\n",
      f);
}

enum { HELP_COLUMN = 31 };

static void help_option(FILE *f, const struct option_info *o) {
  char left[64];
  int n = 0;
  if (o->code < 256)
    n = snprintf(left, sizeof left, "  -%c, --%s", o->code, o->name);
  else
    n = snprintf(left, sizeof left, "      --%s", o->name);
  if (o->value != NULL) snprintf(left + n, sizeof left - (size_t)n, " %s", o->value);
  fprintf(f, "%-*s ", HELP_COLUMN, left);
  for (const char *line = o->help;;) {
    size_t length = strcspn(line, "\n");
    fprintf(f, "%.*s\n", (int)length, line);
    if (line[length] == '\0') return;
    line += length + 1;
    fprintf(f, "%*s", HELP_COLUMN + 1, "");
  }
}

void help_command(FILE *f, const struct command_info *info) {
  fprintf(f, "weft %s - %s\n\nUsage: %s\n", info->name, info->summary, info->synopsis);
  for (size_t i = 0; i < noptions_info; i++) {
    if (options_info[i].code == 0)
      fprintf(f, "\n%s:\n", options_info[i].name);
    else if (options_info[i].commands & (int)info->command)
      help_option(f, &options_info[i]);
  }
  fprintf(f, "\nExamples:\n%s", info->examples);
  fputs("\nExit status: 0 ok, 1 usage, 2 input that cannot be read, 3 input that ended damaged "
        "after\n"
        "some frames were used, 4 output that could not be written.\n",
        f);
}
