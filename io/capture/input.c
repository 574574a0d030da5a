/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/fault.h"
#include "capture/guard.h"
#include "capture/supply.h"

#define BUFFER_MIN ((size_t)256 << 10)
/* Pages of a mapping are given back this far behind, this many bytes at a time. */
#define WINDOW_BEHIND ((size_t)16 << 20)
#define WINDOW_STEP ((size_t)2 << 20)

static void input_init(struct input *input, const char *name) {
  *input = (struct input){.guard = -1, .fd = -1};
  strncat(input->name, name, sizeof(input->name) - 1);
}

void input_close(struct input *input) {
  guard_remove(input->guard);
  if (input->map) munmap((void *)input->map, input->map_size);
  supply_close(input->supply);
  free(input->buffer);
  if (input->fd > STDERR_FILENO) close(input->fd);
  input_init(input, "");
}

/* Room for `n` bytes at `at`, and then some. */
static int input_make_room(struct input *input, size_t n, struct weft_error *reterr) {
  if (n > input->buffer_size) {
    size_t size = input->buffer_size ? input->buffer_size : BUFFER_MIN;
    while (size < n) size *= 2;
    uint8_t *larger = malloc(size);
    if (!larger) return fault_memory(reterr, input->name);
    if (input->left) memcpy(larger, input->at, input->left);
    free(input->buffer);
    input->buffer = larger;
    input->buffer_size = size;
  } else if (input->left) {
    memmove(input->buffer, input->at, input->left);
  }
  input->at = input->buffer;
  return 0;
}

int input_pull(struct input *input, size_t n, struct weft_error *reterr) {
  if (!input->supply) return 0;
  while (input->left < n) {
    /* A record that claims to be long gets its room as its bytes come, not
       on its word. */
    size_t room = input->left * 2 < BUFFER_MIN ? BUFFER_MIN : input->left * 2;
    int rc = input_make_room(input, room < n ? room : n, reterr);
    if (rc < 0) return rc;
    int64_t got = input->supply->ops->pull(input->supply, input->buffer + input->left,
                                           input->buffer_size - input->left, reterr);
    if (got <= 0) return (int)got;
    input->left += (size_t)got;
  }
  return 1;
}

/* Takes the first bytes of what comes in pieces and unpacks them if they are
   compressed. */
static int input_start(struct input *input, struct weft_error *reterr) {
  if (!input->supply) return fault_memory(reterr, input->name);
  int rc = input_make_room(input, BUFFER_MIN, reterr);
  while (rc >= 0 && input->left < 6) {
    int64_t got = input->supply->ops->pull(input->supply, input->buffer + input->left,
                                           SUPPLY_HEAD_MAX - input->left, reterr);
    if (got < 0) return (int)got;
    if (got == 0) break;
    input->left += (size_t)got;
  }
  if (rc < 0) return rc;
  struct supply *plain = input->supply;
  rc = supply_decode(plain, input->at, input->left, &input->supply, reterr);
  if (rc >= 0 && input->supply != plain) input->left = 0;
  return rc;
}

/* A regular file that is not compressed, from its start: mapped, 1.  Anything
   else is to be read in pieces: 0. */
static int input_map(struct input *input, uint64_t size) {
  uint8_t head[8];
  ssize_t got = pread(input->fd, head, sizeof(head), 0);
  if (size == 0 || size > PTRDIFF_MAX || got <= 0 || supply_is_compressed(head, (size_t)got) ||
      lseek(input->fd, 0, SEEK_CUR) != 0)
    return 0;
  void *map = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, input->fd, 0);
  if (map == MAP_FAILED) return 0;
  input->guard = guard_add(map, (size_t)size);
  if (input->guard < 0) {
    munmap(map, (size_t)size);
    return 0;
  }
  madvise(map, (size_t)size, MADV_SEQUENTIAL);
  input->map = input->at = map;
  input->map_size = input->left = (size_t)size;
  input->stable = 1;
  return 1;
}

