/* SPDX-License-Identifier: BSD-2-Clause */
#include "http/framing.h"

#include <string.h>

#include "http/text.h"

/* One element of a comma-separated list, without blanks around it. */
struct element {
  const uint8_t *base;
  size_t length;
};

/* The element that starts at *at, of the list's `length` bytes; 0 past its end. */
static int element_next(const uint8_t *list, size_t length, size_t *at, struct element *ret) {
  size_t end = *at;
  if (*at > length) return 0;
  while (end < length && list[end] != ',') end++;
  ret->base = list + *at;
  ret->length = end - *at;
  http_text_trim_folded(&ret->base, &ret->length);
  *at = end + 1;
  return 1;
}

/* RFC 9110 section 8.6: 1*DIGIT.  Sizes past 2^63 are nobody's body, and a
   reader that wraps them is the point of sending one. */
static int length_parse(struct element e, uint64_t *ret) {
  enum { SAFE = 18 }; /* digits: that many never wrap */
  uint64_t v = 0;
  if (!e.length) return 0;
  for (size_t i = 0; i < e.length; i++) {
    uint64_t digit = (uint64_t)e.base[i] - '0';
    if (digit > 9) return 0;
    if (i >= SAFE && v > (INT64_MAX - digit) / 10) return 0;
    v = v * 10 + digit;
  }
  *ret = v;
  return 1;
}

/* RFC 9112 section 6.3 item 5: a list of equal numbers is that number.  Readers
   that take the first and readers that take the last have been set against each
   other with such lists, so any is noted. */
static void length_field(struct http_framing *f, const uint8_t *value, size_t length) {
  struct element e = {value, length};
  size_t at = 0;
  if (!f->has_length && !f->bad_length && length_parse(e, &f->length)) { /* nearly always */
    f->has_length = 1;
    return;
  }
  while (element_next(value, length, &at, &e)) {
    uint64_t v;
    f->repeated_length |= f->has_length;
    if (!length_parse(e, &v)) {
      f->bad_length = 1;
    } else if (!f->has_length) {
      f->has_length = 1;
      f->length = v;
    } else if (f->length != v) {
      f->differing_length = 1;
    }
  }
}

/* RFC 9112 section 6.1.  Parameters of a coding (after ';') do not change what it
   is, but chunked has none (section 7). */
static void coding_field(struct http_framing *f, const uint8_t *value, size_t length) {
  struct element e;
  size_t at = 0;
  while (element_next(value, length, &at, &e)) {
    const uint8_t *semicolon = e.length ? memchr(e.base, ';', e.length) : NULL;
    if (semicolon) e.length = (size_t)(semicolon - e.base);
    http_text_trim_folded(&e.base, &e.length);
    if (!e.length || f->chunked_last) f->odd_coding = 1; /* chunked must be last, and once */
    /* RFC 2616; gone since RFC 7230. */
    if (!e.length || http_text_is(e.base, e.length, "identity")) continue;
    f->has_coding = 1;
    f->chunked_last = (uint8_t)http_text_is(e.base, e.length, "chunked");
    if (f->chunked_last && semicolon) f->odd_coding = 1;
  }
}

/* Nearly always it is spelt as the RFCs do. */
static int name_is(const uint8_t *name, const char *usual, const char *lower, size_t length) {
  return !memcmp(name, usual, length) || http_text_is(name, length, lower);
}

void http_framing_note(struct http_framing *f, const uint8_t *name, size_t name_length,
                       const uint8_t *value, size_t value_length) {
  if (!value) value = (const uint8_t *)""; /* of an empty text */
  if (name_length == 14 && name_is(name, "Content-Length", "content-length", 14))
    length_field(f, value, value_length);
  else if (name_length == 17 && name_is(name, "Transfer-Encoding", "transfer-encoding", 17))
    coding_field(f, value, value_length);
}

static uint32_t framing_flags(const struct http_framing *f) {
  uint32_t flags = 0;
  if (f->bad_length || f->odd_coding || (f->has_coding && !f->chunked_last))
    flags |= WEFT_HTTP_INVALID;
  if (f->bad_length || f->repeated_length || f->odd_coding) flags |= WEFT_HTTP_AMBIGUOUS_LENGTH;
  if (f->has_coding && (f->has_length || f->bad_length)) flags |= WEFT_HTTP_AMBIGUOUS_LENGTH;
  return flags;
}

struct http_body_plan http_framing_decide(const struct http_framing *f, unsigned status,
                                          unsigned answers) {
  struct http_body_plan plan = {HTTP_BODY_NONE, 0, 0};
  if (f->bad_length | f->repeated_length | f->has_coding | f->odd_coding)
    plan.flags = framing_flags(f);
  /* Item 1. */
  if (status &&
      ((answers & HTTP_ANSWERS_HEAD) || status / 100 == 1 || status == 204 || status == 304))
    return plan;
  /* Item 2. */
  if ((answers & HTTP_ANSWERS_CONNECT) && status / 100 == 2) return plan;
  /* Items 3 and 4.  A request whose last coding is another one has no end that
     could be known: a server must refuse it, so it is read as its length says. */
  if (f->has_coding && f->chunked_last) {
    plan.body = HTTP_BODY_CHUNKED;
    plan.flags |= WEFT_HTTP_CHUNKED;
    return plan;
  }
  if (f->has_coding && status) {
    plan.body = HTTP_BODY_UNTIL_CLOSE;
    plan.flags |= WEFT_HTTP_UNTIL_CLOSE;
    return plan;
  }
  /* Items 5 and 6.  Of differing lengths the first one holds; a length that is
     no number is no length. */
  if (f->has_length) {
    plan.body = f->length ? HTTP_BODY_COUNTED : HTTP_BODY_NONE;
    plan.length = f->length;
    return plan;
  }
  /* Items 7 and 8. */
  if (status) {
    plan.body = HTTP_BODY_UNTIL_CLOSE;
    plan.flags |= WEFT_HTTP_UNTIL_CLOSE;
  }
  return plan;
}
