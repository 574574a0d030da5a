/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames from an interface, through libpcap.
 *
 * libpcap is never allowed to sleep: the waiting is done here, on its
 * descriptor and on the request to stop, so that a stop never waits for a
 * packet and a quiet interface returns when it should.  What a dispatch calls back with
 * lives in the kernel's ring and goes back to it at once, so the bytes of a
 * batch are copied, once, into an arena that the next call uses again.
 */
#include "capture/fault.h"
#include "capture/source.h"

#ifdef WEFT_HAVE_PCAP
#  include <pcap/pcap.h>
#  include <stdio.h>
#  include <stdlib.h>
#  include <string.h>
#  include <time.h>

#  include "capture/linktype.h"
#  include "capture/wishes.h"

#  define SNAPLEN_DEFAULT 262144
#  define TIMEOUT_DEFAULT 100
/* The kernel hands over a block of its ring when it is full or this old. */
#  define BLOCK_MS 10
#  define DRAIN_QUIET (3 * (weft_duration)BLOCK_MS * 1000000)
#  define DRAIN_MAX WEFT_SECOND
#  define ARENA_SIZE ((size_t)8 << 20)

struct live {
  struct source source;
  pcap_t *pcap;
  struct stop *stop;
  int fd, timeout_ms;
  size_t snaplen, arena_size;
  weft_duration fraction; /* nanoseconds that tv_usec counts */
  uint16_t linktype;
  uint64_t frames;
  weft_time stopped, drain_end, quiet_end; /* 0: not stopped yet */
  uint8_t *arena;
  char name[128];
};

/* One dispatch in progress. */
struct live_batch {
  struct live *live;
  struct weft_frame *frames;
  size_t count, used;
};

static void live_found(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes) {
  struct live_batch *batch = (struct live_batch *)user;
  struct live *live = batch->live;
  /* No longer than asked for, whatever the kernel thinks. */
  size_t captured = header->caplen < live->snaplen ? header->caplen : live->snaplen;
  uint8_t *copy = live->arena + batch->used;
  memcpy(copy, bytes, captured);
  batch->used += captured;
  batch->frames[batch->count++] = (struct weft_frame){
      .data = copy,
      .caplen = (uint32_t)captured,
      .wirelen = header->len > captured ? header->len : (uint32_t)captured,
      .mark = {(int64_t)header->ts.tv_sec * WEFT_SECOND + header->ts.tv_usec * live->fraction,
               ++live->frames},
      .linktype = live->linktype};
}

/* What is there now, up to `n` frames; 0: nothing. */
static int live_take(struct live *live, struct weft_frame *ret, size_t n,
                     struct weft_error *reterr) {
  size_t fitting = live->arena_size / live->snaplen;
  struct live_batch batch = {.live = live, .frames = ret};
  int rc =
      pcap_dispatch(live->pcap, (int)(n < fitting ? n : fitting), live_found, (u_char *)&batch);
  if (batch.count || rc >= 0) return (int)batch.count;
  if (rc == PCAP_ERROR_BREAK) return 0;
  fault(reterr, WEFT_E_IO, "%s: capturing failed after frame %llu: %s", live->name,
        (unsigned long long)live->frames, pcap_geterr(live->pcap));
  return fault_place(reterr, WEFT_E_IO, 0, live->frames);
}

static weft_time live_clock(clockid_t id) {
  struct timespec now;
  clock_gettime(id, &now);
  return (weft_time)now.tv_sec * WEFT_SECOND + now.tv_nsec;
}

/* Stopped: what was captured before that is still given.  The kernel hands a
   block over when it is full or BLOCK_MS old and wakes nobody for it, so it is looked for a
   little longer than that; a clock that is wrong makes it no longer than DRAIN_MAX. */
