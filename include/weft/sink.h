/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_SINK_H
#define WEFT_SINK_H

#include <weft/capture.h>
#include <weft/http.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where exchanges go.  A kind is one table of functions in one file of
 * io/sink: "text" a table for people, "ndjson" one JSON object a line, "tsv"
 * and "csv" rows under a header; docs/output.md has every field.  In
 * libweftio.  A sink belongs to one thread at a time.
 */
struct weft_sink;

struct weft_sink_options {
  size_t size;
  int segments; /* list the frames of each message; needs weft_http_options::parts_max */
  int colour;   /* text: ANSI colours */
  int columns;  /* text: fit this terminal width; 0: fields separated by blanks, never cut */
  /* Header fields to show as well, as "http.request.header.user_agent" or
     "http.response.header.server": case ignored, _ stands for - too.  The names
     have to outlive the sink. */
  const char *const *fields;
  size_t nfields;
  int headers; /* all header fields of both messages */
  int secrets; /* credentials among them as they are; 0: "[redacted]" */
  int bodies;  /* weft_http_message::user is a struct weft_sink_body, or NULL: show it */
};

/* A message's body, or its beginning. */
struct weft_sink_body {
  struct weft_text text; /* base is NULL where there is none */
  int cut;               /* there is more of it */
};

/* `target` is a path or "-", as the kind requires.  WEFT_E_NOTBUILT for a kind
   this build lacks, WEFT_E_INVAL for a field of another name, WEFT_E_IO,
   WEFT_E_NOMEM.  Options may be NULL. */
WEFT_API int weft_sink_open(const char *kind, const char *target, const struct weft_sink_options *,
                            struct weft_sink **ret, struct weft_error *reterr);

/* 1 when weft_sink_options::fields may have that name. */
WEFT_API int weft_sink_has_field(const char *name);

/* Everything the exchange points to is used during the call only.  0, or
   WEFT_E_IO once the target has refused. */
WEFT_API int weft_sink_write(struct weft_sink *, const struct weft_http_exchange *);

/* Makes what was written visible to readers of the target. */
WEFT_API int weft_sink_flush(struct weft_sink *);

/* Bytes that wait for the next flush. */
WEFT_API size_t weft_sink_pending(const struct weft_sink *);

/* Flushes, then frees even on failure: the last chance to learn of one.
   `reterr` may be NULL.  NULL is fine. */
WEFT_API int weft_sink_close(struct weft_sink *, struct weft_error *reterr);

/* The kinds in this build, NULL-terminated. */
WEFT_API const char *const *weft_sink_kinds(void);

#ifdef __cplusplus
}
#endif

#endif
