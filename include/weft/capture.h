/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_CAPTURE_H
#define WEFT_CAPTURE_H

#include <weft/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where frames come from.  In libweftio, which is built on these headers
 * alone.  A capture belongs to one thread at a time; for compressed files it has
 * threads of its own, in which all signals are blocked and nobody is called back.
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

/* Something that does no great harm, as it is met: in the words of an error. */
typedef void weft_capture_warning_fn(const struct weft_error *, void *user);

/* pcap, pcapng or snoop, as they are or compressed with gzip, zstd, lz4, xz or
   bzip2: by content.  "-" reads standard input.
   A file is read in blocks, however large it is; a pipe gives the frames it has
   rather than wait for a full batch.  One that loses its end while it is read
   ends there.

   Where compressed data is damaged it goes on with the next gzip or bzip2 member, zstd
   or lz4 frame or xz stream, if there is one, as bgzip has them and
   rotations put one behind the other.  Frames between where the damaged one begins and where
   the damage was seen may be wrong; a warning says which bytes of the file that is.

   Times of a file lie within 2^62 ns of 1970 (1823 to 2116), so the difference of two
   never overflows; what is beyond becomes the end of that range, and a frame
   without a time (pcapng simple packets) has that of the frame before it.

   A frame check sequence that the file says a frame ends with (bits of a pcap
   header's link type; of pcapng the flags of a packet or else if_fcslen of its
   interface) is taken off both lengths.

   `path` may stand for several files: see weft_capture_files.

   WEFT_E_IO: it cannot be opened or read.  WEFT_E_FORMAT: it is no capture
   file, or has no whole header.  WEFT_E_NOTBUILT: its compression is not in
   this build.  WEFT_E_NOMEM. */
WEFT_API int weft_capture_open(const char *path, struct weft_capture **ret,
                               struct weft_error *reterr);

struct weft_capture_options {
  size_t size;
  int follow;                 /* 1: the file grows; its end is waited at, see below */
  weft_duration sort_window;  /* frames out of order by up to this are put in order; 0: none are */
  weft_duration dedup_window; /* a frame equal to one so shortly before is left out; 0: none is */
  weft_capture_warning_fn *on_warning; /* from within weft_capture_files and _next; may be NULL */
  void *user;                          /* for on_warning */
};

/* Several files as one, in order of time; frames are numbered in that order.
   Equal times: the file named first goes first.  Nothing is sorted inside a
   file, unless options say so.  interface_id is the file's index in the upper 16
   bits and the interface in that file in the lower, when there are several.

   A name may be a directory's: that stands for the regular files in it whose
   names do not begin with a dot, in order of names; or a pattern as glob(7)
   has them, when no file has that name.  Files found so that are no captures
   are told of as warnings and passed over.  Files are open only while frames
   of theirs are due: any number of files whose times do not overlap may be given.

   A file that cannot be opened fails the whole, as weft_capture_open would.
   One that turns out damaged later is used, and told of when all the others
   have ended; the frame and position in weft_error are then those in that file.

   `follow` takes one regular file, which grows while it is read: its end is
   waited at, as `tail -f` does, until weft_capture_stop, or until it is
   truncated, replaced, removed or renamed, which is a warning; then what is in it
   is still read.  Frames are given as they come.

   `sort_window`: frames keep their numbers, which then come out of order; at most 256 MiB of
   them are held, beyond that the earliest leaves early, which is a warning.
   A frame whose time is wrongly far ahead ends the sorting of those up to it.  Of a pipe
   or a file that grows, the last ones wait until a later one comes, or its end.

   `dedup_window`: equal is a frame of the same link type, the same lengths and
   the same bytes, whether it was itself left out or not.  At most 64 MiB and 131,072
   frames are compared with.  Frames left out are counted and have numbers. */
WEFT_API int weft_capture_files(const char *const *paths, size_t npaths,
                                const struct weft_capture_options *, struct weft_capture **ret,
                                struct weft_error *reterr);

/* weft_capture_files without options. */
WEFT_API int weft_capture_merge(const char *const *paths, size_t npaths, struct weft_capture **ret,
                                struct weft_error *reterr);

struct weft_live_options {
  size_t size;
  const char *filter; /* pcap-filter(7); NULL: everything */
  int snaplen;        /* bytes; default 262144 */
  int no_promiscuous; /* 1: leave the interface's mode alone */
  int buffer_bytes;   /* kernel buffer; default libpcap's */
  int timeout_ms;     /* a read returns after this though nothing came; default 100 */
  /* As in weft_capture_options.  A frame is held no longer than its window lasts, by
     the clock of this host, and one read's timeout. */
  weft_duration sort_window, dedup_window;
  weft_capture_warning_fn *on_warning; /* from within weft_capture_next; may be NULL */
  void *user;                          /* for on_warning */
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
   tells which).  256 at a time is good; fewer may come at any time.
   Negative on failure: WEFT_E_FORMAT at the end of a file that is damaged or ends
   inside a record; everything before the damage has been returned, and, where
   records were found to go on after it, all after it: then there was a warning too.
   weft_error has the place of the first damage; also WEFT_E_IO, WEFT_E_NOMEM,
   WEFT_E_INVAL (see weft_capture_filter).  After a failure the capture stays
   at its end.  The bytes live until the next call unless
   WEFT_FRAME_STABLE. */
WEFT_API int weft_capture_next(struct weft_capture *, struct weft_frame *ret, size_t n,
                               struct weft_error *reterr);

/* Non-zero once no more frames can come. */
WEFT_API int weft_capture_ended(const struct weft_capture *);

/* Makes a running or future weft_capture_next return 0 and the capture end,
   live or not, also while it waits for a packet or a pipe.  Of a live capture the
   frames captured before this, and of a file that is followed what is in it when its end was
   waited at, are still given before that.  May be called from
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
  uint64_t duplicates; /* of `frames`, left out: weft_capture_options::dedup_window */
};
WEFT_API void weft_capture_inspect(struct weft_capture *, struct weft_capture_info *ret);

WEFT_API void weft_capture_close(struct weft_capture *);

#ifdef __cplusplus
}
#endif

#endif