static int live_drain(struct live *live, struct weft_frame *ret, size_t n,
                      struct weft_error *reterr) {
  weft_time now = live_clock(CLOCK_MONOTONIC);
  int rc;
  if (!live->stopped) {
    live->stopped = live_clock(CLOCK_REALTIME);
    live->drain_end = now + DRAIN_MAX;
    live->quiet_end = now + DRAIN_QUIET;
  }
  while ((rc = live_take(live, ret, n, reterr)) == 0 && now < live->quiet_end) {
    nanosleep(&(struct timespec){.tv_nsec = BLOCK_MS * 1000000L / 4}, NULL);
    now = live_clock(CLOCK_MONOTONIC);
  }
  int kept = 0;
  while (kept < rc && ret[kept].mark.time <= live->stopped) kept++;
  live->frames -= (uint64_t)(rc > kept ? rc - kept : 0);
  live->source.ended = rc <= 0 || kept < rc || now >= live->drain_end;
  return rc < 0 ? rc : kept;
}

static int live_next(struct source *source, struct weft_frame *ret, size_t n,
                     struct weft_error *reterr) {
  struct live *live = (struct live *)source;
  if (live->source.ended) return 0;
  if (stop_asked(live->stop)) return live_drain(live, ret, n, reterr);
  int rc = live_take(live, ret, n, reterr);
  if (rc == 0) {
    if (stop_wait(live->stop, live->fd, live->timeout_ms) < 0)
      return fault_system(reterr, "%s: waiting for packets failed", live->name);
    if (stop_asked(live->stop)) return live_drain(live, ret, n, reterr);
    /* Looked at after a timeout too: the kernel wakes nobody for a block that
       it closes for its age. */
    rc = live_take(live, ret, n, reterr);
  }
  source->ended = rc < 0;
  return rc;
}

static void live_inspect(struct source *source, struct weft_capture_info *ret) {
  struct live *live = (struct live *)source;
  struct pcap_stat stat;
  if (pcap_stats(live->pcap, &stat) != 0) return;
  ret->kernel_dropped += stat.ps_drop;
  ret->interface_dropped += stat.ps_ifdrop;
  ret->has_drops = 1;
}

static void live_close(struct source *source) {
  struct live *live = (struct live *)source;
  if (live->pcap) pcap_close(live->pcap);
  free(live->arena);
  free(live);
}

/* "eth0, lo": what could have been named. */
static void live_names(char *ret, size_t size) {
  char reason[PCAP_ERRBUF_SIZE];
  pcap_if_t *all = NULL;
  size_t used = 0;
  *ret = 0;
  if (pcap_findalldevs(&all, reason) != 0) return;
  for (pcap_if_t *one = all; one && used + strlen(one->name) + 3 < size; one = one->next)
    used += (size_t)snprintf(ret + used, size - used, "%s%s", used ? ", " : "", one->name);
  pcap_freealldevs(all);
}

static int live_refused(const struct live *live, int rc, struct weft_error *reterr) {
  const char *detail = pcap_geterr(live->pcap);
  char names[256];
  switch (rc) {
  case PCAP_ERROR_PERM_DENIED:
  case PCAP_ERROR_PROMISC_PERM_DENIED:
    return fault(reterr, WEFT_E_IO,
                 "%s: no permission to capture: run as root or give the program cap_net_raw "
                 "(setcap cap_net_raw+ep PROGRAM)",
                 live->name);
  case PCAP_ERROR_NO_SUCH_DEVICE:
    live_names(names, sizeof(names));
    return fault(reterr, WEFT_E_IO, "%s: there is no such interface; there are: %s", live->name,
                 names[0] ? names : "none that may be captured on");
  case PCAP_ERROR_IFACE_NOT_UP:
    return fault(reterr, WEFT_E_IO, "%s: the interface is down: `ip link set %s up`", live->name,
                 live->name);
  default:
    return fault(reterr, WEFT_E_IO, "%s: cannot be captured on: %s%s%s", live->name,
                 pcap_statustostr(rc), *detail ? ": " : "", detail);
  }
}

