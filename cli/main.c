/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "errors.h"
#include "help.h"
#include "stop.h"

static int say_version(void) {
  printf("weft %s\n", weft_version_string());
  return EXIT_OK;
}

static void say_interface(const char *name, const char *description, void *user) {
  (void)user;
  int described = description != NULL && description[0] != '\0';
  printf("%s%s%s\n", name, described ? "\t" : "", described ? description : "");
}

static int say_interfaces(void) {
  struct weft_error error = {.text = ""};
  if (weft_capture_interfaces(say_interface, NULL, &error) >= 0) return EXIT_OK;
  complain("%s", error.text);
  return EXIT_INPUT;
}

static int say_help(const struct command_info *info) {
  if (info != NULL)
    help_command(stdout, info);
  else
    help_all(stdout);
  return EXIT_OK;
}

static const struct command_info *command_find(const char *name) {
  for (int i = 0; i < NCOMMANDS; i++)
    if (strcmp(commands[i].name, name) == 0) return &commands[i];
  return NULL;
}

static int unknown_command(const char *typed) {
  const char *names[NCOMMANDS + 2];
  for (int i = 0; i < NCOMMANDS; i++) names[i] = commands[i].name;
  names[NCOMMANDS] = "help";
  names[NCOMMANDS + 1] = NULL;
  const char *near = nearest_word(typed, names);
  if (typed[0] == '-')
    complain("the command comes first, as in 'weft http %s ...'", typed);
  else if (near != NULL)
    complain("no such command: '%s'; did you mean '%s'?", typed, near);
  else
    complain("no such command: '%s'", typed);
  fputs("Try 'weft --help'.\n", stderr);
  return EXIT_USAGE;
}

static int is_one_of(const char *typed, const char *letter, const char *name, const char *word) {
  return strcmp(typed, letter) == 0 || strcmp(typed, name) == 0 || strcmp(typed, word) == 0;
}

static int command_run(const struct args *a) {
  switch (a->info->command) {
  case CMD_HTTP: return cmd_http(a);
  case CMD_CONNS: return cmd_conns(a);
  case CMD_FOLLOW: return cmd_follow(a);
  case CMD_OBJECTS: return cmd_objects(a);
  default: return cmd_stats(a);
  }
}

static int command_main(const struct command_info *info, int argc, char **argv) {
  struct args args;
  int status = args_parse(&args, info, argc, argv);
  if (status == 0) {
    if (args.help)
      status = say_help(info);
    else if (args.version)
      status = say_version();
    else if (args.list_interfaces)
      status = say_interfaces();
    else
      status = command_run(&args);
  }
  args_done(&args);
  return status;
}

int main(int argc, char **argv) {
  stop_install();
  if (argc < 2) {
    help_all(stderr);
    return EXIT_USAGE;
  }
  const char *word = argv[1];
  if (is_one_of(word, "-V", "--version", "version")) return say_version();
  if (is_one_of(word, "-D", "--list-interfaces", "interfaces")) return say_interfaces();
  if (is_one_of(word, "-h", "--help", "help")) {
    const struct command_info *about = argc > 2 ? command_find(argv[2]) : NULL;
    return argc > 2 && about == NULL ? unknown_command(argv[2]) : say_help(about);
  }
  const struct command_info *info = command_find(word);
  return info != NULL ? command_main(info, argc - 1, argv + 1) : unknown_command(word);
}
