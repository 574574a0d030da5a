/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "args.h"

/* What `weft --help` and `weft COMMAND --help` say. */
void help_all(FILE *);
void help_command(FILE *, const struct command_info *);

#endif
