/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a fuzz target over files without a fuzzer: the seeds are then ordinary
 * tests, in every build and with any compiler.
 *
 *     replay_capture DIRECTORY|FILE...
 *
 * Exit status: 0 all ran, 1 something could not be read or there was nothing
 * to run.  What a target finds wrong it says itself, by abort().
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int complain(const char *path) {
  fprintf(stderr, "%s: %s\n", path, strerror(errno));
  return -1;
}

/* The bytes get an allocation of exactly their size, so that a sanitizer sees
   one byte too far. */
static int replay_file(const char *path, size_t size) {
  FILE *file = fopen(path, "rb");
  uint8_t *bytes = malloc(size ? size : 1);
  int rc = -1;
  if (!file || !bytes || fread(bytes, 1, size, file) != size)
    complain(path);
  else
    rc = LLVMFuzzerTestOneInput(bytes, size);
  free(bytes);
  if (file) fclose(file);
  return rc < 0 ? -1 : 1;
}

static int replay(const char *path);

/* In order of name, so that two runs do the same. */
static int replay_directory(const char *path) {
  struct dirent **names;
  int count = 0, n = scandir(path, &names, NULL, alphasort);
  if (n < 0) return complain(path);
  for (int i = 0; i < n; i++) {
    char inside[4096];
    int length = snprintf(inside, sizeof(inside), "%s/%s", path, names[i]->d_name);
    if (names[i]->d_name[0] != '.' && count >= 0 && length < (int)sizeof(inside)) {
      int rc = replay(inside);
      count = rc < 0 ? rc : count + rc;
    }
    free(names[i]);
  }
  free(names);
  return count;
}

/* The number of files run, negative on failure. */
static int replay(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) return complain(path);
  return S_ISDIR(status.st_mode) ? replay_directory(path)
                                 : replay_file(path, (size_t)status.st_size);
}

int main(int argc, char **argv) {
  int count = 0;
  for (int i = 1; i < argc; i++) {
    int rc = replay(argv[i]);
    if (rc < 0) return 1;
    count += rc;
  }
  printf("%d inputs\n", count);
  return count > 0 ? 0 : 1;
}
