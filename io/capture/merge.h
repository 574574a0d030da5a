/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_MERGE_H
#define WEFTIO_CAPTURE_MERGE_H

#include <weft/capture.h>

struct paths;
struct source;
struct wishes;

/* These files as one source, as weft_capture_files says.  Takes the paths over,
   also on failure. */
int source_merge(struct paths *paths, struct wishes *wishes, struct source **ret,
                 struct weft_error *reterr);

#endif
