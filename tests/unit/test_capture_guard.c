/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that shrink are in test_capture_file.c; here, what is not ours. */
#include "capture/guard.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "test_capture_build.h"

/* A page of a file that has no bytes there. */
static volatile uint8_t *missing_page(void) {
  char path[32];
  struct bytes file = {0};
  put(&file, 1, 0);
  write_file(path, &file);
  int fd = open(path, O_RDONLY);
  unlink(path);
  uint8_t *map = mmap(NULL, 65536, PROT_READ, MAP_PRIVATE, fd, 0);
  assert_ptr_not_equal(map, MAP_FAILED);
  close(fd);
  return map + 32768;
}

static void a_guarded_page_reads_as_zeros_and_is_noted(void **state) {
  (void)state;
  volatile uint8_t *page = missing_page();
  int guard = guard_add((const void *)(page - 32768), 65536);
  assert_true(guard >= 0);
  assert_false(guard_hit(guard));
  assert_int_equal(page[7], 0);
  assert_true(guard_hit(guard));
  guard_remove(guard);
  assert_int_equal(munmap((void *)(page - 32768), 65536), 0);
}

static void exit_with_3(int number) {
  (void)number;
  _exit(3);
}

/* How a child ends that had this handler, then a guard, and then touches a
   missing page elsewhere. */
static int child_status(void (*handler)(int)) {
  int status = 0;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    static const uint8_t guarded[1];
    signal(SIGBUS, handler);
    guard_add(guarded, 1);
    (void)missing_page()[0];
    _exit(0);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return status;
}

static void any_other_fault_is_as_fatal_as_before(void **state) {
  (void)state;
  int status = child_status(SIG_DFL);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGBUS);
}

static void any_other_fault_goes_to_who_was_there_before(void **state) {
  (void)state;
  int status = child_status(exit_with_3);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 3);
}

static void guards_run_out_and_come_back(void **state) {
  (void)state;
  static const uint8_t guarded[1];
  static int guards[GUARDS_MAX];
  for (int i = 0; i < GUARDS_MAX; i++) assert_true((guards[i] = guard_add(guarded, 1)) >= 0);
  assert_int_equal(guard_add(guarded, 1), -1);
  guard_remove(guards[5]);
  assert_int_equal(guard_add(guarded, 1), guards[5]);
  for (int i = 0; i < GUARDS_MAX; i++) guard_remove(guards[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_guarded_page_reads_as_zeros_and_is_noted),
      cmocka_unit_test(any_other_fault_is_as_fatal_as_before),
      cmocka_unit_test(any_other_fault_goes_to_who_was_there_before),
      cmocka_unit_test(guards_run_out_and_come_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
