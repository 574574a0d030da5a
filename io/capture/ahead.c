/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring of blocks between the thread that fills them and the reader.
 *
 *        first               first + count
 *          v                     v
 *      |  ...  |=====|=====|=====|  ...  |
 *          ^ given        being filled
 *
 * The thread owns the block after the last filled one while there is a free
 * one, the reader owns `first` while there is any; the lock is held only to
 * hand them over.  The thread ends when what is under it ends or fails, or
 * when it is told to.
 */
#include "capture/ahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 4u
#define BLOCK_SIZE ((size_t)256 << 10)

struct ahead_block {
  size_t size;
  uint64_t taken; /* of the file, when it was filled */
  uint8_t *bytes;
  int64_t status; /* negative: behind it bytes are missing, as `error` says */
  struct weft_error error;
};

struct ahead {
  struct supply supply;
  struct supply *under;
  int prompt;
  enum { UNTOUCHED, PULLED_ONCE, THREADED, UNTHREADED } stage;
  size_t given; /* of the first block: the reader's */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t moved; /* a block was filled or freed, or the end was reached */
  struct ahead_block blocks[BLOCKS];
  unsigned first, count;
  int closing, ended;
  int64_t status; /* at the end: 0 or negative, and then `error` */
  struct weft_error error;
};

/* The thread's: fills one block: positive; 0 or negative: the end. */
static int64_t ahead_fill(struct ahead *ahead, struct ahead_block *block) {
  int64_t got;
  block->size = 0;
  block->status = 0;
  do {
    got = ahead->under->ops->pull(ahead->under, block->bytes + block->size,
                                  BLOCK_SIZE - block->size, &block->error);
    if (got > 0) block->size += (size_t)got;
  } while (got > 0 && !ahead->prompt && block->size < BLOCK_SIZE);
  block->taken = ahead->under->taken;
  if (got < 0 && ahead->under->resumes) {
    block->status = got;
    return 1;
  }
  if (got < 0) ahead->error = block->error;
  return got;
}

static void *ahead_run(void *user) {
  struct ahead *ahead = user;
  int64_t got = 1;
  pthread_mutex_lock(&ahead->lock);
  while (got > 0) {
    while (ahead->count == BLOCKS && !ahead->closing)
      pthread_cond_wait(&ahead->moved, &ahead->lock);
    if (ahead->closing) break;
    struct ahead_block *block = &ahead->blocks[(ahead->first + ahead->count) % BLOCKS];
    pthread_mutex_unlock(&ahead->lock);
    got = ahead_fill(ahead, block);
    pthread_mutex_lock(&ahead->lock);
    ahead->count += block->size > 0 || block->status < 0;
    pthread_cond_signal(&ahead->moved);
  }
  ahead->ended = 1;
  ahead->status = got < 0 ? got : 0;
  pthread_cond_signal(&ahead->moved);
  pthread_mutex_unlock(&ahead->lock);
  return NULL;
}

/* Signals are for the program's own threads. */
static int ahead_start(struct ahead *ahead) {
  sigset_t all, before;
  for (unsigned i = 0; i < BLOCKS; i++)
    if (!ahead->blocks[i].bytes && !(ahead->blocks[i].bytes = malloc(BLOCK_SIZE))) return 0;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int rc = pthread_create(&ahead->thread, NULL, ahead_run, ahead);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return rc == 0;
}

/* The reader's: waits for a block, or NULL: the end. */
static struct ahead_block *ahead_first(struct ahead *ahead) {
  pthread_mutex_lock(&ahead->lock);
  while (ahead->count == 0 && !ahead->ended) pthread_cond_wait(&ahead->moved, &ahead->lock);
  struct ahead_block *block = ahead->count ? &ahead->blocks[ahead->first] : NULL;
  pthread_mutex_unlock(&ahead->lock);
  return block;
}

static void ahead_free_first(struct ahead *ahead) {
  pthread_mutex_lock(&ahead->lock);
  ahead->first = (ahead->first + 1) % BLOCKS;
  ahead->count--;
  pthread_cond_signal(&ahead->moved);
  pthread_mutex_unlock(&ahead->lock);
  ahead->given = 0;
}

static int64_t ahead_pull_here(struct ahead *ahead, uint8_t *ret, size_t n,
                               struct weft_error *reterr) {
  int64_t got = ahead->under->ops->pull(ahead->under, ret, n, reterr);
  ahead->supply.taken = ahead->under->taken;
  ahead->supply.resumes = ahead->under->resumes;
  return got;
}

/* All of the first block was given, and what is missing behind it is to be told. */
static int64_t ahead_breach(struct ahead *ahead, const struct ahead_block *block,
                            struct weft_error *reterr) {
  int64_t status = block->status;
  if (reterr) *reterr = block->error;
  ahead->supply.taken = block->taken;
  ahead->supply.resumes = 1;
  ahead_free_first(ahead);
  return status;
}

static int64_t ahead_pull(struct supply *supply, uint8_t *ret, size_t n,
                          struct weft_error *reterr) {
  struct ahead *ahead = (struct ahead *)supply;
  if (ahead->stage == UNTOUCHED) {
    ahead->stage = PULLED_ONCE;
    return ahead_pull_here(ahead, ret, n, reterr);
  }
  if (ahead->stage == PULLED_ONCE) ahead->stage = ahead_start(ahead) ? THREADED : UNTHREADED;
  if (ahead->stage == UNTHREADED) return ahead_pull_here(ahead, ret, n, reterr);
  struct ahead_block *block = ahead_first(ahead);
  supply->resumes = 0;
  if (!block) {
    if (ahead->status < 0 && reterr) *reterr = ahead->error;
    return ahead->status;
  }
  if (ahead->given == block->size) return ahead_breach(ahead, block, reterr);
  if (n > block->size - ahead->given) n = block->size - ahead->given;
  memcpy(ret, block->bytes + ahead->given, n);
  supply->taken = block->taken;
  ahead->given += n;
  if (ahead->given == block->size && block->status == 0) ahead_free_first(ahead);
  return (int64_t)n;
}

static void ahead_cancel(struct supply *supply) { supply_cancel(((struct ahead *)supply)->under); }

static void ahead_close(struct supply *supply) {
  struct ahead *ahead = (struct ahead *)supply;
  if (ahead->stage == THREADED) {
    pthread_mutex_lock(&ahead->lock);
    ahead->closing = 1;
    pthread_cond_signal(&ahead->moved);
    pthread_mutex_unlock(&ahead->lock);
    supply_cancel(ahead->under);
    pthread_join(ahead->thread, NULL);
  }
  supply_close(ahead->under);
  for (unsigned i = 0; i < BLOCKS; i++) free(ahead->blocks[i].bytes);
  pthread_cond_destroy(&ahead->moved);
  pthread_mutex_destroy(&ahead->lock);
  free(ahead);
}

struct supply *supply_ahead(struct supply *under, int prompt) {
  static const struct supply_ops ops = {ahead_pull, ahead_cancel, ahead_close};
  struct ahead *ahead = calloc(1, sizeof(*ahead));
  if (!ahead) return NULL;
  ahead->supply = (struct supply){.ops = &ops, .name = under->name, .taken = under->taken};
  ahead->under = under;
  ahead->prompt = prompt;
  pthread_mutex_init(&ahead->lock, NULL);
  pthread_cond_init(&ahead->moved, NULL);
  return &ahead->supply;
}
