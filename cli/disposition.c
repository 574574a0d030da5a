/* SPDX-License-Identifier: BSD-2-Clause */
#include "disposition.h"

#include <string.h>
#include <strings.h>

#include "ascii.h"

/* One of the parameters, as it was sent; `quoted` with escapes, without the quotes. */
struct parameter {
  struct weft_text name, value;
  int quoted;
};

static int is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static struct weft_text trim(struct weft_text t) {
  while (t.len > 0 && is_blank(*t.base)) t.base++, t.len--;
  while (t.len > 0 && is_blank(t.base[t.len - 1])) t.len--;
  return t;
}

/* Where the quoted string that begins at `at` ends: at its closing quote, or with the text. */
static size_t quote_end(struct weft_text t, size_t at) {
  for (at++; at < t.len && t.base[at] != '"'; at++)
    if (t.base[at] == '\\' && at + 1 < t.len) at++;
  return at;
}

/* Takes one parameter off the text, up to the next semicolon; "attachment" is one without a
   name.  Values that should have been quoted are taken as they are. */
static struct parameter next_parameter(struct weft_text *t) {
  size_t equals = 0, end = 0, open = 0, close = 0;
  for (; end < t->len && t->base[end] != ';'; end++) {
    if (equals == 0 && t->base[end] == '=') equals = end;
    if (equals == 0 || open > 0 || t->base[end] != '"') continue;
    open = end + 1;
    close = end = quote_end(*t, end);
  }
  struct parameter p = {.quoted = open > 0};
  if (end > t->len) end = t->len;
  p.name = trim((struct weft_text){t->base, equals});
  p.value = open > 0     ? (struct weft_text){t->base + open, close - open}
            : equals > 0 ? trim((struct weft_text){t->base + equals + 1, end - equals - 1})
                         : (struct weft_text){t->base, 0};
  end += end < t->len;
  *t = (struct weft_text){t->base + end, t->len - end};
  return p;
}

static int text_is(struct weft_text t, const char *word) {
  return t.len == strlen(word) && strncasecmp(t.base, word, t.len) == 0;
}

/* RFC 9110 section 5.6.4: a backslash stands for what follows it. */
static size_t unquote(const struct parameter *p, char *ret) {
  size_t n = 0;
  for (size_t i = 0; i < p->value.len && n < DISPOSITION_MAX; i++) {
    if (p->quoted && p->value.base[i] == '\\' && i + 1 < p->value.len) i++;
    ret[n++] = p->value.base[i];
  }
  return n;
}

/* A byte of ISO 8859-1 becomes the character of its number. */
static size_t put_latin1(char *ret, unsigned c) {
  if (c < 0x80) {
    ret[0] = (char)c;
    return 1;
  }
  ret[0] = (char)(0xc0 | c >> 6);
  ret[1] = (char)(0x80 | (c & 0x3f));
  return 2;
}

/* RFC 8187 section 3.2: charset'language'value, percent-encoded.  0 where it is not so. */
static size_t decode_extended(struct weft_text t, char *ret) {
  const char *quote = t.len > 0 ? memchr(t.base, '\'', t.len) : NULL;
  if (quote == NULL) return 0;
  struct weft_text charset = {t.base, (size_t)(quote - t.base)};
  const char *end = t.base + t.len, *at = memchr(quote + 1, '\'', (size_t)(end - quote - 1));
  int latin1 = text_is(charset, "iso-8859-1");
  size_t n = 0;
  if (at == NULL || (!latin1 && !text_is(charset, "utf-8"))) return 0;
  for (at++; at < end && n < DISPOSITION_MAX - 1; at++) {
    unsigned c = (unsigned char)*at;
    if (c == '%') {
      int byte = end - at < 3 ? -1 : hex_byte(at + 1);
      if (byte < 0) return 0;
      c = (unsigned)byte;
      at += 2;
    }
    if (latin1)
      n += put_latin1(ret + n, c);
    else
      ret[n++] = (char)c;
  }
  return n;
}

size_t disposition_filename(struct weft_text value, char ret[DISPOSITION_MAX]) {
  struct parameter plain = {.quoted = 0};
  while (value.len > 0) {
    struct parameter p = next_parameter(&value);
    size_t n = text_is(p.name, "filename*") ? decode_extended(p.value, ret) : 0;
    if (n > 0) return n;
    if (text_is(p.name, "filename") && plain.value.len == 0) plain = p;
  }
  return unquote(&plain, ret);
}
