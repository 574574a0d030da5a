/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_RESYNC_H
#define WEFTIO_CAPTURE_RESYNC_H

#include "capture/file.h"

/* Goes from `input.at` to the next place from which records follow one another:
   1; 0: there is none up to the end, or up to a breach, where the input then is;
   negative: the input failed.  Takes time in proportion to what it passes over. */
int file_resync(struct file *, struct weft_error *reterr);

#endif
