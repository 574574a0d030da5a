/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_COPIES_H
#define WEFT_HTTP_COPIES_H

#include "http/message.h"

/*
 * What one direction of a connection brought again, before its receiver is known to
 * have had it, of messages whose exchange was not reported yet: runs of the stream,
 * in the order they came, and the frames that repeated them.
 *
 *     stream     |------ message ------|---- next ----|
 *     copies              |-- #8 --|-------- #9 -------|
 *
 * At most HTTP_COPIES_MAX runs.  From there on the last one is widened: what it then
 * says of bytes between is later than what is true, and so still a bound.
 */
struct http_copy {
  struct http_copy *next;
  uint64_t start, end;
  struct weft_mark mark;
};
enum { HTTP_COPIES_MAX = 32 };

/* This run came again with that mark.  0 or WEFT_E_NOMEM, and it is not remembered. */
int http_copies_add(struct http_copy **list, struct http_store *, uint64_t start, uint64_t end,
                    struct weft_mark);

/* The latest copy of the message's first byte, where it is after view.first, and of any
   of its bytes, where it is after view.last; else frame 0. */
void http_copies_of(const struct http_copy *list, const struct http_message *,
                    struct weft_mark *ret_first, struct weft_mark *ret_last);

/* Frees those of bytes below `offset`; UINT64_MAX: all. */
void http_copies_forget(struct http_copy **list, struct http_store *, uint64_t offset);

#endif
