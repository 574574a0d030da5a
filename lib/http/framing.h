/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_HTTP_FRAMING_H
#define WEFT_HTTP_FRAMING_H

#include <weft/http.h>

/*
 * How long a message's body is: RFC 9112 section 6.3 as one decision.  Fields
 * are shown to it as they are read, so it knows of those that are not stored.
 */
struct http_framing {
  uint64_t length; /* of the first Content-Length that is a number */
  uint8_t has_length, bad_length, repeated_length, differing_length;
  uint8_t has_coding;   /* a Transfer-Encoding other than identity */
  uint8_t chunked_last; /* whose last coding is chunked */
  uint8_t odd_coding;   /* chunked twice, chunked not last, an empty list */
};

/* What the request of a response was; 0 for requests and for all others. */
enum http_answers { HTTP_ANSWERS_HEAD = 1, HTTP_ANSWERS_CONNECT = 2, HTTP_ANSWERS_UNKNOWN = 4 };

enum http_body { HTTP_BODY_NONE, HTTP_BODY_COUNTED, HTTP_BODY_CHUNKED, HTTP_BODY_UNTIL_CLOSE };

struct http_body_plan {
  enum http_body body;
  uint64_t length; /* HTTP_BODY_COUNTED */
  uint32_t flags;  /* enum weft_http_flag to add to the message */
};

/* Takes note of a field if it bears on framing.  Names in any case. */
void http_framing_note(struct http_framing *, const uint8_t *name, size_t name_length,
                       const uint8_t *value, size_t value_length);

/* The same for any field: nearly all are told apart by length and first letter. */
static inline void http_framing_field(struct http_framing *framing, const uint8_t *name,
                                      size_t name_length, const uint8_t *value,
                                      size_t value_length) {
  if (name_length != 14 && name_length != 17) return;
  if ((name[0] | 0x20) == (name_length == 14 ? 'c' : 't'))
    http_framing_note(framing, name, name_length, value, value_length);
}

/* `status` is 0 for a request. */
struct http_body_plan http_framing_decide(const struct http_framing *, unsigned status,
                                          unsigned answers);

#endif
