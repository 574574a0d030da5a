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
 * are, so that what is found does not depend on how the bytes come.  Most
 * places are passed over at a glance (signs.h), so that a damaged byte costs
 * not much more than reading it.
 */
#include "capture/resync.h"

#include "capture/signs.h"

/* As large as usual frames get, and small ones behind it; three of 64 KiB, as network
   cards put them together.  It is held in memory, so not more. */
#define REACH ((size_t)FRAME_USUAL_MAX + ((size_t)64 << 10))

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

/* The first place from `offset` on, before `end`, that is worth a closer look;
   close to where the input ends each is. */
static size_t resync_glance(const struct signs *signs, const struct input *input, size_t offset,
                            size_t end) {
  size_t sure = input->left < SIGNS_REACH ? 0 : input->left - SIGNS_REACH;
  if (sure > end) sure = end;
  return offset < sure ? offset + signs_find(signs, input->at + offset, sure - offset) : offset;
}

/* The first of the places before `end` from which records follow one another,
   or `end`; `last`: up to what is in reach, where the file ends. */
static size_t resync_search(const struct file *file, const struct signs *signs, size_t end,
                            int last) {
  const struct input *input = &file->input;
  for (size_t offset = 0; (offset = resync_glance(signs, input, offset, end)) < end; offset++) {
    size_t n = input->left - offset;
    int whole = last && n < REACH;
    if (resync_fits(file, input->at + offset, n < REACH ? n : REACH, whole)) return offset;
  }
  return end;
}

/* Of a part of the input that ends in a breach its end says nothing. */
int file_resync(struct file *file, struct weft_error *reterr) {
  struct input *input = &file->input;
  const struct signs signs = file->format->signs(file);
  for (;;) {
    int rc = input_want(input, REACH, reterr), broken = rc < 0 && input->breach.status;
    if (rc < 0 && !broken) return rc;
    size_t end = rc > 0 ? input->left - REACH : input->left;
    size_t offset = resync_search(file, &signs, end, rc == 0);
    input_advance(input, offset);
    if (offset < end) return 1;
    if (rc == 0 || broken) return 0;
    /* One byte more is looked at, so that the next want asks for more. */
    if (resync_fits(file, input->at, REACH, 0)) return 1;
    input_advance(input, 1);
  }
}
