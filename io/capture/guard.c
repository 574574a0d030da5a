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
static int installed;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The slot whose range holds the address, or -1. */
static int guard_find(uintptr_t address) {
  for (int i = 0; i < GUARDS_MAX; i++) {
    uintptr_t base = atomic_load(&guards[i].base);
    if (base > 1 && address >= base && address < atomic_load(&guards[i].end)) return i;
  }
  return -1;
}

static void guard_pass_on(int number, siginfo_t *info, void *context) {
  if (previous.sa_flags & SA_SIGINFO) {
    previous.sa_sigaction(number, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(number);
  } else {
    /* Back to the fault, which now has its default effect. */
    signal(number, SIG_DFL);
  }
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

static void guard_install(void) {
  struct sigaction action = {.sa_sigaction = guard_handle,
                             .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
  installed = sigaction(SIGBUS, &action, &previous) == 0;
}

int guard_add(const void *base, size_t size) {
  pthread_once(&once, guard_install);
  for (int i = 0; i < GUARDS_MAX && installed; i++) {
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
