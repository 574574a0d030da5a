/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>

/*
 * A bar on standard error with rate and remaining time: only when that is a
 * terminal, and only once reading has taken longer than a second.  There is one.
 */
void progress_begin(int wanted);

/* Cheap enough for every batch of frames: looks at the clock now and then. */
void progress_step(uint64_t done, uint64_t total);

/* Non-zero when the next step wants numbers. */
int progress_due(void);

/* Takes the bar away, so that something else can be written. */
void progress_clear(void);

#endif
