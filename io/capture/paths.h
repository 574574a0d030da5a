/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_PATHS_H
#define WEFTIO_CAPTURE_PATHS_H

#include <weft/capture.h>

/*
 * The files that a list of names stands for: a name is a file's, a directory's,
 * or a pattern (glob(7)).  `found` tells files that were named themselves from
 * those found in a directory or by a pattern, where others may lie about.
 */
struct path {
  char *name;
  int found;
};

struct paths {
  struct path *at;
  size_t count, room;
};

/* Files found come in order of their names; those of a directory are its
   regular files whose names do not begin with a dot, not those of directories in it.
   WEFT_E_IO: a directory that cannot be read, WEFT_E_FORMAT: one, or a pattern,
   that stands for no file; WEFT_E_NOMEM.  A name of nothing stays as it is, for
   whoever opens it to say why. */
int paths_expand(const char *const *names, size_t n, struct paths *ret, struct weft_error *reterr);
void paths_done(struct paths *);

#endif
