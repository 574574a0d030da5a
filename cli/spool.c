/* SPDX-License-Identifier: BSD-2-Clause */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SPOOL_FILES = 64, SPOOL_BYTES = 16384, FILES_SPARE = 6 };

/* The one longest unused is closed for another, and opened again to append.
   `used` is 0 where nothing is open. */
struct spool_file {
  uint64_t id, used;
  int fd; /* -1: free */
  size_t held;
  uint8_t buffer[SPOOL_BYTES];
};

struct spool {
  int folder;
  int nfiles; /* places that are used */
  uint64_t clock;
  struct spool_file files[SPOOL_FILES];
};

void spool_name(uint64_t id, char ret[SPOOL_NAME_MAX]) {
  snprintf(ret, SPOOL_NAME_MAX, ".weft-%" PRIu64 ".part", id);
}

struct spool *spool_new(int folder) {
  struct spool *s = malloc(sizeof *s);
  if (s == NULL) return NULL;
  s->folder = folder;
  s->nfiles = SPOOL_FILES;
  s->clock = 0;
  for (int i = 0; i < SPOOL_FILES; i++) {
    s->files[i].fd = -1;
    s->files[i].used = 0;
  }
  return s;
}

void spool_free(struct spool *s) {
  for (int i = 0; s != NULL && i < SPOOL_FILES; i++)
    if (s->files[i].fd >= 0) close(s->files[i].fd);
  free(s);
}

int spool_create(int folder, const char *name) {
  if (unlinkat(folder, name, 0) < 0 && errno != ENOENT) return -1;
  return openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

int spool_write(int fd, const uint8_t *from, size_t length) {
  while (length > 0) {
    ssize_t n = write(fd, from, length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    from += n;
    length -= (size_t)n;
  }
  return 0;
}

static int file_close(struct spool_file *f) {
  int status = spool_write(f->fd, f->buffer, f->held), why = errno;
  if (close(f->fd) < 0 && errno != EINTR && status == 0) {
    status = -1;
    why = errno;
  }
  f->fd = -1;
  f->used = 0;
  errno = why;
  return status;
}

static struct spool_file *spool_find(struct spool *s, uint64_t id) {
  for (int i = 0; i < SPOOL_FILES; i++)
    if (s->files[i].fd >= 0 && s->files[i].id == id) return &s->files[i];
  return NULL;
}

/* The system allows fewer than we would have: makes do with less, and leaves
   some for others. */
static int spool_shrink(struct spool *s) {
  int open = 0, status = 0;
  for (int i = 0; i < s->nfiles; i++) open += s->files[i].fd >= 0;
  if (open < 2) return -1;
  s->nfiles = open > FILES_SPARE ? open - FILES_SPARE : 1;
  for (int i = s->nfiles; i < SPOOL_FILES && status == 0; i++)
    if (s->files[i].fd >= 0) status = file_close(&s->files[i]);
  return status;
}

/* A place with no file open. */
static struct spool_file *spool_place(struct spool *s) {
  struct spool_file *f = &s->files[0];
  for (int i = 1; i < s->nfiles; i++)
    if (s->files[i].used < f->used) f = &s->files[i];
  return f->fd >= 0 && file_close(f) < 0 ? NULL : f;
}

static int spool_open(const struct spool *s, uint64_t id, int is_first) {
  char name[SPOOL_NAME_MAX];
  spool_name(id, name);
  return is_first ? spool_create(s->folder, name)
                  : openat(s->folder, name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
}

/* The file, open at its end; NULL with errno set. */
static struct spool_file *spool_file(struct spool *s, uint64_t id, int is_first) {
  struct spool_file *f = is_first ? NULL : spool_find(s, id);
  if (f == NULL) {
    int fd = spool_open(s, id, is_first);
    if (fd < 0 && errno == EMFILE && spool_shrink(s) == 0) fd = spool_open(s, id, is_first);
    if (fd < 0) return NULL;
    f = spool_place(s);
    if (f == NULL) {
      close(fd);
      return NULL;
    }
    f->fd = fd;
    f->id = id;
    f->held = 0;
  }
  f->used = ++s->clock;
  return f;
}

int spool_add(struct spool *s, uint64_t id, int is_first, const uint8_t *bytes, size_t length) {
  struct spool_file *f = spool_file(s, id, is_first);
  if (f == NULL) return -1;
  if (f->held + length > SPOOL_BYTES) {
    size_t held = f->held;
    f->held = 0;
    if (spool_write(f->fd, f->buffer, held) < 0) return -1;
  }
  if (length > SPOOL_BYTES) return spool_write(f->fd, bytes, length);
  memcpy(f->buffer + f->held, bytes, length);
  f->held += length;
  return 0;
}

int spool_close(struct spool *s, uint64_t id) {
  struct spool_file *f = spool_find(s, id);
  return f != NULL ? file_close(f) : 0;
}

void spool_drop(struct spool *s, uint64_t id) {
  char name[SPOOL_NAME_MAX];
  struct spool_file *f = spool_find(s, id);
  if (f != NULL) {
    close(f->fd);
    f->fd = -1;
    f->used = 0;
  }
  spool_name(id, name);
  unlinkat(s->folder, name, 0);
}
