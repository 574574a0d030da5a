/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/guard.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* A slot is free with base 0 and being filled with base 1.  The handler takes
   no lock: it sees a slot either with both its ends or as an empty range. */
static struct {
  atomic_uintptr_t base, end;
  atomic_int hit;
} guards[GUARDS_MAX];

static struct sigaction previous;
static uintptr_t page_size;
static pthread_mutex_t installing = PTHREAD_MUTEX_INITIALIZER;

/* The slot whose range holds the address, or -1. */
static int guard_find(uintptr_t address) {
  for (int i = 0; i < GUARDS_MAX; i++) {
    uintptr_t base = atomic_load(&guards[i].base);
    if (base > 1 && address >= base && address < atomic_load(&guards[i].end)) return i;
  }
  return -1;
}

/* Somebody who put a handler on top of ours may pass the signal back to us, who
   are on top of theirs by now: then it is nobody's. */
static void guard_pass_on(int number, siginfo_t *info, void *context) {
  static _Thread_local volatile sig_atomic_t passing;
  int ours_again = passing;
  passing = 1;
  if (previous.sa_flags & SA_SIGINFO && !ours_again)
    previous.sa_sigaction(number, info, context);
  else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN && !ours_again)
    previous.sa_handler(number);
  else
    signal(number, SIG_DFL); /* back to the fault, which now has its default effect */
  passing = 0;
}

static void guard_handle(int number, siginfo_t *info, void *context) {
  uintptr_t address = (uintptr_t)info->si_addr;
  int guard = info->si_code > 0 ? guard_find(address) : -1;
  if (guard >= 0) {
    void *page = (void *)(address & ~(page_size - 1)); /* NOLINT(performance-no-int-to-ptr) */
    void *zeros = mmap(page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (zeros != MAP_FAILED) {
      atomic_store(&guards[guard].hit, 1);
      return;
    }
  }
  guard_pass_on(number, info, context);
}

/* Ours is the handler in place: 1, or 0 when that cannot be. */
static int guard_install(void) {
  struct sigaction action = {.sa_sigaction = guard_handle,
                             .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
  struct sigaction current;
  int installed = 0;
  sigemptyset(&action.sa_mask);
  pthread_mutex_lock(&installing);
  page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
  if (sigaction(SIGBUS, NULL, &current) == 0) {
    installed = current.sa_flags & SA_SIGINFO && current.sa_sigaction == guard_handle;
    if (!installed) {
      previous = current;
      installed = sigaction(SIGBUS, &action, NULL) == 0;
    }
  }
  pthread_mutex_unlock(&installing);
  return installed;
}

int guard_add(const void *base, size_t size) {
  if (!guard_install()) return -1;
  for (int i = 0; i < GUARDS_MAX; i++) {
    uintptr_t none = 0;
    if (!atomic_compare_exchange_strong(&guards[i].base, &none, 1)) continue;
    atomic_store(&guards[i].hit, 0);
    atomic_store(&guards[i].end, (uintptr_t)base + size);
    atomic_store(&guards[i].base, (uintptr_t)base);
    return i;
  }
  return -1;
}

void guard_remove(int guard) {
  if (guard >= 0) atomic_store(&guards[guard].base, 0);
}

int guard_hit(int guard) { return guard >= 0 && atomic_load(&guards[guard].hit); }
