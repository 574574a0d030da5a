/* SPDX-License-Identifier: BSD-2-Clause */
#include "stop.h"

#include <signal.h>
#include <stddef.h>

#include <weft/capture.h>

static volatile sig_atomic_t asked;
static struct weft_capture *volatile watched;

static void on_signal(int number) {
  (void)number;
  asked = 1;
  if (watched != NULL) weft_capture_stop(watched);
}

void stop_install(void) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  signal(SIGPIPE, SIG_IGN); /* the writer sees EPIPE */
}

void stop_watch(struct weft_capture *capture) { watched = capture; }

int stop_asked(void) { return asked; }
