/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/descriptor.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/fault.h"
#include "capture/wishes.h"

/* How soon a cancellation, or growth of a file, is seen. */
#define LOOK_MS 100

struct supply_of_fd {
  struct supply supply;
  struct wishes *wishes;
  int fd;
  enum descriptor_kind kind;
  int leaving; /* followed: it ends with what is in it now */
  atomic_int cancelled;
};

/* Why a followed file will not grow any more, or NULL. */
static const char *followed_is_over(const struct supply_of_fd *of) {
  struct stat named, open;
  if (fstat(of->fd, &open) != 0) return "cannot be examined any more";
  if ((uint64_t)open.st_size < of->supply.taken) return "was truncated";
  if (stat(of->supply.name, &named) != 0) return "was removed or renamed";
  if (named.st_ino != open.st_ino || named.st_dev != open.st_dev) return "was replaced by another";
  return NULL;
}

/* At the end of a followed file: 1: there may be more to read, after a while or
   for the last time; 0: that was all. */
static int followed_wait(struct supply_of_fd *of, struct weft_error *reterr) {
  struct stop *stop = &of->wishes->stop;
  if (of->leaving) return 0;
  const char *over = followed_is_over(of);
  if (over)
    wishes_warn(of->wishes, 0, of->supply.taken, 0, "%s: %s: it is followed no further",
                of->supply.name, over);
  else if (stop_wait(stop, -1, LOOK_MS) < 0)
    return fault_system(reterr, "%s: waiting for it to grow failed", of->supply.name);
  of->leaving = over || stop_asked(stop);
  return 1;
}

/* poll before read, so that a request to stop wakes it: 1, or 0: look again. */
static int descriptor_wait(struct supply_of_fd *of, struct weft_error *reterr) {
  int rc = stop_wait(&of->wishes->stop, of->fd, LOOK_MS);
  return rc < 0 ? fault_system(reterr, "%s: waiting for it failed", of->supply.name) : rc;
}

static int descriptor_is_stopped(struct supply_of_fd *of) {
  if (atomic_load_explicit(&of->cancelled, memory_order_relaxed)) return 1;
  /* Who waits at the end of a file that grows reads what came until the stop. */
  return stop_asked(&of->wishes->stop) && !of->leaving;
}

static int64_t descriptor_pull(struct supply *supply, uint8_t *ret, size_t n,
                               struct weft_error *reterr) {
  struct supply_of_fd *of = (struct supply_of_fd *)supply;
  if (n > INT_MAX) n = INT_MAX;
  while (!descriptor_is_stopped(of)) {
    int rc = of->kind == DESCRIPTOR_WAITS ? descriptor_wait(of, reterr) : 1;
    if (rc < 0) return rc;
    if (rc == 0) continue;
    ssize_t got = read(of->fd, ret, n);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return fault_system(reterr, "%s: reading failed", supply->name);
    if (got == 0 && of->kind == DESCRIPTOR_FOLLOWED) {
      rc = followed_wait(of, reterr);
      if (rc <= 0) return rc;
      continue;
    }
    supply->taken += (uint64_t)got;
    return got;
  }
  return 0;
}

static void descriptor_cancel(struct supply *supply) {
  struct supply_of_fd *of = (struct supply_of_fd *)supply;
  atomic_store_explicit(&of->cancelled, 1, memory_order_relaxed);
}

static void descriptor_close(struct supply *supply) { free(supply); }

struct supply *supply_fd(int fd, enum descriptor_kind kind, const char *name,
                         struct wishes *wishes) {
  static const struct supply_ops ops = {descriptor_pull, descriptor_cancel, descriptor_close};
  struct supply_of_fd *of = calloc(1, sizeof(*of));
  if (!of) return NULL;
  of->supply = (struct supply){.ops = &ops, .name = name};
  of->wishes = wishes;
  of->fd = fd;
  of->kind = kind;
  return &of->supply;
}
