/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_RECORD_H
#define WEFT_RECORD_H

#include <weft/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Named fields, written as one JSON object a line, or as rows under a header
 * line.  The caller describes a record once, field by field; the format
 * decides what becomes of it:
 *
 *     weft_record_begin(r);
 *     weft_record_uint(r, "connection.id", 3);     {"connection":{"id":3,
 *     weft_record_string(r, "connection.end", s);     "end":"fin"}}
 *     weft_record_end(r);
 *
 * Names are dotted and become nested objects, so fields that share a parent
 * stand together.  A field without a value (NULL, WEFT_TIME_NONE, false, no
 * pairs) is left out of JSON and is an empty cell elsewhere.  In libweftio.
 */
struct weft_record;

enum weft_record_format { WEFT_RECORD_NDJSON, WEFT_RECORD_TSV, WEFT_RECORD_CSV };

/* The writer stays the caller's and outlives the record.  WEFT_E_NOMEM. */
WEFT_API int weft_record_new(struct weft_writer *, enum weft_record_format,
                             struct weft_record **ret);
WEFT_API void weft_record_free(struct weft_record *);

/* Begin `header` instead of a record, describe one as usual and end it: writes
   the names as the header line.  Nothing in NDJSON. */
WEFT_API void weft_record_begin_header(struct weft_record *);
WEFT_API void weft_record_begin(struct weft_record *);
WEFT_API void weft_record_end(struct weft_record *);

/* `name` is static: it is remembered until the next field. */
WEFT_API void weft_record_uint(struct weft_record *, const char *name, uint64_t);
WEFT_API void weft_record_string(struct weft_record *, const char *name, const char *);
WEFT_API void weft_record_text(struct weft_record *, const char *name, const char *, size_t length);
WEFT_API void weft_record_time(struct weft_record *, const char *name, weft_time);
WEFT_API void weft_record_seconds(struct weft_record *, const char *name, weft_duration);
WEFT_API void weft_record_flag(struct weft_record *, const char *name, int);

/* Holds the place of a field this record does not have. */
WEFT_API void weft_record_absent(struct weft_record *, const char *name);

/* A list of pairs: [[a,b],...] in JSON, a:b a:b in a cell.  `present` 0 makes
   it absent; present and empty is [] in JSON. */
WEFT_API void weft_record_pairs(struct weft_record *, const char *name, int present);
WEFT_API void weft_record_pair(struct weft_record *, uint64_t a, uint64_t b);
WEFT_API void weft_record_pairs_end(struct weft_record *);

/* Bytes as base64. */
WEFT_API void weft_record_base64(struct weft_record *, const char *name, const struct weft_span *,
                                 size_t nspans);

#ifdef __cplusplus
}
#endif

#endif
