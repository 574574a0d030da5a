/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

int stop_init(struct stop *stop) {
  atomic_init(&stop->asked, 0);
  if (pipe(stop->pipe) != 0) {
    stop->pipe[0] = stop->pipe[1] = -1;
    return -1;
  }
  for (int i = 0; i < 2; i++) {
    fcntl(stop->pipe[i], F_SETFD, FD_CLOEXEC);
    fcntl(stop->pipe[i], F_SETFL, O_NONBLOCK);
  }
  return 0;
}

void stop_done(struct stop *stop) {
  for (int i = 0; i < 2; i++)
    if (stop->pipe[i] >= 0) close(stop->pipe[i]);
  stop->pipe[0] = stop->pipe[1] = -1;
}

void stop_ask(struct stop *stop) {
  int kept = errno;
  atomic_store_explicit(&stop->asked, 1, memory_order_relaxed);
  /* A full pipe refuses the byte, but then it is readable already. */
  if (stop->pipe[1] >= 0 && write(stop->pipe[1], "", 1) < 0) errno = kept;
}

int stop_wait(struct stop *stop, int fd, int timeout_ms) {
  struct pollfd both[2] = {{.fd = fd, .events = POLLIN}, {.fd = stop->pipe[0], .events = POLLIN}};
  int rc = poll(both, 2, timeout_ms);
  if (rc < 0) return errno == EINTR ? 0 : -1;
  return both[0].revents != 0 && !stop_asked(stop);
}
