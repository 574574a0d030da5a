/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_BASE_H
#define WEFT_BASE_H

#include <stddef.h>
#include <stdint.h>

#include <weft/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Vocabulary shared by every header: results, time, provenance, memory.
 *
 * Structs below marked FROZEN keep their layout for the life of the major
 * version; callers may embed them and form arrays of them.  Structs that begin
 * with `size` are filled in by the caller and may grow at the tail: set `size`
 * to sizeof the struct, leave the rest zero, and zero means "the default".
 * All other structs are made by the library, are only ever seen through a
 * const pointer, and may also grow at the tail.
 */

/* Functions return >= 0 on success and one of these on failure.  Damaged or
   hostile traffic is not a failure: it is counted, and reported as a verdict
   or an event.  A callback may stop the engine by returning any value
   <= WEFT_E_USER; that value comes back unchanged from the call that fed it. */
enum weft_status {
  WEFT_OK = 0,
  WEFT_E_NOMEM = -1,
  WEFT_E_INVAL = -2,    /* an argument breaks the documented contract */
  WEFT_E_UNKNOWN = -3,  /* a struct sets fields newer than this library */
  WEFT_E_BUSY = -4,     /* called from inside a callback that forbids it */
  WEFT_E_AGAIN = -5,    /* nothing to read yet: feed more frames */
  WEFT_E_GAP = -6,      /* the next thing to read is a gap, not bytes */
  WEFT_E_IO = -7,       /* the system refused: see weft_error::os_error */
  WEFT_E_FORMAT = -8,   /* not a capture file, or one damaged here */
  WEFT_E_NOTBUILT = -9, /* the feature was left out of this build */
  WEFT_E_USER = -1000
};

/* A short English phrase, static, never NULL.  Thread-safe. */
WEFT_API const char *weft_strerror(int status);

/* Nanoseconds: since the Unix epoch, and between two such instants.  The
   library has no clock of its own; time is what the capture says it is. */
typedef int64_t weft_time;
typedef int64_t weft_duration;
#define WEFT_TIME_NONE INT64_MIN
#define WEFT_SECOND ((weft_duration)1000000000)

/* In an option that is a wait: never.  (Zero means the default.) */
#define WEFT_FOREVER INT64_MAX

/* Where something was seen.  `frame` is whatever number the caller gave the
   frame; weft copies it into every mark and span and never interprets it,
   except that 0 is "nowhere".  Files count frames from 1; a program that
   wants a context of its own back (an index, a pointer) may put that there.
   FROZEN. */
struct weft_mark {
  weft_time time;
  uint64_t frame;
};

/* A run of stream bytes that arrived in one frame.  The bytes belong to the
   library and live until the callback they were passed to returns.  FROZEN. */
struct weft_span {
  const uint8_t *base;
  size_t len;
  uint64_t offset; /* of base[0] in its direction; the first byte after SYN is 0 */
  struct weft_mark mark;
};

/* Every allocation goes through one of these.  alloc returns NULL on
   exhaustion; free is given the size that was asked for.  Called only from
   the thread that called weft.  FROZEN. */
struct weft_allocator {
  void *(*alloc)(void *context, size_t size);
  void (*free)(void *context, void *memory, size_t size);
  void *context;
};

/* An address and port.  IPv4 is stored v4-mapped (RFC 4291 section 2.5.5.2), so one
   representation serves both families.  Port in host order.  FROZEN. */
struct weft_endpoint {
  uint8_t address[16];
  uint16_t port;
  uint16_t reserved; /* zero */
};

/* Sender and receiver.  `realm` keeps apart equal addresses seen through
   different tunnels; 0 where nothing separates them.  FROZEN. */
struct weft_tuple {
  struct weft_endpoint source, target;
  uint32_t realm;
};

/* Writes "192.0.2.1:80" or "[2001:db8::1]:80" and returns `text`.  The result
   always fits.  IPv6 as RFC 5952 recommends. */
#define WEFT_ENDPOINT_STRLEN 56
WEFT_API char *weft_endpoint_format(const struct weft_endpoint *, char text[WEFT_ENDPOINT_STRLEN]);

/* The address alone: "192.0.2.1", "2001:db8::1". */
WEFT_API char *weft_address_format(const uint8_t address[16], char text[WEFT_ENDPOINT_STRLEN]);

/* Reads what weft_address_format writes.  0, or WEFT_E_INVAL and `ret` is left
   alone. */
WEFT_API int weft_address_parse(const char *text, uint8_t ret[16]);

#ifdef __cplusplus
}
#endif

#endif