static int input_open_fd(struct input *input, const char *path, struct weft_error *reterr) {
  if (strcmp(path, "-") == 0) {
    input->fd = STDIN_FILENO;
    return 0;
  }
  input->fd = open(path, O_RDONLY | O_CLOEXEC);
  if (input->fd >= 0) return 0;
  if (errno == EMFILE || errno == ENFILE)
    return fault_system(reterr, "%s: too many files are open; raise the limit with `ulimit -n`",
                        path);
  return fault_system(reterr, "%s: cannot be opened", path);
}

static int input_open_content(struct input *input, struct stop *stop, struct weft_error *reterr) {
  struct stat status;
  if (fstat(input->fd, &status) != 0)
    return fault_system(reterr, "%s: cannot be examined", input->name);
  if (S_ISDIR(status.st_mode)) {
    fault(reterr, WEFT_E_IO, "%s: is a directory: name the capture files in it", input->name);
    if (reterr) reterr->os_error = EISDIR;
    return WEFT_E_IO;
  }
  if (S_ISREG(status.st_mode)) {
    input->file_size = (uint64_t)status.st_size;
    if (input_map(input, input->file_size)) return 0;
  }
  input->supply = supply_fd(input->fd, input->name, stop);
  return input_start(input, reterr);
}

int input_open(const char *path, struct stop *stop, struct input *ret, struct weft_error *reterr) {
  input_init(ret, strcmp(path, "-") == 0 ? "standard input" : path);
  int rc = input_open_fd(ret, path, reterr);
  if (rc >= 0) rc = input_open_content(ret, stop, reterr);
  if (rc < 0) input_close(ret);
  return rc;
}

int input_memory(const char *name, const uint8_t *bytes, size_t size, size_t piece,
                 struct input *ret, struct weft_error *reterr) {
  input_init(ret, name);
  ret->file_size = size;
  if (piece == 0 && !supply_is_compressed(bytes, size)) {
    ret->at = bytes;
    ret->left = size;
    ret->stable = 1;
    return 0;
  }
  ret->supply = supply_memory(bytes, size, piece ? piece : size, ret->name);
  int rc = input_start(ret, reterr);
  if (rc < 0) input_close(ret);
  return rc;
}

void input_tend(struct input *input) {
  if (!input->map) return;
  for (; input->position >= input->released + WINDOW_BEHIND; input->released += WINDOW_STEP)
    madvise((void *)(input->map + input->released), WINDOW_STEP, MADV_DONTNEED);
}

int input_check(const struct input *input, struct weft_error *reterr) {
  struct stat status;
  if (!input->map || fstat(input->fd, &status) != 0) return 0;
  if ((uint64_t)status.st_size < input->map_size)
    return fault(reterr, WEFT_E_FORMAT,
                 "%s: shrank from %zu to %" PRIu64 " bytes while it was read: another program "
                 "truncated or rewrote it; read it again when that is done",
                 input->name, input->map_size, (uint64_t)status.st_size);
  if (!guard_hit(input->guard)) return 0;
  fault(reterr, WEFT_E_IO,
        "%s: the system could not read a part of it before byte %" PRIu64
        ": check the disk (see dmesg) and copy the file",
        input->name, input->position);
  if (reterr) reterr->os_error = EIO;
  return WEFT_E_IO;
}

int input_was_damaged(const struct input *input) { return guard_hit(input->guard); }

int input_holds(const struct input *input, const uint8_t *bytes, size_t n) {
  struct stat status;
  if (fstat(input->fd, &status) != 0) return 0;
  uint64_t end = (uint64_t)(bytes - input->map) + n;
  /* With no byte missing the guard was hit by a failing disk, anywhere. */
  return end <= (uint64_t)status.st_size && (uint64_t)status.st_size < input->map_size;
}

uint64_t input_taken(const struct input *input) {
  return input->supply ? input->supply->taken : input->position;
}

uint64_t input_total(const struct input *input) { return input->file_size; }
