/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IO_SINK_FIELDS_H
#define IO_SINK_FIELDS_H

#include <weft/sink.h>

/*
 * Header fields on request, those asked for by name or all of them, and bodies.  Values
 * that are credentials (fields.c has the list) are "[redacted]" unless asked
 * for as they are.
 */
struct fields {
  const char *const *names; /* borrowed: "http.request.header.user_agent" */
  size_t nnames;
  int all, secrets, bodies;
  char *joined; /* where values of several lines are put together */
  size_t joined_max;
};

/* 1 when anything was asked for. */
int fields_init(struct fields *, const struct weft_sink_options *);
void fields_done(struct fields *);

/* The i-th name is one of responses? */
int fields_is_response(const struct fields *, size_t i);
/* What follows "header." in it. */
const char *fields_leaf(const struct fields *, size_t i);

/* The value of the i-th name in the message, base NULL where it has none: of
   several lines joined by ", " (RFC 9110 section 5.3).  Lives until the next
   call. */
struct weft_text fields_value(struct fields *, size_t i, const struct weft_http_message *);

/* The body of the message, NULL where none is to be shown. */
const struct weft_sink_body *fields_body(const struct fields *, const struct weft_http_message *);

/* The value of that line of the message as it may be shown. */
struct weft_text fields_shown(const struct fields *, const struct weft_http_field *);

/* All lines as one text, "Name: value" and a line feed after each but the
   last; base NULL where there are none.  Lives until the next call. */
struct weft_text fields_lines(struct fields *, const struct weft_http_message *);

#endif
