/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include <weft/stream.h>

#include "args.h"

/* weft stats --explain: one frame, or those that stats counts for a verdict, layer by
   layer.  The engine takes part, with `ops`, for it knows what fragments make.
   Returns enum exit_status. */
int explain_all(const struct args *, const struct weft_stream_ops *ops, void *user);

#endif