static int live_set_filter(struct live *live, const char *expression, struct weft_error *reterr) {
  struct bpf_program code;
  if (!expression || !*expression) return 0;
  if (pcap_compile(live->pcap, &code, expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
    return fault(reterr, WEFT_E_INVAL,
                 "the filter expression '%s' does not compile: %s (see pcap-filter(7))", expression,
                 pcap_geterr(live->pcap));
  int rc = pcap_setfilter(live->pcap, &code);
  pcap_freecode(&code);
  return rc == 0 ? 0
                 : fault(reterr, WEFT_E_IO, "%s: the filter was refused: %s", live->name,
                         pcap_geterr(live->pcap));
}

/* Settings that libpcap refuses are left at what it has: each has a default
   that works, and activation says the rest. */
static int live_activate(struct live *live, const struct weft_live_options *options,
                         struct weft_error *reterr) {
  char reason[PCAP_ERRBUF_SIZE];
  pcap_set_snaplen(live->pcap, (int)live->snaplen);
  pcap_set_promisc(live->pcap, !options->no_promiscuous);
  pcap_set_timeout(live->pcap, live->timeout_ms < BLOCK_MS ? live->timeout_ms : BLOCK_MS);
  pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO);
  if (options->buffer_bytes > 0) pcap_set_buffer_size(live->pcap, options->buffer_bytes);
  int rc = pcap_activate(live->pcap);
  if (rc < 0) return live_refused(live, rc, reterr);
  rc = live_set_filter(live, options->filter, reterr);
  if (rc < 0) return rc;
  if (pcap_setnonblock(live->pcap, 1, reason) != 0)
    return fault(reterr, WEFT_E_IO, "%s: cannot be captured on: %s", live->name, reason);
  live->fd = pcap_get_selectable_fd(live->pcap);
  live->linktype = linktype_of((uint16_t)pcap_datalink(live->pcap));
  live->fraction = pcap_get_tstamp_precision(live->pcap) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
  return 0;
}

static int live_open(struct live *live, const struct weft_live_options *options,
                     struct weft_error *reterr) {
  char reason[PCAP_ERRBUF_SIZE];
  live->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_DEFAULT;
  live->snaplen = options->snaplen > 0 ? (size_t)options->snaplen : SNAPLEN_DEFAULT;
  live->arena_size = live->snaplen > ARENA_SIZE ? live->snaplen : ARENA_SIZE;
  live->arena = malloc(live->arena_size);
  if (!live->arena) return fault_memory(reterr, live->name);
  live->pcap = pcap_create(live->name, reason);
  if (!live->pcap)
    return fault(reterr, WEFT_E_IO, "%s: cannot be captured on: %s", live->name, reason);
  return live_activate(live, options, reterr);
}

int source_live(const char *interface_name, const struct weft_live_options *options,
                struct wishes *wishes, struct source **ret, struct weft_error *reterr) {
  static const struct source_ops ops = {live_next, NULL, live_inspect, live_close};
  struct live *live = calloc(1, sizeof(*live));
  if (!live) return fault_memory(reterr, interface_name);
  live->source = (struct source){.ops = &ops, .live = 1, .drains = 1};
  live->stop = &wishes->stop;
  snprintf(live->name, sizeof(live->name), "%s", interface_name);
  int rc = live_open(live, options, reterr);
  if (rc < 0)
    live_close(&live->source);
  else
    *ret = &live->source;
  return rc;
}

int weft_capture_interfaces(void (*found)(const char *name, const char *description, void *user),
                            void *user, struct weft_error *reterr) {
  char reason[PCAP_ERRBUF_SIZE];
  pcap_if_t *all = NULL;
  if (pcap_findalldevs(&all, reason) != 0)
    return fault(reterr, WEFT_E_IO, "the interfaces cannot be listed: %s", reason);
  for (pcap_if_t *one = all; one; one = one->next)
    found(one->name, one->description ? one->description : "", user);
  pcap_freealldevs(all);
  return 0;
}

#else

int source_live(const char *interface_name, const struct weft_live_options *options,
                struct wishes *wishes, struct source **ret, struct weft_error *reterr) {
  (void)options, (void)wishes, (void)ret;
  return fault(reterr, WEFT_E_NOTBUILT, "%s: this build has no libpcap to capture with",
               interface_name);
}

int weft_capture_interfaces(void (*found)(const char *name, const char *description, void *user),
                            void *user, struct weft_error *reterr) {
  (void)found, (void)user;
  return fault(reterr, WEFT_E_NOTBUILT, "this build has no libpcap to capture with");
}

#endif
