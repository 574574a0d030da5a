/* SPDX-License-Identifier: BSD-2-Clause */
#include "sink/url.h"

static struct weft_text text_from(struct weft_text t, size_t start) {
  return (struct weft_text){t.base + start, t.len - start};
}

static size_t text_find(struct weft_text t, char c) {
  const char *at = t.len > 0 ? memchr(t.base, c, t.len) : NULL;
  return at != NULL ? (size_t)(at - t.base) : t.len;
}

/* "host:port", "[2001:db8::1]:port" or "user@host" to the host. */
static struct weft_text authority_host(struct weft_text t) {
  size_t at = text_find(t, '@');
  if (at < t.len) t = text_from(t, at + 1);
  size_t close = t.len > 0 && t.base[0] == '[' ? text_find(t, ']') : t.len;
  t.len = close < t.len ? close + 1 : text_find(t, ':');
  return t.len > 0 ? t : (struct weft_text){NULL, 0};
}

/* Where "scheme://" ends, or 0: RFC 3986 section 3.1. */
static size_t scheme_length(struct weft_text t) {
  size_t colon = text_find(t, ':');
  if (colon == 0 || t.len - colon < 3 || memcmp(t.base + colon, "://", 3) != 0) return 0;
  for (size_t i = 0; i < colon; i++) {
    char c = (char)(t.base[i] | 0x20);
    int letter = c >= 'a' && c <= 'z';
    int other = (t.base[i] >= '0' && t.base[i] <= '9') || strchr("+-.", t.base[i]) != NULL;
    if (!letter && (i == 0 || !other)) return 0;
  }
  return colon + 3;
}

static void split_path(struct weft_text t, struct url *ret) {
  t.len = text_find(t, '#');
  size_t mark = text_find(t, '?');
  if (mark < t.len) ret->query = text_from(t, mark + 1);
  t.len = mark;
  if (t.len > 0) ret->path = t;
}

void url_split(const struct weft_http_message *m, struct url *ret) {
  *ret = (struct url){{NULL, 0}, {NULL, 0}, {NULL, 0}};
  struct weft_text target = m->target;
  size_t start = target.len > 0 && target.base[0] != '/' ? scheme_length(target) : 0;
  if (url_is_connect(m->method)) {
    ret->domain = authority_host(target);
  } else if (start > 0) {
    struct weft_text rest = text_from(target, start);
    size_t end = 0;
    while (end < rest.len && strchr("/?#", rest.base[end]) == NULL) end++;
    ret->domain = authority_host((struct weft_text){rest.base, end});
    split_path(text_from(rest, end), ret);
  } else if (target.len > 0) {
    split_path(target, ret);
  }
  if (ret->domain.base == NULL) ret->domain = authority_host(url_host(m));
}
