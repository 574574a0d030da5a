/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/paths.h"

#include <dirent.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/fault.h"

void paths_done(struct paths *paths) {
  for (size_t i = 0; i < paths->count; i++) free(paths->at[i].name);
  free(paths->at);
  *paths = (struct paths){0};
}

/* Takes over `name`, which is NULL when there was no memory for it. */
static int paths_add(struct paths *paths, char *name, int found, struct weft_error *reterr) {
  if (name && paths->count == paths->room) {
    size_t room = paths->room ? paths->room * 2 : 16;
    struct path *larger = realloc(paths->at, room * sizeof(*larger));
    if (larger) {
      paths->at = larger;
      paths->room = room;
    }
  }
  if (!name || paths->count == paths->room) {
    free(name);
    return fault_memory(reterr, "the list of files");
  }
  paths->at[paths->count++] = (struct path){name, found};
  return 0;
}

static int path_is_directory(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int path_is_regular(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static char *path_join(const char *folder, const char *name) {
  size_t size = strlen(folder) + strlen(name) + 2;
  char *joined = malloc(size);
  size_t n = strlen(folder);
  if (joined) snprintf(joined, size, "%s%s%s", folder, n && folder[n - 1] == '/' ? "" : "/", name);
  return joined;
}

static int path_compare(const void *a, const void *b) {
  return strcmp(((const struct path *)a)->name, ((const struct path *)b)->name);
}

static int paths_add_entries(struct paths *paths, const char *folder, DIR *stream,
                             struct weft_error *reterr) {
  int rc = 0;
  for (struct dirent *entry; rc >= 0 && (entry = readdir(stream));) {
    if (entry->d_name[0] == '.') continue;
    char *path = path_join(folder, entry->d_name);
    if (path && !path_is_regular(path))
      free(path);
    else
      rc = paths_add(paths, path, 1, reterr);
  }
  return rc;
}

static int paths_add_directory(struct paths *paths, const char *folder, struct weft_error *reterr) {
  size_t before = paths->count;
  DIR *stream = opendir(folder);
  if (!stream) return fault_system(reterr, "%s: the directory cannot be read", folder);
  int rc = paths_add_entries(paths, folder, stream, reterr);
  closedir(stream);
  if (rc < 0) return rc;
  if (paths->count == before)
    return fault(reterr, WEFT_E_FORMAT, "%s: there is no file in this directory", folder);
  qsort(paths->at + before, paths->count - before, sizeof(*paths->at), path_compare);
  return 0;
}

static int paths_add_pattern(struct paths *paths, const char *pattern, struct weft_error *reterr) {
  glob_t found;
  size_t before = paths->count;
  int rc = glob(pattern, GLOB_NOSORT, NULL, &found);
  if (rc == GLOB_NOSPACE) return fault_memory(reterr, pattern);
  for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++)
    if (!path_is_directory(found.gl_pathv[i]))
      rc = paths_add(paths, strdup(found.gl_pathv[i]), 1, reterr);
  globfree(&found);
  if (rc < 0) return rc;
  if (paths->count == before)
    return fault(reterr, WEFT_E_FORMAT, "%s: there is no file that matches", pattern);
  qsort(paths->at + before, paths->count - before, sizeof(*paths->at), path_compare);
  return 0;
}

/* A name that exists is that file's, whatever is in it. */
static int paths_add_name(struct paths *paths, const char *name, struct weft_error *reterr) {
  struct stat status;
  if (strcmp(name, "-") != 0) {
    if (path_is_directory(name)) return paths_add_directory(paths, name, reterr);
    if (strpbrk(name, "*?[") && lstat(name, &status) != 0)
      return paths_add_pattern(paths, name, reterr);
  }
  return paths_add(paths, strdup(name), 0, reterr);
}

int paths_expand(const char *const *names, size_t n, struct paths *ret, struct weft_error *reterr) {
  struct paths paths = {0};
  for (size_t i = 0; i < n; i++) {
    int rc = paths_add_name(&paths, names[i], reterr);
    if (rc < 0) {
      paths_done(&paths);
      return rc;
    }
  }
  *ret = paths;
  return 0;
}
