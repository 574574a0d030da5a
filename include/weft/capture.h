/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_CAPTURE_H
#define WEFT_CAPTURE_H

#include <weft/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where frames come from.  In libweftio, which is built on these headers
 * alone.  A capture belongs to one thread at a time.
 */
struct weft_capture;

/* Why an open or a read failed, for people: names the file, the frame, what is
   wrong and what to do. */
struct weft_error {
  int status;        /* enum weft_status */
  int os_error;      /* errno, or 0 */
  uint64_t position; /* byte of the file, where it means something */
  uint64_t frame;    /* the last good frame, 0 if none */
  char text[488];
};

/* pcap, pcapng or snoop, gzipped or not: by content.  A regular file is mapped,
   so frames are WEFT_FRAME_STABLE while the capture is open; "-" reads standard
   input, and a pipe, a device or compressed data is read as a stream, and they
   are not.  A stream gives the frames it has rather than wait for a full batch.

   Times of a file lie within 2^62 ns of 1970 (1823 to 2116), so the difference of two
   never overflows; what is beyond becomes the end of that range, and a frame
   without a time (pcapng simple packets) has that of the frame before it.

   A mapped file that loses its end while it is read (another program truncated
   it) ends there with WEFT_E_FORMAT; stable frames in the lost part read as
   zeros.  For this the process gets a SIGBUS handler, which passes on whatever
   is not of such a file to the handler that was there before.

   WEFT_E_IO: it cannot be opened or read.  WEFT_E_FORMAT: it is no capture
   file, or has no whole header.  WEFT_E_NOTBUILT: its compression is not in
   this build.  WEFT_E_NOMEM. */
WEFT_API int weft_capture_open(const char *path, struct weft_capture **ret,
                               struct weft_error *reterr);

/* Several files as one, in order of time; frames are numbered in that order.
   Equal times: the file named first goes first.  Nothing is sorted inside a
   file.  interface_id is the file's index in the upper 16 bits and the
   interface in that file in the lower.

   A file that cannot be opened fails the whole, as weft_capture_open would.
   One that turns out damaged later is used up to the damage, and told of when
   all the others have ended; the frame and position in weft_error are then
   those in that file. */
WEFT_API int weft_capture_merge(const char *const *paths, size_t npaths, struct weft_capture **ret,
                                struct weft_error *reterr);

struct weft_live_options {
  size_t size;
  const char *filter; /* pcap-filter(7); NULL: everything */
  int snaplen;        /* bytes; default 262144 */
  int no_promiscuous; /* 1: leave the interface's mode alone */
  int buffer_bytes;   /* kernel buffer; default libpcap's */
  int timeout_ms;     /* a read returns after this though nothing came; default 100 */
};

/* An interface, through libpcap: WEFT_E_NOTBUILT without it.  NULL options are
   all defaults.  WEFT_E_IO: no permission, no such interface (the text names
   those there are), or it is down; WEFT_E_INVAL: the filter does not compile.
   Frames that the filter here keeps back stay in the kernel and are not
   counted: see weft_capture_filter for one that counts them. */
WEFT_API int weft_capture_live(const char *interface_name, const struct weft_live_options *,
                               struct weft_capture **ret, struct weft_error *reterr);

/* Calls back for each interface that can be captured on, in the system's order. */
WEFT_API int weft_capture_interfaces(void (*found)(const char *name, const char *description,
                                                   void *user),
                                     void *user, struct weft_error *reterr);

/* Only frames that match the pcap-filter(7) expression come from here on;
   others still take a frame number.  Replaces an earlier one.  Compiled for
   each link type met; for one that it means nothing for, no frame matches, and
   if that is so for all that were met, the end is WEFT_E_INVAL and says so.
   WEFT_E_INVAL: the expression does not compile, `reterr` says why.
   WEFT_E_NOTBUILT: this build has no libpcap. */
WEFT_API int weft_capture_filter(struct weft_capture *, const char *expression,
                                 struct weft_error *reterr);

/* Fills up to `n` frames, in order, and returns how many: 0 at the end, or, of
   a live capture, when nothing that matches came in time (weft_capture_ended
   tells which).  64 at a time is good; fewer may come at any time.
   Negative on failure: WEFT_E_FORMAT when the file is damaged or ends inside a
   record (everything before it has been returned), WEFT_E_IO, WEFT_E_NOMEM,
   WEFT_E_INVAL (see weft_capture_filter).  After a failure the capture stays
   at its end.  The bytes live until the next call unless
   WEFT_FRAME_STABLE. */
WEFT_API int weft_capture_next(struct weft_capture *, struct weft_frame *ret, size_t n,
                               struct weft_error *reterr);

/* Non-zero once no more frames can come. */
WEFT_API int weft_capture_ended(const struct weft_capture *);

/* Makes a running or future weft_capture_next return 0 and the capture end,
   live or not, also while it waits for a packet or a pipe.  May be called from
   a signal handler and from another thread, until weft_capture_close. */
WEFT_API void weft_capture_stop(struct weft_capture *);

struct weft_capture_info {
  size_t size;
  uint64_t frames;          /* read so far, filtered ones included */
  uint64_t filtered;        /* of these, kept back by the filter */
  uint64_t position, total; /* bytes of all files, as compressed; total 0 when unknown */
  uint64_t kernel_dropped, interface_dropped; /* live, and pcapng statistics blocks */
  int has_drops;                              /* the two above mean something */
  int live;
};
WEFT_API void weft_capture_inspect(struct weft_capture *, struct weft_capture_info *ret);

WEFT_API void weft_capture_close(struct weft_capture *);

#ifdef __cplusplus
}
#endif

#endif
