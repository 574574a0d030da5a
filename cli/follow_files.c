/* SPDX-License-Identifier: BSD-2-Clause */
#include "follow.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"
#include "run.h"
#include "spool.h"

/*
 * Each direction into a file of its own, named by the connection's number, who
 * speaks and the addresses:
 *
 *     000003-client-192.0.2.1_50000-198.51.100.7_80
 *
 * A direction of no bytes leaves no file.  Missing bytes are left out; with -v
 * a file NAME.gaps lists them, "offset length cause" a line.  Only so many
 * files are open at once; the one longest unused is closed and, if need be,
 * opened again to append.
 */
enum { OPEN_MAX_FILES = 64, BUFFER = 16384, PATH_BYTES = 4096 };

struct open_file {
  uint64_t id, used;
  enum weft_dir dir;
  int fd; /* -1: free */
  size_t held;
  uint8_t buffer[BUFFER];
};

struct follow_cache {
  struct open_file files[OPEN_MAX_FILES];
  uint64_t clock;
};

static int files_begin(struct follow *f) {
  const char *folder = f->args->folder;
  struct stat about;
  if (mkdir(folder, 0777) < 0 && (errno != EEXIST || stat(folder, &about) < 0)) {
    complain("%s: cannot be made: %s", folder, strerror(errno));
    return EXIT_OUTPUT;
  }
  if (stat(folder, &about) == 0 && !S_ISDIR(about.st_mode)) {
    complain("%s: is not a folder; give another with -d", folder);
    return EXIT_OUTPUT;
  }
  f->cache = calloc(1, sizeof *f->cache);
  if (f->cache == NULL) {
    complain("out of memory");
    return EXIT_OUTPUT;
  }
  for (int i = 0; i < OPEN_MAX_FILES; i++) f->cache->files[i].fd = -1;
  return EXIT_OK;
}

/* IPv6 colons would not do on every file system. */
static void name_endpoint(char *text, size_t size, const struct weft_endpoint *e) {
  char address[WEFT_ENDPOINT_STRLEN];
  weft_address_format(e->address, address);
  for (char *c = address; *c != '\0'; c++)
    if (*c == ':') *c = '-';
  snprintf(text, size, "%s_%u", address, (unsigned)e->port);
}

static void file_name(const struct follow *f, const struct weft_conn *conn, enum weft_dir dir,
                      const char *suffix, char *path, size_t size) {
  char from[64], to[64];
  const struct weft_tuple *t = weft_conn_tuple(conn);
  int client = dir == WEFT_FROM_CLIENT;
  name_endpoint(from, sizeof from, client ? &t->source : &t->target);
  name_endpoint(to, sizeof to, client ? &t->target : &t->source);
  snprintf(path, size, "%s/%06" PRIu64 "-%s-%s-%s%s", f->args->folder, weft_conn_id(conn),
           client ? "client" : "server", from, to, suffix);
}

static int files_failed(struct follow *f, const char *path) {
  if (!f->failed)
    complain("%s: cannot be written: %s; give another folder with -d", path, strerror(errno));
  f->failed = 1;
  return STOP_OUTPUT;
}

static int file_drain(struct follow *f, struct open_file *file) {
  size_t held = file->held;
  file->held = 0;
  return spool_write(file->fd, file->buffer, held) < 0 ? files_failed(f, f->args->folder) : 0;
}

static int file_close(struct follow *f, struct open_file *file) {
  int status = file_drain(f, file);
  if (close(file->fd) < 0 && status == 0) status = files_failed(f, f->args->folder);
  file->fd = -1;
  file->used = 0;
  return status;
}

static struct open_file *file_find(struct follow_cache *c, uint64_t id, enum weft_dir dir) {
  for (int i = 0; i < OPEN_MAX_FILES; i++)
    if (c->files[i].fd >= 0 && c->files[i].id == id && c->files[i].dir == dir) return &c->files[i];
  return NULL;
}

static struct open_file *file_oldest(struct follow_cache *c) {
  struct open_file *oldest = &c->files[0];
  for (int i = 1; i < OPEN_MAX_FILES; i++)
    if (c->files[i].used < oldest->used) oldest = &c->files[i];
  return oldest;
}

/* The direction's file, open at its end; *ret is not set on failure. */
static int file_open(struct follow *f, const struct weft_conn *conn, enum weft_dir dir,
                     struct open_file **ret) {
  char path[PATH_BYTES];
  struct open_file *file = file_find(f->cache, weft_conn_id(conn), dir);
  if (file == NULL) {
    file = file_oldest(f->cache);
    int status = file->fd >= 0 ? file_close(f, file) : 0;
    if (status < 0) return status;
    file_name(f, conn, dir, "", path, sizeof path);
    file->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file->fd < 0) return files_failed(f, path);
    file->id = weft_conn_id(conn);
    file->dir = dir;
  }
  file->used = ++f->cache->clock;
  *ret = file;
  return 0;
}

/* Small spans gather in the buffer, large ones go around it. */
static int file_write(struct follow *f, struct open_file *file, const struct weft_span *span) {
  if (file->held + span->len > BUFFER) {
    int status = file_drain(f, file);
    if (status < 0) return status;
  }
  if (span->len > BUFFER)
    return spool_write(file->fd, span->base, span->len) < 0 ? files_failed(f, f->args->folder) : 0;
  memcpy(file->buffer + file->held, span->base, span->len);
  file->held += span->len;
  return 0;
}

/* ---- events ---- */

/* What an earlier run left under these names must not be appended to. */
static int files_open(struct follow *f, const struct weft_conn *conn) {
  char path[PATH_BYTES];
  for (int dir = 0; dir < 2; dir++) {
    file_name(f, conn, (enum weft_dir)dir, "", path, sizeof path);
    unlink(path);
    file_name(f, conn, (enum weft_dir)dir, ".gaps", path, sizeof path);
    unlink(path);
  }
  return 0;
}

static int files_data(struct follow *f, const struct weft_conn *conn, enum weft_dir dir,
                      const struct weft_data *data) {
  struct open_file *file;
  int status = file_open(f, conn, dir, &file);
  for (size_t i = 0; i < data->nspans && status == 0; i++)
    status = file_write(f, file, &data->spans[i]);
  return status;
}

/* Gaps are rare: their file is opened for each. */
static int files_gap(struct follow *f, const struct weft_conn *conn, enum weft_dir dir,
                     const struct weft_gap *gap) {
  char path[PATH_BYTES];
  if (!f->args->verbose || gap->length == WEFT_LENGTH_UNKNOWN) return 0;
  file_name(f, conn, dir, ".gaps", path, sizeof path);
  FILE *out = fopen(path, "a");
  if (out == NULL) return files_failed(f, path);
  fprintf(out, "%" PRIu64 " %" PRIu64 " %s\n", gap->offset, gap->length,
          weft_gap_cause_name(gap->cause));
  return fclose(out) != 0 ? files_failed(f, path) : 0;
}

static void files_close(struct follow *f, const struct weft_conn *conn) {
  for (int dir = 0; dir < 2; dir++) {
    struct open_file *file = file_find(f->cache, weft_conn_id(conn), (enum weft_dir)dir);
    if (file != NULL) file_close(f, file);
  }
}

static void files_done(struct follow *f) { free(f->cache); }

const struct follow_mode follow_files = {
    .begin = files_begin,
    .open = files_open,
    .data = files_data,
    .gap = files_gap,
    .close = files_close,
    .done = files_done,
};
