/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/ahead.h"
#include "capture/descriptor.h"
#include "capture/fault.h"
#include "capture/unpack.h"
#include "capture/wishes.h"

/* Of 256 KiB to 4 MiB the size at which files that are in the page cache are
   read fastest: the calls no longer count, and the block stays in the cache. */
#define BLOCK ((size_t)1 << 20)
/* Of many files read at the same time. */
#define BLOCK_OF_SOME ((size_t)256 << 10)
#define BLOCK_OF_MANY ((size_t)64 << 10)
#define FEW 16
#define SOME 128
#define ROOM_MIN ((size_t)64 << 10)
#define PAGE ((size_t)4096)

static void input_init(struct input *input, const char *name) {
  *input = (struct input){.fd = -1, .block = BLOCK};
  strncat(input->name, name, sizeof(input->name) - 1);
}

void input_close(struct input *input) {
  supply_close(input->supply);
  free(input->buffer);
  if (input->wishes) input->wishes->inputs--;
  if (input->fd > STDERR_FILENO) close(input->fd);
  input_init(input, "");
}

static size_t block_size(int inputs) {
  return inputs <= FEW ? BLOCK : inputs <= SOME ? BLOCK_OF_SOME : BLOCK_OF_MANY;
}

/* Makes the block free to be read into: what is in reach ends where it begins. */
static int input_clear_block(struct input *input, struct weft_error *reterr) {
  if (!input->buffer || input->left > input->room) {
    size_t room = input->buffer ? input->room : ROOM_MIN;
    while (room < input->left) room *= 2;
    uint8_t *larger = aligned_alloc(PAGE, room + input->block);
    if (!larger) return fault_memory(reterr, input->name);
    if (input->left) memcpy(larger + room - input->left, input->at, input->left);
    free(input->buffer);
    input->buffer = larger;
    input->room = room;
  } else if (input->left) {
    memmove(input->buffer + input->room - input->left, input->at, input->left);
  }
  input->at = input->buffer + input->room - input->left;
  input->filled = 0;
  return 0;
}

/* Takes up to `n` bytes more into a block that has room for them. */
static int64_t input_take(struct input *input, size_t n, struct weft_error *reterr) {
  struct weft_error error;
  int64_t got =
      input->supply->ops->pull(input->supply, (uint8_t *)input->at + input->left, n, &error);
  if (got > 0) {
    input->left += (size_t)got;
    input->filled += (size_t)got;
  } else if (got < 0) {
    if (input->supply->resumes) input->breach = error;
    if (reterr) *reterr = error;
  }
  return got;
}

/* A block that is only partly filled, as by a pipe, is filled on where moving
   what is in reach would cost more than was read since the last move. */
int input_pull(struct input *input, size_t n, struct weft_error *reterr) {
  if (!input->supply) return 0;
  if (input->breach.status) {
    if (reterr) *reterr = input->breach;
    return input->breach.status;
  }
  int begin = input->filled >= input->left;
  while (input->left < n) {
    if (begin || input->filled == input->block) {
      int rc = input_clear_block(input, reterr);
      if (rc < 0) return rc;
      begin = 0;
    }
    int64_t got = input_take(input, input->block - input->filled, reterr);
    if (got <= 0) return (int)got;
  }
  return 1;
}

/* Takes the first bytes and unpacks them if they are compressed. */
static int input_start(struct input *input, struct weft_error *reterr) {
  if (!input->supply) return fault_memory(reterr, input->name);
  int rc = input_clear_block(input, reterr);
  if (rc < 0) return rc;
  while (input->left < UNPACK_MAGIC_MAX) {
    int64_t got = input_take(input, UNPACK_HEAD_MAX - input->left, reterr);
    if (got < 0) return (int)got;
    if (got == 0) break;
  }
  struct supply *plain = input->supply;
  rc = supply_unpack(plain, input->at, input->left, &input->supply, reterr);
  if (rc >= 0 && input->supply != plain) input->left = input->filled = 0;
  return rc;
}

static int input_unpack_ahead(struct input *input, int prompt, struct weft_error *reterr) {
  struct supply *ahead = supply_ahead(input->supply, prompt);
  if (!ahead) return fault_memory(reterr, input->name);
  input->supply = ahead;
  return 0;
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

static int input_open_content(struct input *input, struct wishes *wishes,
                              struct weft_error *reterr) {
  struct stat status;
  if (fstat(input->fd, &status) != 0)
    return fault_system(reterr, "%s: cannot be examined", input->name);
  if (S_ISDIR(status.st_mode)) {
    fault(reterr, WEFT_E_IO, "%s: is a directory: name the capture files in it", input->name);
    if (reterr) reterr->os_error = EISDIR;
    return WEFT_E_IO;
  }
  enum descriptor_kind kind = DESCRIPTOR_WAITS;
  input->regular = S_ISREG(status.st_mode);
  if (input->regular) {
    kind = wishes->follow ? DESCRIPTOR_FOLLOWED : DESCRIPTOR_REGULAR;
    input->file_size = wishes->follow ? 0 : (uint64_t)status.st_size;
    posix_fadvise(input->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  input->supply = supply_fd(input->fd, kind, input->name, wishes);
  struct supply *plain = input->supply;
  int rc = input_start(input, reterr);
  /* Warnings come from the reader's thread, so who may give some stays in it. */
  if (rc >= 0 && input->supply != plain && kind != DESCRIPTOR_FOLLOWED)
    rc = input_unpack_ahead(input, kind == DESCRIPTOR_WAITS, reterr);
  return rc;
}

int input_open(const char *path, struct wishes *wishes, struct input *ret,
               struct weft_error *reterr) {
  input_init(ret, strcmp(path, "-") == 0 ? "standard input" : path);
  ret->wishes = wishes;
  ret->block = block_size(++wishes->inputs);
  int rc = input_open_fd(ret, path, reterr);
  if (rc >= 0) rc = input_open_content(ret, wishes, reterr);
  if (rc < 0) input_close(ret);
  return rc;
}

int input_memory(const char *name, const uint8_t *bytes, size_t size, size_t piece,
                 struct input *ret, struct weft_error *reterr) {
  input_init(ret, name);
  ret->file_size = size;
  if (piece == 0 && !unpack_recognises(bytes, size)) {
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

uint64_t input_taken(const struct input *input) {
  return input->supply ? input->supply->taken : input->position;
}

uint64_t input_total(const struct input *input) { return input->file_size; }
