/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_SPOOL_H
#define CLI_SPOOL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Bytes on their way into files of a folder, any number of files at a time
 * through few descriptors and little memory.  A file is known by a number, and
 * has a hidden name of its own until it is done.
 *
 * No name is followed out of the folder: files are made new, and a link in
 * their place is taken away.  Functions return 0, or -1 with errno set.
 */
struct spool;

enum { SPOOL_NAME_MAX = 40 };
void spool_name(uint64_t id, char ret[SPOOL_NAME_MAX]);

/* `folder` is borrowed; NULL: no memory. */
struct spool *spool_new(int folder);
/* Files not yet done stay where they are.  NULL is fine. */
void spool_free(struct spool *);

/* Appends; the first call for an id makes its file. */
int spool_add(struct spool *, uint64_t id, int is_first, const uint8_t *, size_t length);

/* All bytes are in the file, and no descriptor is open for it. */
int spool_close(struct spool *, uint64_t id);

/* Takes the file away. */
void spool_drop(struct spool *, uint64_t id);

/* A new file of that name in the folder, instead of what was there: a
   descriptor to write to, or -1. */
int spool_create(int folder, const char *name);

/* Writes all of it to any descriptor: 0, or -1 with errno. */
int spool_write(int fd, const uint8_t *, size_t length);

#endif
