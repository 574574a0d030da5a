/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding the way back into a damaged file.
 *
 * Formats have no marks to look for, so every byte is taken for the beginning
 * of a record until a few in a row make sense, each beginning where the one
 * before it ends, or the file ends exactly there:
 *
 *      ####|#############|---------|------|------------|
 *      damage  no         plausible
 *
 * Only the first REACH bytes from a place are looked at, however many there
 * are, so that what is found does not depend on how the bytes come.
 */
#include "capture/resync.h"

#define REACH ((size_t)3 * (FRAME_USUAL_MAX + 64))

/* Records follow one another from `at`, of which `n` bytes may be looked at;
   `whole`: after them the file ends. */
static int resync_fits(const struct file *file, const uint8_t *at, size_t n, int whole) {
  const uint8_t *before = NULL;
  for (int count = 0; count < file->format->chain; count++) {
    if (n == 0) return whole && count > 0;
    size_t size = file->format->plausible(file, at, n, before);
    if (size == 0 || size > n) return 0;
    before = at;
    at += size;
    n -= size;
  }
  return 1;
}

int file_resync(struct file *file, struct weft_error *reterr) {
  struct input *input = &file->input;
  input_advance(input, 1);
  for (;;) {
    int rc = input_want(input, REACH, reterr);
    if (rc < 0) return rc;
    size_t offset = 0, end = rc ? input->left - REACH : input->left;
    for (; offset < end; offset++) {
      size_t n = input->left - offset;
      if (resync_fits(file, input->at + offset, n < REACH ? n : REACH, n < REACH)) break;
    }
    input_advance(input, offset);
    if (offset < end) return 1;
    if (rc == 0) return 0;
    /* One byte more is looked at, so that the next want asks for more. */
    if (resync_fits(file, input->at, REACH, 0)) return 1;
    input_advance(input, 1);
  }
}
