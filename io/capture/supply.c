/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/supply.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/fault.h"
#include "capture/gzip.h"
#include "capture/stop.h"

void supply_close(struct supply *supply) {
  if (supply) supply->ops->close(supply);
}

static void plain_close(struct supply *supply) { free(supply); }

struct supply_of_fd {
  struct supply supply;
  struct stop *stop;
  int fd;
};

static int64_t fd_pull(struct supply *supply, uint8_t *ret, size_t n, struct weft_error *reterr) {
  struct supply_of_fd *of = (struct supply_of_fd *)supply;
  if (n > INT_MAX) n = INT_MAX;
  /* poll before read, so that a request to stop wakes it. */
  for (; !stop_asked(of->stop);) {
    int rc = stop_wait(of->stop, of->fd, -1);
    if (rc < 0) return fault_system(reterr, "%s: waiting for it failed", supply->name);
    if (rc == 0) continue;
    ssize_t got = read(of->fd, ret, n);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return fault_system(reterr, "%s: reading failed", supply->name);
    supply->taken += (uint64_t)got;
    return got;
  }
  return 0;
}

struct supply *supply_fd(int fd, const char *name, struct stop *stop) {
  static const struct supply_ops ops = {fd_pull, plain_close};
  struct supply_of_fd *of = calloc(1, sizeof(*of));
  if (!of) return NULL;
  *of = (struct supply_of_fd){{&ops, name, 0}, stop, fd};
  return &of->supply;
}

struct supply_of_memory {
  struct supply supply;
  const uint8_t *bytes;
  size_t size, piece;
};

static int64_t memory_pull(struct supply *supply, uint8_t *ret, size_t n,
                           struct weft_error *reterr) {
  struct supply_of_memory *of = (struct supply_of_memory *)supply;
  (void)reterr;
  if (n > of->piece) n = of->piece;
  if (n > of->size) n = of->size;
  if (n) memcpy(ret, of->bytes, n);
  of->bytes += n;
  of->size -= n;
  supply->taken += n;
  return (int64_t)n;
}

struct supply *supply_memory(const uint8_t *bytes, size_t size, size_t piece, const char *name) {
  static const struct supply_ops ops = {memory_pull, plain_close};
  struct supply_of_memory *of = calloc(1, sizeof(*of));
  if (!of) return NULL;
  *of = (struct supply_of_memory){{&ops, name, 0}, bytes, size, piece};
  return &of->supply;
}

/* Compressions that people have captures in.  Without `open` it is only named. */
static const struct {
  const char *name, *magic, *tool;
  size_t magic_size;
  int (*open)(struct supply *, const uint8_t *, size_t, struct supply **, struct weft_error *);
} compressions[] = {
    {"gzip", "\x1f\x8b", "gzip -d", 2, gzip_open}, {"zstd", "\x28\xb5\x2f\xfd", "zstd -d", 4, NULL},
    {"xz", "\xfd\x37zXZ", "xz -d", 5, NULL},       {"lz4", "\x04\x22\x4d\x18", "lz4 -d", 4, NULL},
    {"bzip2", "BZh", "bzip2 -d", 3, NULL},
};

#define COMPRESSIONS ((int)(sizeof(compressions) / sizeof(compressions[0])))

/* Which of them these bytes begin, or -1. */
static int compression_find(const uint8_t *head, size_t n) {
  for (int i = 0; i < COMPRESSIONS; i++)
    if (n >= compressions[i].magic_size &&
        memcmp(head, compressions[i].magic, compressions[i].magic_size) == 0)
      return i;
  return -1;
}

int supply_is_compressed(const uint8_t *head, size_t n) { return compression_find(head, n) >= 0; }

int supply_decode(struct supply *under, const uint8_t *head, size_t n, struct supply **ret,
                  struct weft_error *reterr) {
  int i = compression_find(head, n), rc = WEFT_E_NOTBUILT;
  if (i < 0) {
    *ret = under;
    return 0;
  }
  if (compressions[i].open) rc = compressions[i].open(under, head, n, ret, reterr);
  if (rc != WEFT_E_NOTBUILT) return rc;
  return fault(reterr, rc,
               "%s: is compressed with %s, which this build does not read: run `%s` on it first, "
               "or read its output from a pipe",
               under->name, compressions[i].name, compressions[i].tool);
}
