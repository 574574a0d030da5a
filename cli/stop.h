/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_STOP_H
#define CLI_STOP_H

struct weft_capture;

/* SIGINT and SIGTERM ask for an orderly end: what is held is still delivered.
   The second one ends the process at once. */
void stop_install(void);

/* Stops this live capture as well; NULL for none. */
void stop_watch(struct weft_capture *);

int stop_asked(void);

#endif
