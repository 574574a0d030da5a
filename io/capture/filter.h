/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFTIO_CAPTURE_FILTER_H
#define WEFTIO_CAPTURE_FILTER_H

#include <weft/capture.h>

/*
 * A pcap-filter(7) expression.  What it compiles to depends on the link type,
 * so there is one program for each that is met, made when it is met.
 */
struct filter;

/* WEFT_E_INVAL: it compiles for no link type at all; WEFT_E_NOTBUILT: no
   libpcap in this build; WEFT_E_NOMEM. */
int filter_new(const char *expression, struct filter **ret, struct weft_error *reterr);
void filter_free(struct filter *); /* NULL is fine */

/* Moves the frames that match to the front and returns how many.  A link type
   for which the expression means nothing has no frame that matches. */
int filter_apply(struct filter *, struct weft_frame *frames, int n);

/* The expression meant something for none of the link types that were met, so
   that nothing could match: WEFT_E_INVAL, with libpcap's reason.  Otherwise 0. */
int filter_verdict(const struct filter *, struct weft_error *reterr);

#endif
