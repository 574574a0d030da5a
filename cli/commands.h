/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "args.h"

/* One for each subcommand; returns enum exit_status. */
int cmd_http(const struct args *);
int cmd_conns(const struct args *);
int cmd_follow(const struct args *);
int cmd_stats(const struct args *);
int cmd_objects(const struct args *);

#endif
