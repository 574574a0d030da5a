/* SPDX-License-Identifier: BSD-2-Clause */
#include "sink/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int writer_refused(struct weft_error *reterr, int os_error, const char *name) {
  if (reterr != NULL) {
    *reterr = (struct weft_error){.status = WEFT_E_IO, .os_error = os_error};
    const char *cure = os_error == ENOSPC   ? "free some space or write elsewhere with -o"
                       : os_error == EACCES ? "check its permissions or write elsewhere with -o"
                       : os_error == ENOENT ? "create the folder first"
                       : os_error == EISDIR ? "name a file"
                                            : "write elsewhere with -o";
    snprintf(reterr->text, sizeof reterr->text, "%s: cannot be written: %s; %s", name,
             strerror(os_error), cure);
  }
  return WEFT_E_IO;
}

int weft_writer_on_fd(int fd, const char *name, struct weft_writer **ret,
                      struct weft_error *reterr) {
  struct weft_writer *w = calloc(1, sizeof *w);
  char *buffer = malloc(WRITER_BYTES);
  if (w == NULL || buffer == NULL) {
    free(w);
    free(buffer);
    if (reterr != NULL)
      *reterr = (struct weft_error){.status = WEFT_E_NOMEM, .text = "out of memory"};
    return WEFT_E_NOMEM;
  }
  w->at = w->buffer = buffer;
  w->end = buffer + WRITER_BYTES;
  w->fd = fd;
  format_clock_set(&w->clock, 0);
  snprintf(w->name, sizeof w->name, "%s", name);
  *ret = w;
  return 0;
}

int weft_writer_open(const char *path, struct weft_writer **ret, struct weft_error *reterr) {
  if (strcmp(path, "-") == 0)
    return weft_writer_on_fd(STDOUT_FILENO, "standard output", ret, reterr);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return writer_refused(reterr, errno, path);
  int status = weft_writer_on_fd(fd, path, ret, reterr);
  if (status < 0)
    close(fd);
  else
    (*ret)->owned = 1;
  return status;
}

static void writer_wait(const struct weft_writer *w) {
  struct pollfd poller = {.fd = w->fd, .events = POLLOUT};
  poll(&poller, 1, -1);
}

void writer_drain(struct weft_writer *w) {
  const char *from = w->buffer;
  while (from < w->at && w->os_error == 0) {
    ssize_t n = write(w->fd, from, (size_t)(w->at - from));
    if (n >= 0)
      from += n;
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      writer_wait(w);
    else if (errno != EINTR)
      w->os_error = errno;
  }
  w->at = w->buffer;
}

int weft_writer_flush(struct weft_writer *w) {
  writer_drain(w);
  return w->os_error != 0 ? WEFT_E_IO : 0;
}

int weft_writer_close(struct weft_writer *w, struct weft_error *reterr) {
  if (w == NULL) return 0;
  writer_drain(w);
  /* A network file system may report a full disk only here. */
  if (w->owned && close(w->fd) < 0 && w->os_error == 0 && errno != EINTR) w->os_error = errno;
  int status = w->os_error != 0 ? writer_refused(reterr, w->os_error, w->name) : 0;
  free(w->buffer);
  free(w);
  return status;
}

int weft_writer_os_error(const struct weft_writer *w) { return w->os_error; }

size_t weft_writer_pending(const struct weft_writer *w) { return (size_t)(w->at - w->buffer); }

void weft_write_bytes(struct weft_writer *w, const void *bytes, size_t length) {
  const char *from = bytes;
  while (length > 0) {
    if (w->at == w->end) writer_drain(w);
    size_t room = (size_t)(w->end - w->at), n = length < room ? length : room;
    memcpy(w->at, from, n);
    w->at += n;
    from += n;
    length -= n;
  }
}

void weft_write_string(struct weft_writer *w, const char *text) {
  weft_write_bytes(w, text, strlen(text));
}

void weft_write_char(struct weft_writer *w, char c) {
  *writer_room(w, 1) = c;
  w->at++;
}

void weft_write_uint(struct weft_writer *w, uint64_t v) {
  w->at = format_uint(writer_room(w, FORMAT_MAX), v);
}

void weft_write_seconds(struct weft_writer *w, weft_duration d) {
  w->at = format_seconds(writer_room(w, FORMAT_MAX), d);
}

void weft_write_time(struct weft_writer *w, weft_time time) {
  w->at = format_time(&w->clock, writer_room(w, FORMAT_MAX), time);
}

void weft_write_pad(struct weft_writer *w, size_t used, size_t width) {
  if (used >= width) return;
  size_t blanks = width - used < 1024 ? width - used : 1024;
  memset(writer_room(w, blanks), ' ', blanks);
  w->at += blanks;
}

void weft_write_hex(struct weft_writer *w, const uint8_t *bytes, size_t length) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < length; i++) {
    char *p = writer_room(w, 2);
    p[0] = digits[bytes[i] >> 4];
    p[1] = digits[bytes[i] & 15];
    w->at += 2;
  }
}
