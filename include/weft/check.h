/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_CHECK_H
#define WEFT_CHECK_H

#include <weft/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Ready-made judgements for on_segment: would the receiver's own stack have
 * taken this segment?  Each is a small value the caller embeds, zero-filled
 * to start, and a function that returns 0 or WEFT_DROP and says why.
 */
enum weft_check_reason {
  WEFT_CHECK_OK = 0,
  WEFT_CHECK_STATE,      /* not a segment this connection state allows */
  WEFT_CHECK_WINDOW,     /* outside the receive window the peer offered */
  WEFT_CHECK_MSS,        /* longer than the peer's maximum segment size */
  WEFT_CHECK_RETRANSMIT, /* nothing in it is new */
  WEFT_CHECK_CHECKSUM,
  WEFT_CHECK_TIMESTAMP, /* older than the last one taken (RFC 7323 section 5) */
  WEFT_CHECK_RESET,     /* a reset the receiver would have challenged (RFC 5961 section 3.2) */
  WEFT_CHECK_ACK,       /* acknowledges what was never sent, or long ago (RFC 5961 section 5) */
  WEFT_CHECK_MD5,       /* signed, and nobody asked for it (RFC 2385) */
  WEFT_CHECK_COUNT
};

/* "state", "window", ...: static, never NULL. */
WEFT_API const char *weft_check_reason_name(int reason);

/* Opening and closing handshakes, in either strictness. */
struct weft_check_state {
  uint8_t state, opener, closer;
  uint8_t midstream; /* set to 1: connections whose opening was not seen are fine */
};
WEFT_API int weft_check_state(struct weft_check_state *, enum weft_dir, const struct weft_segment *,
                              enum weft_check_reason *ret);

/* Segment size, window and retransmission, from the options both sides sent.
   `next_seq` is weft_conn_info::next_seq of the segment's direction,
   `started` whether it means something. */
struct weft_check_options {
  uint32_t mss[2], window[2];
  uint8_t shift[2], seen[2];
};
WEFT_API int weft_check_options(struct weft_check_options *, enum weft_dir,
                                const struct weft_segment *, int started, uint32_t next_seq,
                                enum weft_check_reason *ret);

#ifdef __cplusplus
}
#endif

#endif
