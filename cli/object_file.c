/* SPDX-License-Identifier: BSD-2-Clause */
#include "objects.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"
#include "run.h"

#define MANIFEST "manifest.ndjson"
#define DECODING ".weft-decoding.part"

/* ---- the folder ---- */

static int folder_refused(const char *folder, const char *what) {
  complain("%s: %s; give another with -d", folder, what);
  return EXIT_OUTPUT;
}

/* Nothing in it but itself and its parent? */
static int folder_is_empty(int folder) {
  int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), empty = 1;
  DIR *list = again >= 0 ? fdopendir(again) : NULL;
  if (list == NULL) return 0;
  for (struct dirent *e; empty && (e = readdir(list)) != NULL;)
    empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
  closedir(list);
  return empty;
}

static int folder_open(struct objects *all) {
  const char *name = all->args->folder;
  if (mkdir(name, 0777) < 0 && errno != EEXIST) return folder_refused(name, strerror(errno));
  all->folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (all->folder < 0) return folder_refused(name, strerror(errno));
  if (all->args->force || folder_is_empty(all->folder)) return EXIT_OK;
  complain("%s: is not empty; give another with -d, or --force to replace files there", name);
  return EXIT_OUTPUT;
}

static int manifest_open(struct objects *all) {
  struct weft_error error = {.text = ""};
  int fd = spool_create(all->folder, MANIFEST);
  if (fd < 0) {
    objects_failed(all, MANIFEST);
    return EXIT_OUTPUT;
  }
  int status = weft_writer_on_fd(fd, MANIFEST, &all->manifest.writer, &error);
  if (status == 0)
    status = weft_record_new(all->manifest.writer, WEFT_RECORD_NDJSON, &all->manifest.record);
  all->manifest_fd = fd;
  return output_status(status, &error, EXIT_OK);
}

int objects_open(struct objects *all) {
  int status = folder_open(all);
  if (status == EXIT_OK) status = manifest_open(all);
  if (status != EXIT_OK) return status;
  all->spool = spool_new(all->folder);
  return all->spool != NULL ? EXIT_OK : folder_refused(all->args->folder, "out of memory");
}

int objects_close(struct objects *all, int so_far) {
  int status = output_close(&all->manifest, so_far);
  if (all->manifest_fd >= 0) close(all->manifest_fd);
  spool_free(all->spool);
  if (all->folder >= 0) close(all->folder);
  return status;
}

int objects_failed(struct objects *all, const char *name) {
  if (!all->failed)
    complain("%s/%s: cannot be written: %s; give another folder with -d", all->args->folder, name,
             strerror(errno));
  all->failed = 1;
  return STOP_OUTPUT;
}

/* ---- a file ---- */

/* What decoding writes to. */
struct decoded {
  int fd, os_error;
  uint64_t size;
  struct sha256_ctx digest;
};

static int decoded_take(const uint8_t *bytes, size_t length, void *user) {
  struct decoded *d = user;
  d->size += length;
  sha256_update(&d->digest, length, bytes);
  if (spool_write(d->fd, bytes, length) == 0) return 0;
  d->os_error = errno;
  return STOP_OUTPUT;
}

/* Feeds the file to the decoder, as far as the first gap.  An enum
   weft_content_end or a failure. */
static int decode_feed(int from, uint64_t left, struct weft_content *content) {
  uint8_t buffer[65536];
  int status = 0;
  while (left > 0 && status == 0) {
    ssize_t n = read(from, buffer, left < sizeof buffer ? (size_t)left : sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    left -= (uint64_t)n;
    status = weft_content_write(content, buffer, (size_t)n);
  }
  return status == 0 || status == WEFT_E_FORMAT ? weft_content_finish(content) : status;
}

static int decode_open(struct objects *all, const struct object_result *r, struct decoded *d,
                       struct weft_content **ret) {
  struct weft_content_options options = {.size = sizeof options,
                                         .bytes_max = all->args->object_bytes_max};
  int status = weft_content_new(r->codings, r->ncodings, &options, decoded_take, d, ret);
  return status == WEFT_E_NOTBUILT ? WEFT_CONTENT_UNKNOWN : status;
}

/* The decoded bytes into a file beside.  An enum weft_content_end; negative and
   errno is set where the folder refused. */
static int object_decode(struct objects *all, const struct object *o, struct object_result *r) {
  struct decoded d = {.fd = -1};
  struct weft_content *content = NULL;
  char name[SPOOL_NAME_MAX];
  int status = decode_open(all, r, &d, &content);
  errno = 0;
  if (status != 0) return status;
  spool_name(o->id, name);
  sha256_init(&d.digest);
  int from = openat(all->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  d.fd = from >= 0 ? spool_create(all->folder, DECODING) : -1;
  if (d.fd < 0)
    d.os_error = errno;
  else
    status = decode_feed(from, o->ngaps > 0 ? o->gaps[0][0] : UINT64_MAX, content);
  if (from >= 0) close(from);
  if (d.fd >= 0 && close(d.fd) < 0 && d.os_error == 0 && errno != EINTR) d.os_error = errno;
  weft_content_free(content);
  r->size = d.size;
  sha256_digest(&d.digest, sizeof r->sha256, r->sha256);
  errno = d.os_error;
  return d.os_error != 0 ? STOP_OUTPUT : status;
}

/* May the file be what decoding made of it?  Coded data that only end early are
   shown by browsers as far as they go; others say more as they were sent. */
static int decoded_counts(const struct object_result *r) {
  return r->end == WEFT_CONTENT_DECODED || (r->end == WEFT_CONTENT_CUT && r->size > 0);
}

static int object_rename(struct objects *all, const char *from, const char *to) {
  return renameat(all->folder, from, all->folder, to) < 0 ? objects_failed(all, to) : 0;
}

static int object_keep_as_sent(struct objects *all, struct object *o, struct object_result *r) {
  char name[SPOOL_NAME_MAX];
  spool_name(o->id, name);
  r->size = o->bytes;
  r->as_sent = r->coded;
  sha256_digest(&o->digest, sizeof r->sha256, r->sha256);
  return object_rename(all, name, r->name);
}

static int object_keep_decoded(struct objects *all, struct object *o, struct object_result *r) {
  spool_drop(all->spool, o->id);
  return object_rename(all, DECODING, r->name);
}

static int object_skip(struct objects *all, struct object *o, struct object_result *r,
                       enum skipped why) {
  spool_drop(all->spool, o->id);
  r->skipped = why;
  r->name[0] = '\0';
  return 0;
}

int object_store(struct objects *all, struct object *o, struct object_result *r) {
  if (o->too_large) return object_skip(all, o, r, SKIPPED_SIZE);
  if (!r->complete && !all->args->incomplete) return object_skip(all, o, r, SKIPPED_INCOMPLETE);
  if (o->bytes == 0) return object_skip(all, o, r, SKIPPED_INCOMPLETE);
  if (spool_close(all->spool, o->id) < 0) return objects_failed(all, r->name);
  if (!r->coded) return object_keep_as_sent(all, o, r);
  int end = object_decode(all, o, r);
  if (end < 0 && errno != 0) return objects_failed(all, r->name);
  r->end = end >= 0 ? (uint32_t)end : WEFT_CONTENT_UNKNOWN;
  if (decoded_counts(r)) return object_keep_decoded(all, o, r);
  unlinkat(all->folder, DECODING, 0);
  if (r->end == WEFT_CONTENT_SIZE && all->args->object_bytes_max != 0)
    return object_skip(all, o, r, SKIPPED_SIZE);
  return object_keep_as_sent(all, o, r);
}
