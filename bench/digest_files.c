/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the files that tcpflow wrote, one a stream: digest_files DIRECTORY. */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "measure.h"

static void digest_file(int fd, struct measured *m) {
  static uint8_t buffer[256 * 1024];
  struct digest digest = {0};
  ssize_t n;
  while ((n = read(fd, buffer, sizeof buffer)) > 0) digest_add(&digest, buffer, (size_t)n);
  m->digest += digest_finish(&digest);
  m->bytes += digest.length;
}

int main(int argc, char **argv) {
  struct measured m = {.checked = 1};
  DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;
  if (directory == NULL) {
    fputs("usage: digest_files DIRECTORY\n", stderr);
    return 1;
  }
  struct dirent *entry;
  while ((entry = readdir(directory)) != NULL) {
    if (entry->d_name[0] == '.' || strcmp(entry->d_name, "report.xml") == 0) continue;
    int fd = openat(dirfd(directory), entry->d_name, O_RDONLY);
    if (fd < 0) continue;
    digest_file(fd, &m);
    close(fd);
  }
  closedir(directory);
  measured_print(&m);
  return 0;
}
