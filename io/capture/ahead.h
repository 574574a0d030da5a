/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_AHEAD_H
#define WEFTIO_CAPTURE_AHEAD_H

#include "capture/supply.h"

/* Pulls from `under`, which then belongs to it, in a thread of its own, a few
   blocks ahead of whoever pulls here.  The thread begins at the second pull:
   who only looks at the beginning of a file pays for no more.  Without a
   thread to be had it pulls itself.  `prompt`: each piece is handed on as it
   comes; otherwise blocks are filled.  NULL: no memory, `under` stays the
   caller's. */
struct supply *supply_ahead(struct supply *under, int prompt);

#endif
