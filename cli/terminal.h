/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "args.h"

/* Columns of the terminal that results go to, 0 when they go elsewhere. */
int terminal_columns(const struct args *);

/* Whether results may be coloured: a terminal, and NO_COLOR is unset or empty. */
int terminal_colour(const struct args *);

#endif
