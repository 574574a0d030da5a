/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "args.h"

/* weft stats --explain: one frame, or those of a verdict, layer by layer.
   Returns enum exit_status. */
int explain_all(const struct args *);

#endif
